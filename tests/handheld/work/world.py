"""A small world to work in: a replica, a clock and a journal in plain Python."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

from handheld.outbox.limits import Unkept
from handheld.work.ports import World
from handheld.work.shift import Shift
from stockbook.domain.capture.codes import read
from stockbook.domain.capture.event import Event, write
from stockbook.domain.capture.event import read as capture_read
from stockbook.domain.capture.translate import Meaning, translate


@dataclass(frozen=True)
class Item:
    reference: str
    name: str = ""
    unit: str = "piece"
    decimals: int = 0
    units: dict = field(default_factory=dict)
    risk_class: str = ""
    look: str = ""


@dataclass(frozen=True)
class Packing:
    item: Item
    unit: str = ""


@dataclass(frozen=True)
class Lot:
    expiry: date | None


@dataclass(frozen=True)
class Place:
    reference: str
    kind: str = "BIN"


@dataclass(frozen=True)
class Stock:
    item: str
    lot: str
    state: str
    quantity: Decimal
    holds: tuple = ()
    rights: str = "ours"


class Known:
    """The replica."""

    def __init__(self, version="v1"):
        self.version = version
        self.items, self.codes, self.lots, self.places, self.stocks = {}, {}, {}, {}, {}

    def packing(self, code):
        return self.codes.get(code)

    def item(self, reference):
        return self.items.get(reference)

    def lot(self, item, code):
        return self.lots.get((item, code))

    def place(self, reference):
        return self.places.get(reference)

    def stock(self, place):
        return self.stocks.get(place, ())


class Clock:
    def __init__(self, now=None, sure=True):
        self.time, self.sure = now or datetime(2026, 11, 28, 9, tzinfo=UTC), sure

    def now(self):
        return self.time


class Journal:
    """Keeps what it is given until it is told that it is full."""

    def __init__(self):
        self.deeds = []
        self.drafts = {}
        self.refuses = None

    def append(self, *deeds, draft=None):
        if self.refuses is not None and deeds:
            return Unkept(self.refuses)
        self.deeds += deeds
        if draft is not None:
            self.drafts[draft[0]] = draft[1]
        return tuple(range(len(deeds)))

    def draft(self, name):
        return self.drafts.get(name, "")

    def unknown(self, task=None):
        return [deed for deed in self.deeds if task in {None, deed.task}]


def start(task, known, clock=None, journal=None, person="E1", numbers=None):
    """Return a shift whose ids are 1, 2, 3 ..."""
    numbers = numbers or count(1)
    world = World(known, clock or Clock())
    return Shift(task, world, journal or Journal(), person, lambda: f"{next(numbers):08d}-0000-0000-0000-000000000000")


def meaning(deed):
    """Return what the server would make of a deed: its verbs, or why it would not understand it."""
    wall = datetime(2026, 11, 28, 9, tzinfo=UTC)
    event = Event(deed.id, "0193512abcde-0000-PDA", wall, 1, "b", deed.labels, deed.code, deed.symbology)
    assert capture_read(write(event)) == event
    said = translate(event, read)
    return [step.verb.value for step in said.steps] if isinstance(said, Meaning) else said.message


def scan(shift, code):
    return shift.scan(read(code))
