"""Who is listened to: weights of experts from how they fared of late, each series for itself."""

import math
from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from stockbook.domain.demand.learners.packed import packed, unpacked

Names = Sequence[str]
_MOST = 1e30
"""Nobody loses more: sums of it still are numbers in single precision."""


class Weighing:
    """Exponential weights on the ratio of recent losses, so that no scale has to be known.

    An expert that lost twice what the best one lost weighs exp(-`strict`) of it.
    Experts may come and go; who is new begins with the best one's losses.
    Losses are kept in single precision, in memory as in storage.

    >>> heard = Weighing(strict=3.0, keep=0.97)
    >>> heard.learn({"good": 1.0, "bad": 2.0})
    >>> {name: round(weight, 2) for name, weight in heard.weights(("good", "bad", "new")).items()}
    {'good': 0.49, 'bad': 0.02, 'new': 0.49}
    """

    def __init__(self, strict: float, keep: float) -> None:
        self.strict, self.keep = strict, keep
        self.losses: dict[str, float] = {}
        self.count = 0.0
        """Fading number of periods."""

    @property
    def best(self) -> float:
        """What the best expert loses in a period, of late."""
        return min(self.losses.values(), default=0.0) / self.count if self.count else 0.0

    def _excess(self, names: Names) -> list[float]:
        """Return how much more than the best one each lost, as a share of that; 0 for one never heard."""
        best, lost = max(min(self.losses.values(), default=0.0), 1e-9), self.losses.get
        return [50.0 if (excess := lost(name, best) / best - 1) > 50.0 else excess for name in names]

    def weights(self, names: Names, kin: "Weighing | None" = None) -> dict[str, float]:
        """Return the weights of those who speak now; together 1.

        `kin` is what was learnt of the same experts on all series of the kind.
        """
        strict = -self.strict
        raw = [strict * excess for excess in self._excess(names)]
        if kin is not None:
            strict = kin.strict
            raw = [value - strict * excess for value, excess in zip(raw, kin._excess(names), strict=True)]
        top, exp = max(raw), math.exp
        raw = [exp(value - top) for value in raw]
        total = sum(raw)
        return dict(zip(names, [weight / total for weight in raw], strict=True))

    def learn(self, losses: Mapping[str, float]) -> None:
        """Take up what each lost in a period; who did not speak keeps its place beside the best."""
        keep, silent, before, now = self.keep, min(losses.values(), default=0.0), self.losses, losses.get
        after = {name: keep * lost + now(name, silent) for name, lost in before.items()}
        if not before.keys() >= losses.keys():
            known = keep * min(before.values(), default=0.0)
            after |= {name: known + lost for name, lost in losses.items() if name not in before}
        self.losses = _single(after)
        self.count = keep * self.count + 1

    def fade(self, share: float) -> None:
        """Let all that was heard so far count for only a share of what it did."""
        self.losses = _single({name: lost * share for name, lost in self.losses.items()})
        self.count *= share

    def state(self) -> dict[str, Any]:
        """Return losses and count."""
        losses = packed(np.array(list(self.losses.values())), "<f4")
        return {"names": " ".join(self.losses), "losses": losses, "count": self.count}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state()` gave."""
        names = state["names"].split()
        self.losses = dict(zip(names, unpacked(state["losses"], "<f4").tolist(), strict=True))
        self.count = state["count"]


def _single(losses: Mapping[str, float]) -> dict[str, float]:
    """Return the losses in single precision."""
    values = array("f", [_MOST if lost > _MOST else lost for lost in losses.values()])
    return dict(zip(losses, values, strict=True))
