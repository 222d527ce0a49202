"""What organisations define for themselves in PostgreSQL: states, overlays and guards."""

from collections.abc import Mapping, Sequence
from typing import Any

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.states import CUSTOM_FROM
from stockbook.flows.author import Registered
from stockbook.flows.definitions import (
    BUILT_IN,
    GuardEntry,
    OverlayEntry,
    StateEntry,
    conditions,
    meets,
    unfit_guard,
    unfit_overlay,
    unfit_state,
)
from stockbook.flows.templates import TemplateEntry, adopted
from stockbook.store.registering.desk import Desk, One, RefusedError

_STATES = "select code, number, name, base, may_become, label_en, label_zh from state where organisation_id = $1"
_CODE = "select nextval(pg_get_serial_sequence('state', 'code'))::int"
_STATE = """
insert into state (code, organisation_id, number, name, base, may_become, label_en, label_zh)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_OVERLAY = """
insert into overlay (organisation_id, name, blocks, meets, label_en, label_zh) values ($1, $2, $3, $4, $5, $6)
returning id
"""
_GUARD = """
insert into guard (organisation_id, name, source, target, match, label_en, label_zh) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (organisation_id, name) do update set source = excluded.source, target = excluded.target,
  match = excluded.match, label_en = excluded.label_en, label_zh = excluded.label_zh
returning id
"""
_GUARDED = """
select g.id, g.source, g.target, g.match, g.label_en, g.label_zh,
  array(select row(c.fact, coalesce(c.number, 0), c.text) from guard_condition c where c.guard_id = g.id
    order by c.line) as conditions
from guard g where g.organisation_id = $1 and g.name = $2
"""


def states(entries: Sequence[StateEntry]) -> One[StateEntry]:
    """Return how each of some states is defined: they may become one another, also those that come later."""
    given: dict[tuple[int, str], int] = {}

    async def one(desk: Desk, entry: StateEntry) -> Registered:
        beside = {each.name for each in entries if each.organisation == entry.organisation}
        return await _state(desk, entry, beside, given)

    return one


async def _state(desk: Desk, entry: StateEntry, beside: set[str], given: dict[tuple[int, str], int]) -> Registered:
    """Define a state; known by its name, it stays what it was but for its labels."""
    _fit(unfit_state(entry))
    me = await desk.own(entry.organisation, "organisation")
    await _one_at_a_time(desk, me)
    mine = await desk.connection.fetch(_STATES, me)
    codes = {name: code for (of, name), code in given.items() if of == me}
    codes |= BUILT_IN | {row["name"]: row["code"] for row in mine}
    for name in {entry.name, *entry.may_become} - codes.keys():
        if name not in beside:
            raise RefusedError(Code.REFERENCE_UNKNOWN, "you have no such state to become", "mayBecome")
        codes[name] = given[me, name] = await desk.connection.fetchval(_CODE)
    code, base, may_become = codes[entry.name], BUILT_IN[entry.base], [codes[each] for each in entry.may_become]
    known = next((row for row in mine if row["name"] == entry.name), None)
    if known is None:
        number = entry.code or max((row["number"] for row in mine), default=CUSTOM_FROM - 1) + 1
        if any(row["number"] == number for row in mine):
            raise RefusedError(Code.BAD_INPUT, "another state of yours has this number", "code")
        labels = (entry.label_en, entry.label_zh)
        await desk.connection.execute(_STATE, code, me, number, entry.name, base, may_become, *labels)
        return code, False
    if (known["number"], known["base"], known["may_become"]) != (entry.code or known["number"], base, may_become):
        raise RefusedError(Code.BAD_INPUT, "a state of this name is defined already, otherwise", "name")
    return code, await _labelled(desk, "state", "code", code, known, entry)


async def overlay(desk: Desk, entry: OverlayEntry) -> Registered:
    """Define an overlay; known by its name, it stays what it was but for its labels."""
    _fit(unfit_overlay(entry))
    me = await desk.own(entry.organisation, "organisation")
    await _one_at_a_time(desk, me)
    known = await desk.connection.fetchrow(
        "select * from overlay where organisation_id = $1 and name = $2", me, entry.name
    )
    if known is None:
        values = (me, entry.name, entry.blocks, list(meets(entry)), entry.label_en, entry.label_zh)
        return await desk.connection.fetchval(_OVERLAY, *values), False
    if (known["blocks"], tuple(known["meets"])) != (entry.blocks, meets(entry)):
        raise RefusedError(Code.BAD_INPUT, "an overlay of this name is defined already, otherwise", "name")
    return known["id"], await _labelled(desk, "overlay", "id", known["id"], known, entry)


async def guard(desk: Desk, entry: GuardEntry) -> Registered:
    """Define a guard, define it anew, or withdraw it."""
    me = await desk.own(entry.organisation, "organisation")
    await _one_at_a_time(desk, me)
    states = BUILT_IN | {row["name"]: row["code"] for row in await desk.connection.fetch(_STATES, me)}
    _fit(unfit_guard(entry, states))
    before = await desk.connection.fetchrow(_GUARDED, me, entry.name)
    if entry.withdrawn:
        if before is None:
            raise RefusedError(Code.REFERENCE_UNKNOWN, "you have no such guard", "name")
        await desk.connection.execute("delete from guard_condition where guard_id = $1", before["id"])
        await desk.connection.execute("delete from guard where id = $1", before["id"])
        return before["id"], False
    said = (
        states[entry.from_state] if entry.from_state else 0,
        states[entry.to_state],
        entry.match.value,
        entry.label_en,
        entry.label_zh,
        [(each.fact.value, each.number, each.text) for each in conditions(entry)],
    )
    if before is not None and (*before[1:6], [tuple(each) for each in before["conditions"]]) == said:
        return before["id"], True
    id_ = await desk.connection.fetchval(_GUARD, me, entry.name, *said[:5])
    await desk.connection.execute("delete from guard_condition where guard_id = $1", id_)
    await desk.connection.executemany(
        "insert into guard_condition (guard_id, line, fact, number, text) values ($1, $2, $3, $4, $5)",
        [(id_, line, each.fact.value, each.number, each.text or "") for line, each in enumerate(entry.conditions)],
    )
    return id_, False


async def template(desk: Desk, entry: TemplateEntry) -> Registered:
    """Define what a template defines; a guard that its organisation has under that name stays as it is."""
    given = adopted(entry)
    if isinstance(given, Refusal):
        raise RefusedError(given.code, given.message, *given.path)
    me = await desk.own(entry.organisation, "organisation")
    define = states(given.states)
    known = [(await define(desk, each))[1] for each in given.states]
    known += [(await overlay(desk, each))[1] for each in given.overlays]
    guarded = {row[0] for row in await desk.connection.fetch("select name from guard where organisation_id = $1", me)}
    known += [(await guard(desk, each))[1] for each in given.guards if each.name not in guarded]
    return me, all(known)


def _fit(no: Refusal | None) -> None:
    if no is not None:
        raise RefusedError(no.code, no.message, *no.path)


async def _one_at_a_time(desk: Desk, organisation: int) -> None:
    """Wait for whoever else defines something for the organisation, so that two of one name are seen as such."""
    await desk.connection.execute("select from organisation where id = $1 for update", organisation)


async def _labelled(desk: Desk, table: str, key: str, id_: int, known: Mapping[str, Any], entry: Any) -> bool:
    """Take on new labels; return whether they were the same."""
    if (known["label_en"], known["label_zh"]) == (entry.label_en, entry.label_zh):
        return True
    await desk.connection.execute(
        f"update {table} set label_en = $2, label_zh = $3 where {key} = $1", id_, entry.label_en, entry.label_zh
    )
    return False
