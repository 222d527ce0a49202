"""A small warehouse, in the device's own rooms: the real journal, replica and clock; goods with real names."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from handheld.client.hour import Hour
from handheld.client.prints import Print
from handheld.outbox.answers import Answer, Outcome
from handheld.outbox.clocks import Now
from handheld.outbox.entry import Identity, Written
from handheld.outbox.journal import Journal
from handheld.replica.replica import Replica
from handheld.rooms import Rooms
from handheld.screens.desk import Desk
from handheld.work.ports import World
from handheld.work.tasks.task import Job, Line, Task

from .goods import ITEMS, MILK, NOODLES, OIL, TISSUE, WATER, seen

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PLACES = {"DOCK-1": "SITE", "A-03-1": "BIN", "A-03-2": "BIN", "B-11-4": "BIN", "沪A·6F213": "VEHICLE"}
LINES = (
    (WATER, "40", "A-03-2", "", "0"),
    (MILK, "30", "A-03-1", "K1120", "0"),
    (NOODLES, "40", "B-11-4", "", "40"),
    (TISSUE, "18", "B-11-4", "", "0"),
    (OIL, "12", "A-03-1", "", "0"),
)
TASKS = (
    ("PO-20261123-007", "RECEIVE", "DOCK-1", LINES),
    ("SO-1181", "PICK", "DOCK-1", LINES[:2]),
    ("ST-0042", "COUNT", "A-03-1", LINES[1:3]),
    ("SH-77", "HAND_OVER", "DOCK-1", LINES[3:]),
    ("QI-9", "QUALITY", "DOCK-1", LINES[:1]),
)


def page():
    """What the server tells, in one page."""
    ids = {reference: f"gid://stockbook/Item/{number}" for number, (reference, _, _) in enumerate(ITEMS, 1)}
    places = {name: f"gid://stockbook/Place/{number}" for number, name in enumerate(PLACES, 1)}
    return {
        "cursor": "1", "complete": True, "restart": True, "version": "42", "gone": [], "actions": [],
        "items": [
            {"id": ids[reference], "externalReference": reference, "name": name, "gtin": gtin, "baseUnit": "case",
             "units": [{"unit": "pallet", "factor": "40"}], "codes": []}
            for reference, name, gtin in ITEMS
        ],
        "places": [{"id": places[name], "externalReference": name, "name": name, "kind": kind, "parent": None}
                   for name, kind in PLACES.items()],
        "lots": [{"id": "gid://stockbook/Lot/1", "item": {"id": ids[MILK]}, "code": "K1120", "expiry": "2027-02-01"}],
        "positions": [
            position(1, ids[MILK], places["A-03-1"], "9", "gid://stockbook/Lot/1"),
            position(2, ids[WATER], places["A-03-2"], "64"),
            position(3, ids[TISSUE], places["B-11-4"], "120"),
        ],
        "tasks": [task(number, *said) for number, said in enumerate(TASKS, 1)],
    }  # fmt: skip


def position(number, item, place, quantity, lot=None):
    rights = {right: {"id": "gid://stockbook/Organisation/7"} for right in ("owner", "custodian", "disposer", "seller")}
    return {"id": f"gid://stockbook/Position/{number}", "item": {"id": item}, "lot": {"id": lot} if lot else None,
            "place": {"id": place}, "state": "SELLABLE", "holds": [], "quantity": quantity, **rights}  # fmt: skip


def task(number, reference, kind, place, lines):
    picks = kind in {"PICK", "HAND_OVER"}
    return {
        "id": f"gid://stockbook/Task/{number}", "externalReference": reference, "kind": kind, "state": "OPEN",
        "place": {"externalReference": place}, "document": {"externalReference": reference}, "tolerance": "0",
        "lines": [
            {"id": f"gid://stockbook/TaskLine/{number}{at}", "item": {"externalReference": item},
             "lot": {"code": lot} if lot else None, "quantity": quantity, "done": done,
             "source" if picks else "place": {"externalReference": bin_, "kind": "BIN"},
             **({"place": {"externalReference": "沪A·6F213", "kind": "VEHICLE"}} if kind == "HAND_OVER" else {})}
            for at, (item, quantity, bin_, lot, done) in enumerate(lines, 1)
        ],
    }  # fmt: skip


class Exchange:
    """An exchange that reaches nobody, as it is for most of a shift."""

    online = False
    since_seconds = 7260.0
    wiped = None

    def nudge(self):
        pass

    def close(self):
        pass


class Printer:
    """A server that has read a picture's print: what it says is set beforehand."""

    found = Print()

    def read(self, picture):
        self.picture = picture
        return self.found


def hour(folder):
    """Noon of a certain day, told by the server just now."""
    clock = Hour(folder / "hour.json", clocks=lambda: Now(int(NOON.timestamp() * 1000), 60_000, "boot"))
    clock.heard(NOON.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    return clock


def rooms(folder: Path) -> Rooms:
    outbox, replica = Journal(folder / "outbox.db", Identity("PDA-7", 1, b"s" * 32)), Replica(folder / "replica.db")
    replica.take(page())
    clock, exchange = hour(folder), Exchange()
    sight, recognition = seen(folder, replica, clock.now)
    return Rooms("PDA-7", "https://stock.example.cn", outbox, World(replica, clock), replica, exchange, sight,
                 recognition, exchange, Printer())  # fmt: skip


def desk(folder: Path, later) -> Desk:
    made = Desk(later, lambda _text: ("enrol_bad", {}), rooms(folder))
    made.sign_in("朱镕清")
    return made


def unsettled(desk):
    """The server could not post two scans: a conflict and a refusal."""
    outbox = desk.rooms.outbox
    said = {"action": "count", "item": MILK, "quantity": "12", "seen": "14", "place": "A-03-1", "batch": "K1120"}
    outbox.append(Written(said, task="T-3", person="P-1"))
    outbox.append(Written({"action": "inbound", "item": OIL, "quantity": "3", "batch": "L77"}, person="P-1"))
    outbox.answered(1, 0, [
        Answer(1, Outcome.CONFLICT, "STALE_QUANTITY", "the quantity seen has moved since", task="gid://stockbook/Task/9"),
        Answer(2, Outcome.REFUSED, "LOT_UNKNOWN", "no such lot"),
    ])  # fmt: skip


def long_task(lines):
    """A pick list as long as a night."""
    return Task("SO-5000", Job.PICKING, "DOCK-1", tuple(
        Line(str(at), ITEMS[at % len(ITEMS)][0], Decimal(1 + at % 40), source=f"A-{at:05d}") for at in range(lines)
    ), document="SO-5000")  # fmt: skip
