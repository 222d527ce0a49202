"""Every item enrolled by a few photographs alone, as a shop does it; the mean of several draws."""

from collections.abc import Sequence

import numpy as np

from handheld.vision.recogniser import Recogniser
from tests.bench.figures import Figure
from tests.bench_vision.grocery import Picture
from tests.bench_vision.stage import Eyes, Stage

SHOTS = (1, 5, 10)
DRAWS = 5


def figures(stage: Stage) -> list[Figure]:
    """Measure."""
    found = []
    for prefix, cartons in (("few", False), ("few.cartons", True)):
        enrolled = [each for each in stage.pictures("train") if each.carton or not cartons]
        asked = [each for each in stage.pictures("test") if each.carton or not cartons]
        items = len({each.item for each in enrolled})
        for shots in SHOTS:
            right = [first(stage.eyes, few(enrolled, shots, draw), asked) for draw in range(DRAWS)]
            spread = f"± {100 * np.std([each.mean() for each in right]):.1f}"
            note = f"{shots} photographs an item, {items} items; {DRAWS} draws, {spread}"
            found.append(Figure(f"{prefix}.{shots}", 100 * float(np.mean(right)), None, "%", note=note))
    return found


def few(of: Sequence[Picture], shots: int, draw: int) -> list[Picture]:
    """Draw so many photographs of each item."""
    rng = np.random.default_rng([shots, draw])
    by_item: dict[str, list[Picture]] = {}
    for each in of:
        by_item.setdefault(each.item, []).append(each)
    return [those[at] for those in by_item.values() for at in rng.permutation(len(those))[:shots]]


def first(eyes: Eyes, enrolled: Sequence[Picture], asked: Sequence[Picture]) -> np.ndarray:
    """Return whether a device that enrolled photographs proposes what is right first."""
    with eyes.shop(enrolled) as device:
        return ranked(eyes, device, asked) < 1


def ranked(eyes: Eyes, device: Recogniser, asked: Sequence[Picture]) -> np.ndarray:
    """Return at which place of the proposal the right item is, one that isn't among them last of all."""
    places = []
    for each, vector in zip(asked, eyes.vectors(asked), strict=True):
        said = [candidate.item for candidate in device.propose(vector[None]).candidates]
        places.append(
            said.index(each.item) if each.item in said else len(device.gallery.index(device.model.sha256).items)
        )
    return np.array(places)
