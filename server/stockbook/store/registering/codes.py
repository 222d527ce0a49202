"""Barcodes: several mean one item, each in one of its units; none means two things to the same reader."""

from collections.abc import Sequence
from typing import NamedTuple

from stockbook.domain.capture import gs1
from stockbook.domain.refusal import Code
from stockbook.flows.author import Registered
from stockbook.flows.registrations import CodeEntry
from stockbook.store.database import Database
from stockbook.store.registering.desk import Desk, RefusedError

EVERYBODY = 0
_MEANT = """
select c.normal, c.item_id, c.unit from item_code c
where c.normal = any($1::text[]) and c.organisation_id in (0, $2::bigint)
"""


class Meaning(NamedTuple):
    """What a barcode means: an item, in one of its units ('' is the base unit)."""

    item: int
    unit: str


def normal(code: str) -> str:
    """Return a code as it is looked up: GTINs of 8, 12, 13 and 14 digits are one number.

    >>> normal("4006381333931"), normal("BIN-7")
    ('04006381333931', 'BIN-7')
    """
    return gs1.number(code) or code


async def meant(db: Database, organisation: int, codes: Sequence[str]) -> dict[str, Meaning]:
    """Return what codes mean to an organisation; those that mean nothing are absent."""
    rows = await db.fetch(_MEANT, [normal(code) for code in codes], organisation)
    found = {row[0]: Meaning(row[1], row[2]) for row in rows}
    return {code: found[normal(code)] for code in codes if normal(code) in found}


async def record(desk: Desk, entry: CodeEntry) -> Registered:
    """Record a barcode of an item, or withdraw it."""
    item = await desk.one("Item", entry.item, "item")
    whose = desk.author.organisation if entry.own else EVERYBODY
    registrar = await desk.connection.fetchval("select registrar_id from item where id = $1", item)
    if not entry.own and registrar != desk.author.organisation and not desk.author.everywhere:
        raise RefusedError(Code.ACTION_DENIED, "everybody's codes of an item are its registrar's to record", "item")
    if entry.withdrawn:
        gone = await desk.connection.fetchval(
            "delete from item_code where organisation_id = $1 and normal = $2 and item_id = $3 returning id",
            whose,
            normal(entry.code),
            item,
        )
        return item, gone is None
    return await put(desk, item, entry.code, entry.unit or "", whose)


async def put(desk: Desk, item: int, code: str, unit: str, whose: int = EVERYBODY) -> Registered:
    """Add a code to an item; the id is the item's."""
    if not code.strip():
        raise RefusedError(Code.BAD_INPUT, "a barcode is not empty", "code")
    unit = await _unit(desk, item, unit)
    # two who record one code at a time wait for each other: neither table nor index knows of both readerships
    await desk.connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 5707105))", normal(code))
    rows = await desk.connection.fetch(
        "select organisation_id, item_id, unit from item_code where normal = $1", normal(code)
    )
    for other, of, in_unit in rows:
        if other == whose and (of, in_unit) == (item, unit):
            return item, True
        if EVERYBODY in {other, whose} or other == whose:  # somebody reads both
            raise RefusedError(Code.BARCODE_TAKEN, "this barcode means something else already", "code")
    await desk.connection.execute(
        "insert into item_code (organisation_id, item_id, code, normal, unit) values ($1, $2, $3, $4, $5)",
        whose,
        item,
        code,
        normal(code),
        unit,
    )
    return item, False


async def _unit(desk: Desk, item: int, unit: str) -> str:
    """Return the unit as codes name it: nothing for the base unit."""
    known = await desk.connection.fetchrow(
        "select base_unit = $2 as base, exists (select from item_unit where item_id = $1 and unit = $2) as other"
        " from item where id = $1",
        item,
        unit,
    )
    if unit and not known["base"] and not known["other"]:
        raise RefusedError(Code.BAD_UNIT, "the item has no such unit", "unit")
    return "" if known["base"] else unit
