"""From a scan to goods: which item, how much of it, which lot."""

from dataclasses import replace
from decimal import Decimal

from handheld.work.blocks import Why
from handheld.work.ports import Item, Packing, World
from handheld.work.progress import Progress
from handheld.work.scan import Goods, Scan
from stockbook.domain.capture.reading import Reading
from stockbook.domain.quantity import in_base, parse
from stockbook.domain.refusal import Refusal

ONE = Decimal(1)


def recognise(scan: Scan, progress: Progress, world: World) -> Goods | Why:
    """Return the goods that a scan names, or why it names none."""
    reading = scan.reading
    packing = world.known.packing(reading.gtin or reading.reference)
    return Why.UNKNOWN_ITEM if packing is None else goods_of(packing, scan, progress, world)


def goods_of(packing: Packing, scan: Scan, progress: Progress, world: World) -> Goods | Why:
    """Return goods of a packing, in the quantity that was typed, weighed or read."""
    item, reading = packing.item, scan.reading
    quantity, unit = _said(packing, reading, progress)
    if isinstance(quantity, Refusal):
        return Why.BAD_QUANTITY
    base = in_base(quantity, unit or None, item.unit, item.units, item.decimals, down=False)
    if isinstance(base, Refusal):
        return Why.BAD_QUANTITY
    lot = world.known.lot(item.reference, reading.lot) if reading.lot else None
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
    )


def of(goods: Goods, quantity: Decimal, unit: str) -> Goods | Why:
    """Return the same goods in another quantity."""
    item = goods.item
    base = in_base(quantity, unit or None, item.unit, item.units, item.decimals, down=False)
    return Why.BAD_QUANTITY if isinstance(base, Refusal) else replace(goods, quantity=quantity, unit=unit, base=base)


def _said(packing: Packing, reading: Reading, progress: Progress) -> tuple[Decimal | Refusal, str]:
    """Return quantity and unit: what was typed goes before the scale, the scale before the code."""
    item = packing.item
    unit = "" if packing.unit == item.unit else packing.unit
    if progress.unit:
        unit = "" if progress.unit == item.unit else progress.unit
    if progress.typed:
        return parse(progress.typed), unit
    if reading.serial:
        return ONE, unit
    weight = progress.weight if progress.weight is not None else reading.weight
    if weight is not None and (weighed := _weighed(item, weight)):
        return weighed
    if reading.quantity is not None and not progress.unit:
        return reading.quantity, ""
    return ONE, unit


def _weighed(item: Item, weight: Decimal) -> tuple[Decimal, str] | None:
    """Return kilograms as a quantity, where the item is measured by weight or has a weight a piece."""
    if item.unit == "kg":
        return round(weight, item.decimals), ""
    return (weight, "kg") if "kg" in item.units else None
