"""Goods that nobody enrolled and the network never saw: are they told to be not in the catalogue?"""

import numpy as np

from handheld.vision.gallery import SERVER
from tests.bench.figures import Figure
from tests.bench_vision.stage import Stage

KEPT = 0.95


def figures(stage: Stage) -> list[Figure]:
    """Measure; without a model that never saw some of the items only that is told."""
    if stage.held is None:
        return [Figure("strange.measured", 0, None, "", note="there is no model that never saw some of the items")]
    enrolled = [each for each in stage.pictures("train") if each.item not in stage.unseen]
    asked = stage.pictures("test")
    strange = np.array([each.item in stage.unseen for each in asked])
    with stage.held.shop(enrolled, SERVER) as device:
        said = [device.propose(vector[None]) for vector in stage.held.vectors(asked)]
    score = np.array([each.knownness for each in said])
    known = np.array([each.known for each in said])
    least = np.quantile(score[~strange], 1 - KEPT, method="lower")
    note = f"{(~strange).sum()} photographs of {len({e.item for e in enrolled})} items known, {strange.sum()} of others"
    return [
        Figure("strange.auroc", auroc(score[~strange], score[strange]), 0.92, "", least=True, note=note),
        Figure("strange.accepted", 100 * float((score[strange] >= least).mean()), None, "%",
               note="others taken for known where 95 % of the known are"),
        Figure("strange.shipped.kept", 100 * float(known[~strange].mean()), None, "%",
               note="at the threshold that came with the model: known that are called so"),
        Figure("strange.shipped.accepted", 100 * float(known[strange].mean()), None, "%", note="and others"),
        Figure("strange.filled", 100 * float(np.mean([bool(e.filled) for e in np.array(said, object)[strange]])), None,
               "%", note="others for which an item was filled in"),
    ]  # fmt: skip


def auroc(known: np.ndarray, strange: np.ndarray) -> float:
    """Return how often a known one scores higher than a strange one, every pair compared."""
    return float(((known[:, None] > strange) + 0.5 * (known[:, None] == strange)).mean())
