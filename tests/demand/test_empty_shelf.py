"""Sales are not demand where there was nothing to sell: what an empty shelf teaches, and what it doesn't."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from stockbook.domain.demand.backtest import History, Panel
from stockbook.domain.demand.course import Course
from stockbook.domain.demand.learners.shared import Shared
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.sandbox import judge
from stockbook.domain.demand.track import Track
from stockbook.flows.demand.learning import Learning
from stockbook.flows.demand.lesson import SeriesKey
from tests.demand.memory_book import MemoryBook
from tests.demand.world import MONDAY

WEEK, DAY = timedelta(weeks=1), timedelta(days=1)
PEAR, CLOCK = SeriesKey(11, 110, 1), SeriesKey(11, 110, 2)
"""What is looked at, and what sells every week, so that the partition's clock goes on."""


class Shop:
    """Pears that sell about `rate` a week in four sales, and a shelf that may run empty."""

    def __init__(self, rate: float, known: bool = True, seed: int = 5) -> None:
        self.book, self.rng = MemoryBook(), np.random.default_rng(seed)
        self.rate, self.known = rate, known
        self.learning = Learning(self.book, [0], 1)

    def turn(self, empty: bool, at) -> None:
        if self.known:
            self.book.turn(PEAR, empty, at)

    async def week(self, number: int, empty_from: int = 7) -> None:
        """Live through a week whose shelf is empty from a day on; it is filled when the week ends."""
        at = MONDAY + number * WEEK
        if empty_from == 0:
            self.turn(True, at)
        for day in range(7):
            self.book.sell(CLOCK, 1.0, at + day * DAY + timedelta(hours=1))
            wants = float(self.rng.poisson(self.rate / 7))
            if wants and day < empty_from:
                self.book.sell(PEAR, wants, at + day * DAY + timedelta(hours=9))
            if 0 < empty_from < 7 and day == empty_from:
                self.turn(True, at + day * DAY)
        if 0 < empty_from < 7:
            self.turn(False, at + 7 * DAY - timedelta(minutes=1))
        while await self.learning.step():
            pass

    async def mean(self, weeks: int) -> float:
        """Return what is expected of the week after so many."""
        self.book.sell(CLOCK, 1.0, MONDAY + weeks * WEEK + timedelta(minutes=1))
        self.book.sell(PEAR, 0.0, MONDAY + weeks * WEEK + timedelta(minutes=2))
        while await self.learning.step():
            pass
        return self.book.outlook(PEAR).mean


async def lived(rate: float, known: bool, weeks: int, empty_from: int, since: int = 30) -> float:
    shop = Shop(rate, known)
    for number in range(weeks):
        await shop.week(number, empty_from if number >= since else 7)
    return await shop.mean(weeks)


async def test_what_an_empty_shelf_would_have_sold_is_learnt_as_demand():
    """From week thirty on the shelf is empty from Thursday morning: four sevenths of the week are lost."""
    told = await lived(20.0, True, 46, 3)
    untold = await lived(20.0, False, 46, 3)
    assert untold < 12, "who takes sales for demand believes that it halved"
    assert told == pytest.approx(20, rel=0.25)


@pytest.mark.parametrize("rate", [20.0, 0.8])
async def test_a_shelf_that_was_empty_throughout_teaches_nothing(rate: float):
    shop = Shop(rate)
    for number in range(30):
        await shop.week(number)
    before = await shop.mean(30)
    for number in range(31, 37):
        await shop.week(number, empty_from=0)
    assert await shop.mean(37) == pytest.approx(before, rel=0.2), "six weeks in which nobody could buy any"


@pytest.mark.parametrize("rate", [20.0, 0.8])
async def test_nobody_is_held_to_wait_for_ever(rate: float):
    shop = Shop(rate)
    for number in range(30):
        await shop.week(number)
    before = await shop.mean(30)
    for number in range(31, 90):
        await shop.week(number, empty_from=0)
    assert await shop.mean(90) < 0.3 * before


async def test_what_was_lost_counts_once_however_often_it_is_learnt_anew():
    found = []
    for batch, again in ((1000, False), (11, False), (1000, True)):
        shop = Shop(6.0)
        shop.learning = Learning(shop.book, [0], 1, batch=batch)
        for number in range(24):
            await shop.week(number, 3 if number % 3 == 0 else 7)
            if again:
                shop.learning = Learning(shop.book, [0], 1)
        await shop.mean(24)
        found.append({key: (kept[0].state, shop.book.outlook(key)) for key, kept in shop.book.kept.items()})
    assert found[0] == found[1] == found[2]


WEEKS, SINCE = 46, 30


def halved() -> History:
    """Twenty a week; from week thirty on the shelf is empty for four sevenths of each."""
    rng = np.random.default_rng(3)
    sold = [float(rng.poisson(20.0 if at < SINCE else 20.0 * 3 / 7)) for at in range(WEEKS)]
    return History("pear", 0, tuple(sold), empty=dict.fromkeys(range(SINCE, WEEKS), 4 / 7))


def replayed(history: History, variant: str = "adaptive") -> Course:
    panel = Panel("known", Period.WEEK, season=52, window=13, since=SINCE, series={"pear": history})
    (course,) = judge(panel, variant).courses
    return course


@pytest.mark.parametrize("variant", ["adaptive", "moving_average", "tsb", "blend"])
def test_the_sandbox_learns_what_was_wanted_as_live(variant: str):
    told, untold = replayed(halved(), variant), replayed(replace(halved(), empty={}), variant)
    assert told.mean[-1] == pytest.approx(20, rel=0.3)
    assert untold.mean[-1] < 0.75 * told.mean[-1], "sales alone say that demand halved"


def test_what_nobody_saw_is_judged_by_nobody():
    panel = Panel("known", Period.WEEK, season=52, window=13, since=SINCE, series={"pear": halved()})
    found = judge(panel, "adaptive").metrics
    assert found["missed_alarms"] is None and found["false_alarms"] is None and "RMSSE" not in found


def test_a_track_and_the_sandbox_say_the_same_of_an_empty_shelf():
    history = halved()
    track = Track.begin(Shared(), "pear", Period.WEEK, Period.WEEK.start(0))
    track.shelf = lambda at: history.empty.get(at, 0.0)
    promised = []
    for at, sold in enumerate(history.quantities):
        promised.append(track.promised)
        track.sell(Period.WEEK.start(at), sold)
        track.close_until(at + 1)
    assert replayed(history).mean == pytest.approx(promised[SINCE:])
