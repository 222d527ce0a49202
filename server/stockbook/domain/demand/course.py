"""What one learner said of a history and what came: a course a series, and the policy that it is ordered by."""

from dataclasses import dataclass, field

from stockbook.domain.demand.period import Period

SLOW_DAYS = 60
DAYS = {Period.DAY: 1, Period.WEEK: 7}


@dataclass(frozen=True, slots=True)
class Policy:
    """How one orders in the sandbox, in periods; levels of service and, at first, of alarms; the seed of positions."""

    lead: int = 1
    review: int = 1
    cycle: int = 1
    """Periods of demand that an order brings beyond the reorder point."""
    service: float = 0.95
    alarm: float = 0.8
    seed: int = 7

    @property
    def horizon(self) -> int:
        """Lead time and review."""
        return self.lead + self.review


@dataclass(slots=True)
class Course:
    """One series through the window, period by period, and what came of it."""

    key: str
    item: str
    periods: list[int] = field(default_factory=list)
    actual: list[float] = field(default_factory=list)
    seen: list[bool] = field(default_factory=list)
    """Whether goods were there throughout, so that what was sold is what was wanted."""
    mean: list[float] = field(default_factory=list)
    quantiles: list[tuple[float, ...]] = field(default_factory=list)
    """Of one period, at `LEVELS`."""
    median: list[float] = field(default_factory=list)
    alarm: list[float] = field(default_factory=list)
    reorder: list[float] = field(default_factory=list)
    """Quantiles over the horizon: a half, the alarm's, the service level's."""
    told: list[tuple[float, ...]] = field(default_factory=list)
    """Those by which the alarm's level is learnt, `alarm.TOLD`."""
    cycle: list[float] = field(default_factory=list)
    """Usual demand of one order cycle."""
    usual: list[float] = field(default_factory=list)
    """Usual demand of the horizon."""
    stock: list[float] = field(default_factory=list)
    filled: list[float] = field(default_factory=list)
    ordered: list[bool] = field(default_factory=list)
    safety: float = 0.0
    hindsight: float | None = None

    @property
    def safety_error(self) -> float | None:
        """How far the safety stock was off, as a part of what hindsight asked for."""
        return self.safety / self.hindsight - 1 if self.hindsight else None

    def figures(self, days: int) -> dict[str, float | None]:
        """Return what a dashboard shows of one series; `days` are those of a period."""
        asked, filled = sum(self.actual), sum(self.filled)
        return {
            "sold": asked,
            "safety_stock": self.safety,
            "safety_stock_in_hindsight": self.hindsight,
            "safety_stock_error": self.safety_error,
            "fill_rate": filled / asked if asked else None,
            "turnover_days": sum(self.stock) / filled * days if filled else None,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a variant came to: figures by name, and the courses they are drawn from."""

    variant: str
    metrics: dict[str, float | None]
    courses: tuple[Course, ...]
