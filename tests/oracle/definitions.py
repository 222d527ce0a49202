"""States, overlays and guards of organisations as the oracle knows them: facts, and random rows."""

from decimal import Decimal
from typing import Any

from tests.oracle.kinds import BASES, Few, One, Type, Value, col, num, to

TABLES = ["state", "overlay", "overlay_set", "guard", "guard_condition"]

HERE, COMING = "HERE", "COMING"
DISPOSITIONS = {
    "EXPECTED": "encoded", "IN_TRANSIT": "in_transit", "RECEIVED": "in_progress",
    "IN_INSPECTION": "non_sellable_other", "AWAITING_PUTAWAY": "sellable_not_accessible",
    "AWAITING_PROCESSING": "container_open", "IN_PROCESSING": "in_progress", "SELLABLE": "sellable_accessible",
    "QUARANTINED": "needs_replacement", "DAMAGED": "damaged", "RETURNED": "returned", "EXPIRED": "expired",
}  # fmt: skip
READY = {"SELLABLE", "AWAITING_PROCESSING"}
ENTRY = {"RECEIVED", "IN_INSPECTION"}


def base(row: Any) -> str:
    return BASES[row["base"]]


def required(before: str, after: str, pair: tuple[int, int]) -> str | None:
    """What everybody must meet, as the table in tests/tables/states.txt says it."""
    if after == "EXPIRED" and before not in {"EXPECTED", "IN_TRANSIT", "EXPIRED"}:
        return "OVERDUE"
    if after == "AWAITING_PUTAWAY" and before in ENTRY:
        return "INSPECTED"
    if after == "IN_TRANSIT" and before in {"AWAITING_PUTAWAY", "AWAITING_PROCESSING", "SELLABLE"}:
        return "FRESH"
    if (before, after) == ("AWAITING_PROCESSING", "IN_PROCESSING"):
        return "FRESH"
    if after in READY and pair not in {(8, 6), (7, 6)}:  # back to work, out of work: nothing is asked
        return "INSPECTED_AND_FRESH"
    return None


def transitions(states: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what may become what: as each state says, and built-in ones also what maps to those or to themselves."""
    found = []
    for source in states:
        for target in states:
            built = source["organisation_id"] == 0
            onward = target["organisation_id"] and target["base"] in {source["code"], *source["may_become"]}
            if target["code"] in source["may_become"] or (built and onward):
                found.append(
                    {
                        "id": f"{source['code']}-{target['code']}",
                        "source": source["code"],
                        "target": target["code"],
                        "target_code": target["code"],
                        "source_base": source["base"],
                        "target_base": target["base"],
                        "organisation_id": max(source["organisation_id"], target["organisation_id"]),
                    }
                )
    return found


def asks(w: Any, r: Any, c: Any) -> bool:
    into = c["target"] in {r["target"], r["target_base"]}
    return c["organisation_id"] == w.asker and into and c["source"] in {0, r["source"], r["source_base"]}


_NAMED = {"name": col("name", sort=True), "labelEn": col("label_en"), "labelZh": col("label_zh")}
FACTS = [
    Type(
        "State",
        "state",
        {
            **_NAMED,
            "code": col("number", sort=True, kind="int"),
            "own": Value(lambda w, r: r["organisation_id"] != 0, kind="bool"),
            "base": to("State", "base"),
            "presence": Value(lambda w, r: COMING if base(r) in {"EXPECTED", "IN_TRANSIT"} else HERE),
            "sells": Value(lambda w, r: base(r) == "SELLABLE", kind="bool"),
            "disposition": Value(lambda w, r: DISPOSITIONS[base(r)]),
            "transitions": Few("Transition", lambda w, r, c: c["source"] == r["id"], "target"),
        },
        roots=("state", "states"),
    ),
    Type(
        "Transition",
        "transition",
        {
            "source": to("State", "source"),
            "target": to("State", "target"),
            "required": Value(
                lambda w, r: required(
                    BASES[r["source_base"]], BASES[r["target_base"]], (r["source_base"], r["target_base"])
                )
            ),
            "guards": Few("Guard", asks, "name"),
        },
        key=lambda row: row["id"],
    ),
    Type(
        "Overlay",
        "overlay",
        {
            **_NAMED,
            "blocks": col("blocks", kind="bool"),
            "meets": Few("State", lambda w, r, c: c["id"] in r["meets"], "id"),
            "organisation": to("Organisation", "organisation_id"),
        },
        roots=("overlay", "overlays"),
    ),
    Type(
        "Guard",
        "guard",
        {
            **_NAMED,
            "source": One("State", lambda w, r: r["source"] or None),
            "target": to("State", "target"),
            "match": col("match", kind="enum"),
            "conditions": Few("GuardCondition", lambda w, r, c: c["guard_id"] == r["id"], "line"),
        },
        roots=("guard", "guards"),
    ),
    Type(
        "GuardCondition",
        "guard_condition",
        {"fact": col("fact", kind="enum"), "number": num("number"), "text": Value(lambda w, r: r["text"] or None)},
        key=lambda row: f"{row['guard_id']}-{row['line']}",
    ),
]


def rows(world: Any) -> None:
    """Add states, overlays and guards; some organisations have the same names as others."""
    chance, made = world.chance, world.rows
    for code in range(100, 106):
        made.setdefault("state", []).append(
            {
                "code": code,
                "organisation_id": world.organisations[code % 4],
                "number": code,
                "name": f"OWN_{code % 3}",
                "label_en": "Own",
                "label_zh": chance.choice(["", "自定"]),
                "base": chance.choice([8, 9, 2]),
                "may_become": chance.sample([6, 8, 9, 10, 12], 2),
            }
        )
    for number in range(6):
        world.add(
            "overlay",
            organisation_id=world.organisations[number % 4],
            name=f"LAID_{number}",
            label_en="Laid",
            label_zh="",
            blocks=number % 3 != 0,
            meets=sorted(chance.sample(range(1, 13), 3)),
        )
    made["overlay_set"] = [
        {"number": 1, "overlays": [100]},
        {"number": 2, "overlays": [101]},
        {"number": 3, "overlays": [100, 102, 105]},
        {"number": 4, "overlays": [101, 102, 103]},
    ]
    for number in range(5):
        guard = world.add(
            "guard",
            organisation_id=world.organisations[number % 3],
            name=f"GUARD_{number}",
            label_en="",
            label_zh="",
            source=chance.choice([0, 0, 8]),
            target=chance.choice([8, 9, 10]),
            match=chance.choice(["ALL", "ANY"]),
        )
        for line in range(chance.randint(1, 2)):
            made.setdefault("guard_condition", []).append(
                {"guard_id": guard, "line": line, "fact": ["DAYS_LEFT_AT_LEAST", "REASON_GIVEN"][line],
                 "number": None if line else Decimal(5), "text": ""}
            )  # fmt: skip


def laid(chance: Any) -> int:
    """Return what lies over goods: nothing, built-in holds, or also some organisations' own overlays."""
    own = chance.choice([0, 0, 0, 0, 1, 2, 3, 4])
    blocks = {0: 0, 1: 0, 2: 128, 3: 128, 4: 128}[own]  # overlays 100 and 103 don't block
    return own << 8 | blocks | chance.choice([0, 0, 0, 1, 6])


def states(chance: Any) -> int:
    """Return a state that goods may be in."""
    return chance.choice([*range(1, 13), *range(100, 106)])
