"""What the blends of one horizon share: the rate, the quantiles' lines, how counts stray, whom to believe."""

from collections.abc import Mapping
from typing import Any

from stockbook.domain.demand.learner import LEVELS
from stockbook.domain.demand.learners.dispersion import Pool
from stockbook.domain.demand.learners.inputs import KEYS, named, vector
from stockbook.domain.demand.learners.leaning import Leaning
from stockbook.domain.demand.learners.packed import Array
from stockbook.domain.demand.learners.pinballs import QuantileRegression
from stockbook.domain.demand.learners.poisson import PoissonRegression
from stockbook.domain.demand.learners.shifts import Shifts
from stockbook.domain.demand.learners.weighing import Weighing

KIN_STRICT, KIN_KEEP = 15.0, 0.9995
"""How much more strictly experts are compared where thousands of periods speak."""
WAYS_STRICT = 6.0


class Commons:
    """What the blends of one horizon share: the rate, the quantiles' lines, and how counts stray.

    `names` are the promotions and influences met so far, in the order of the vector's last places.
    """

    MOST = 40

    def __init__(self) -> None:
        self.names: list[str] = []
        self.rate = PoissonRegression(len(KEYS), prior=1.0, forget=0.9999, huber=2.5, pace=0.001, exact=True)
        self.lines = QuantileRegression(len(KEYS) + 3)
        self.pool = Pool()
        self.kin: dict[str, Weighing] = {}
        self.ways = [Weighing(WAYS_STRICT, KIN_KEEP) for _ in LEVELS]
        """How each way to a quantile fares on all series, a level each."""
        self.shifts = Shifts()
        self.leaning = Leaning()

    def heard(self, kind: str) -> Weighing:
        """Return how the experts fare on series of a kind: the champion there, and its challengers."""
        return self.kin.get(kind) or Weighing(KIN_STRICT, KIN_KEEP)

    def hear(self, kind: str, losses: Mapping[str, float]) -> None:
        """Take up what each expert lost on a series of a kind, by what the series' best one loses."""
        self.kin.setdefault(kind, Weighing(KIN_STRICT, KIN_KEEP)).learn(losses)

    def meet(self, x: Mapping[str, float]) -> None:
        """Make room for promotions and influences that were never met."""
        new = [name for name in named(x) if name not in self.names]
        if new and len(self.names) < self.MOST:
            self.names += new[: self.MOST - len(self.names)]
            self.rate.grow(len(KEYS) + len(self.names))
            self.lines.grow(len(KEYS) + len(self.names) + 3)

    def vector(self, x: Mapping[str, float]) -> Array:
        """Return the features as a vector; what was never learnt is left out."""
        return vector(x, self.names)

    def state(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "names": list(self.names),
            "rate": self.rate.state(),
            "lines": self.lines.state(),
            "pool": {kind: list(sums) for kind, sums in self.pool.known.items()},
            "kin": {kind: heard.state() for kind, heard in self.kin.items()},
            "ways": [way.state() for way in self.ways],
            "shifts": self.shifts.state(),
            "leaning": self.leaning.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state()` gave."""
        self.names = list(state["names"])
        self.rate.restore(state["rate"])
        self.lines.restore(state["lines"])
        self.pool.known = {kind: list(sums) for kind, sums in state["pool"].items()}
        for way, kept in zip(self.ways, state["ways"], strict=True):
            way.restore(kept)
        self.shifts.restore(state["shifts"])
        self.leaning.restore(state["leaning"])
        self.kin = {}
        for kind, heard in state["kin"].items():
            self.kin[kind] = Weighing(KIN_STRICT, KIN_KEEP)
            self.kin[kind].restore(heard)
