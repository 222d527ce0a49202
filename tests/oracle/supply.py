"""Thresholds, terms, proposals and substitutes, as the oracle knows them: facts, and random rows."""

import json
from datetime import timedelta
from typing import Any

from tests.oracle.demand import cleared, figure, number, shelf
from tests.oracle.kinds import Few, One, Type, Value, at, col, num, to

TABLES = ["replenishment", "threshold", "delivery_stability", "service_level", "proposal"]
SLOW_DAYS = 60
SYSTEM = 1


def _of_shelf(world: Any, table: str, row: Any, **more: Any) -> Any:
    """The row of a table that is of the same organisation, site and item."""
    there = (each for each in world.tables[table] if shelf(each) == shelf(row) and more.items() <= each.items())
    return next(there, {"id": None})["id"]


def _on_hand(world: Any, row: Any) -> float:
    return sum(float(each["on_hand"]) for each in world.tables["availability"]
               if (each["seller_id"], each["site_id"], each["item_id"]) == shelf(row))  # fmt: skip


def daily(world: Any, row: Any) -> float | None:
    """The expected demand of a day; nobody knows it where there is no such series."""
    series = world.by_id["series"].get(row["id"])
    if series is None:
        return None
    return row["expected"] / row["horizon"] / (1 if series["period"] == "DAY" else 7)


def _cover(world: Any, row: Any) -> float | None:
    a_day = daily(world, row)
    return _on_hand(world, row) / a_day if a_day else None


def _slow(world: Any, row: Any) -> float:
    a_day, there = daily(world, row), _on_hand(world, row)
    return there if a_day is not None and there > SLOW_DAYS * a_day else 0.0


def substitutes(tables: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Work out what may stand for what, and where, from declarations and shelves."""
    declared = {(s["organisation_id"], s["item_id"], s["substitute_id"]) for s in tables["substitution"]}
    ways = []
    for s in tables["substitution"]:
        ways.append((s["organisation_id"], s["item_id"], s["substitute_id"], s["ratio"], "FORWARD"))
        if s["both_ways"] and (s["organisation_id"], s["substitute_id"], s["item_id"]) not in declared:
            ways.append((s["organisation_id"], s["substitute_id"], s["item_id"], 1 / s["ratio"], "BACKWARD"))
    thresholds = {shelf(each): each for each in tables["threshold"]}
    periods = {each["id"]: each["period"] for each in tables["series"]}
    found = []
    for organisation, wanted, other, ratio, way in ways:
        mine = [each for each in tables["availability"] if each["seller_id"] == organisation]
        for short in (each for each in mine if each["item_id"] == wanted):
            threshold = thresholds.get((organisation, short["site_id"], wanted))
            point = _counts(tables, threshold) if threshold else 0.0
            a_day = None
            if threshold and threshold["id"] in periods:
                days = 1 if periods[threshold["id"]] == "DAY" else 7
                a_day = threshold["expected"] / threshold["horizon"] / days
            for there in (each for each in mine if each["item_id"] == other and each["on_hand"] > each["reserved"]):
                near = there["site_id"] == short["site_id"]
                if not near and there["host_id"] != organisation:
                    continue
                quantity = there["on_hand"] - there["reserved"]
                covers = float(quantity) / ratio
                id_ = (short["id"] << 32) | there["id"]
                found.append({
                    "id": id_, "organisation_id": organisation, "for_id": wanted, "for_site_id": short["site_id"],
                    "item_id": other, "site_id": there["site_id"], "shelf_id": short["id"], "near": near,
                    "ratio": ratio, "way": way, "quantity": quantity, "covers": covers,
                    "cover_days": covers / a_day if a_day else None,
                    "short": float(short["on_hand"] - short["reserved"]) < max(point, 1e-9),
                    "rank": (not near, -covers, id_),
                })  # fmt: skip
    return found


def _counts(tables: dict[str, list[dict[str, Any]]], threshold: dict[str, Any]) -> float:
    """Work out the reorder point that counts, hour by hour: the model's, but for what people say instead."""
    said = [each for each in tables["forecast_override"] if shelf(each) == shelf(threshold) and not each["ended_at"]]
    (series,) = (each for each in tables["series"] if each["id"] == threshold["id"])
    near, far = (
        next(each for each in tables["forecast"] if (each["series_id"], each["horizon"]) == (series["id"], horizon))
        for horizon in (1, 4)
    )
    lasts = timedelta(days=1 if series["period"] == "DAY" else 7)
    sold = json.loads(near["shares"])["sold"] * near["mean"]
    later = max(far["mean"] - near["mean"], 0.0) / 3
    now = min(max(near["revised_at"], near["starts_at"]), near["starts_at"] + lasts)
    until = now + threshold["horizon"] * lasts
    expects = moves = 0.0
    begins = near["starts_at"]
    while begins < until:
        ends = begins + lasts
        if ends > now:
            gone, rest = (sold, max(near["mean"] - sold, 0.0)) if begins == near["starts_at"] else (0.0, later)
            share = (min(ends, until) - max(begins, now)) / (ends - max(begins, now))
            expects += share * rest
            speaks = [each for each in said if each["since"] <= begins < each["until"]]
            if speaks:
                moves += share * (max(max(speaks, key=lambda each: each["id"])["quantity"] - gone, 0.0) - rest)
        begins = ends
    wider = min(max(expects + moves, 0.0) / expects, 10.0) if expects > 0 else 1.0
    moved = max(threshold["expected"] + moves, 0.0) + threshold["safety_stock"] * wider**0.5
    return moved if said else threshold["reorder_point"]


SUBSTITUTES = Few(
    "Substitute",
    lambda w, r, c: (c["organisation_id"], c["for_site_id"], c["for_id"]) == shelf(r),
    "rank",
)
FACTS = [
    Type(
        "Substitute",
        "substitute",
        {
            "forItem": to("Item", "for_id"),
            "forSite": to("Place", "for_site_id"),
            "item": to("Item", "item_id"),
            "site": to("Place", "site_id"),
            "near": col("near", kind="bool"),
            "ratio": number("ratio"),
            "direction": col("way"),
            "quantity": num("quantity"),
            "covers": number("covers", sort=True),
            "coverDays": number("cover_days"),
            "short": col("short", kind="bool"),
        },
        order=("-covers",),
        roots=("substitute", "substitutes"),
    ),
    Type(
        "Replenishment",
        "replenishment",
        {
            "site": to("Place", "site_id"),
            "item": to("Item", "item_id"),
            "leadTimeHours": number("lead_time_hours"),
            "leadTimeDeviationHours": number("lead_time_deviation_hours"),
            "reviewHours": number("review_hours"),
            "serviceLevel": number("service_level"),
            "fillRate": number("fill_rate"),
            "unattended": col("unattended", kind="bool"),
            "orderUnit": Value(lambda w, r: r["order_unit"] or None),
            "orderMultiple": num("order_multiple"),
            "minimumOrder": num("minimum_order"),
        },
        roots=("replenishmentTerms", "replenishments"),
    ),
    Type(
        "Threshold",
        "threshold",
        {
            "item": to("Item", "item_id", group=True),
            "site": to("Place", "site_id", group=True),
            "horizon": number("horizon"),
            "serviceLevel": number("service_level"),
            "expected": number("expected"),
            "safetyStock": number("safety_stock", sort=True),
            "reorderPoint": number("reorder_point", sort=True),
            "ceiling": number("ceiling", sort=True),
            "low": number("low"),
            "high": number("high"),
            "onHand": Value(_on_hand, sum=True, filter=False),
            "dailyDemand": Value(daily, sum=True, filter=False),
            "coverDays": Value(_cover, filter=False),
            "slowOnHand": Value(_slow, sum=True, filter=False),
            "peak": number("peak"),
            "leadTimeHours": number("lead_time_hours"),
            "leadTimeDeviationHours": number("lead_time_deviation_hours"),
            "fillRate": number("fill_rate"),
            "revisedAt": at("revised_at", sort=True),
        },
        roots=("threshold", "thresholds"),
    ),
    Type(
        "DeliveryStability",
        "delivery_stability",
        {
            "supplier": to("Organisation", "supplier_id", group=True),
            "item": to("Item", "item_id", group=True),
            "receipts": col("receipts", sort=True, sum=True, kind="int"),
            "leadTimeHours": number("hours", sort=True),
            "leadTimeDeviationHours": Value(lambda w, r: r["variance"] ** 0.5, sort=True, kind="float"),
            "promised": col("promised", sum=True, kind="int"),
            "onTime": col("on_time", sum=True, kind="int"),
            "lateHours": Value(lambda w, r: r["late_hours"] if r["promised"] > 0 else None, kind="float"),
            "receivedAt": at("received_at", sort=True),
        },
        roots=("deliveryStability", "deliveryStabilities"),
    ),
    Type(
        "ServiceLevel",
        "service_level",
        {
            "often": col("often", kind="bool"),
            "fillRate": number("fill_rate", sort=True),
            "score": number("score", sort=True),
            "asked": number("asked", sum=True),
            "filled": number("filled", sum=True),
            "achieved": Value(lambda w, r: r["filled"] / r["asked"] if r["asked"] else None, filter=False),
            "revisedAt": at("revised_at", sort=True),
        },
        roots=("serviceLevel", "serviceLevels"),
    ),
    Type(
        "Proposal",
        "proposal",
        {
            "item": to("Item", "item_id", group=True),
            "site": to("Place", "site_id", group=True),
            "state": col("state", sort=True, group=True),
            "quantity": num("quantity", sort=True, sum=True),
            "needed": num("needed", sum=True),
            "overCeiling": Value(lambda w, r: r["quantity"] - r["needed"], sum=True, kind="decimal"),
            "orderUnit": Value(lambda w, r: r["order_unit"] or None),
            "orderMultiple": Value(lambda w, r: r["multiple"] or None, kind="decimal"),
            "minimumOrder": Value(lambda w, r: r["minimum"] or None, kind="decimal"),
            "position": num("position"),
            "horizon": number("horizon"),
            "expected": number("expected"),
            "serviceLevel": number("service_level"),
            "safetyStock": number("safety_stock"),
            "reorderPoint": number("reorder_point"),
            "ceiling": number("ceiling"),
            "moved": number("moved"),
            "override": to("ForecastOverride", "override_id"),
            "cleared": Value(cleared, filter=False),
            "forecast": One("Forecast", lambda w, r: _of_shelf(w, "forecast", r, horizon=1), filter=False),
            "threshold": One("Threshold", lambda w, r: _of_shelf(w, "threshold", r), filter=False),
            "substitutes": SUBSTITUTES,
            "supplier": to("Organisation", "supplier_id", group=True),
            "openedAt": at("opened_at", sort=True),
            "decidedAt": at("decided_at", sort=True),
            "secondsOpen": Value(  # in these worlds each is decided: of one that isn't the time goes on
                lambda w, r: (r["decided_at"] - r["opened_at"]).total_seconds(), sum=True, filter=False
            ),
            "actor": to("Principal", "actor_id"),
            "unattended": Value(lambda w, r: r["accepted"] is not None and r["actor_id"] is None, kind="bool"),
            "accepted": num("accepted", sum=True),
            "reason": col("reason"),
            "order": to("Document", "document_id"),
            "place": to("Place", "place_id"),
            "movement": to("Movement", "movement_id"),
            "withdrawal": to("Movement", "withdrawal_id"),
            "task": One(
                "Task",
                lambda w, r: w.by_id["task_line"].get(r["task_line_id"], {"task_id": None})["task_id"],
                filter=False,
            ),
            "supersededBy": to("Proposal", "superseded_by_id"),
        },
        order=("-openedAt",),
        roots=("proposal", "proposals"),
    ),
]


def rows(world: Any) -> None:
    """Add thresholds to most series, and terms, figures of suppliers and proposals; work comes before."""
    chance = world.chance
    for series in world.rows["series"]:
        if chance.random() < 0.8:
            of = {"organisation_id": series["seller_id"], "site_id": series["site_id"], "item_id": series["item_id"]}
            _threshold(world, series["id"], of)
            if chance.random() < 0.7:
                _proposal(world, of)
    sites = [place["id"] for place in world.rows["place"] if place["kind"] == "SITE"]
    keys = {(world.party(), chance.choice([None, *sites]), world.maybe("item")) for _ in range(8)}
    for organisation, site, item in sorted(keys, key=str):
        world.add(
            "replenishment",
            organisation_id=organisation,
            site_id=site,
            item_id=item,
            lead_time_hours=figure(world),
            lead_time_deviation_hours=figure(world),
            review_hours=24.0,
            service_level=0.95,
            fill_rate=chance.choice([None, 0.99]),
            unattended=chance.random() < 0.3,
            order_unit=chance.choice(["", "box"]),
            order_multiple=world.amount() if chance.random() < 0.5 else None,
            minimum_order=world.amount() if chance.random() < 0.5 else None,
        )
    for organisation in world.organisations:
        for supplier in chance.sample(world.organisations, 2):
            world.add(
                "delivery_stability",
                organisation_id=organisation,
                supplier_id=supplier,
                item_id=world.any("item"),
                receipts=chance.randrange(5),
                weight=1.0,
                hours=figure(world),
                variance=chance.choice([0.0, 4.0, 2.25]),
                promised=chance.randrange(3),
                on_time=chance.randrange(3),
                late_hours=figure(world),
                received_at=world.moment(),
            )
        world.add(
            "service_level",
            organisation_id=organisation,
            partition=0,
            often=chance.random() < 0.5,
            fill_rate=0.99,
            score=figure(world),
            usual=10.0,
            haste=1.0,
            squared=20.0,
            lump=1.0,
            asked=figure(world),
            filled=figure(world),
            asked_since=0.0,
            filled_since=0.0,
            spanned_since=0.0,
            squared_since=0.0,
            revised_at=world.moment(),
        )


def _threshold(world: Any, series: int, of: dict[str, int]) -> None:
    names = ("expected", "safety_stock", "reorder_point", "ceiling", "low", "high", "peak", "lead_time_hours",
             "lead_time_deviation_hours")  # fmt: skip
    world.add(
        "threshold",
        id=series,
        **of,
        horizon=world.chance.choice([1.0, 2.0, 4.0]),
        service_level=0.95,
        **{name: figure(world) for name in names},
        fill_rate=world.chance.choice([None, 0.99]),
        revised_at=world.moment(),
    )


def _proposal(world: Any, of: dict[str, int]) -> None:
    chance, opened = world.chance, world.moment()
    state = chance.choice(["OPEN", "ACCEPTED", "DISMISSED", "SUPERSEDED"])
    accepted = state in {"ACCEPTED", "DISMISSED"} and chance.random() < 0.8
    needed = world.amount()
    world.add(
        "proposal",
        **of,
        state=state,
        quantity=needed + world.amount(),
        needed=needed,
        order_unit=chance.choice(["", "box"]),
        multiple=world.amount(),
        minimum=world.amount(),
        position=world.amount(),
        **{name: figure(world) for name in ("horizon", "service_level", "expected", "safety_stock", "reorder_point",
                                            "ceiling", "moved")},
        override_id=world.maybe("forecast_override", 0.3),
        supplier_id=chance.choice([None, *world.organisations]),
        opened_at=opened,
        decided_at=opened + timedelta(minutes=chance.randrange(90)),
        actor_id=chance.choice([None, SYSTEM, world.any("principal")]),
        accepted=world.amount() if accepted else None,
        reason=chance.choice(["", "because"]),
        document_id=world.any("document") if accepted else None,
        place_id=world.any("place") if accepted else None,
        movement_id=world.any("movement") if accepted else None,
        withdrawal_id=world.any("movement") if accepted and state == "DISMISSED" else None,
        task_line_id=world.any("task_line") if accepted else None,
        superseded_by_id=world.rows["proposal"][-1]["id"] if world.rows.get("proposal") and state == "SUPERSEDED"
        else None,
    )  # fmt: skip
