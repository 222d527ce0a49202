"""A shop that joins tells its history to a network that is further: it is learnt as if it had been told in time."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from stockbook.flows.demand.learning import Learning
from stockbook.flows.demand.lesson import SeriesKey
from tests.demand.memory_book import MemoryBook

MONDAY, WEEK = datetime(2024, 1, 1, tzinfo=UTC), timedelta(weeks=1)
OLD, NEW = SeriesKey(1, 11, 100), SeriesKey(2, 22, 100)
WEEKS, SALES = 40, ((0.3, 4.0), (0.5, 3.0), (0.9, 3.0))


def sells(book: MemoryBook, key: SeriesKey, weeks: range) -> None:
    for number in weeks:
        for at, quantity in SALES:
            book.sell(key, quantity, MONDAY + WEEK * (number + at))


async def learnt(book: MemoryBook, **sizes: int) -> Learning:
    learning = Learning(book, [0], 1, **sizes)
    while await learning.step():
        pass
    return learning


def state(book: MemoryBook, key: SeriesKey = NEW) -> dict:
    return orjson.loads(book.kept[key][0].state)


@pytest.mark.parametrize("batch", [1, 7, 1000])
async def test_history_that_is_told_late_is_learnt_as_if_it_had_been_told_in_time(batch: int) -> None:
    in_time, late = MemoryBook(), MemoryBook()
    for number in range(WEEKS + 1):
        sells(in_time, OLD, range(number, number + 1))
        sells(in_time, NEW, range(number, number + 1))
    await learnt(in_time)
    sells(late, OLD, range(WEEKS + 1))
    await learnt(late)
    sells(late, NEW, range(WEEKS + 1))
    await learnt(late, batch=batch)
    told, known = state(late), state(in_time)
    assert (told["opened"], told["sold"], told["series"]["lags"]) == (
        known["opened"], known["sold"], known["series"]["lags"])  # fmt: skip
    assert told["learner"]["dense"] is not None
    near, far = (
        {horizon: outlook.mean for horizon, outlook in book.revisions[NEW].outlooks} for book in (in_time, late)
    )
    assert far[4] == pytest.approx(near[4], rel=0.1) and far[4] == pytest.approx(40, rel=0.1)
    assert late.revisions[NEW].past_error < 0.2


async def test_a_history_that_ends_before_today_is_closed_by_the_next_week_and_told_of_today_until_then() -> None:
    book = MemoryBook()
    sells(book, OLD, range(WEEKS + 1))
    sells(book, NEW, range(WEEKS - 3))
    await learnt(book)
    assert state(book)["opened"] < state(book, OLD)["opened"]
    (_, near), _ = book.revisions[NEW].outlooks
    assert near.mean < 4 and near.shares.get("sold", 0.0) == 0.0, "the week is nearly over, and sold nothing yet"
    sells(book, OLD, range(WEEKS + 1, WEEKS + 2))
    await learnt(book)
    assert state(book)["opened"] == state(book, OLD)["opened"]
    assert state(book)["series"]["lags"][-4:] == [0.0] * 4


async def test_a_late_sale_of_goods_that_are_known_closes_their_weeks_up_to_today() -> None:
    book = MemoryBook()
    sells(book, OLD, range(WEEKS))
    sells(book, NEW, range(2))
    sells(book, OLD, range(WEEKS, WEEKS + 1))
    book.sell(NEW, 5.0, MONDAY + WEEK * (WEEKS - 4.5))
    await learnt(book)
    assert state(book)["opened"] == state(book, OLD)["opened"]
    assert state(book)["series"]["lags"][-5:] == [5.0, 0.0, 0.0, 0.0, 0.0]
