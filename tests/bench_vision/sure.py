"""Is confidence what it says, and what comes of filling in?

With the gallery that comes with the model, as shipped and after val was settled
like work; and in a shop that has only its own few photographs.
"""

from collections.abc import Sequence

import numpy as np

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
        found = _told("sure", "as shipped", stage, device, asked, 0.03)
        settled = stage.pictures("val")
        for each, vector in zip(settled, stage.eyes.vectors(settled), strict=True):
            device.settle(device.propose(vector[None]), each.item, By.BARCODE, AT)
        device.fit()
        note = f"after {len(settled)} photographs of val were settled at work"
        found += _told("sure.settled", note, stage, device, asked, None)
    with stage.eyes.shop(few(stage.pictures("train"), SHOTS, 0)) as device:
        device.fit()
        note = f"a shop with {SHOTS} photographs an item, fitted to these alone"
        return found + _told("sure.shop", note, stage, device, asked, None)


def _told(
    prefix: str, note: str, stage: Stage, device: Recogniser, asked: Sequence[Picture], limit: float | None
) -> list[Figure]:
    said = [device.propose(vector[None]) for vector in stage.eyes.vectors(asked)]
    sure = np.array([each.first.confidence for each in said])
    right = np.array([each.first.item == of.item for each, of in zip(said, asked, strict=True)])
    enough = np.array([each.known and each.first.confidence >= device.calibration.accept for each in said])
    filled = np.array([bool(each.filled) for each in said])
    warned = np.array([bool(each.alike) for each in said])
    return [
        Figure(f"{prefix}.error", error(sure, right), limit, "", note=f"expected calibration error; {note}"),
        Figure(f"{prefix}.enough", 100 * float(enough.mean()), None, "%",
               note=f"known, and sure enough: from {device.calibration.accept:.2f} on"),
        Figure(f"{prefix}.enough.right", 100 * float(right[enough].mean()) if enough.any() else 100, None, "%",
               note="of these are right"),
        Figure(f"{prefix}.filled", 100 * float(filled.mean()), None, "%", note="of these no look-alike: filled in"),
        Figure(f"{prefix}.filled.right", 100 * float(right[filled].mean()) if filled.any() else 100, None, "%",
               note="of what is filled in is right"),
        Figure(f"{prefix}.warned", 100 * float(warned[~right].mean()) if not right.all() else 100, None, "%",
               note=f"of the wrong ones had a look-alike warning, as {100 * warned[right].mean():.0f} % of the right"),
    ]  # fmt: skip


def error(sure: np.ndarray, right: np.ndarray) -> float:
    """Return how far confidence is from the share that is right, bin by bin."""
    which = np.minimum((sure * BINS).astype(int), BINS - 1)
    whole = 0.0
    for at in range(BINS):
        those = which == at
        if those.any():
            whole += float(those.mean()) * abs(float(right[those].mean()) - float(sure[those].mean()))
    return whole
