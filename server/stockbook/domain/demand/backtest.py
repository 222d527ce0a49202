"""Going through history as it came: each date every series is predicted before any learns it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from stockbook.domain.demand.features import Features
from stockbook.domain.demand.learner import LEVELS, Learner, Outlook
from stockbook.domain.demand.learners.catalogue import AIDED, FEATURELESS, LEARNERS
from stockbook.domain.demand.learners.inputs import GUEST
from stockbook.domain.demand.learners.shared import Shared
from stockbook.domain.demand.learners.trees import Trees
from stockbook.domain.demand.metrics import Scale, Scores
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import UNPLANNED, Plan
from stockbook.domain.demand.series import Series

Report = Callable[[str, int, int], None]
"""Called with what is being learnt, the dates done and the dates there are."""


@dataclass(frozen=True, slots=True)
class History:
    """One series' periods, without a hole between the first and the last."""

    item: str
    first: int
    quantities: tuple[float, ...]
    plans: Mapping[int, Plan] = field(default_factory=dict)
    empty: Mapping[int, float] = field(default_factory=dict)
    """For which share of a period the shelf was empty, where it was."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Series to be judged together on the periods from `since` on."""

    name: str
    period: Period
    season: int
    window: int
    """Periods of the moving average, the set's own custom (28 days, 13 weeks, 12 months)."""
    since: int
    series: Mapping[str, History]
    closed: frozenset[int] = frozenset()
    """Periods in which nobody trades: they are neither forecast nor learnt."""

    def traded(self, key: str, before: int | None = None) -> list[float]:
        """Return what a series sold in the periods with trade, all or those before one."""
        history = self.series[key]
        end = history.first + len(history.quantities) if before is None else before
        dated = enumerate(history.quantities, history.first)
        return [sold for date, sold in dated if date < end and date not in self.closed]


@dataclass(frozen=True, slots=True)
class Row:
    """What one learner came to on a panel."""

    learner: str
    metrics: dict[str, float]
    microseconds: float
    """Processor time to predict and learn one period of one series."""


def backtest(panel: Panel, learners: Sequence[str] = tuple(LEARNERS), report: Report | None = None) -> list[Row]:
    """Predict and learn a whole panel with each learner.

    >>> weeks = tuple(float(10 + 5 * (n % 4 == 0)) for n in range(60))
    >>> panel = Panel("toy", Period.WEEK, season=4, window=13, since=50, series={"a": History("a", 0, weeks)})
    >>> rows = {row.learner: row.metrics["MASE"] for row in backtest(panel, ("seasonal_naive", "moving_average"))}
    >>> rows["seasonal_naive"], rows["moving_average"] > 0.5
    (0.0, True)
    """
    blocks, scales = blocks_of(panel), scales_of(panel)
    return [_run(panel, name, blocks, scales, report) for name in learners]


def blocks_of(panel: Panel) -> list[tuple[int, list[str]]]:
    """Return the periods with trade in order, each with the series that live in it."""
    last = max(history.first + len(history.quantities) for history in panel.series.values())
    first = min(history.first for history in panel.series.values())
    running: list[tuple[int, list[str]]] = [(date, []) for date in range(first, last)]
    for name, history in panel.series.items():
        for date in range(history.first, history.first + len(history.quantities)):
            running[date - first][1].append(name)
    return [block for block in running if block[0] not in panel.closed]


def scales_of(panel: Panel) -> dict[str, Scale]:
    """Return what the naive forecast erred on each series before the window that is judged."""
    found = {name: Scale.of(panel.traded(name, panel.since)) for name in panel.series}
    return {name: scale for name, scale in found.items() if scale is not None}


def _run(
    panel: Panel, name: str, blocks: Sequence[tuple[int, list[str]]], scales: Mapping[str, Scale], report: Report | None
) -> Row:
    scores = Scores(scales)
    began, steps = time.process_time(), 0
    for told in replayed(panel, name, blocks, report):
        steps += 1
        if told.outlook is not None:
            scores.add(told.key, told.sold, told.outlook.mean, told.outlook.quantiles)
    return Row(name, scores.table(), (time.process_time() - began) / max(steps, 1) * 1e6)


class Told(NamedTuple):
    """One period of one series: what was foretold (None before the window that is judged), and what came."""

    date: int
    key: str
    outlook: Outlook | None
    sold: float


def replayed(
    panel: Panel, name: str, blocks: Sequence[tuple[int, list[str]]], report: Report | None = None
) -> Iterator[Told]:
    """Yield every period of every series as a learner of this name lives through it."""
    shared = Shared()
    memory = {key: Series(panel.period) for key in panel.series}
    learner: dict[str, Learner] = {}
    plain, night = name in FEATURELESS, Night(panel) if name in AIDED else None
    for done, (date, names) in enumerate(blocks):
        known = []
        for key in names:
            history = panel.series[key]
            if key not in learner:
                learner[key] = LEARNERS[name](shared, history.item, panel.season, panel.window)
            plan = history.plans.get(date, UNPLANNED)
            x = {} if plain else memory[key].features(date, plan)
            known.append((key, x, history.quantities[date - history.first], plan))
        if night:
            heard = night.guests(date, [(panel.series[key].item, x) for key, x, _, _ in known])
            known = [(key, x | more, y, plan) for (key, x, y, plan), more in zip(known, heard, strict=True)]
        for key, x, sold, _ in known:
            yield Told(date, key, learner[key].forecast(x, LEVELS) if date >= panel.since else None, sold)
        for key, x, sold, plan in known:
            learner[key].learn_one(x, sold)
            if not plain:
                memory[key].close(sold, date, plan)
        if night:
            night.remember([(panel.series[key].item, x, sold) for key, x, sold, _ in known])
        if report and (done % 20 == 0 or done == len(blocks) - 1):
            report(name, done + 1, len(blocks))


class Night:
    """Grows trees from time to time on all that was lived through, as a nightly run would."""

    def __init__(self, panel: Panel) -> None:
        self.trees, self.examples = Trees(), list[tuple[str, Features, float]]()
        lengths = {Period.DAY: (31, 155), Period.WEEK: (9, 27)}[panel.period]
        self.every, first = lengths
        self.next = panel.since - min(first, max(panel.since - min(h.first for h in panel.series.values()), 0) // 2)

    def guests(self, date: int, rows: Sequence[tuple[str, Features]]) -> list[dict[str, float]]:
        """Return what the trees say of a date, grown anew when their time has come."""
        if date >= self.next:
            self.trees.grow(self.examples)
            self.next += self.every
        return self.trees.guests(rows)

    def remember(self, examples: Sequence[tuple[str, Features, float]]) -> None:
        """Keep what was lived through."""
        self.examples += [
            (item, {key: value for key, value in x.items() if not key.startswith(GUEST)}, sold)
            for item, x, sold in examples
        ]
