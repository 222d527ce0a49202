"""What a scan can say: the labels, one table, from which `schema/events/scan.json` is made.

A device maker needs this table and nothing of the server. A label that is not
here is kept with the event for whoever reads it, or refused, as the device is set.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stockbook.domain.refusal import Code, Refusal

LABELS_MAX = 8
VALUE_LENGTH_MAX = 200
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""What a label may be called, known here or not."""

ACTIONS = (
    "arrive",
    "inbound",
    "return",
    "quality",
    "unhold",
    "put_away",
    "move",
    "pick",
    "dispatch",
    "sell",
    "state",
    "hold",
    "dispose",
    "count",
    "undo",
)
"""What can be done, in the order in which it is when one scan says several."""
QUALITIES = ("pass", "fail", "begin")

_ANY = r"[^\x00-\x1f\x7f]+"
_ACTION = f"(?:{'|'.join(ACTIONS)})"
_NAME = r"[A-Z][A-Z0-9_]{0,39}"
DECIMAL = r"[0-9]{1,12}(?:\.[0-9]{1,6})?"


class Unknown(StrEnum):
    """What becomes of a label that is not in the table."""

    KEEP = "KEEP"
    REFUSE = "REFUSE"


@dataclass(frozen=True, slots=True)
class Label:
    """One row: what the label means, and what its value looks like as a whole."""

    meaning: str
    pattern: str = _ANY
    code: Code = Code.BAD_INPUT
    """Why a value that doesn't look so is refused."""
    length_max: int = VALUE_LENGTH_MAX

    def fits(self, value: str) -> bool:
        """Return whether a value looks as it should."""
        return len(value) <= self.length_max and re.fullmatch(self.pattern, value) is not None


LABELS: dict[str, Label] = {
    "action": Label("what was done; several are joined by +", rf"{_ACTION}(?:\+{_ACTION})*"),
    "item": Label("GTIN or external reference; left out, it is read from the code"),
    "quantity": Label("how much, a decimal number; 1 when left out", DECIMAL, Code.BAD_QUANTITY),
    "unit": Label("the unit of the quantity; the item's base unit when left out", length_max=40),
    "batch": Label("lot (GS1 AI 10)", length_max=64),
    "serial": Label("serial number (GS1 AI 21)", length_max=64),
    "expiry": Label("expiry (GS1 AI 17)", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", Code.BAD_TIME),
    "place": Label("where it happens"),
    "shelf": Label("the bin it is put into"),
    "source": Label("where it comes from"),
    "quality": Label("what an inspection found, or that it begins", "|".join(QUALITIES)),
    "seen": Label("of an absolute write: the quantity, or for a state the state, that the device saw before"),
    "state": Label("the state the goods are put into", _NAME),
    "hold": Label("the overlay laid over the goods or taken off: FROZEN, RECALLED, ... or one's own", _NAME),
    "document": Label("the document it belongs to"),
    "reason": Label("why, for people"),
    "undoes": Label("of an undo: the id of the event that it takes back", r"[0-9a-fA-F-]{36}"),
    "weight": Label("kilograms from a scale, a decimal number", DECIMAL, Code.BAD_QUANTITY),
}


def unfit(labels: Mapping[str, str], unknown: Unknown = Unknown.KEEP) -> Refusal | None:
    """Return why labels say nothing that can be understood, or None.

    >>> unfit({"action": "inbound+put_away", "quantity": "2.50", "colour": "red"})
    >>> unfit({"colour": "red"}, Unknown.REFUSE).message
    'there is no label colour'
    >>> unfit({"quantity": "1e3"}).code.name, unfit({"action": "inbound+dance"}).message
    ('BAD_QUANTITY', 'the label action does not look like this: inbound+dance')
    """
    for name, value in labels.items():
        label = LABELS.get(name)
        if label is None:
            if unknown is Unknown.REFUSE:
                return Refusal(Code.BAD_INPUT, f"there is no label {name}", (name,))
            if not _OTHER.fits(value):
                return Refusal(Code.BAD_INPUT, f"the label {name} has no readable value", (name,))
        elif not label.fits(value) or (name == "expiry" and not _dated(value)):
            return Refusal(label.code, f"the label {name} does not look like this: {value[:40]}", (name,))
    return None


_OTHER = Label("anything")


def actions(labels: Mapping[str, str]) -> tuple[str, ...]:
    """Return what was done, each once, in the order in which it is done.

    >>> actions({"action": "put_away+inbound"})
    ('inbound', 'put_away')
    """
    said = set(labels.get("action", "").split("+"))
    return tuple(action for action in ACTIONS if action in said)


def _dated(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
