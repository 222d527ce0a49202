"""Goods that the model was trained on, and whose photographs came with it: what is proposed first, and among five.

Each photograph goes the device's whole way, from the file to the proposal. What
the gallery says is held to plain Python on some of them.
"""

from collections.abc import Sequence

import numpy as np

from handheld.vision.proposal import Proposal
from handheld.vision.recogniser import Recogniser
from handheld.vision.scoring import Method, compared, logits
from tests.bench.figures import Figure
from tests.bench_vision.grocery import Picture
from tests.bench_vision.stage import Stage, image
from tests.handheld.vision import oracle

CHECKED = 10


def figures(stage: Stage) -> list[Figure]:
    """Measure."""
    asked = stage.pictures("test")
    with stage.whole() as device:
        said = [device.recognise(image(each)) for each in asked]
        five = _five(stage, device, asked, Method.CLOSEST)
        _checked(stage, device, asked)
    proposals = [each for each in said if isinstance(each, Proposal)]
    assert len(proposals) == len(asked)
    first = np.array([each.first.item == of.item for each, of in zip(proposals, asked, strict=True)])
    three = np.array([of.item in {c.item for c in each.candidates} for each, of in zip(proposals, asked, strict=True)])
    carton = np.array([each.carton for each in asked])
    with stage.whole(Method.NEAREST) as device:
        voted = _five(stage, device, asked, Method.NEAREST)
    many = f"{len(asked):,} photographs, {len({each.item for each in asked})} items"
    few = f"{int(carton.sum()):,} photographs"
    return [
        _share("known.top1", first, 88, f"{many}; the device's whole way"),
        _share("known.top3", three, None, "what the screen shows"),
        _share("known.top5", five[:, :5].any(axis=1), None, ""),
        _share("known.cartons.top1", first[carton], 95, few),
        _share("known.cartons.top5", five[carton, :5].any(axis=1), None, few),
        _share("known.nearest.top1", voted[:, 0], None, "by the votes of the nearest five"),
        _share("known.nearest.cartons.top1", voted[carton, 0], None, few),
    ]


def _five(stage: Stage, device: Recogniser, asked: Sequence[Picture], method: Method) -> np.ndarray:
    """Return whether each of the first five is right, a row a photograph."""
    index = device.gallery.index(stage.model.sha256)
    said = logits(compared(index, stage.eyes.vectors(asked)), device.calibration.scale, method)
    order = np.argsort(-said, axis=1, kind="stable")[:, :5]
    items = np.array(index.items)
    return items[order] == np.array([each.item for each in asked])[:, None]


def _checked(stage: Stage, device: Recogniser, asked: Sequence[Picture]) -> None:
    """Hold the gallery to plain Python."""
    train = stage.learnt
    gallery: dict[str, list[list[float]]] = {}
    for each, vector in zip(train, stage.eyes.vectors(train), strict=True):
        gallery.setdefault(each.item, []).append(vector.tolist())
    some = asked[:: max(1, len(asked) // CHECKED)]
    for vector in stage.eyes.vectors(some):
        wanted = oracle.by_closest(gallery, vector.tolist())
        (first, sure), *_ = device.propose(vector[None]).candidates
        shares = oracle.shares({item: device.calibration.scale * cosine for item, cosine in wanted.items()})
        near = sorted(wanted.values())
        assert abs(shares[first] - sure) < 0.01, (shares[first], sure)
        assert wanted[first] == near[-1] or near[-1] - wanted[first] < 0.001


def _share(name: str, right: np.ndarray, least: float | None, note: str) -> Figure:
    return Figure(name, 100 * float(right.mean()), least, "%", least=True, note=note)
