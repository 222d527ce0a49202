"""Tasks, their lines and counts, as the oracle knows them: facts, and random rows."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.oracle.kinds import Few, Many, One, Type, Value, at, col, num, rate, to

TABLES = ["task", "task_line", "task_movement", "counted"]
BREAK = timedelta(minutes=15)


def counted_lines(tables: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Work out the lines of count sheets that are in the books, each with the time since its counter's one before."""
    tasks = {each["id"]: each for each in tables["task"] if each["kind"] == "COUNT"}
    sites = {each["id"]: each["site_id"] for each in tables["place"]}
    last: dict[tuple[int, int], Any] = {}
    found = []
    lines = [each for each in tables["task_line"] if each["task_id"] in tasks]
    done = [each for each in lines if each["state"] == "DONE" and each["first"] is not None]
    for line in sorted(done, key=lambda each: (each["first_at"], each["id"])):
        task = tasks[line["task_id"]]
        place = line["place_id"] or task["place_id"]
        counter = task["organisation_id"], line["first_by_id"]
        paused = line["first_at"] - last[counter] if counter in last else None
        last[counter] = line["first_at"]
        found.append({
            **line, "organisation_id": task["organisation_id"], "place_id": place, "site_id": sites.get(place),
            "held": line["first"] == line["counted"], "differs": line["counted"] != line["book"],
            "seconds": Decimal(paused.total_seconds()) if paused is not None and paused <= BREAK else None,
        })  # fmt: skip
    return sorted(found, key=lambda each: each["id"])


def _share(held: list[bool]) -> Decimal | None:
    return (Decimal(sum(held)) / len(held)).quantize(Decimal("0.000001"), ROUND_HALF_UP) if held else None


def _stood(rows: list[Any]) -> Decimal | None:
    return _share([row["drafted"] == row["counted"] for row in rows if row["drafted"] is not None])


def _pace(rows: list[Any]) -> Decimal | None:
    seconds = [row["seconds"] for row in rows if row["seconds"] is not None]
    taken = sum(seconds, Decimal(0))
    return (3600 * len(seconds) / taken).quantize(Decimal("0.1"), ROUND_HALF_UP) if taken else None


def _version(world: Any, row: Any) -> int | None:
    """The version of a model: one's own before the network's, the latest of several."""
    known = [
        each
        for each in world.tables["model_version"]
        if each["sha256"] == row["drafted_by"]
        and (each["organisation_id"] == row["organisation_id"] or each["network"])
    ]
    own = [each for each in known if each["organisation_id"] == row["organisation_id"]]
    return max((each["id"] for each in own or known), default=None)


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
    Type(
        "CountedLine",
        "counted_line",
        {
            "task": to("Task", "task_id"),
            "item": to("Item", "item_id", group=True),
            "place": to("Place", "place_id", group=True),
            "site": to("Place", "site_id", group=True),
            "person": to("Principal", "first_by_id", group=True),
            "firstAt": at("first_at", sort=True),
            "counts": col("counts", kind="int", sum=True),
            "seconds": Value(lambda w, r: r["seconds"], kind="decimal", sum=True),
            "perHour": Value(lambda w, r: _pace([r]), kind="decimal", sum=True, total=_pace),
            "firstRight": Value(lambda w, r: _share([r["held"]]), kind="decimal", sum=True,
                                total=lambda rows: _share([r["held"] for r in rows])),
            "differences": Value(lambda w, r: int(r["differs"]), kind="int", sum=True),
            "located": Value(lambda w, r: _share([r["held"]] if r["differs"] else []), kind="decimal", sum=True,
                             total=lambda rows: _share([r["held"] for r in rows if r["differs"]])),
            "drafted": num("drafted", sum=True),
            "draftStood": Value(lambda w, r: _stood([r]), kind="decimal", sum=True, total=_stood),
            "drafts": Value(lambda w, r: int(r["drafted"] is not None), kind="int", sum=True),
            "model": col("drafted_by", group=True),
            "modelVersion": One("ModelVersion", _version, filter=False),
        },
        order=("-firstAt",),
        roots=("countedLine", "countedLines"),
    ),
]  # fmt: skip


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


def _first(world: Any, *, counted: bool) -> dict[str, Any]:
    chance = world.chance
    seen = counted and chance.random() < 0.6
    models = [each["sha256"] for each in world.rows["model_version"]]
    return {
        "first": world.amount() if counted else None,
        "first_by_id": world.any("principal") if counted else None,
        "first_at": world.moment() + timedelta(minutes=chance.randrange(60)) if counted else None,
        "drafted": world.amount() if seen else None,
        "drafted_by": chance.choice(["0" * 64, *models]) if seen else None,
    }


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
            **_first(world, counted=counted),
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
