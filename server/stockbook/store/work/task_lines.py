"""The lines of tasks: read from an entry, or from what lies at a place."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import asyncpg

from stockbook.domain.quantity import in_base
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.states import State
from stockbook.domain.stock.work import TaskKind
from stockbook.flows.tasks import LINES_MAX, TaskEntry, TaskLineEntry
from stockbook.store.registering.desk import Desk, RefusedError

_PUT = """
insert into task_line (task_id, number, item_id, lot_id, quantity, unit, source_id, place_id, state)
select $1, w.number + coalesce((select max(l.number) from task_line l where l.task_id = $1), 0), w.item_id, w.lot_id,
  w.quantity, w.unit, w.source_id, w.place_id, 'OPEN'
from unnest($2::bigint[], $3::bigint[], $4::numeric[], $5::text[], $6::bigint[], $7::bigint[]) with ordinality
  as w(item_id, lot_id, quantity, unit, source_id, place_id, number)
"""
_OF = "select item_id, lot_id, quantity, unit, source_id, place_id from task_line where task_id = $1 order by number"
_LYING = """
select distinct b.item_id, b.lot_id from position b join state s on s.code = b.state
where b.place_id = $1 and b.quantity > 0 and s.base = $2 order by 1, 2
"""
_ITEM = """
select i.base_unit, i.decimals, array(select u.unit from item_unit u where u.item_id = i.id order by u.unit) as units,
  array(select u.factor from item_unit u where u.item_id = i.id order by u.unit) as factors
from item i where i.id = $1
"""
AT_SITES = """(cardinality({sites}::bigint[]) = 0 or t.place_id is null or exists (
    select from place p where p.id = t.place_id and coalesce(p.bound_for_id, p.site_id) = any({sites})
  ))"""
"""Whether a task `t` is at the sites that its author is limited to; none: not limited."""
_SITE = "select organisation_id, coalesce(bound_for_id, site_id) as site from place where id = $1"


class Line(NamedTuple):
    """A line as the table has it: quantities in the base unit."""

    item: int
    lot: int
    quantity: Decimal | None
    unit: str
    source: int | None
    place: int | None


async def put(connection: asyncpg.Connection, task: int, lines: Sequence[Line]) -> None:
    """Add lines to a task, in order."""
    if lines:
        await connection.execute(_PUT, task, *(list(column) for column in zip(*lines, strict=True)))


async def of(connection: asyncpg.Connection, task: int) -> list[Line]:
    """Return the lines of a task, in order."""
    return [Line(*row) for row in await connection.fetch(_OF, task)]


async def lying(connection: asyncpg.Connection, place: int) -> list[Line]:
    """Return a line for all that lies at a place to be counted (what sells, own states too), without the quantities."""
    rows = await connection.fetch(_LYING, place, int(State.SELLABLE))
    if len(rows) > LINES_MAX:
        raise RefusedError(Code.BAD_INPUT, f"a count has at most {LINES_MAX} lines: count smaller places", "place")
    return [Line(item, lot, None, "", None, place) for item, lot in rows]


async def read(desk: Desk, entry: TaskEntry) -> list[Line] | None:
    """Return the lines that an entry says; None for a count that has them from what lies there."""
    count = entry.kind is TaskKind.COUNT
    if count and not entry.lines:
        return None
    if len(entry.lines) > LINES_MAX:
        raise RefusedError(Code.BAD_INPUT, f"a task has at most {LINES_MAX} lines", "lines")
    return [await _read(desk, line, ("lines", str(number)), count) for number, line in enumerate(entry.lines)]


async def _read(desk: Desk, line: TaskLineEntry, path: tuple[str, ...], count: bool) -> Line:
    where = ".".join(path)
    if count is not (line.quantity is None):
        said = "a count is blind: no line of it has a quantity" if count else "say how much is expected"
        raise RefusedError(Code.BAD_INPUT, said, *path, "quantity")
    item = await desk.one("Item", line.item, f"{where}.item")
    lot = 0
    if line.lot is not None:
        found = await desk.connection.fetchval("select id from lot where item_id = $1 and code = $2", item, line.lot)
        if found is None:
            raise RefusedError(Code.LOT_UNKNOWN, "there is no such lot", *path, "lot")
        lot = int(found)
    quantity = None
    if line.quantity is not None:
        about = await desk.connection.fetchrow(_ITEM, item)
        units = dict(zip(about["units"], about["factors"], strict=True))
        based = in_base(line.quantity, line.unit, about["base_unit"], units, about["decimals"], down=False)
        if isinstance(based, Refusal):
            raise RefusedError(based.code, based.message, *path, *based.path)
        quantity = based
    return Line(
        item,
        lot,
        quantity,
        line.unit or "",
        await desk.maybe("Place", line.source, f"{where}.source"),
        await desk.maybe("Place", line.place, f"{where}.place"),
    )


async def own_place(desk: Desk, reference: str, path: str) -> int:
    """Return a place of the own organisation, at the author's sites; another's is as unknown as one that isn't."""
    place = await desk.one("Place", reference, path)
    row = await desk.connection.fetchrow(_SITE, place)
    if row["organisation_id"] != desk.author.organisation:
        raise RefusedError(Code.PLACE_UNKNOWN, "there is no such place", path)
    if desk.author.sites and row["site"] not in desk.author.sites:
        raise RefusedError(Code.SITE_DENIED, "your role is limited to other sites", path)
    return place
