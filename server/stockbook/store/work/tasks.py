"""Keeps tasks in PostgreSQL: `flows.tasks.TaskBook`. A task's row is locked first, so who comes second sees the first.

What is opened by a device, and what postings do to lines, comes through
`raise_task` and `store.progress` in the transactions of others.
"""

from collections.abc import Sequence
from typing import Any

import asyncpg

from stockbook.domain.refusal import Code
from stockbook.domain.stock.work import SETTLED, STEPS, TaskKind
from stockbook.flows.author import Author, Registered, Verdicts
from stockbook.flows.tasks import CancelEntry, Raised, Resolution, SettleEntry, TakeEntry, TaskEntry
from stockbook.store.catalogue import number_of
from stockbook.store.database import Database
from stockbook.store.registering.desk import Desk, RefusedError, all_or_none
from stockbook.store.work import sheets, task_lines

OPEN = ("OPEN", "DOING")
_CLOSE = """
update task set state = $2, closed_at = now(), settled_by_id = $3, resolution = $4, reason = $5, settling_id = $6
where id = $1
"""
_LOCKED = f"""
select t.* from task t where t.organisation_id = $1 and (t.id = $2 or t.external_reference = $3)
  and {task_lines.AT_SITES.format(sites="$4")}
for update of t
"""
_RAISE = """
insert into task (organisation_id, kind, note, place_id, document_id, device_id, epoch, sequence, saw, said, books)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id
"""
_RECOUNTED = """
select distinct l.item_id, l.lot_id, coalesce(l.place_id, l.source_id, t.place_id) as place_id
from task t join task_line l on l.task_id = t.id where t.id = $1
union
select g.item_id, g.lot_id, p.id from task t join leg g on g.movement_id = t.movement_id
join place p on p.id in (g.source_place_id, g.target_place_id)
where t.id = $1 and p.organisation_id = t.organisation_id and p.kind = any($2)
  and not exists (select from task_line l where l.task_id = t.id)
order by 3, 1, 2
"""
_REAL = ["SITE", "BIN", "VEHICLE", "PALLET", "TOTE", "SHIPMENT", "PRODUCTION"]


class PostgresTasks(sheets.Sheets):
    """Keeps tasks; each call of several entries stands or falls whole."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def open_tasks(self, author: Author, entries: Sequence[TaskEntry]) -> Verdicts:
        """Open tasks; the same entry again is known."""
        return await all_or_none(self._db, author, entries, _open)

    async def take_task(self, author: Author, entries: Sequence[TakeEntry]) -> Verdicts:
        """Take tasks, hand them on, give them back."""
        return await all_or_none(self._db, author, entries, _take)

    async def settle_task(self, author: Author, entries: Sequence[SettleEntry]) -> Verdicts:
        """Settle tasks."""
        return await all_or_none(self._db, author, entries, _settle)

    async def cancel_tasks(self, author: Author, entries: Sequence[CancelEntry]) -> Verdicts:
        """Cancel tasks."""
        return await all_or_none(self._db, author, entries, _cancel)


async def raise_task(connection: asyncpg.Connection, organisation: int, raised: Raised) -> int:
    """Open the task of a captured event that could not be posted; of one event there is one task."""
    known = await connection.fetchval(
        "select id from task where device_id = $1 and epoch = $2 and sequence = $3",
        raised.device,
        raised.epoch,
        raised.sequence,
    )
    if known is not None:
        return int(known)
    task = await connection.fetchval(
        _RAISE,
        organisation,
        raised.kind.value,
        raised.note,
        raised.place,
        raised.document,
        raised.device,
        raised.epoch,
        raised.sequence,
        raised.saw,
        raised.said,
        raised.books,
    )
    if raised.item is not None:
        await task_lines.put(
            connection, task, [task_lines.Line(raised.item, raised.lot, raised.quantity, "", None, raised.place)]
        )
    return int(task)


async def locked(desk: Desk, reference: str, *, ended: bool = False) -> Any:
    """Return the row of an organisation's own task, locked; one that has ended is refused unless `ended`.

    A task at other sites than the author's is as unknown as it is unseen.
    """
    given = number_of("Task", reference)
    row = await desk.connection.fetchrow(
        _LOCKED, desk.author.organisation, given, None if given is not None else reference, desk.author.sites
    )
    if row is None:
        raise RefusedError(Code.TASK_UNKNOWN, "there is no such task", "task")
    if row["state"] not in OPEN and not ended:
        raise RefusedError(Code.TASK_ENDED, "the task is done or cancelled", "task")
    return row


async def _open(desk: Desk, entry: TaskEntry) -> Registered:
    if entry.kind in SETTLED:
        raise RefusedError(Code.BAD_INPUT, "such a task is opened by what happened, not by hand", "kind")
    if not 0 <= entry.tolerance <= 1:
        raise RefusedError(Code.BAD_INPUT, "a tolerance is a share from 0 to 1", "tolerance")
    place = await task_lines.own_place(desk, entry.place, "place")
    row = {
        "organisation_id": desk.author.organisation,
        "external_reference": entry.external_reference,
        "kind": entry.kind.value,
        "step": STEPS[entry.kind],
        "place_id": place,
        "document_id": await _document(desk, entry.document),
        "note": entry.note,
        "tolerance": entry.tolerance,
    }
    assignee = await _colleague(desk, entry.assignee, "assignee")
    said = await task_lines.read(desk, entry)
    task, known = await desk.put("task", "organisation_id, external_reference", row)
    if known:
        if said is not None and said != await task_lines.of(desk.connection, task):
            raise RefusedError(Code.BAD_INPUT, "it is open already, with other lines", "lines")
        return task, True
    if assignee is not None:
        await desk.connection.execute("update task set assignee_id = $2, state = 'DOING' where id = $1", task, assignee)
    lines = await task_lines.lying(desk.connection, place) if said is None else said
    await task_lines.put(desk.connection, task, lines)
    return task, False


async def _take(desk: Desk, entry: TakeEntry) -> Registered:
    me = desk.author.principal
    row = await locked(desk, entry.task)
    holder = row["assignee_id"]
    to = None if entry.give_back else await _colleague(desk, entry.assignee, "assignee") or me
    seen = await _colleague(desk, entry.seen, "seen")
    if holder == to:
        return row["id"], True
    if holder not in {None, me, seen}:
        raise RefusedError(Code.TASK_TAKEN, "somebody else has taken it", "task")
    await desk.connection.execute(
        "update task set assignee_id = $2, state = $3 where id = $1", row["id"], to, "DOING" if to else "OPEN"
    )
    return row["id"], False


async def _settle(desk: Desk, entry: SettleEntry) -> Registered:
    row = await locked(desk, entry.task, ended=True)
    movement = await _movement(desk, entry)
    if row["state"] not in OPEN:
        if (row["resolution"], row["reason"], row["settling_id"]) == (entry.resolution.value, entry.reason, movement):
            return row["id"], True
        raise RefusedError(Code.TASK_ENDED, "the task is done or cancelled", "task")
    if (TaskKind(row["kind"]) in SETTLED) is (entry.resolution is Resolution.COMPLETED):
        raise RefusedError(Code.BAD_INPUT, "work is COMPLETED; what went wrong is settled in another way", "resolution")
    if entry.resolution is not Resolution.COMPLETED and not entry.reason.strip():
        raise RefusedError(Code.BAD_INPUT, "say why", "reason")
    if row["kind"] == TaskKind.COUNT and await _counting(desk, row["id"]):
        raise RefusedError(Code.GUARD_NOT_MET, "a count is done when each line is in the books", "task")
    if entry.resolution is Resolution.RECOUNT:
        await _recount(desk, row)
    await desk.connection.execute(
        _CLOSE, row["id"], "DONE", desk.author.principal, entry.resolution.value, entry.reason, movement
    )
    return row["id"], False


async def _cancel(desk: Desk, entry: CancelEntry) -> Registered:
    row = await locked(desk, entry.task, ended=True)
    if row["state"] == "CANCELLED" and row["reason"] == entry.reason:
        return row["id"], True
    if row["state"] not in OPEN:
        raise RefusedError(Code.TASK_ENDED, "the task is done or cancelled", "task")
    if TaskKind(row["kind"]) in SETTLED:
        raise RefusedError(Code.BAD_INPUT, "what went wrong is settled, not cancelled", "task")
    if not entry.reason.strip():
        raise RefusedError(Code.BAD_INPUT, "say why", "reason")
    await desk.connection.execute(_CLOSE, row["id"], "CANCELLED", desk.author.principal, None, entry.reason, None)
    return row["id"], False


async def _recount(desk: Desk, row: Any) -> None:
    """Open a count of what a task was about, a task a place."""
    found = await desk.connection.fetch(_RECOUNTED, row["id"], _REAL)
    places = sorted({each["place_id"] for each in found if each["place_id"] is not None})
    if not places:
        raise RefusedError(Code.BAD_INPUT, "the task names no goods that could be counted", "resolution")
    for place in places:
        task = await desk.connection.fetchval(
            "insert into task (organisation_id, external_reference, kind, step, place_id, document_id, note)"
            " values ($1, $2, $3, $4, $5, $6, $7) returning id",
            row["organisation_id"],
            f"recount/{row['id']}/{place}",
            TaskKind.COUNT.value,
            STEPS[TaskKind.COUNT],
            place,
            row["document_id"],
            row["note"],
        )
        here = [each for each in found if each["place_id"] == place]
        lines = [task_lines.Line(each["item_id"], each["lot_id"], None, "", None, place) for each in here]
        await task_lines.put(desk.connection, task, lines)


async def _counting(desk: Desk, task: int) -> bool:
    waiting: bool = await desk.connection.fetchval(
        "select exists (select from task_line where task_id = $1 and state <> 'DONE')", task
    )
    return waiting


async def _document(desk: Desk, reference: str | None) -> int | None:
    """Return a document that one's organisation is party to; only its own can be named by their references."""
    if reference is None:
        return None
    given = number_of("Document", reference)
    found = await desk.connection.fetchval(
        "select id from document where (id = $1 and $3 in (organisation_id, counterparty_id))"
        " or (external_reference = $2 and organisation_id = $3)",
        given,
        None if given is not None else reference,
        desk.author.organisation,
    )
    if found is None:
        raise RefusedError(Code.DOCUMENT_UNKNOWN, "there is no such document", "document")
    return int(found)


async def _colleague(desk: Desk, reference: str | None, path: str) -> int | None:
    """Return a principal who has a role in one's organisation, or had one."""
    who = await desk.maybe("Principal", reference, path)
    if who is None or who == desk.author.principal:
        return who
    member = await desk.connection.fetchval(
        "select true from membership where principal_id = $1 and organisation_id = $2", who, desk.author.organisation
    )
    if not member:
        raise RefusedError(Code.REFERENCE_UNKNOWN, "there is no such principal", path)
    return who


async def _movement(desk: Desk, entry: SettleEntry) -> int | None:
    if (entry.movement is not None) is not (entry.resolution is Resolution.POSTED_ANYWAY):
        raise RefusedError(Code.BAD_INPUT, "POSTED_ANYWAY names the movement, and nothing else does", "movement")
    if entry.movement is None:
        return None
    found = await desk.connection.fetchval(
        "select id from movement where id = $1 and organisation_id = $2",
        number_of("Movement", entry.movement),
        desk.author.organisation,
    )
    if found is None:
        raise RefusedError(Code.MOVEMENT_UNKNOWN, "there is no such movement", "movement")
    return int(found)
