"""A deed: what a scan meant, on its way to become one scan event of at most eight labels.

The names of labels and actions are those of `schema/events/README.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from stockbook.domain.capture.event import Drafted

LABELS_MAX = 8

_IN_CODE = (("item",), ("expiry",), ("batch", "serial"))
"""Labels that the scanned code says as well: left out first when there are too many. Lot and serial go together."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One scan event before the journal stamps and numbers it.

    `id` is the event's own; deeds of one `chain` stand or fall together.
    """

    labels: Mapping[str, str]
    code: str = ""
    symbology: str = ""
    task: str = ""
    person: str = ""
    base: str = ""
    chain: str = ""
    id: str = ""
    draft: Drafted | None = None
    """Of a count: what recognition had counted before."""


def labelled(
    meant: Mapping[str, str], presets: Mapping[str, str], *, code: str = "", keep: frozenset[str] = frozenset()
) -> Mapping[str, str] | None:
    """Return the labels of a scan with the task's presets, or None when they are more than eight.

    What the scan says goes before a preset. When there are too many, those go
    that the code itself says, then a unit or a quantity that need not be said;
    `keep` are labels that differ from what the code says.

    >>> meant = {"action": "inbound", "item": "6901234567892", "quantity": "2", "place": "DOCK", "batch": "B1"}
    >>> labelled(meant, {"document": "PO-7"}) == {**meant, "document": "PO-7"}
    True
    >>> more = {"expiry": "2027-01-31", "document": "PO-7", "shelf": "A1", "quality": "pass"}
    >>> sorted(labelled(meant, more, code="01069012345678921731..."))
    ['action', 'batch', 'document', 'expiry', 'place', 'quality', 'quantity', 'shelf']
    >>> labelled(meant, more) is None
    True
    """
    labels = {**presets, **{name: value for name, value in meant.items() if value}}
    labels = {name: value for name, value in labels.items() if value}
    spare = [names for names in _IN_CODE if {*names} & labels.keys() and not {*names} & keep] if code else []
    if labels.get("quantity") == "1" and "unit" not in labels and "quantity" not in keep:
        spare.append(("quantity",))
    while len(labels) > LABELS_MAX and spare:
        for name in spare.pop(0):
            labels.pop(name, None)
    return MappingProxyType(labels) if len(labels) <= LABELS_MAX else None
