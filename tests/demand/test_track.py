"""A series followed live: the clock, the open period, late sales and returns."""

import json
import random
from datetime import timedelta

import orjson
import pytest

from stockbook.domain.demand.learners.shared import FAR, Shared
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import Plan
from stockbook.domain.demand.track import Track
from stockbook.flows.demand.hearing import TREES
from tests.demand.world import MONDAY

WEEK = timedelta(weeks=1)


def begun(*weeks: float) -> Track:
    track = Track.begin(Shared(), "apple", Period.WEEK, MONDAY)
    for number, sold in enumerate(weeks):
        if sold:
            track.sell(MONDAY + number * WEEK, sold)
    track.close_until(Period.WEEK.number(MONDAY) + len(weeks))
    return track


def flat(value, path: str = "") -> dict[str, object]:
    if isinstance(value, dict):
        return {k: v for key, inner in value.items() for k, v in flat(inner, f"{path}/{key}").items()}
    if isinstance(value, list):
        return {k: v for at, inner in enumerate(value) for k, v in flat(inner, f"{path}/{at}").items()}
    return {path: value}


@pytest.mark.parametrize("seed", range(25))
def test_closing_at_once_equals_closing_week_by_week(seed: int) -> None:
    rng = random.Random(seed)
    weeks = [rng.choice([0.0, 0.0, 2.0, 5.0]) for _ in range(rng.randrange(1, 40))]
    idle = rng.randrange(1, 60)
    once, weekly = begun(3.0, *weeks), begun(3.0, *weeks)
    once.close_until(once.opened + idle)
    for _ in range(idle):
        weekly.close_until(weekly.opened + 1)
    one, other = flat(once.state()), flat(weekly.state())
    assert one.keys() == other.keys()
    for path, value in one.items():
        alike = pytest.approx(other[path], rel=1e-9, abs=1e-12) if isinstance(value, float) else other[path]
        assert value == alike, path
    assert once.past_error == pytest.approx(weekly.past_error, rel=1e-9)


def test_a_week_without_a_sale_is_learnt_as_nothing_sold() -> None:
    track = begun(10.0, 10.0, 10.0)
    before = track.outlook(MONDAY + 3 * WEEK).mean
    track.close_until(track.opened + 3)
    assert track.series.lags == [10.0, 10.0, 10.0, 0.0, 0.0, 0.0]
    assert track.outlook(MONDAY + 6 * WEEK).mean < before


def test_a_sale_moves_the_forecast_at_once() -> None:
    track = begun(2.0, 0.0, 3.0, 2.0)
    at = MONDAY + 4 * WEEK + timedelta(days=2)
    before = [track.outlook(at, horizon) for horizon in (1, 4)]
    track.sell(at, 6.0)
    after = [track.outlook(at, horizon) for horizon in (1, 4)]
    for old, new in zip(before, after, strict=True):
        assert new.mean > old.mean + 5.0
        assert min(new.quantiles) >= 6.0


def test_the_outlook_narrows_as_the_week_passes_and_ends_at_what_was_sold() -> None:
    track = begun(*[8.0, 12.0, 9.0, 11.0] * 6)
    begin = MONDAY + 24 * WEEK
    widths = []
    for day in (0, 2, 4, 6):
        outlook = track.outlook(begin + timedelta(days=day))
        widths.append(outlook.quantiles[-1] - outlook.quantiles[0])
    assert widths == sorted(widths, reverse=True)
    track.sell(begin + timedelta(days=6), 7.0)
    final = track.outlook(begin + WEEK)
    assert final.mean == pytest.approx(7.0)
    assert final.quantiles == pytest.approx((7.0,) * 4)


def test_what_the_open_week_has_sold_is_not_asked_for_a_second_time() -> None:
    """A hundred go to one customer, of what sells ten a week: those have left the shelf, and need not be on it."""
    track = begun(*[8.0, 12.0, 9.0, 11.0] * 6)
    begin = MONDAY + 24 * WEEK
    at = begin + timedelta(hours=9)
    (_, before), certain = track.look_ahead(at, (1, 2), 2.0), track.sold
    track.sell(at, 100.0)
    (_, told), onward = track.look_ahead(at, (1, 2), 2.0)
    assert certain == 0.0 and told.mean > 100 + before.mean
    passed = (at - begin) / WEEK
    assert told.mean - onward.mean == pytest.approx(100 - passed * onward.mean / (2 + passed), abs=1.0)


def test_what_a_time_from_now_on_asks_for_neither_shrinks_nor_narrows_as_the_week_passes() -> None:
    track = begun(*[8.0, 12.0, 9.0, 11.0] * 6)
    begin = MONDAY + 24 * WEEK
    (_, fresh), onward = track.look_ahead(begin, (1, 2), 2.0)
    assert (onward.mean, onward.quantiles) == (fresh.mean, fresh.quantiles), "when a week begins both are one"
    for day in range(1, 7):
        track.sell(begin + timedelta(days=day, hours=-1), 10 / 7)
        _, onward = track.look_ahead(begin + timedelta(days=day), (1, 2), 2.0)
        assert onward.mean == pytest.approx(fresh.mean, rel=0.05)
        assert onward.quantiles[2] - onward.mean == pytest.approx(fresh.quantiles[2] - fresh.mean, rel=0.05)


@pytest.mark.parametrize("cover", [0.0, 0.05, 2 / 7, 0.9, 1.0, 1.1])
def test_who_orders_daily_by_weeks_is_told_of_parts_of_a_week_on_any_day(cover: float) -> None:
    track = begun(*[10.0] * 24)
    for day in range(8):
        _, onward = track.look_ahead(MONDAY + 24 * WEEK + timedelta(days=day, seconds=-1), (1, 4), cover)
        assert 0 <= onward.mean <= 10 * cover + 0.1 and min(onward.quantiles) >= 0


def test_a_late_sale_amends_the_week_in_which_it_occurred() -> None:
    late, intime = begun(4.0, 2.0, 6.0), begun(4.0, 5.0, 6.0)
    late.sell(MONDAY + WEEK, 3.0)
    assert late.series.lags == intime.series.lags
    assert late.series.level == pytest.approx(intime.series.level)
    assert late.sold == 0.0


def test_a_return_is_taken_from_its_week_then_from_those_before() -> None:
    track = begun(4.0, 2.0, 6.0)
    track.sell(MONDAY + 3 * WEEK, 1.0)
    track.sell(MONDAY + 3 * WEEK, -8.0)
    assert track.sold == 0.0
    assert track.series.lags == [4.0, 1.0, 0.0]
    track.sell(MONDAY, -100.0)
    assert track.series.lags == [0.0, 1.0, 0.0]


def test_numbers_that_are_none_change_nothing() -> None:
    track = begun(4.0, 2.0)
    before = json.dumps(track.state())
    for quantity in (float("nan"), float("inf")):
        track.sell(MONDAY + 2 * WEEK, quantity)
    assert json.dumps(track.state()) == before


def test_an_idle_series_is_closed_ever_more_seldom_and_a_selling_one_weekly() -> None:
    track = begun(1.0)
    dues = []
    for _ in range(5):
        dues.append(track.due - track.opened)
        track.close_until(track.due)
    assert dues == sorted(dues) and dues[-1] >= 16
    track.sell(Period.WEEK.start(track.opened), 1.0)
    assert track.due == track.opened + 1
    busy = begun(*[5.0] * 20)
    assert busy.learner.dense is not None and busy.due == busy.opened + 1


def test_a_regression_is_kept_while_a_series_sells_often() -> None:
    track = begun(*[5.0] * 20)
    assert track.learner.dense is not None
    track.close_until(track.opened + 40)
    assert track.learner.dense is None and track.learner.kind == "tsb"
    assert len(orjson.dumps(track.state())) < 0.9 * 8192  # as it is written, with room to spare


def test_a_series_that_sells_every_week_stays_small_however_long_it_is_followed() -> None:
    track = begun(*[float(5 + n % 7) * 1000.25 for n in range(150)])
    track.plans = lambda index: Plan(8.123, 10.456, (("promo", 0.75),), (("i:weather", 0.123), ("i:calendar", 0.4)))
    for n in range(20):
        track.sell(MONDAY + (150 + n) * WEEK, 4321.5)
    assert track.learner.dense is not None and len(track.learner.dense.far.waiting) == 3
    assert len(orjson.dumps(track.state())) < 0.9 * 8192  # as it is written, with room to spare


@pytest.mark.parametrize("reach", [2, FAR])
@pytest.mark.parametrize("period", list(Period))
def test_a_series_that_hears_everything_there_is_stays_under_8_kb(period: Period, reach: int) -> None:
    """Promotions, prices, seven influences, what similar items do, and trees beside its own experts."""
    rng, shared = random.Random(3), Shared()
    track = Track.begin(shared, "apple", period, MONDAY)

    def plan(index: int) -> Plan:
        named = ("calendar", "weather", "pick_up", "schedule", "sentiment", "rival", "lack")
        return Plan(
            price=9.5 + index % 3,
            base_price=11.0,
            promotions=(("promo", float(index % 5 == 0)),),
            influences=tuple((f"i:{name}", 0.123456789 * (1 + (index + n) % 7)) for n, name in enumerate(named)),
            guests=tuple(zip(TREES, (7.123456, 7.012345, 11.98765, 13.456789, 17.654321), strict=True)),
        )

    track.plans = plan
    track.aim(reach)
    for _ in range(130):
        track.sell(period.start(track.opened) + timedelta(hours=5), float(rng.randrange(1, 30)))
        track.close_until(track.opened + 1)
    assert track.learner.dense is not None and len(track.learner.dense.far.waiting) == reach - 1
    assert track.series.swayed
    assert len(orjson.dumps(track.state())) < 0.9 * 8192  # as it is written, with room to spare
