"""From a scan to goods: which item, how much of it, which lot."""

from dataclasses import replace
from decimal import Decimal

from handheld.work.checking.blocks import Why
from handheld.work.ports import Item, World
from handheld.work.scan import Goods, Scan, lot_code
from handheld.work.tasks.progress import Progress
from stockbook.domain.capture.reading import Reading
from stockbook.domain.quantity import in_base, parse
from stockbook.domain.refusal import Refusal

ONE = Decimal(1)
MEASURED = frozenset({"kg", "g", "lb", "l", "ml", "m"})
"""Units of which one code is not one."""


def recognise(scan: Scan, progress: Progress, world: World) -> Goods | Why:
    """Return the goods that a scan names, in the quantity that was typed, weighed or read; or why it names none."""
    reading = scan.reading
    packing = world.known.packing(reading.gtin or reading.reference) if scan.chosen is None else None
    item = packing.item if packing else scan.chosen
    if item is None:
        return Why.UNKNOWN_ITEM
    said = _said(item, packing.unit if packing else "", reading, progress)
    if isinstance(said, Why):
        return said
    quantity, unit = said
    base = in_base(quantity, unit or None, item.unit, item.units, item.decimals, down=False)
    if isinstance(base, Refusal):
        return Why.BAD_QUANTITY
    code = lot_code(reading.lot, reading.serial)
    lot = world.known.lot(item.reference, code) if code else None
    return Goods(
        item,
        quantity,
        base,
        unit,
        reading.lot,
        reading.serial,
        reading.expiry or (lot.expiry if lot else None),
        progress.weight,
        reading,
        scan.joined,
        scan.chosen is not None,
    )


def of(goods: Goods, quantity: Decimal, unit: str) -> Goods | Why:
    """Return the same goods in another quantity."""
    item = goods.item
    base = in_base(quantity, unit or None, item.unit, item.units, item.decimals, down=False)
    return Why.BAD_QUANTITY if isinstance(base, Refusal) else replace(goods, quantity=quantity, unit=unit, base=base)


def _said(item: Item, packed: str, reading: Reading, progress: Progress) -> tuple[Decimal, str] | Why:
    """Return quantity and unit: what was typed goes before the scale, the scale before the code.

    Of what is measured rather than counted, nothing is guessed.
    """
    unit = progress.unit or packed
    unit = "" if unit == item.unit else unit
    if progress.typed:
        quantity = parse(progress.typed)
        return Why.BAD_QUANTITY if isinstance(quantity, Refusal) else (quantity, unit)
    if reading.serial:
        return ONE, unit
    weight = progress.weight if progress.weight is not None else reading.weight
    if weight is not None and (weighed := _weighed(item, weight)):
        return weighed
    if reading.quantity is not None and not progress.unit:
        return reading.quantity, ""
    if not unit and item.unit in MEASURED:
        return Why.NO_QUANTITY
    return ONE, unit


def _weighed(item: Item, weight: Decimal) -> tuple[Decimal, str] | None:
    """Return kilograms as a quantity, where the item is measured by weight or has a weight a piece."""
    if item.unit == "kg":
        return round(weight, item.decimals), ""
    return (weight, "kg") if "kg" in item.units else None
