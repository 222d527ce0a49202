"""Is confidence what it says, and what comes of filling in?

With the gallery that comes with the model, as shipped and after half of what is
asked about was settled at work (the other half is judged); and in a shop that has
only its own few photographs.
"""

from collections.abc import Sequence

import numpy as np

from handheld.vision.proposal import Proposal
from handheld.vision.recogniser import Recogniser
from handheld.vision.settling import By
from tests.bench.figures import Figure
from tests.bench_vision.few import few
from tests.bench_vision.grocery import Picture
from tests.bench_vision.stage import AT, Stage

BINS = 10
SHOTS = 10


def figures(stage: Stage) -> list[Figure]:
    """Measure."""
    asked = stage.pictures("test")
    with stage.whole() as device:
        found = _told("sure", "as shipped", asked, *_said(stage, device, asked), limit=0.03)
    found += _told("sure.settled", "after the other half of them was settled at work", asked, *_settled(stage, asked))
    with stage.eyes.shop(few(stage.pictures("train"), SHOTS, 0)) as device:
        device.fit()
        note = f"a shop with {SHOTS} photographs an item, fitted to these alone"
        return found + _told("sure.shop", note, asked, *_said(stage, device, asked))


Said = tuple[list[Proposal], np.ndarray]
"""What was proposed, and whether it was sure enough."""


def _said(stage: Stage, device: Recogniser, asked: Sequence[Picture]) -> Said:
    said = [device.propose(vector[None]) for vector in stage.eyes.vectors(asked)]
    return said, np.array([each.known and each.first.confidence >= device.calibration.accept for each in said])


def _settled(stage: Stage, asked: Sequence[Picture]) -> Said:
    """Return what a device says of each half after the other one was settled, by the barcode."""
    said, enough = [*range(len(asked))], np.zeros(len(asked), bool)
    for half in (0, 1):
        with stage.whole() as device:
            work = asked[1 - half :: 2]
            for each, vector in zip(work, stage.eyes.vectors(work), strict=True):
                device.settle(device.propose(vector[None]), each.item, By.BARCODE, AT)
            device.fit()
            said[half::2], enough[half::2] = _said(stage, device, asked[half::2])
    return said, enough


def _told(
    prefix: str,
    note: str,
    asked: Sequence[Picture],
    said: list[Proposal],
    enough: np.ndarray,
    limit: float | None = None,
) -> list[Figure]:
    sure = np.array([each.first.confidence for each in said])
    right = np.array([each.first.item == of.item for each, of in zip(said, asked, strict=True)])
    filled = np.array([bool(each.filled) for each in said])
    warned = np.array([bool(each.alike) for each in said])
    return [
        Figure(f"{prefix}.error", error(sure, right), limit, "", note=f"expected calibration error; {note}"),
        Figure(f"{prefix}.enough", _share(enough), None, "%", note="known, and surer than the threshold"),
        Figure(f"{prefix}.enough.right", _share(right[enough]), None, "%", note="of these are right"),
        Figure(f"{prefix}.filled", _share(filled), None, "%", note="without a look-alike too: filled in"),
        Figure(f"{prefix}.filled.right", _share(right[filled]), None, "%", note="of what is filled in is right"),
        Figure(f"{prefix}.warned", _share(warned[~right]), None, "%",
               note=f"of the wrong ones had a look-alike warning, as {_share(warned[right]):.0f} % of the right"),
    ]  # fmt: skip


def _share(of: np.ndarray) -> float:
    return 100 * float(of.mean()) if len(of) else 100.0


def error(sure: np.ndarray, right: np.ndarray) -> float:
    """Return how far confidence is from the share that is right, bin by bin."""
    which = np.minimum((sure * BINS).astype(int), BINS - 1)
    whole = 0.0
    for at in range(BINS):
        those = which == at
        if those.any():
            whole += float(those.mean()) * abs(float(right[those].mean()) - float(sure[those].mean()))
    return whole
