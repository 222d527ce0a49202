"""How suppliers deliver moves when and how much is ordered."""

from datetime import timedelta

import numpy as np
import pytest

from stockbook.domain.demand.lead_time import LeadTime, learnt
from stockbook.domain.demand.threshold import Terms
from stockbook.flows.demand.learning import Learning
from stockbook.flows.demand.lesson import SeriesKey, Supply
from tests.demand.memory_book import MemoryBook
from tests.demand.world import MONDAY

KEY = SeriesKey(11, 110, 21)


def test_mean_and_deviation_are_found_from_receipts() -> None:
    rng, lead = np.random.default_rng(5), LeadTime()
    errors = []
    for _ in range(40):
        lead = LeadTime()
        for hours in rng.normal(96, 24, 60):
            lead.learn(float(hours), None)
        errors.append((lead.hours / 96 - 1, lead.deviation_hours / 24 - 1))
    means, deviations = np.array(errors).T
    assert abs(means.mean()) < 0.02 and abs(deviations.mean()) < 0.08 and np.abs(means).max() < 0.2


def test_a_few_receipts_count_little_beside_what_was_agreed() -> None:
    late = LeadTime()
    late.learn(480.0, 312.0)
    found = learnt(Terms(lead_time_hours=168.0), [late])
    assert 168 < found.lead_time_hours < 300 and found.lead_time_deviation_hours > 0


async def thresholds(*hours: float, late: float | None = None):
    """Sell twenty a week for half a year while receipts come, and return what it came to."""
    book = MemoryBook()
    learning = Learning(book, [0], 1)
    for week in range(26):
        at = MONDAY + timedelta(weeks=week)
        if hours:
            book.receive(KEY.seller, 90, KEY.item, hours[week % len(hours)], late, at)
        for day in range(5):
            book.sell(KEY, 4.0, at + timedelta(days=day, hours=10))
        while await learning.step():
            pass
    return book, book.threshold(KEY)


async def test_late_and_straying_deliveries_raise_safety_stock_reorder_point_and_ceiling() -> None:
    _, agreed = await thresholds()
    _, as_agreed = await thresholds(168.0)
    _, slow = await thresholds(336.0)
    _, straying = await thresholds(24.0, 312.0)
    assert as_agreed.reorder_point == pytest.approx(agreed.reorder_point, rel=0.02)
    assert slow.horizon > agreed.horizon + 0.7 and slow.reorder_point > agreed.reorder_point * 1.3
    assert straying.safety_stock > 2 * agreed.safety_stock and straying.ceiling > agreed.ceiling
    assert straying.lead_time_deviation_hours == pytest.approx(144, rel=0.15)
    assert straying.lead_time_hours == pytest.approx(168, rel=0.1)


async def test_promises_that_are_kept_are_counted() -> None:
    book, _ = await thresholds(100.0, late=-5.0)
    kept = book.known[Supply(KEY.seller, KEY.item, 90)]
    assert (kept.receipts, kept.promised, kept.on_time) == (26, 26, 26) and kept.late_hours == pytest.approx(-5)


async def test_nothing_of_it_depends_on_where_batches_are_cut() -> None:
    found = []
    for batch in (1000, 7):
        book = MemoryBook()
        for week in range(10):
            at = MONDAY + timedelta(weeks=week)
            book.receive(KEY.seller, 90, KEY.item, 100.0 + 9 * week, 3.0, at)
            book.sell(KEY, 4.0, at + timedelta(hours=1))
            book.receive(KEY.seller, 91, KEY.item, 50.0, None, at + timedelta(hours=2))
        learning = Learning(book, [0], 1, batch=batch)
        while await learning.step():
            pass
        found.append((book.known, book.threshold(KEY), book.kept[KEY]))
    assert found[0] == found[1]
