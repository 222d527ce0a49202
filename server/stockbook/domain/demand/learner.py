"""What every learner of demand does.

A learner follows one series. What several series teach together lives in an
object that their learners share and that is saved by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

LEVELS = (0.5, 0.9, 0.95, 0.99)
"""The quantiles a forecast carries unless others are asked for."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected: a mean, and for each level the quantity that demand will not exceed so often.

    `shares` says which part of the mean each kind of input contributes: together
    1, below 0 for one that lowers it. Times the mean they sum to the forecast.
    """

    mean: float
    levels: tuple[float, ...]
    quantiles: tuple[float, ...]
    shares: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        mean: float,
        levels: Sequence[float],
        quantiles: Sequence[float],
        shares: Mapping[str, float] | None = None,
    ) -> "Outlook":
        """Return an outlook put in order: nothing below 0, no quantile below a lower one.

        >>> Outlook.of(-1.0, (0.5, 0.9), (4.0, 3.0)).quantiles
        (3.0, 4.0)
        """
        lifted = tuple(sorted([max(q, 0.0) for q in quantiles]))
        return cls(max(mean, 0.0), tuple(levels), lifted, dict(shares or {}))

    def at(self, levels: Sequence[float]) -> "Outlook":
        """Return the same with some of its levels.

        >>> Outlook(5.0, (0.5, 0.9, 0.95), (4.0, 8.0, 9.0)).at((0.5, 0.95)).quantiles
        (4.0, 9.0)
        """
        if self.levels == levels:
            return self
        known = dict(zip(self.levels, self.quantiles, strict=True))
        return Outlook(self.mean, tuple(levels), tuple([known[level] for level in levels]), self.shares)


class Learner(Protocol):
    """Learns one period at a time and says what the next will want.

    `x` are the features of the period (`series.Features`) as known before it
    began; baselines need none of them. Quantities that are no number teach
    nothing. No call keeps or changes what it was given.
    """

    name: str

    def learn_one(self, x: Mapping[str, float], y: float | None) -> None:
        """Learn that a period with features `x` came to `y`."""
        ...

    def forecast(self, x: Mapping[str, float], levels: Sequence[float] = LEVELS, horizon: float = 1) -> Outlook:
        """Return what the next `horizon` periods together will want. Pure: asking changes nothing."""
        ...

    def state(self) -> dict[str, Any]:
        """Return everything learnt as JSON values, with the version of the library that learnt it."""
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up a state that `state()` gave."""
        ...
