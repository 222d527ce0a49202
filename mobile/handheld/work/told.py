"""What an event in the journal says: read back from its labels, and from its code where a label was left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from handheld.work.ports import Item, Known, Recorded
from stockbook.domain.capture.codes import read
from stockbook.domain.capture.labels import actions
from stockbook.domain.quantity import in_base, parse
from stockbook.domain.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Told:
    """So much of an item and lot, in the base unit, and what was done with it."""

    id: str
    actions: tuple[str, ...]
    item: Item
    base: Decimal
    lot: str = ""
    serial: str = ""
    source: str = ""
    place: str = ""
    shelf: str = ""
    quality: str = ""
    state: str = ""
    seen: Decimal | None = None


def told(event: Recorded, known: Known) -> Told | None:
    """Return what an event says of goods; None when it speaks of none, or of an item that isn't known any more."""
    labels = event.labels
    item = known.item(labels["item"]) if "item" in labels else None
    whole = item is not None and ("batch" in labels or "serial" in labels or not event.code)
    reading = None if whole or not event.code else read(event.code, event.symbology)
    if item is None and reading is not None:
        packing = known.packing(reading.gtin or reading.reference)
        item = packing.item if packing else None
    base = _base(labels, item) if item is not None else None
    if item is None or base is None:
        return None
    lot, serial = labels.get("batch", ""), labels.get("serial", "")
    if not lot and not serial and reading is not None:
        lot, serial = reading.lot, reading.serial
    said = {name: labels.get(name, "") for name in ("source", "place", "shelf", "quality", "state")}
    seen = parse(labels["seen"]) if "seen" in labels else None
    return Told(
        event.id, actions(labels), item, base, lot, serial, **said, seen=seen if isinstance(seen, Decimal) else None
    )


def _base(labels: Mapping[str, str], item: Item) -> Decimal | None:
    quantity = parse(labels.get("quantity", "1"))
    if isinstance(quantity, Refusal):
        return None
    if not quantity:
        return quantity
    base = in_base(quantity, labels.get("unit"), item.unit, item.units, item.decimals, down=False)
    return None if isinstance(base, Refusal) else base
