"""Trees grown at night on what was lived through, and what they forecast of the open periods: a guest of the learners.

In a process of its own, so that whoever serves and learns is not slowed. What
it takes and gives are plain values; it reads and writes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stockbook.domain.demand.backtest import History
from stockbook.domain.demand.features import Features
from stockbook.domain.demand.learners.trees import Trees
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import UNPLANNED
from stockbook.domain.demand.series import Series
from stockbook.flows.demand.hearing import TREES
from stockbook.flows.demand.lesson import SeriesKey
from stockbook.flows.demand.news import Guest

LEAST, MOST, WARMING = 400, 300_000, 8
"""Examples without which nothing is grown, and the newest that are used; periods of a series that are none yet."""
Example = tuple[str, Features, float]


@dataclass(frozen=True, slots=True)
class Grown:
    """What a night came to."""

    guests: tuple[Guest, ...] = ()
    examples: int = 0


def grown(period: Period, lived: Mapping[SeriesKey, History], least: int = LEAST) -> Grown:
    """Grow trees on closed periods, and let them forecast the one after each series' last.

    >>> week = History("1", 2900, tuple(10.0 + 10.0 * (n % 2) for n in range(250)), {})
    >>> came = grown(Period.WEEK, {SeriesKey(1, 2, 3): week, SeriesKey(1, 2, 4): week})
    >>> came.examples, [round(guest.figures[0]) for guest in came.guests]
    (484, [10, 10])
    """
    examples: list[tuple[int, Example]] = []
    rows: list[tuple[SeriesKey, int, tuple[str, Features]]] = []
    for key, history in lived.items():
        series = Series(period)
        for index, sold in enumerate(history.quantities, history.first):
            plan = history.plans.get(index, UNPLANNED)
            if series.count >= WARMING:
                examples.append((index, (history.item, series.features(index, plan), sold)))
            series.close(sold, index, plan)
        opened = history.first + len(history.quantities)
        rows.append((key, opened, (history.item, series.features(opened, history.plans.get(opened, UNPLANNED)))))
    if len(examples) < least:
        return Grown(examples=len(examples))
    examples.sort(key=lambda each: each[0])
    trees = Trees()
    trees.grow([example for _, example in examples[-MOST:]])
    said = trees.guests([row for _, _, row in rows])
    return Grown(tuple(_guests(period, rows, said)), min(len(examples), MOST))


def _guests(
    period: Period, rows: Sequence[tuple[SeriesKey, int, object]], said: Sequence[Mapping[str, float]]
) -> Sequence[Guest]:
    return [
        Guest(key, period.start(opened), tuple(figures[name] for name in TREES))
        for (key, opened, _), figures in zip(rows, said, strict=True)
        if figures
    ]
