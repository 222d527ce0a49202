"""Whether a model beats the one before it on what was held back from both."""

from collections.abc import Mapping

FIRST = "top1"
"""The figure that must be better: how often the first answer is right."""
LOWER_IS_BETTER = frozenset({"calibration_error", "accepted_unknowns"})
JUDGED = ("top1", "top5", "cartons_top1", "few_shot_5", "open_set_auroc", "orientation", *sorted(LOWER_IS_BETTER))
"""Figures that must not get worse; others are kept and not judged."""
SLACK = 0.01
"""How far a figure other than the first may fall: a point is within chance on some hundreds of pictures."""


def against(fresh: Mapping[str, float], before: Mapping[str, float]) -> tuple[str, ...]:
    """Return the figures that speak against putting `fresh` in the place of `before`; none: it is better.

    A figure that only one of them has is not judged, apart from the first.

    >>> old = {"top1": 0.84, "orientation": 0.98, "calibration_error": 0.05}
    >>> against({"top1": 0.88, "orientation": 0.975, "calibration_error": 0.03}, old)
    ()
    >>> against({"top1": 0.88, "orientation": 0.95, "calibration_error": 0.07}, old)
    ('orientation', 'calibration_error')
    >>> against({"top1": 0.84}, old), against({}, old), against({"top1": 0.5}, {})
    (('top1',), ('top1',), ())
    """
    if FIRST not in fresh:
        return (FIRST,)
    found = []
    for name in JUDGED:
        if name not in fresh or name not in before:
            continue
        gain = before[name] - fresh[name] if name in LOWER_IS_BETTER else fresh[name] - before[name]
        if gain <= 0 if name == FIRST else gain < -SLACK - 1e-12:
            found.append(name)
    return tuple(found)
