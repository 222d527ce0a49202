"""Goods that the network never saw, enrolled by a few photographs beside all others, and what that costs the others."""

from collections.abc import Sequence

import numpy as np

from handheld.vision.gallery import SERVER
from handheld.vision.recogniser import Recogniser
from tests.bench.figures import Figure
from tests.bench_vision.few import SHOTS, few, ranked
from tests.bench_vision.grocery import Picture
from tests.bench_vision.stage import Eyes, Stage

DRAWS = 10
LEAST = {5: 85}
SHOWN = 3
"""Candidates on the screen."""


def figures(stage: Stage) -> list[Figure]:
    """Measure; without such a model only that is told."""
    if stage.held is None:
        return [Figure("unseen.measured", 0, None, "", note="there is no model that never saw some of the items")]
    eyes, train = stage.held, stage.pictures("train")
    new = [each for each in train if each.item in stage.unseen]
    asked = stage.pictures("test")
    strange = np.array([each.item in stage.unseen for each in asked])
    found: list[Figure] = []
    with eyes.shop([each for each in train if each.item not in stage.unseen], SERVER) as device:
        for shots in SHOTS:
            places = np.stack([_enrolled(eyes, device, few(new, shots, draw), asked) for draw in range(DRAWS)])
            found += _told(shots, places[:, strange], [each for each, new in zip(asked, strange, strict=True) if new])
            known = 100 * float((places[:, ~strange] < 1).mean())
            found.append(Figure(f"unseen.known.{shots}", known, None, "%", note="all other goods, beside these"))
    return found


def _enrolled(eyes: Eyes, device: Recogniser, new: Sequence[Picture], asked: Sequence[Picture]) -> np.ndarray:
    """Return the places after new goods were enrolled; they are forgotten again."""
    eyes.enrol(device, new)
    places = ranked(eyes, device, asked)
    for item in {each.item for each in new}:
        device.gallery.remove(item)
    return places


def _told(shots: int, places: np.ndarray, asked: Sequence[Picture]) -> list[Figure]:
    carton = np.array([each.carton for each in asked])
    found = []
    for name, those in (("unseen.cartons", carton), ("unseen.all", np.ones(len(asked), bool))):
        first = (places[:, those] < 1).mean(axis=1)
        items = len({each.item for each, one in zip(asked, those, strict=True) if one})
        note = (
            f"{items} new items by {shots} photographs each, in the gallery of all; {those.sum()} asked, {DRAWS} draws"
        )
        limit = LEAST.get(shots) if name == "unseen.cartons" else None
        spread = f"; ± {100 * first.std():.1f}"
        shown = 100 * float((places[:, those] < SHOWN).mean())
        found += [
            Figure(f"{name}.{shots}", 100 * float(first.mean()), limit, "%", least=True, note=note + spread),
            Figure(f"{name}.{shots}.top3", shown, None, "%", note="what the screen shows"),
        ]
    return found
