"""Tasks, their lines and counts, as the oracle knows them: facts, and random rows."""

from decimal import Decimal
from typing import Any

from tests.oracle.kinds import Few, Many, Type, Value, at, col, num, rate, to

TABLES = ["task", "task_line", "task_movement", "counted"]
FACTS = [
    Type(
        "Task",
        "task",
        {
            "externalReference": col("external_reference", sort=True),
            "kind": col("kind", sort=True),
            "step": col("step"),
            "state": col("state", sort=True),
            "place": to("Place", "place_id"),
            "document": to("Document", "document_id"),
            "assignee": to("Principal", "assignee_id"),
            "tolerance": num("tolerance"),
            "note": col("note"),
            "openedAt": at("opened_at", sort=True),
            "movement": to("Movement", "movement_id"),
            "saw": col("saw"),
            "said": col("said"),
            "books": col("books"),
            "device": to("Device", "device_id"),
            "epoch": col("epoch", kind="int"),
            "sequence": col("sequence", kind="int"),
            "closedAt": at("closed_at", sort=True),
            "settledBy": to("Principal", "settled_by_id"),
            "resolution": col("resolution"),
            "reason": col("reason"),
            "settledWith": to("Movement", "settling_id"),
            "lines": Few("TaskLine", lambda w, r, c: c["task_id"] == r["id"], "number"),
            "movements": Many(
                "Movement",
                lambda w, r, c: any(
                    (each["task_id"], each["movement_id"]) == (r["id"], c["id"]) for each in w.tables["task_movement"]
                ),
            ),
        },
        roots=("task", "tasks"),
        reference=True,
    ),
    Type(
        "TaskLine",
        "task_line",
        {
            "number": col("number", kind="int"),
            "item": to("Item", "item_id"),
            "lot": to("Lot", "lot_id"),
            "quantity": num("quantity"),
            "unit": Value(lambda w, r: r["unit"] or None),
            "source": to("Place", "source_id"),
            "place": to("Place", "place_id"),
            "done": num("done"),
            "state": col("state"),
            "counts": col("counts", kind="int"),
            "counted": num("counted"),
            "earlier": num("earlier"),
            "book": num("book"),
            "difference": Value(
                lambda w, r: None if None in (r["counted"], r["book"]) else r["counted"] - r["book"], kind="decimal"
            ),
            "countedBy": to("Principal", "counted_by_id"),
            "countedAt": at("counted_at"),
        },
    ),
    Type(
        "Count",
        "counted",
        {
            "movement": to("Movement", "movement_id"),
            "item": to("Item", "item_id", group=True),
            "lot": to("Lot", "lot_id"),
            "place": to("Place", "place_id", group=True),
            "site": to("Place", "site_id", group=True),
            "occurredAt": at("occurred_at", sort=True),
            "book": num("book", sum=True),
            "counted": num("counted", sum=True),
            "deviation": Value(lambda w, r: abs(r["counted"] - r["book"]), sum=True, kind="decimal"),
            "differenceRate": Value(lambda w, r: rate([r]), sum=True, kind="decimal", total=rate),
        },
        order=("-occurredAt",),
        roots=("count", "counts"),
    ),
]


def rows(world: Any) -> None:
    """Add random tasks and counts to a world that has movements and devices."""
    _tasks(world)
    _lines(world)


def _tasks(world: Any) -> None:
    chance = world.chance
    for number in range(10):
        closed = chance.random() < 0.4
        sided = chance.random() < 0.4
        world.add(
            "task",
            organisation_id=world.party(),
            external_reference=f"TASK-{number % 4}-{number}" if chance.random() < 0.7 else None,
            kind=chance.choice(["DISCREPANCY", "SHORTFALL", "COUNT", "RECEIVE"]),
            step="receiving",
            place_id=world.maybe("place", 0.8),
            document_id=world.maybe("document"),
            movement_id=world.maybe("movement"),
            note="short",
            state="DONE" if closed else "OPEN",
            assignee_id=world.maybe("principal"),
            tolerance=world.chance.choice([Decimal(0), Decimal("0.02")]),
            opened_at=world.moment(),
            closed_at=world.moment() if closed else None,
            settled_by_id=world.maybe("principal") if closed else None,
            resolution="COMPLETED" if closed else None,
            reason="because" if closed else "",
            settling_id=world.maybe("movement") if closed else None,
            device_id=world.maybe("device") if sided else None,
            epoch=1 if sided else None,
            sequence=number if sided else None,
            saw="10" if sided else None,
            said="7" if sided else None,
            books="9" if sided else None,
        )
        if chance.random() < 0.5:
            row = {"movement_id": world.any("movement"), "task_id": 100 + number}
            world.rows.setdefault("task_movement", []).append(row)


def _lines(world: Any) -> None:
    chance = world.chance
    for number in range(16):
        counted = chance.random() < 0.5
        world.add(
            "task_line",
            task_id=world.any("task"),
            number=number,
            item_id=world.any("item"),
            lot_id=world.maybe("lot") or 0,
            quantity=world.amount() if chance.random() < 0.7 else None,
            unit=chance.choice(["", "box"]),
            source_id=world.maybe("place"),
            place_id=world.maybe("place"),
            done=world.amount(),
            state=chance.choice(["OPEN", "DONE", "REVIEW"]),
            counts=int(counted),
            counted=world.amount() if counted else None,
            earlier=None,
            book=world.amount() if counted else None,
            counted_by_id=world.maybe("principal"),
            counted_at=world.moment() if counted else None,
        )
    for _ in range(12):
        place = chance.choice(world.rows["place"])
        world.add(
            "counted",
            movement_id=world.any("movement"),
            organisation_id=place["organisation_id"],
            item_id=world.any("item"),
            lot_id=world.maybe("lot") or 0,
            place_id=place["id"],
            site_id=place["site_id"],
            book=world.amount(),
            counted=world.amount(),
            occurred_at=world.moment(),
        )
