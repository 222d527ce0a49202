"""How postings bring the lines of tasks further: in the posting's transaction, after everything else.

A task is locked by its row, in order of ids; a task whose every line is done is
done. A posting belongs to the task that it names, else to the tasks that are
open for its document; what it takes back by reversing, to where it was before.
"""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from stockbook.domain.stock import work
from stockbook.domain.stock.movement import Entry
from stockbook.domain.stock.states import State
from stockbook.domain.stock.verbs import Verb
from stockbook.domain.stock.work import ADVANCED_BY, Done, Expected, TaskKind
from stockbook.store.database import Database

_OPEN = """
select t.id, t.document_id, t.organisation_id from task t
where t.document_id = any($1::bigint[]) and t.state in ('OPEN', 'DOING')
"""
_REVERSED = "select movement_id, task_id from task_movement where movement_id = any($1::bigint[])"
_VERBS = "select id, verb from movement where id = any($1::bigint[])"
_LOCKED = "select id, kind, state from task where id = any($1::bigint[]) order by id for update"
_LINES = """
select id, task_id, item_id, lot_id, quantity, done, source_id, place_id from task_line
where task_id = any($1::bigint[]) and quantity is not null order by task_id, number
"""
_DISCREPANCY = "select id from place where kind = 'DISCREPANCY' and id = any($1::bigint[])"
_DONE = """
update task_line l set done = w.done, state = case when w.done >= l.quantity then 'DONE' else 'OPEN' end
from unnest($1::bigint[], $2::numeric[]) as w(id, done) where l.id = w.id
"""
_LIES = f"""(select coalesce(sum(p.quantity), 0) from position p join state s on s.code = p.state
  where p.place_id = w.place and p.item_id = w.item and (w.lot = 0 or p.lot_id = w.lot)
    and s.base = {int(State.SELLABLE)})"""
"""What sells of the goods of a count `w`, now that it is in the books, in whichever state of one's own."""
_COUNTED = f"""
update task_line l set state = 'DONE',
  (counted, book) = (select case when x.holds then l.counted else w.counted end,
    case when x.holds then l.book else w.book end from (select l.counts > 0 and l.counted = {_LIES}) as x(holds)),
  counts = greatest(l.counts, 1),
  counted_by_id = coalesce(l.counted_by_id, w.actor), counted_at = coalesce(l.counted_at, now()),
  first = case when l.counts > 0 then l.first else w.counted end,
  first_by_id = case when l.counts > 0 then l.first_by_id else w.actor end,
  first_at = case when l.counts > 0 then l.first_at else w.at end
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::numeric[], $6::numeric[], $7::bigint[],
  $8::timestamptz[]) as w(task, item, lot, place, book, counted, actor, at)
where l.task_id = w.task and l.item_id = w.item and l.lot_id = w.lot and coalesce(l.place_id, w.place) = w.place
"""
_AT = "l.task_id = w.task and l.item_id = w.item and l.lot_id = w.lot and coalesce(l.place_id, w.place) = w.place"
_SEEN = "unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::numeric[], $6::text[])"
_STRAY = f"""
insert into task_line (task_id, number, item_id, lot_id, place_id, unit, state)
select w.task, row_number() over (partition by w.task)
  + coalesce((select max(l.number) from task_line l where l.task_id = w.task), 0), w.item, w.lot, w.place, '', 'OPEN'
from {_SEEN} as w(task, item, lot, place, drafted, by)
where not exists (select from task_line l where {_AT})
"""
_DRAFTED = f"""
update task_line l set drafted = w.drafted, drafted_by = w.by from {_SEEN} as w(task, item, lot, place, drafted, by)
where {_AT}
"""
_FAR_OFF = f"""
insert into task (organisation_id, kind, note, place_id, document_id, movement_id, said, books)
select t.organisation_id, 'DISCREPANCY', 'a count is far off the books', w.place, t.document_id, w.movement,
  trim_scale(w.counted)::text, trim_scale(w.book)::text
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::numeric[], $6::numeric[], $7::bigint[],
  $8::bigint[]) as w(task, item, lot, place, book, counted, actor, movement)
join task t on t.id = w.task
where abs(w.counted - w.book) > t.tolerance * w.book and not exists (
  select from task_line l where l.task_id = w.task and l.item_id = w.item and l.lot_id = w.lot
    and coalesce(l.place_id, w.place) = w.place and l.counts > 0 and l.counted in (w.counted, {_LIES}))
"""
_BEGUN = """
update task t set state = case when x.waits then 'DOING' else 'DONE' end,
  closed_at = case when x.waits then null else now() end,
  resolution = case when x.waits then null else 'COMPLETED' end,
  settled_by_id = case when x.waits then null else $3::bigint end
from (select w.id, w.again, not exists (select from task_line l where l.task_id = w.id)
    or exists (select from task_line l where l.task_id = w.id and l.state <> 'DONE') as waits
  from unnest($1::bigint[], $2::boolean[]) as w(id, again)) x
where t.id = x.id and (t.state in ('OPEN', 'DOING') or (x.again and x.waits and t.resolution = 'COMPLETED'))
"""

Numbered = Sequence[tuple[int, Entry]]


async def with_tasks(db: Database, entries: Sequence[Entry]) -> list[Entry]:
    """Return entries with their tasks: that of the movement they take back, or the one open for their document."""
    reversed_ = [entry.reverses for entry in entries if entry.reverses]
    documents = {entry.document for entry in entries if entry.document and not entry.task}
    of: dict[int, int] = dict(map(tuple, await db.fetch(_REVERSED, reversed_))) if reversed_ else {}
    rows = await db.fetch(_OPEN, sorted(documents)) if documents else []
    open_ = {(row[1], row[2]): row[0] for row in rows}

    def task(entry: Entry) -> int:
        if entry.reverses:
            return of.get(entry.reverses, 0)
        return entry.task or open_.get((entry.document, entry.organisation), 0)

    return [entry._replace(task=task(entry)) if reversed_ or documents else entry for entry in entries]


class _Share(NamedTuple):
    """A movement's part in a task; `sign` is below zero when it takes back what `verb` did."""

    movement: int
    entry: Entry
    task: int
    verb: Verb
    sign: int


async def advance(connection: asyncpg.Connection, numbered: Numbered) -> None:
    """Bring the lines further that these movements are the work of."""
    taken_back = [entry.reverses for _, entry in numbered if entry.task and entry.reverses]
    verbs = dict(map(tuple, await connection.fetch(_VERBS, taken_back))) if taken_back else {}
    shares = [
        _Share(m, entry, entry.task, Verb(verbs.get(entry.reverses, entry.verb)), -1 if entry.reverses else 1)
        for m, entry in numbered
        if entry.task
    ]
    if not shares:
        return
    await connection.executemany(
        "insert into task_movement (movement_id, task_id) values ($1, $2) on conflict do nothing",
        [(share.movement, share.task) for share in shares],
    )
    rows = await connection.fetch(_LOCKED, sorted({share.task for share in shares}))
    kinds = {row[0]: TaskKind(row[1]) for row in rows}
    made_good = await _discrepancies(connection, [share.entry for share in shares])
    done: dict[int, list[Done]] = {}
    for share in shares:
        if share.verb in ADVANCED_BY.get(kinds[share.task], ()):
            did = _work(share.entry, share.sign, made_good)
            if share.verb is Verb.RECEIVE:
                did = work.received(did, _outside(share.entry))
            done.setdefault(share.task, []).extend(did)
    await _advance_lines(connection, done)
    counted = [
        (share.task, c.item, c.lot, c.place, c.book, c.counted, share.entry.actor, share.movement)
        for share in shares
        if kinds[share.task] is TaskKind.COUNT
        for c in share.entry.counts
    ]
    if counted:
        columns = [list(column) for column in zip(*counted, strict=True)]
        await connection.execute(_FAR_OFF, *columns)  # a count that went past the sheet is reviewed afterwards
        await _drafted(connection, [share for share in shares if kinds[share.task] is TaskKind.COUNT])
        moments = [share.entry.occurred_at for share in shares if kinds[share.task] is TaskKind.COUNT
                   for _ in share.entry.counts]  # fmt: skip
        await connection.execute(_COUNTED, *columns[:-1], moments)
    touched = sorted({*done, *(row[0] for row in counted)})
    if touched:
        again = {share.task for share in shares if share.sign < 0}
        await connection.execute(_BEGUN, touched, [task in again for task in touched], shares[-1].entry.actor)


async def _drafted(connection: asyncpg.Connection, shares: Sequence[_Share]) -> None:
    """Note what recognition had counted; what it saw where nobody expected it gets a line: a blind sheet bears that."""
    drafts = [
        (share.task, c.item, c.lot, c.place, c.drafted, c.drafted_by)
        for share in shares
        for c in share.entry.counts
        if c.drafted is not None
    ]
    if drafts:
        columns = [list(column) for column in zip(*drafts, strict=True)]
        await connection.execute(_STRAY, *columns)
        await connection.execute(_DRAFTED, *columns)


async def _advance_lines(connection: asyncpg.Connection, done: dict[int, list[Done]]) -> None:
    if not done:
        return
    lines: dict[int, list[Expected]] = {}
    for id_, task, *rest in await connection.fetch(_LINES, sorted(done)):
        lines.setdefault(task, []).append(Expected(id_, *rest))
    changed = [each for task, several in done.items() for each in work.advance(lines.get(task, []), several).items()]
    if changed:
        await connection.execute(_DONE, *(list(column) for column in zip(*changed, strict=True)))


async def _discrepancies(connection: asyncpg.Connection, entries: Sequence[Entry]) -> frozenset[int]:
    """Return the places from which books are made good: that is no work of anybody's."""
    places = {end.place for entry in entries for leg in entry.legs for end in (leg.source, leg.target)}
    return frozenset(row[0] for row in await connection.fetch(_DISCREPANCY, sorted(places)))


def _work(entry: Entry, sign: int, made_good: frozenset[int]) -> list[Done]:
    """Return what an entry did, seen from the one that it takes back when `sign` is below zero."""
    found = []
    for leg in entry.legs:
        source, target = (leg.source, leg.target) if sign > 0 else (leg.target, leg.source)
        if source.place not in made_good and target.place not in made_good:
            found.append(Done(leg.item, leg.lot, sign * leg.quantity, source.place, target.place))
    return found


def _outside(entry: Entry) -> frozenset[int]:
    return frozenset(end.place for leg in entry.legs for end in (leg.source, leg.target) if not end.state)
