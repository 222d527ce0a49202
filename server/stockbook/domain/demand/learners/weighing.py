"""Who is listened to: weights of experts from how they fared of late, each series for itself."""

import math
import struct
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
        losses = self.losses
        best = max(min(losses.values(), default=0.0), 1e-9)
        return [min(losses.get(name, best) / best - 1, 50.0) for name in names]

    def weights(self, names: Names, kin: "Weighing | None" = None) -> dict[str, float]:
        """Return the weights of those who speak now; together 1.

        `kin` is what was learnt of the same experts on all series of the kind.
        """
        raw = [-self.strict * excess for excess in self._excess(names)]
        if kin is not None:
            raw = [value - kin.strict * excess for value, excess in zip(raw, kin._excess(names), strict=True)]
        top = max(raw)
        raw = [math.exp(value - top) for value in raw]
        total = sum(raw)
        return {name: weight / total for name, weight in zip(names, raw, strict=True)}

    def learn(self, losses: Mapping[str, float]) -> None:
        """Take up what each lost in a period; who did not speak keeps its place beside the best."""
        keep, silent = self.keep, min(losses.values(), default=0.0)
        known = min(self.losses.values(), default=0.0)
        for name in self.losses:
            self.losses[name] = keep * self.losses[name] + losses.get(name, silent)
        for name, lost in losses.items():
            if name not in self.losses:
                self.losses[name] = keep * known + lost
        self.losses = _single(self.losses)
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
    form = f"{len(losses)}f"
    values = struct.unpack(form, struct.pack(form, *(min(lost, _MOST) for lost in losses.values())))
    return dict(zip(losses, values, strict=True))
