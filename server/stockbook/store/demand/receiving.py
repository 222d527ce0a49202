"""What a storeman receives an order by: a task at the site, a line a proposal, opened and called off with it."""

import asyncpg

from stockbook.domain.stock.work import STEPS, TaskKind

# Whoever announces goods of an order waits for another who does, so that the order has one task.
_ORDER = "select external_reference from document where id = $1 for no key update"
_STANDING = """
select id from task where document_id = $1 and place_id = $2 and kind = 'RECEIVE' and state in ('OPEN', 'DOING')
order by id limit 1
"""
_OPENED = """
insert into task (organisation_id, external_reference, kind, step, place_id, document_id, note)
select $1, n.name, $5, $6, $3, $2, '' from unnest($4::text[]) with ordinality as n(name, number)
where not exists (select from task t where t.organisation_id = $1 and t.external_reference = n.name)
order by n.number limit 1 returning id
"""
_LINE = """
insert into task_line (task_id, number, item_id, lot_id, quantity, unit, source_id, state)
select $1, coalesce((select max(l.number) from task_line l where l.task_id = $1), 0) + 1, $2, 0, $3, $4, $5, 'OPEN'
returning id
"""
_OF = "update proposal set task_line_id = $2 where id = $1"
_LOCKED = "select t.id from task t where t.id = (select task_id from task_line where id = $1) for update"
_CALLED_OFF = "update task_line set quantity = done, state = 'DONE' where id = $1 and state <> 'DONE'"
_CLOSED = """
update task t set state = x.state, closed_at = now(), settled_by_id = $2, reason = $3,
  resolution = case when x.state = 'DONE' then 'COMPLETED' end
from (select case when exists (select from task_line l where l.task_id = $1 and l.done > 0) then 'DONE'
  else 'CANCELLED' end as state) x
where t.id = $1 and t.state in ('OPEN', 'DOING')
  and not exists (select from task_line l where l.task_id = $1 and l.state <> 'DONE')
"""


async def announce(connection: asyncpg.Connection, proposal: asyncpg.Record) -> None:
    """Add the goods of a proposal to the task of receiving its order at its site; the first opens it."""
    document, site = proposal["document_id"], proposal["site_id"]
    order: str = await connection.fetchval(_ORDER, document)
    task = await connection.fetchval(_STANDING, document, site)
    if task is None:
        names = [order, f"{order}/{site}", f"{order}/{site}/{proposal['id']}"]
        kind = TaskKind.RECEIVE
        task = await connection.fetchval(
            _OPENED, proposal["organisation_id"], document, site, names, kind.value, STEPS[kind]
        )
    line = await connection.fetchval(
        _LINE, task, proposal["item_id"], proposal["accepted"], proposal["order_unit"], proposal["place_id"]
    )
    await connection.execute(_OF, proposal["id"], line)


async def call_off(connection: asyncpg.Connection, line: int, actor: int | None, reason: str) -> None:
    """Expect no more of a line than came; a task of which nothing is left to come is closed."""
    task = await connection.fetchval(_LOCKED, line)
    await connection.execute(_CALLED_OFF, line)
    await connection.execute(_CLOSED, task, actor, reason)
