"""Typed series from outside: what is stored, what is refused, what a forecast makes of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockbook.domain.demand.influence import Influence, Point, hear, known, read
from stockbook.domain.demand.kind import TRAITS, Kind, value_of
from stockbook.domain.demand.period import Period
from tests.demand_live.shop import MONDAY, SITE, TOMATO, Shop, said, week

GOOD = {
    Kind.PRICE: "8.5", Kind.PROMOTION: "1", Kind.CALENDAR: "1", Kind.WEATHER: "0.35", Kind.PICK_UP: "120",
    Kind.SCHEDULE: "5000", Kind.GROUP_BUY: "3", Kind.SENTIMENT: "-0.4", Kind.COMPETITOR: "31",
    Kind.LOGISTICS: "48.01", Kind.PEAK: "1.8", Kind.STABILITY: "0.93", Kind.OTHER: "-7",
}  # fmt: skip
BAD = {
    Kind.PRICE: "-1", Kind.PROMOTION: "1.5", Kind.CALENDAR: "2", Kind.WEATHER: "35", Kind.PICK_UP: "-3",
    Kind.SCHEDULE: "-1", Kind.GROUP_BUY: "11", Kind.SENTIMENT: "2", Kind.COMPETITOR: "-1", Kind.LOGISTICS: "-1",
    Kind.PEAK: "0", Kind.STABILITY: "1.1",
}  # fmt: skip


def entry(kind: Kind, **more) -> dict:
    return {"externalReference": f"ALL-{kind}", "name": f"Series of {kind}", "kind": kind.value, **more}


def point(kind: Kind, value: str, **more) -> dict:
    item = {"item": TOMATO} if kind is Kind.GROUP_BUY else {}
    return {"influence": f"ALL-{kind}", "at": said(week(0)), "value": value, **item, **more}


async def test_every_kind_is_stored_checked_and_known_when_it_comes_again(shop: Shop):
    assert len(TRAITS) >= 11
    ids = await shop.told("registerInfluences", *(entry(kind) for kind in Kind))
    assert await shop.told("registerInfluences", *(entry(kind) for kind in Kind)) == ids
    first = await shop.told("recordInfluences", *(point(kind, value) for kind, value in GOOD.items()))
    again = await shop.tell("recordInfluences", *(point(kind, value) for kind, value in GOOD.items()))
    assert [each["outcome"] for each in again["results"]] == ["KNOWN"] * len(GOOD)
    assert [each["id"] for each in again["results"]] == first
    other = await shop.told("recordInfluences", point(Kind.WEATHER, "0.7"))
    assert other[0] not in first, "another value is a correction, beside what was known before"


@pytest.mark.parametrize("kind", BAD)
async def test_what_a_kind_cannot_mean_is_refused_and_nothing_written(shop: Shop, kind: Kind):
    await shop.told("registerInfluences", *(entry(each) for each in Kind))
    before = await shop.trade.count()
    good = Kind.OTHER if kind is not Kind.OTHER else Kind.PRICE
    payload = await shop.tell("recordInfluences", point(good, "99"), point(kind, BAD[kind]))
    assert [(each["code"], each["path"]) for each in payload["errors"]] == [
        ("BAD_INPUT", ["input", "lines", "1", "value"])
    ]
    assert await shop.trade.count() == before


async def test_bad_input_says_what_is_wrong(shop: Shop):
    await shop.told("registerInfluences", *(entry(kind) for kind in Kind))
    before = await shop.trade.count()
    cases = [
        ("recordInfluences", point(Kind.WEATHER, "0.1", at="1066-10-14T00:00:00Z"), "BAD_TIME"),
        ("recordInfluences", point(Kind.WEATHER, "0.1", at="2099-01-01T00:00:00Z"), "BAD_TIME"),
        ("recordInfluences", point(Kind.WEATHER, "0.1", influence="NONE-SUCH"), "REFERENCE_UNKNOWN"),
        ("recordInfluences", point(Kind.WEATHER, "0.1", item="NONE-SUCH"), "ITEM_UNKNOWN"),
        ("recordInfluences", {**point(Kind.GROUP_BUY, "1"), "item": None}, "BAD_INPUT"),
        ("recordInfluences", {**point(Kind.PROMOTION, "1"), "value": None, "text": "Q"}, "BAD_INPUT"),
        ("registerInfluences", {**entry(Kind.WEATHER), "name": "Another name"}, "BAD_INPUT"),
        ("registerInfluences", {**entry(Kind.PRICE), "externalReference": "X", "network": True}, "ACTION_DENIED"),
        ("registerInfluences", {**entry(Kind.PRICE), "externalReference": "X", "weight": "0"}, "BAD_INPUT"),
        ("registerInfluences", {**entry(Kind.PRICE), "externalReference": "X", "freshHours": 0}, "BAD_INPUT"),
        ("registerInfluences", {**entry(Kind.PRICE), "externalReference": "X", "site": "SHOP-2/SITE"}, "PLACE_UNKNOWN"),
        ("registerInfluences", {**entry(Kind.PRICE), "externalReference": "X", "site": "SHOP/SHELF"}, "BAD_INPUT"),
        ("registerInfluences", {**entry(Kind.PRICE), "externalReference": "X", "region": "CN"}, "BAD_INPUT"),
        ("registerInfluences", {**entry(Kind.PRICE), "externalReference": "X", "category": "None such"}, "BAD_INPUT"),
        ("recordReplenishment", {"leadTimeHours": "24", "reviewHours": "24", "serviceLevel": "0.4"}, "BAD_INPUT"),
        ("registerInfluences", {**entry(Kind.CALENDAR), "externalReference": "X", "region": "XX"}, "BAD_INPUT"),
    ]
    for name, line, code in cases:
        payload = await shop.tell(name, line)
        assert [each["code"] for each in payload["errors"]] == [code], (line, payload)
    assert await shop.trade.count() == before


@pytest.mark.parametrize(
    ("kind", "unit", "told"),
    [
        (Kind.LOGISTICS, "days", None), (Kind.PROMOTION, "%", None), (Kind.WEATHER, "mm", None),
        (Kind.PEAK, "%", None), (Kind.PRICE, "bananas", None), (Kind.PRICE, "JPY", "JPY"),
        (Kind.PICK_UP, "pallets", "pallets"), (Kind.LOGISTICS, None, "hours"),
    ],
)  # fmt: skip
async def test_a_series_in_a_unit_that_its_values_cannot_mean_is_refused(shop: Shop, kind: Kind, unit, told):
    line = {**entry(kind), "externalReference": f"UNIT-{kind}-{unit}", "unit": unit}
    payload = await shop.tell("registerInfluences", line)
    if told is None:
        assert [(each["code"], each["path"][-1]) for each in payload["errors"]] == [("BAD_UNIT", "unit")]
        return
    (made,) = [each["id"] for each in payload["results"]]
    seen = await shop.trade.ask("query Q($id: ID!) { influence(id: $id) { unit } }", {"id": made}, "SHOP", "buyer")
    assert seen["data"]["influence"]["unit"] == told


async def test_what_was_seen_cannot_lie_ahead_and_what_is_known_ahead_can(shop: Shop):
    await shop.told("registerInfluences", *(entry(kind) for kind in Kind))
    ahead = said(datetime.now(UTC) + timedelta(days=3))
    for kind, trait in TRAITS.items():
        payload = await shop.tell("recordInfluences", point(kind, GOOD[kind], at=ahead))
        codes = [each["code"] for each in payload["errors"]]
        assert codes == ([] if trait.ahead else ["BAD_TIME"]), kind


async def test_a_day_is_the_day_that_it_is_somewhere(shop: Shop):
    """Monday in Shanghai begins on Sunday of UTC: its promotion is of Monday's week."""
    await shop.told("registerInfluences", {**entry(Kind.PROMOTION), "externalReference": "SHANGHAI"})
    (made,) = await shop.told(
        "recordInfluences", {"influence": "SHANGHAI", "at": "2024-03-04T00:00:00+08:00", "text": "A"}
    )
    again = await shop.tell("recordInfluences", {"influence": "SHANGHAI", "at": "2024-03-04T00:00:00Z", "text": "A"})
    assert [each["id"] for each in again["results"]] == [made]
    asked = '{ influences(filter: { externalReference: { eq: "SHANGHAI" } }) { nodes { points { nodes { at } } } } }'
    (series,) = (await shop.trade.ask(asked, {}, "SHOP", "buyer"))["data"]["influences"]["nodes"]
    assert series["points"]["nodes"] == [{"at": "2024-03-04T00:00:00+00:00"}]


async def test_another_organisation_neither_sees_nor_feeds_them(shop: Shop):
    (mine,) = await shop.told("registerInfluences", entry(Kind.WEATHER))
    payload = await shop.tell("recordInfluences", {**point(Kind.WEATHER, "0.2"), "influence": mine}, by="SHOP-2")
    assert [each["code"] for each in payload["errors"]] == ["REFERENCE_UNKNOWN"]
    seen = await shop.trade.ask("{ influences { totalCount } }", {}, "SHOP-2", "buyer")
    assert seen["data"]["influences"]["totalCount"] == 0
    everybody = {**entry(Kind.SENTIMENT), "externalReference": "NEWS", "network": True}
    await shop.told("registerInfluences", everybody, role="network_admin", by="OPERATOR")
    seen = await shop.trade.ask("{ influences { nodes { name scope } } }", {}, "SHOP-2", "buyer")
    assert seen["data"]["influences"]["nodes"] == [{"name": "Series of SENTIMENT", "scope": "NETWORK"}]


async def test_a_storeman_sees_what_is_heard_and_not_its_values(shop: Shop):
    await shop.told("registerInfluences", entry(Kind.PRICE))
    answer = await shop.trade.ask(
        "{ influences(first: 1) { nodes { name points { nodes { value } } } } }", {}, "SHOP", "storekeeper"
    )
    assert answer["data"]["influences"]["nodes"][0]["points"] is None or answer["errors"]
    assert {each["extensions"]["code"] for each in answer["errors"]} == {"FIELD_FORBIDDEN"}


async def test_a_calendar_knows_its_holidays(shop: Shop):
    (calendar,) = await shop.told(
        "registerInfluences",
        {"externalReference": "CN-DAYS", "name": "假日", "kind": "CALENDAR", "region": "CN"},
    )
    asked = await shop.trade.ask(
        "query Q($id: ID!) { influence(id: $id) { region stale points(first: 100) { totalCount nodes { at text } } } }",
        {"id": calendar},
        "SHOP",
        "buyer",
    )
    days = asked["data"]["influence"]
    assert days["points"]["totalCount"] > 60 and not days["stale"]
    assert any("春节" in each["text"] for each in days["points"]["nodes"])


async def test_a_week_of_rain_and_the_ten_best_sellers_of_a_city_are_taken_whole(shop: Shop):
    await shop.told(
        "registerInfluences",
        {"externalReference": "RAIN", "name": "Rain", "kind": "WEATHER", "site": SITE},
        {"externalReference": "TOP10", "name": "Group buys", "kind": "GROUP_BUY", "site": SITE},
    )
    rain = [{"influence": "RAIN", "at": said(week(0) + timedelta(days=day)), "value": f"0.{day}"} for day in range(7)]
    assert len(await shop.told("recordInfluences", *rain)) == 7
    items = [
        {"externalReference": f"BUY-{rank}", "name": f"Hot pot {rank}", "baseUnit": "each"} for rank in range(1, 11)
    ]
    await shop.trade.register("registerItems", items)
    ranked = [
        {
            "influence": "TOP10",
            "at": said(week(0)),
            "value": str(rank),
            "item": f"BUY-{rank}",
            "text": f"Hot pot {rank}",
        }
        for rank in range(1, 11)
    ]
    assert len(await shop.told("recordInfluences", *ranked)) == 10


MOMENTS = st.integers(-60 * 24, 14 * 24).map(lambda hours: MONDAY + timedelta(hours=hours))
POINTS = st.lists(st.builds(Point, MOMENTS, st.integers(1, 99), st.floats(0.05, 1)), max_size=40)


@given(points=POINTS, late=POINTS, kind=st.sampled_from(list(Kind)))
def test_a_late_point_never_changes_what_was_heard_before(points, late, kind):
    """The law: what is recorded at or after a forecast's place in the order is as if it were not there."""
    now, before = MONDAY + timedelta(days=2), 100
    later = [each._replace(recorded=each.recorded + 99) for each in late]
    influence = Influence(1, kind, TRAITS[kind].ahead, timedelta(days=900), 1.0)
    whole = [Point(p.at, p.recorded, 1.0) if kind is Kind.GROUP_BUY else p for p in (*points, *later)]
    early = [each for each in whole if each.recorded < before]
    for index in (Period.WEEK.number(now), Period.WEEK.number(now) + 1):
        heard = [hear([(influence, known(some, before))], Period.WEEK, index, now) for some in (whole, early)]
        assert heard[0] == heard[1]


@given(points=POINTS, kind=st.sampled_from(list(Kind)), period=st.sampled_from(list(Period)))
def test_what_is_heard_is_a_number_however_points_lie(points, kind, period):
    influence = Influence(1, kind, TRAITS[kind].ahead, timedelta(days=900), 1.0)
    if kind is Kind.GROUP_BUY:
        points = [point._replace(value=float(1 + int(point.value * 9))) for point in points]
    found = read(influence, known(points, 100), period, period.number(MONDAY))
    assert found is None or abs(found) < 1e9
    assert all(value_of(kind, bad, None) is None for bad in (float("nan"), float("inf")))


def test_a_series_not_known_ahead_speaks_of_the_week_before():
    series = Influence(1, Kind.SENTIMENT, ahead=False, fresh=timedelta(days=30), weight=1.0)
    index = Period.WEEK.number(MONDAY)
    inside = [Point(MONDAY + timedelta(days=1), 1, 0.9)]
    assert read(series, inside, Period.WEEK, index) is None
    assert read(series, inside, Period.WEEK, index + 1) == 0.9


def test_dealers_add_up_and_opinions_are_weighed():
    def one(number: int, kind: Kind, weight: float = 1.0) -> Influence:
        return Influence(number, kind, ahead=False, fresh=timedelta(days=30), weight=weight)

    index, now = Period.WEEK.number(MONDAY), MONDAY
    past, last = MONDAY - timedelta(days=20), MONDAY - timedelta(days=3)
    dealers = [(one(n, Kind.PICK_UP), [Point(past, 1, 10.0), Point(last, 1, 20.0)]) for n in (1, 2)]
    assert dict(hear(dealers, Period.WEEK, index, now).plan.influences)["i:pick_up"] == pytest.approx(0.678, abs=0.01)
    said_so = [(one(1, Kind.SENTIMENT, 3.0), [Point(last, 1, 1.0)]), (one(2, Kind.SENTIMENT), [Point(last, 1, -1.0)])]
    assert dict(hear(said_so, Period.WEEK, index, now).plan.influences)["i:sentiment"] == pytest.approx(0.5)


def test_the_newest_point_tells_whether_a_series_is_stale():
    now = datetime(2026, 3, 2, tzinfo=UTC)
    rain = Influence(7, Kind.WEATHER, ahead=True, fresh=timedelta(hours=24), weight=1.0)
    index = Period.WEEK.number(now)
    fresh = hear([(rain, [Point(now + timedelta(hours=1), 1, 0.4)])], Period.WEEK, index, now)
    old = hear([(rain, [Point(now - timedelta(hours=25), 1, 0.4)])], Period.WEEK, index, now)
    assert (fresh.used, fresh.stale, old.used, old.stale) == ((7,), (), (), (7,))


def test_what_moves_thresholds_is_named_though_one_point_tells_no_change():
    road = Influence(7, Kind.LOGISTICS, ahead=False, fresh=timedelta(days=7), weight=1.0)
    pick = Influence(8, Kind.PICK_UP, ahead=False, fresh=timedelta(days=7), weight=1.0)
    points = [Point(MONDAY, 1, 48.0)]
    week_now = Period.WEEK.number(MONDAY)
    heard = hear([(road, points), (pick, points)], Period.WEEK, week_now, MONDAY)
    assert (heard.hours, heard.used, heard.ordering) == (48.0, (7,), (7,))
    late = hear([(road, points), (pick, points)], Period.WEEK, week_now + 2, MONDAY + timedelta(weeks=2))
    assert (late.hours, late.stale, late.ordering_stale) == (None, (7, 8), (7,))
