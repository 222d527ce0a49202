"""What similar items tell, on generators whose truth is known: new items begin like them, and stand in for them."""

from datetime import timedelta

import numpy as np
import orjson

from stockbook.domain.demand.learners.shared import Shared
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import UNPLANNED, Plan
from stockbook.domain.demand.track import Track
from stockbook.flows.demand.hearing import LACK, RIVAL, Hearing
from stockbook.flows.demand.learning import Learning
from stockbook.flows.demand.lesson import SeriesKey
from tests.demand.memory_book import MemoryBook
from tests.demand.world import MONDAY

SELLER, SITE = 11, 110
WEEK = timedelta(weeks=1)
OLD, ALL, BEGIN = range(1, 13), range(1, 17), 30
LEVELS = {item: 40.0 if item % 2 else 2.0 for item in ALL}
"""Odd items sell forty a week, even ones two."""


def key(item: int) -> SeriesKey:
    return SeriesKey(SELLER, SITE, item)


async def beginnings(book: MemoryBook, share: float = 1.0) -> float:
    """Let twelve items sell for half a year, then four begin that sell `share` of their levels.

    Return how far off the forecasts of their first six weeks were, as a part of the true mean.
    """
    rng, learning, off = np.random.default_rng(4), Learning(book, [0], 1), []
    for week in range(BEGIN + 6):
        for item, level in LEVELS.items():
            mean = level * (1.0 if item in OLD else share)
            sold = float(rng.poisson(mean))
            if sold and (item in OLD or week >= BEGIN):
                book.sell(key(item), sold, MONDAY + week * WEEK + timedelta(minutes=item))
        while await learning.step():
            pass
        for item in set(ALL) - set(OLD):
            if week >= BEGIN and key(item) in book.kept:
                promised = orjson.loads(book.kept[key(item)][0].state)
                mean = LEVELS[item] * share
                # what the learner expects of a week before the open one's sales speak
                state = promised["learner"]["sparse"]
                off.append(abs(state["chance"] * state["size"] - mean) / mean)
    return float(np.mean(off))


def categories(book: MemoryBook) -> MemoryBook:
    for item in ALL:
        book.declare(key(item), category="FOOD/FRUIT" if item % 2 else "FOOD/SPICE")
    return book


async def test_a_new_item_begins_like_its_category() -> None:
    alone = await beginnings(MemoryBook())
    kin = await beginnings(categories(MemoryBook()))
    assert kin < 0.5 * alone, (kin, alone)


async def test_a_new_item_begins_like_the_one_it_is_declared_to_follow() -> None:
    """The new ones sell half of what those they follow do: two units of those stand for one of them."""
    book = categories(MemoryBook())
    by_category = await beginnings(book, share=0.5)
    book = categories(MemoryBook())
    for item in set(ALL) - set(OLD):
        book.declare(key(item), alike=((item - 12, 2.0),))
    declared = await beginnings(book, share=0.5)
    assert declared < 0.5 * by_category, (declared, by_category)


PAIRS, GONE, WEEKS, TURN = 6, 1.8, 84, 6
"""Pairs of items; how much more one sells while its fellow is out of stock; one week in how many that is."""


async def stand_ins(lacking: bool) -> tuple[float, float, MemoryBook]:
    """Let pairs sell, of which one is out of stock now and then and the other sells for both.

    Return how far off was what was promised of such weeks in the second half when they began, and of the others.
    """
    rng, book = np.random.default_rng(9), MemoryBook()
    for pair in range(PAIRS) if lacking else ():
        book.declare(key(100 + pair), lacking=(pair + 1,))
    learning, off, rest = Learning(book, [0], 1), [], []
    for week in range(WEEKS):
        at = MONDAY + week * WEEK
        means = []
        for pair in range(PAIRS):
            turned = (week + pair) % TURN
            if turned in {0, 1}:
                book.turn(key(pair + 1), turned == 0, at)
            means.append((6.0 + 2 * pair) * (1.0 if turned else GONE))
        sold = rng.poisson(means)
        for pair in range(PAIRS):
            book.sell(key(100 + pair), float(sold[pair]) or 1.0, at + timedelta(days=3))
        while await learning.step():
            pass
        for pair in range(PAIRS) if week >= WEEKS // 2 else ():
            promised = orjson.loads(book.kept[key(100 + pair)][0].state)["promised"]
            (rest if (week + pair) % TURN else off).append(abs(promised - means[pair]) / means[pair])
    return float(np.mean(off)), float(np.mean(rest)), book


async def test_an_item_sells_for_the_one_that_is_out_of_stock() -> None:
    heard, usual, book = await stand_ins(lacking=True)
    deaf, before, _ = await stand_ins(lacking=False)
    assert heard < 0.6 * deaf, (heard, deaf)
    assert usual < before, "and the weeks between are forecast better too: a stand-in's weeks are not its own level"
    lift = orjson.loads(book.kept[key(105)][0].state)["series"]["swayed"][LACK]
    assert 0.4 < lift[0] < 0.8, "about the logarithm of 1.8"


async def test_a_stand_in_that_is_needed_now_is_heard_before_it_sold_anything_more() -> None:
    book, clock = MemoryBook(), MONDAY + WEEK
    book.declare(key(105), lacking=(6,))
    book.sell(key(105), 1.0, MONDAY)
    hearing, index = Hearing(book), Period.WEEK.number(clock)
    await hearing.listen(clock)
    await hearing.meet([key(105)])

    def heard(index: int, before: int = 2**63) -> tuple[tuple[str, float], ...]:
        return hearing.plan(key(105), Period.WEEK, index, clock, before).influences

    assert heard(index) == ()
    book.turn(key(6), True, clock)
    await hearing.listen(clock)
    assert heard(index) == ((LACK, 1.0),) and heard(index, before=book.tx) == ()
    assert heard(index + 1) == (), "by then it may have been filled"
    assert hearing.turned == [key(6)]


def cannibalised(declared: bool) -> float:
    """Two years in which a rival is promoted every fifth week and takes four tenths; how far off such weeks were."""
    rng, shared, off = np.random.default_rng(3), Shared(), []
    first = Period.WEEK.number(MONDAY)
    for item in range(4):
        track = Track.begin(shared, str(item), Period.WEEK, MONDAY)
        if declared:
            track.plans = lambda index: Plan(influences=((RIVAL, 1.0),)) if (index - first) % 5 == 0 else UNPLANNED
        for week in range(90):
            mean = (12.0 + 4 * item) * (0.6 if week % 5 == 0 else 1.0)
            if week > 45 and week % 5 == 0 and track.promised is not None:
                off.append(abs(track.promised - mean) / mean)
            track.sell(MONDAY + week * WEEK, float(rng.poisson(mean)))
            track.close_until(track.opened + 1)
    return float(np.mean(off))


def test_what_a_rivals_promotion_takes_is_learnt() -> None:
    assert cannibalised(declared=True) < 0.5 * cannibalised(declared=False)
