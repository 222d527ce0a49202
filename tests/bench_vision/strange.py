"""Goods that nobody enrolled and the network never saw: are they told to be not in the catalogue?"""

from collections.abc import Sequence

import numpy as np

from handheld.vision.gallery import SERVER
from handheld.vision.recogniser import Recogniser
from tests.bench.figures import Figure
from tests.bench_vision.few import few
from tests.bench_vision.grocery import Picture
from tests.bench_vision.stage import Stage

KEPT = 0.95
SHOTS = 10


def figures(stage: Stage) -> list[Figure]:
    """Measure; without a model that never saw some of the items only that is told."""
    if stage.held is None:
        return [Figure("strange.measured", 0, None, "", note="there is no model that never saw some of the items")]
    enrolled = [each for each in stage.pictures("train") if each.item not in stage.unseen]
    asked = stage.pictures("test")
    with stage.held.shop(enrolled, SERVER) as device:
        found = _told("strange", "", stage, device, asked, 0.92)
    with stage.held.shop(few(enrolled, SHOTS, 0)) as device:
        device.fit()
        note = f"; a shop with {SHOTS} photographs an item, fitted to these alone"
        return found + _told("strange.shop", note, stage, device, asked, None)


def _told(
    prefix: str, note: str, stage: Stage, device: Recogniser, asked: Sequence[Picture], least: float | None
) -> list[Figure]:
    assert stage.held is not None
    strange = np.array([each.item in stage.unseen for each in asked])
    said = [device.propose(vector[None]) for vector in stage.held.vectors(asked)]
    score, known = np.array([each.knownness for each in said]), np.array([each.known for each in said])
    filled = np.array([bool(each.filled) for each in said])
    kept = np.quantile(score[~strange], 1 - KEPT, method="lower")
    many = f"{(~strange).sum()} photographs of known items, {strange.sum()} of others{note}"
    return [
        Figure(f"{prefix}.auroc", auroc(score[~strange], score[strange]), least, "", least=True, note=many),
        Figure(f"{prefix}.accepted", 100 * float((score[strange] >= kept).mean()), None, "%",
               note="others taken for known where 95 % of the known are"),
        Figure(f"{prefix}.threshold.kept", 100 * float(known[~strange].mean()), None, "%",
               note="known ones called known by the device"),
        Figure(f"{prefix}.threshold.accepted", 100 * float(known[strange].mean()), None, "%", note="others as well"),
        Figure(f"{prefix}.filled", 100 * float(filled[strange].mean()), None, "%",
               note="others for which an item was filled in"),
    ]  # fmt: skip


def auroc(known: np.ndarray, strange: np.ndarray) -> float:
    """Return how often a known one scores higher than a strange one, every pair compared."""
    return float(((known[:, None] > strange) + 0.5 * (known[:, None] == strange)).mean())
