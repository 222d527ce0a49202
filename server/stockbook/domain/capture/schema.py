"""One event as a JSON Schema (draft 2020-12), for makers of devices: generated from the table of labels.

The schema says everything that can be said of an event's shape. Two rules it
can't say: an event has at most 8 kB, and no key stands in an object twice.
"""

from typing import Any

from stockbook.domain.capture.event import (
    CODE_LENGTH_MAX,
    MODEL,
    OPTIONAL,
    REQUIRED,
    SYMBOLOGY_LENGTH_MAX,
    TEXT_LENGTH_MAX,
    UPTIME_MAX,
)
from stockbook.domain.capture.labels import DECIMAL, LABELS, LABELS_MAX, NAME, VALUE_LENGTH_MAX

ADDRESS = "https://stockbook.example/schema/events/scan.json"
_STORABLE = r"^[^\u0000]*$"
_HEX = "[0-9a-fA-F]"


def schema() -> dict[str, Any]:
    """Return the schema of one event.

    >>> schema()["properties"]["labels"]["maxProperties"]
    8
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ADDRESS,
        "title": "Scan event",
        "description": "What a device recorded at one scan. At most 8192 bytes as UTF-8.",
        "type": "object",
        "additionalProperties": False,
        "required": list(REQUIRED),
        "properties": {name: _KEYS[name] for name in (*REQUIRED, *OPTIONAL, "draft")},
    }


def _text(meaning: str, length_max: int = TEXT_LENGTH_MAX, **more: Any) -> dict[str, Any]:
    return {"description": meaning, "type": "string", "maxLength": length_max, "pattern": _STORABLE, **more}


_KEYS: dict[str, dict[str, Any]] = {
    "id": _text("The event's own UUID.", 36, pattern=f"^{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}$"),
    "clock": _text(
        "Hybrid logical clock: milliseconds since 1970 and a counter in hex, then the device. Never runs back.",
        218,
        pattern=r"^[0-9a-f]{12}-[0-9a-f]{4}-[^\u0000\n\r\u2028\u2029]{1,200}$",
    ),
    "wall": {
        "description": "The device's wall clock, ISO 8601 with its offset from UTC.",
        "type": "string",
        "format": "date-time",
    },
    "uptime": {
        "description": "Milliseconds since the device started.",
        "type": "integer",
        "minimum": 0,
        "maximum": UPTIME_MAX,
    },
    "boot": _text("An id of that start."),
    "labels": {
        "description": "What the scan means. A name that is not here is kept or refused, as the device is set.",
        "type": "object",
        "minProperties": 1,
        "maxProperties": LABELS_MAX,
        "propertyNames": {"pattern": f"^{NAME.pattern}$"},
        "properties": {
            name: {
                "description": label.meaning,
                "type": "string",
                "minLength": 1,
                "maxLength": label.length_max,
                "pattern": f"^(?:{label.pattern})$",
            }
            for name, label in LABELS.items()
        },
        "additionalProperties": {
            "type": "string",
            "minLength": 1,
            "maxLength": VALUE_LENGTH_MAX,
            "pattern": r"^[^\x00-\x1f\x7f]+$",
        },
    },
    "code": _text("What was scanned, as it was read.", CODE_LENGTH_MAX),
    "symbology": _text("Its AIM identifier, e.g. ]C1.", SYMBOLOGY_LENGTH_MAX),
    "task": _text("The task it belongs to."),
    "person": _text("Who held the device."),
    "base": _text("The version of the replica that the device had."),
    "chain": _text("Events of one chain stand or fall together."),
    "draft": {
        "description": "Of a count: what recognition had counted before a person did.",
        "type": "object",
        "additionalProperties": False,
        "required": ["model", "quantity"],
        "properties": {
            "model": _text("The model that looked, by the sha256 of its file.", 64, pattern=f"^{MODEL}$"),
            "quantity": _text("How much it was, in the item's base unit.", 19, pattern=f"^{DECIMAL}$"),
        },
    },
}
