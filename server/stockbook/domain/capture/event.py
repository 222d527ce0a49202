"""One event as a device wrote it: from its text to its parts, or why it is no event.

Shared by device and server. The text is what is sealed and kept, byte by byte;
what is read from it here is never written back.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from stockbook.domain.capture import clock
from stockbook.domain.capture.clock import Moment
from stockbook.domain.capture.labels import DECIMAL, LABELS_MAX, NAME, unfit
from stockbook.domain.quantity import plain
from stockbook.domain.refusal import Code, Refusal

SIZE_MAX = 8192
"""Bytes of an event's text in UTF-8."""
TEXT_LENGTH_MAX = 200
CODE_LENGTH_MAX = 2000
SYMBOLOGY_LENGTH_MAX = 8
UPTIME_MAX = 1 << 53
REQUIRED = ("id", "clock", "wall", "uptime", "boot", "labels")
OPTIONAL = ("code", "symbology", "task", "person", "base", "chain")
_TEXTS = {
    "boot": TEXT_LENGTH_MAX,
    "code": CODE_LENGTH_MAX,
    "symbology": SYMBOLOGY_LENGTH_MAX,
    "task": TEXT_LENGTH_MAX,
    "person": TEXT_LENGTH_MAX,
    "base": TEXT_LENGTH_MAX,
    "chain": TEXT_LENGTH_MAX,
}
_KEYS = frozenset((*REQUIRED, *OPTIONAL, "draft"))
MODEL = r"[0-9a-f]{64}"
"""How a model is called: by the sha256 of its file."""
_DRAFT = {"model": re.compile(MODEL), "quantity": re.compile(DECIMAL)}


class Drafted(NamedTuple):
    """What recognition had counted before a person did, and by which model."""

    model: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Event:
    """What a device recorded at one scan; see `schema/events/README.md`."""

    id: str
    clock: str
    wall: datetime
    uptime: int
    boot: str
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    code: str = ""
    symbology: str = ""
    task: str = ""
    person: str = ""
    base: str = ""
    chain: str = ""
    draft: Drafted | None = None

    @property
    def moment(self) -> Moment:
        """What the device's clocks said."""
        return Moment(self.wall, self.uptime, self.boot)

    @property
    def ran(self) -> int:
        """Milliseconds of its hybrid logical clock, which never runs back."""
        stamp = clock.parse(self.clock)
        return stamp.milliseconds if stamp else 0


def write(event: Event) -> str:
    """Return the text of an event: what is left empty is left out.

    >>> from datetime import UTC
    >>> said = Event("6f9619ff-8b86-4011-b42d-00c04fc964ff", "0193512abcde-0000-PDA-7",
    ...     datetime(2026, 11, 28, 9, tzinfo=UTC), 61_000, "b1", {"action": "count"}, chain="c1")
    >>> print(write(said))
    {"id":"6f9619ff-8b86-4011-b42d-00c04fc964ff","clock":"0193512abcde-0000-PDA-7","wall":"2026-11-28T09:00:00+00:00",\
"uptime":61000,"boot":"b1","labels":{"action":"count"},"chain":"c1"}
    >>> read(write(said)) == said
    True
    """
    said: dict[str, Any] = {name: getattr(event, name) for name in REQUIRED}
    said |= {"wall": event.wall.isoformat(), "labels": dict(event.labels)}
    said |= {name: getattr(event, name) for name in OPTIONAL if getattr(event, name)}
    if event.draft is not None:
        said["draft"] = {"model": event.draft.model, "quantity": plain(event.draft.quantity)}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> Event | Refusal:
    """Return the event that a text says, or why it is none.

    Whether its labels are all known is the device's setting, and asked elsewhere
    (`labels.unfit`).

    >>> read("[]").message, read('{"id": 1}').message
    ('an event is one JSON object', 'an event says id, clock, wall, uptime, boot, labels')
    """
    if len(text) > SIZE_MAX or len(text.encode("utf-8", "surrogatepass")) > SIZE_MAX:
        return _no(f"an event has at most {SIZE_MAX} bytes")
    try:
        said = json.loads(text, object_pairs_hook=_pairs, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return _no("an event is JSON, each key once")
    if not isinstance(said, dict):
        return _no("an event is one JSON object")
    if not all(name in said for name in REQUIRED):
        return _no(f"an event says {', '.join(REQUIRED)}")
    return _no_event(said) or _event(said)


def _event(said: dict[str, Any]) -> Event | Refusal:
    wall = _moment(said["wall"])
    if wall is None:
        return _no("a time is ISO 8601 with its offset from UTC", "wall")
    return Event(
        said["id"],
        said["clock"],
        wall,
        said["uptime"],
        said["boot"],
        MappingProxyType(said["labels"]),
        **{name: said.get(name, "") for name in OPTIONAL},
        draft=Drafted(said["draft"]["model"], Decimal(said["draft"]["quantity"])) if "draft" in said else None,
    )


def _no_event(said: dict[str, Any]) -> Refusal | None:
    """Return what is wrong with the parts, apart from the time."""
    if strange := said.keys() - _KEYS:
        return _no(f"an event has no {min(strange)[:40]}")
    for name, length_max in _TEXTS.items():
        value = said.get(name, "" if name in OPTIONAL else None)
        if not isinstance(value, str) or len(value) > length_max or not _storable(value):
            return _no(f"a text of at most {length_max} characters", name)
    if not _identity(said["id"]):
        return _no("an event's id is a UUID", "id")
    if not isinstance(said["clock"], str) or not _storable(said["clock"]) or clock.parse(said["clock"]) is None:
        return _no("a stamp is mmmmmmmmmmmm-cccc-reference", "clock")
    uptime = said["uptime"]
    if type(uptime) is not int or not 0 <= uptime <= UPTIME_MAX:
        return _no("milliseconds since the device started", "uptime")
    if "draft" in said and not _drafted(said["draft"]):
        return _no("what was drafted has a model, by its sha256, and a quantity, a decimal number", "draft")
    return _no_labels(said["labels"])


def _drafted(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == _DRAFT.keys()
        and all(isinstance(value[name], str) and pattern.fullmatch(value[name]) for name, pattern in _DRAFT.items())
    )


def _no_labels(labels: Any) -> Refusal | None:
    if not isinstance(labels, dict) or not 1 <= len(labels) <= LABELS_MAX:
        return _no(f"an event has 1 to {LABELS_MAX} labels", "labels")
    for name, value in labels.items():
        if NAME.fullmatch(name) is None:
            return _no("a label's name is small letters, digits and _", "labels")
        if not isinstance(value, str) or not value or not _storable(value):
            return _no("a label's value is a text", "labels", name)
    no = unfit(labels)
    return no and Refusal(no.code, no.message, ("labels", *no.path))


def _identity(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value.lower()
    except ValueError:
        return False


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
        if found is None or found.utcoffset() is None:
            return None
        found.astimezone(UTC)  # one that lies beyond all years there can be written down, and never read again
        return found
    except (ValueError, OverflowError):
        return None


def _storable(text: str) -> bool:
    """Return whether a text can be stored: no NUL, no half of a surrogate pair."""
    return (text.isascii() and "\0" not in text) or not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _no(message: str, *path: str) -> Refusal:
    return Refusal(Code.BAD_INPUT, message, path)
