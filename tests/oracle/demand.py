"""Forecasts and what is said of them, as the oracle knows it: facts, and random rows.

Figures are such that binary fractions add up exactly, in whichever order.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.oracle.kinds import Few, Many, One, Type, Value, at, col, to

START = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday: when the open periods begin."""
TABLES = [
    "series", "influence", "influence_point", "influence_retirement", "substitution", "forecast_override",
    "override_score", "forecast", "trial", "clearance",
]  # fmt: skip


def number(name: str, **more: Any) -> Value:
    return col(name, kind="float", **more)


def parsed(name: str) -> Value:
    """A list or an object; it can't be filtered by."""
    return Value(lambda w, r: json.loads(r[name]) if isinstance(r[name], str) else r[name], filter=False)


def cleared(world: Any, row: Any) -> bool:
    """Whether the learner that runs live was cleared for a row's organisation, site and category."""
    category = world.by_id["item"][row["item_id"]]["category"]
    return any(
        each["organisation_id"] == row["organisation_id"]
        and each["revoked_at"] is None
        and each["variant"] == "adaptive"
        and each["site_id"] in (None, row["site_id"])
        and each["category"] in (None, category)
        for each in world.tables["clearance"]
    )


def shelf(row: Any) -> tuple[int, int, int]:
    return row["organisation_id"], row["site_id"], row["item_id"]


def said_of(world: Any, row: Any) -> Any:
    """The override that counts for a forecast of the open period, the latest of several."""
    standing = [
        each
        for each in world.tables["forecast_override"]
        if shelf(each) == shelf(row)
        and each["ended_at"] is None
        and each["since"] <= row["starts_at"] < each["until"]
        and row["horizon"] == 1
    ]
    return max(standing, key=lambda each: each["id"]) if standing else None


def _error(world: Any, row: Any, of: str) -> float | None:
    scores = [each for each in world.tables["override_score"] if each["override_id"] == row["id"]]
    return sum(abs(each[of] - each["came"]) for each in scores) / len(scores) if scores else None


def _weighed(rows: list[Any]) -> float | None:
    there = [row for row in rows if row["past_error"] is not None]
    means = sum(row["mean"] for row in there)
    return sum(row["past_error"] * row["mean"] for row in there) / means if means else None


def _latest(world: Any, row: Any) -> datetime | None:
    return max((p["at"] for p in world.tables["influence_point"] if p["influence_id"] == row["id"]), default=None)


def _retirement(world: Any, row: Any) -> Any:
    """What was said last of the end of a series, unless it was brought back."""
    said = [each for each in world.tables["influence_retirement"] if each["influence_id"] == row["id"]]
    last = max(said, key=lambda each: each["id"], default={"at": None})
    return last if last["at"] is not None else {"at": None, "reason": None, "actor_id": None}


def _retired(world: Any, row: Any) -> bool:
    ends = _retirement(world, row)["at"]
    return ends is not None and ends <= datetime.now(UTC)


def _stale(world: Any, row: Any) -> bool:
    latest = _latest(world, row)
    if _retired(world, row):
        return False
    return latest is None or datetime.now(UTC) - latest > timedelta(hours=row["fresh_hours"])


def _scope(_: Any, row: Any) -> str:
    if row["item_id"] is not None:
        return "ITEM"
    if row["category"] is not None:
        return "CATEGORY"
    return "SITE" if row["site_id"] is not None else "NETWORK" if row["network"] else "ORGANISATION"


def _metric(name: str) -> Value:
    return Value(lambda w, r: json.loads(r["metrics"]).get(name), filter=False)


FACTS = [
    Type(
        "Influence",
        "influence",
        {
            "externalReference": col("external_reference", sort=True),
            "name": col("name", sort=True),
            "kind": col("kind", kind="enum"),
            "scope": Value(_scope),
            "network": col("network", kind="bool"),
            "site": to("Place", "site_id"),
            "item": to("Item", "item_id"),
            "category": col("category"),
            "unit": col("unit"),
            "ahead": col("ahead", kind="bool"),
            "freshHours": col("fresh_hours", kind="int"),
            "weight": number("weight"),
            "region": col("region"),
            "latestAt": Value(_latest, filter=False),
            "stale": Value(_stale, filter=False),
            "retired": Value(_retired, kind="bool"),
            "retiredAt": Value(lambda w, r: _retirement(w, r)["at"], kind="moment", filter=False),
            "retirementReason": Value(lambda w, r: _retirement(w, r)["reason"], filter=False),
            "retiredBy": One("Principal", lambda w, r: _retirement(w, r)["actor_id"], filter=False),
            "points": Many("InfluencePoint", lambda w, r, c: c["influence_id"] == r["id"]),
        },
        roots=("influence", "influences"),
        reference=True,
    ),
    Type(
        "InfluencePoint",
        "influence_point",
        {
            "influence": to("Influence", "influence_id"),
            "item": One("Item", lambda w, r: r["item_id"] or None),
            "at": at("at", sort=True),
            "value": number("value"),
            "text": col("text"),
            "recordedAt": at("recorded_at", sort=True),
        },
        order=("-at",),
    ),
    Type(
        "Substitution",
        "substitution",
        {
            "item": to("Item", "item_id"),
            "substitute": to("Item", "substitute_id"),
            "ratio": number("ratio"),
            "bothWays": col("both_ways", kind="bool"),
            "rivals": col("rivals", kind="bool"),
            "alike": col("alike", kind="bool"),
        },
        roots=("substitution", "substitutions"),
    ),
    Type(
        "ForecastOverride",
        "forecast_override",
        {
            "item": to("Item", "item_id"),
            "site": to("Place", "site_id"),
            "since": at("since", sort=True),
            "until": at("until", sort=True),
            "quantity": number("quantity"),
            "reason": col("reason"),
            "actor": to("Principal", "actor_id"),
            "madeAt": at("made_at", sort=True),
            "endedAt": at("ended_at"),
            "modelMean": number("model_mean"),
            "scores": Few("OverrideScore", lambda w, r, c: c["override_id"] == r["id"], "starts_at"),
            "ownError": Value(lambda w, r: _error(w, r, "said"), filter=False),
            "modelError": Value(lambda w, r: _error(w, r, "promised"), filter=False),
        },
        order=("-madeAt",),
        roots=("forecastOverride", "forecastOverrides"),
    ),
    Type(
        "OverrideScore",
        "override_score",
        {
            "startsAt": at("starts_at", sort=True),
            "said": number("said"),
            "promised": number("promised"),
            "came": number("came"),
        },
        order=("-startsAt",),
    ),
    Type(
        "Forecast",
        "forecast",
        {
            "item": to("Item", "item_id", group=True),
            "category": Value(lambda w, r: w.by_id["item"][r["item_id"]]["category"], group=True),
            "site": to("Place", "site_id", group=True),
            "horizon": col("horizon", sort=True, kind="int"),
            "startsAt": at("starts_at", sort=True),
            "mean": number("mean", sort=True),
            "levels": parsed("levels"),
            "quantiles": parsed("quantiles"),
            "pastError": number("past_error", sum=True, total=_weighed),
            "driftedAt": at("drifted_at"),
            "drift": Value(lambda w, r: {1: "UP", -1: "DOWN"}.get(r["drift"])),
            "shares": parsed("shares"),
            "inForce": Value(lambda w, r: (said_of(w, r) or {"quantity": r["mean"]})["quantity"], filter=False),
            "override": One("ForecastOverride", lambda w, r: (said_of(w, r) or {"id": None})["id"], filter=False),
            "influences": Few("Influence", lambda w, r, c: c["id"] in r["heard"], "id"),
            "staleInfluences": Few("Influence", lambda w, r, c: c["id"] in r["stale"], "id"),
            "retiredInfluences": Few("Influence", lambda w, r, c: c["id"] in r["retired"], "id"),
            "threshold": to("Threshold", "series_id", filter=False),
            "cleared": Value(cleared, filter=False),
            "revisedAt": at("revised_at", sort=True),
            "learner": col("learner"),
        },
        roots=("", "forecasts"),  # one is asked for by item, place and horizon
    ),
    Type(
        "Trial",
        "trial",
        {
            "variant": col("variant"),
            "site": to("Place", "site_id"),
            "category": col("category"),
            "since": at("since"),
            "until": at("until"),
            "state": col("state"),
            "actor": to("Principal", "actor_id"),
            "askedAt": at("asked_at", sort=True),
            "doneAt": at("done_at"),
            "series": col("series", kind="int"),
            "metrics": parsed("metrics"),
            "falseAlarms": _metric("false_alarms"),
            "missedAlarms": _metric("missed_alarms"),
            "passed": col("passed", kind="bool"),
            "report": col("report", filter=False),
            "clearances": Few("Clearance", lambda w, r, c: c["trial_id"] == r["id"], "id"),
        },
        order=("-askedAt",),
        roots=("trial", "trials"),
    ),
    Type(
        "Clearance",
        "clearance",
        {
            "site": to("Place", "site_id"),
            "category": col("category"),
            "variant": col("variant"),
            "trial": to("Trial", "trial_id"),
            "passed": col("passed", kind="bool"),
            "reason": col("reason"),
            "actor": to("Principal", "actor_id"),
            "madeAt": at("made_at", sort=True),
            "revokedAt": at("revoked_at"),
            "revokedBy": to("Principal", "revoked_by_id"),
            "revocationReason": col("revocation_reason"),
        },
        order=("-madeAt",),
        roots=("clearance", "clearances"),
    ),
]


def figure(world: Any) -> float:
    return world.chance.choice([0.0, 0.5, 1.0, 2.0, 7.0, 14.0, 56.0])


def rows(world: Any) -> None:
    """Add random series with forecasts, and what people and the world outside say of them."""
    chance = world.chance
    sites = [place["id"] for place in world.rows["place"] if place["kind"] == "SITE"]
    for organisation in world.organisations:
        for site in chance.sample(sites, 2):
            for item in chance.sample(world.rows["item"], 2):
                _series(world, organisation, site, item["id"])
    for number in range(6):
        kind = chance.choice(["WEATHER", "PROMOTION", "SENTIMENT"])
        influence = world.add(
            "influence",
            organisation_id=world.party(),
            external_reference=f"INFLUENCE-{number % 3}-{number}",
            name=chance.choice(["Rain", "Sun"]),
            kind=kind,
            network=chance.random() < 0.3,
            site_id=chance.choice([None, *sites]),
            item_id=world.maybe("item", 0.3),
            category=chance.choice([None, "A"]),
            unit="mm",
            ahead=chance.random() < 0.5,
            fresh_hours=chance.choice([24, 1_000_000]),
            weight=figure(world),
            region=None,
        )
        for _ in range(chance.randint(0, 2)):
            world.add(
                "influence_point",
                influence_id=influence,
                item_id=chance.choice([0, world.any("item")]),
                at=world.moment(),
                value=figure(world),
                text=chance.choice(["", "S"]),
                recorded_at=world.moment(),
            )
        for _ in range(chance.choice([0, 0, 1, 2])):
            world.add(
                "influence_retirement",
                influence_id=influence,
                at=chance.choice([None, world.moment(), datetime(2099, 1, 1, tzinfo=UTC)]),
                reason=chance.choice(["closed", "moved"]),
                actor_id=world.any("principal"),
                recorded_at=world.moment(),
            )
    for forecast in world.rows["forecast"]:
        known = [each["id"] for each in world.rows["influence"]]
        forecast["heard"], forecast["stale"] = chance.sample(known, 2), chance.sample(known, 1)
        forecast["retired"] = chance.sample(known, chance.randint(0, 1))
    _substitutes(world)
    _trials(world, sites)


def _series(world: Any, organisation: int, site: int, item: int) -> None:
    chance = world.chance
    begins = START.replace(hour=0)
    series = world.add(
        "series",
        seller_id=organisation,
        site_id=site,
        item_id=item,
        partition=item % 2,
        period=chance.choice(["DAY", "WEEK"]),
        due_at=begins,
        state=b"{}",
    )
    of = {"organisation_id": organisation, "site_id": site, "item_id": item}
    for horizon in (1, 4):
        world.add(
            "forecast",
            series_id=series,
            **of,
            horizon=horizon,
            starts_at=begins,
            mean=figure(world),
            levels=[0.5, 0.95],
            quantiles=[figure(world), figure(world)],
            past_error=chance.choice([None, 0.25, 0.5]),
            shares=json.dumps({"level": 0.75, "sold": 0.25}),
            revised_at=world.moment(),
            learner=chance.choice(["blend", "sparse"]),
            heard=[],
            stale=[],
            retired=[],
            drifted_at=world.moment() if chance.random() < 0.3 else None,
            drift=chance.choice([None, 1, -1]),
        )
    for _ in range(chance.randint(0, 2)):
        since = begins + timedelta(days=chance.choice([-7, 0, 7]))
        override = world.add(
            "forecast_override",
            **of,
            since=since,
            until=since + timedelta(days=7),
            quantity=figure(world),
            reason=chance.choice(["fair", "feast"]),
            actor_id=world.any("principal"),
            made_at=world.moment(),
            model_mean=figure(world),
            ended_at=world.moment() if chance.random() < 0.3 else None,
        )
        for day in range(chance.randint(0, 2)):
            world.add(
                "override_score",
                override_id=override,
                starts_at=since + timedelta(days=day),
                said=figure(world),
                promised=figure(world),
                came=figure(world),
            )


def _substitutes(world: Any) -> None:
    chance = world.chance
    pairs = set()
    for organisation in world.organisations:
        for _ in range(4):
            item, substitute = chance.sample(world.rows["item"], 2)
            pairs.add((organisation, item["id"], substitute["id"]))
    for organisation, item, substitute in sorted(pairs):
        world.add(
            "substitution",
            organisation_id=organisation,
            item_id=item,
            substitute_id=substitute,
            ratio=chance.choice([0.5, 1.0, 2.0, 4.0]),
            both_ways=chance.random() < 0.5,
            rivals=chance.random() < 0.5,
            alike=chance.random() < 0.5,
        )


def _trials(world: Any, sites: list[int]) -> None:
    chance = world.chance
    for number in range(8):
        done = chance.random() < 0.6
        owner = world.party()
        figures = {"false_alarms": 0.25, "missed_alarms": 0.125} if done and chance.random() < 0.7 else {}
        trial = world.add(
            "trial",
            organisation_id=owner,
            actor_id=world.any("principal"),
            variant=chance.choice(["adaptive", "sparse"]),
            site_id=chance.choice([None, *sites]),
            category=chance.choice([None, "A"]),
            since=world.moment(),
            until=world.moment(),
            state="DONE" if done else "WAITING",
            asked_at=world.moment(),
            done_at=world.moment() if done else None,
            series=number if done else None,
            metrics=json.dumps(figures),
            passed=chance.random() < 0.5 if done else None,
            problem=None,
            report="<html>" if done else None,
        )
        for _ in range(chance.randint(0, 2)):
            world.add(
                "clearance",
                organisation_id=owner,
                site_id=chance.choice([None, *sites]),
                category=chance.choice([None, "A", "B"]),
                variant=chance.choice(["adaptive", "adaptive", "sparse"]),
                trial_id=trial,
                passed=chance.random() < 0.5,
                reason=chance.choice(["", "because"]),
                actor_id=world.any("principal"),
                made_at=world.moment(),
                revoked_at=world.moment() if (revoked := chance.random() < 0.3) else None,
                revoked_by_id=world.any("principal") if revoked else None,
                revocation_reason=chance.choice([None, "over"]) if revoked else None,
            )
