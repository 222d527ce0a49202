"""What an event in the journal says: read back from its labels, and from its code where a label was left out."""

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
    seen: Decimal | None = None

    @property
    def target(self) -> str:
        """Where the goods are afterwards: the bin when one is named, else the place."""
        return self.shelf or self.place


def told(event: Recorded, known: Known) -> Told | None:
    """Return what an event says of goods; None when it speaks of none, or of an item that isn't known any more."""
    labels = event.labels
    reading = read(event.code, event.symbology) if event.code else None
    item = known.item(labels["item"]) if "item" in labels else None
    if item is None and reading is not None:
        packing = known.packing(reading.gtin or reading.reference)
        item = packing.item if packing else None
    quantity = parse(labels.get("quantity", "1"))
    if item is None or isinstance(quantity, Refusal):
        return None
    base = (
        quantity
        if not quantity
        else in_base(quantity, labels.get("unit"), item.unit, item.units, item.decimals, down=False)
    )
    if isinstance(base, Refusal):
        return None
    seen = parse(labels["seen"]) if "seen" in labels else None
    return Told(
        event.id,
        actions(labels),
        item,
        base,
        labels.get("batch", "") or (reading.lot if reading else ""),
        labels.get("serial", "") or (reading.serial if reading else ""),
        labels.get("source", ""),
        labels.get("place", ""),
        labels.get("shelf", ""),
        None if isinstance(seen, Refusal) else seen,
    )
