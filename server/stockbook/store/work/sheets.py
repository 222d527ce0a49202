"""Count sheets: a figure is taken down beside what the books say at that moment."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.count import Verdict, figure, judge
from stockbook.domain.stock.states import State
from stockbook.domain.stock.work import TaskKind
from stockbook.flows.author import Author
from stockbook.flows.tasks import CountEntry, Decision, Figure, ReviewEntry
from stockbook.store.catalogue import number_of
from stockbook.store.database import Database
from stockbook.store.faults import faults
from stockbook.store.registering.desk import Desk, RefusedError, readable
from stockbook.store.work import task_lines

_TASK = f"""
select t.* from task t where t.organisation_id = $1 and (t.id = $2 or t.external_reference = $3)
  and {task_lines.AT_SITES.format(sites="$4")}
for update of t
"""
_LINE = """
select * from task_line
where task_id = $1 and item_id = $2 and lot_id = $3 and coalesce(place_id, 0) in ($4, 0) order by number limit 1
"""
_BOOK = """
select case when s.organisation_id = $5 then s.name else '' end as own, sum(b.quantity)
from position b join state s on s.code = b.state
where b.place_id = $1 and b.item_id = $2 and s.base = $3 and ($4 = 0 or b.lot_id = $4) and b.quantity > 0
group by 1
"""
_NOTE = """
update task_line set counts = $2, counted = $3, earlier = case when counts > 0 then counted end, book = $4, state = $5,
  counted_by_id = $6, counted_at = now(), first = case when counts > 0 then first else $3 end,
  first_by_id = case when counts > 0 then first_by_id else $6 end,
  first_at = case when counts > 0 then first_at else now() end
where id = $1
"""
_REVIEWED = f"""
select l.*, t.state as task_state, t.place_id as read_point, t.kind from task_line l join task t on t.id = l.task_id
where l.id = $1 and t.organisation_id = $2 and {task_lines.AT_SITES.format(sites="$3")} for update of t
"""


class Sheets:
    """Takes counts down; what of them goes into the books is posted by `flows.counting`."""

    _db: Database

    async def note(self, author: Author, entry: CountEntry) -> Figure | Refusal:
        """Take down a count beside what the books say now."""
        async with faults(), self._db.connection() as connection:
            try:
                async with connection.transaction():
                    readable(entry)
                    return await _note(Desk(connection, author), entry)
            except RefusedError as error:
                return error.refusal

    async def reviewed(self, author: Author, entry: ReviewEntry) -> Figure | Refusal:
        """Return what a review is of; a RECOUNT opens the line again."""
        async with faults(), self._db.connection() as connection:
            try:
                async with connection.transaction():
                    readable(entry)
                    return await _review(Desk(connection, author), entry)
            except RefusedError as error:
                return error.refusal

    async def again(self, line: int) -> None:
        """Open a line for another count: the books moved since it was counted."""
        async with faults():
            await self._db.execute("update task_line set state = 'RECOUNT' where id = $1 and state <> 'DONE'", line)


async def _note(desk: Desk, entry: CountEntry) -> Figure:
    task = await _task(desk, entry.task)
    item = await desk.one("Item", entry.item, "item")
    place = task["place_id"] if entry.place is None else await task_lines.own_place(desk, entry.place, "place")
    lot = await _lot(desk, item, entry.lot)
    decimals = await desk.connection.fetchval("select decimals from item where id = $1", item)
    if no := figure(entry.counted, decimals, "counted"):
        raise RefusedError(no.code, no.message, *no.path)
    line = await desk.connection.fetchrow(_LINE, task["id"], item, lot, place)
    ended = task["state"] not in {"OPEN", "DOING"}
    if line is None and not ended:  # found where nobody expected it: a blind sheet bears that
        await task_lines.put(desk.connection, task["id"], [task_lines.Line(item, lot, None, "", None, place)])
        line = await desk.connection.fetchrow(_LINE, task["id"], item, lot, place)
    before: int = line["counts"] if line is not None else 0
    if entry.count is not None and 0 < entry.count <= before:
        if entry.count == before and line["counted"] == entry.counted:
            books = await _books(desk, place, item, lot)
            return _figure(line, _known(line), before, place, entry.lot, books)
        raise RefusedError(Code.BAD_INPUT, f"it was counted {before} times already, with another figure", "count")
    if ended:
        raise RefusedError(Code.TASK_ENDED, "the task is done or cancelled", "task")
    if entry.count is not None and entry.count != before + 1:
        raise RefusedError(Code.BAD_INPUT, f"it was counted {before} times so far", "count")
    if line["state"] in {"DONE", "REVIEW"}:
        raise RefusedError(Code.TASK_ENDED, "this line is counted", "item")
    books = await _books(desk, place, item, lot)
    book = sum(books.values(), Decimal(0))
    verdict = judge(entry.counted, book, before, task["tolerance"])
    state = "OPEN" if verdict is Verdict.AGREED else verdict.value
    await desk.connection.execute(_NOTE, line["id"], before + 1, entry.counted, book, state, desk.author.principal)
    await desk.connection.execute("update task set state = 'DOING' where id = $1 and state = 'OPEN'", task["id"])
    noted = {**dict(line), "counted": entry.counted, "book": book}
    return _figure(noted, verdict, before + 1, place, entry.lot, books)


async def _review(desk: Desk, entry: ReviewEntry) -> Figure:
    author = desk.author
    line = await desk.connection.fetchrow(
        _REVIEWED, number_of("TaskLine", entry.line), author.organisation, author.sites
    )
    if line is None or line["kind"] != TaskKind.COUNT:
        raise RefusedError(Code.TASK_UNKNOWN, "there is no such line of a count", "line")
    if line["task_state"] not in {"OPEN", "DOING"} or line["state"] == "DONE":
        raise RefusedError(Code.TASK_ENDED, "this line is in the books", "line")
    if line["state"] == "OPEN" or line["counted"] is None:
        raise RefusedError(Code.GUARD_NOT_MET, "it was not counted yet", "line")
    if not entry.reason.strip():
        raise RefusedError(Code.BAD_INPUT, "say why", "reason")
    if line["counted_by_id"] == desk.author.principal and entry.decision is Decision.ACCEPT:
        raise RefusedError(Code.ACTION_DENIED, "somebody else reviews what one has counted", "line")
    lot = await desk.connection.fetchval("select code from lot where id = $1 and id <> 0", line["lot_id"])
    place = line["place_id"] or line["read_point"]
    if entry.decision is Decision.RECOUNT:
        await desk.connection.execute("update task_line set state = 'RECOUNT' where id = $1", line["id"])
        return _figure(line, Verdict.RECOUNT, line["counts"], place, lot, {})
    books = await _books(desk, place, line["item_id"], line["lot_id"])
    return _figure(line, Verdict.AGREED, line["counts"], place, lot, books)


async def _books(desk: Desk, place: int, item: int, lot: int) -> dict[str, Decimal]:
    """Return what the books say of goods that sell, by one's own state, the built-in one under an empty name."""
    rows = await desk.connection.fetch(_BOOK, place, item, int(State.SELLABLE), lot, desk.author.organisation)
    return dict(map(tuple, rows))


async def _task(desk: Desk, reference: str) -> Any:
    given = number_of("Task", reference)
    task = await desk.connection.fetchrow(
        _TASK, desk.author.organisation, given, None if given is not None else reference, desk.author.sites
    )
    if task is None or task["kind"] != TaskKind.COUNT:
        raise RefusedError(Code.TASK_UNKNOWN, "there is no such count", "task")
    return task


async def _lot(desk: Desk, item: int, code: str | None) -> int:
    if code is None:
        return 0
    lot = await desk.connection.fetchval("select id from lot where item_id = $1 and code = $2", item, code)
    if lot is None:
        raise RefusedError(Code.LOT_UNKNOWN, "there is no such lot", "lot")
    return int(lot)


def _known(line: Any) -> Verdict:
    """Return what the latest count of a line led to."""
    return Verdict(line["state"]) if line["state"] in {"RECOUNT", "REVIEW"} else Verdict.AGREED


def _figure(
    line: Any, verdict: Verdict, count: int, place: int, lot: str | None, books: Mapping[str, Decimal]
) -> Figure:
    own = tuple(sorted((state, quantity) for state, quantity in books.items() if state))
    item, counted, book = line["item_id"], line["counted"], line["book"]
    return Figure(line["id"], verdict, count, line["task_id"], item, place, lot, counted, book, own)
