"""What organisations have defined for themselves, as deciding needs it: states, overlays and sets of them, guards."""

from collections.abc import Sequence

from stockbook.domain.stock.conditions import Condition, GuardFact, GuardMatch, OwnGuard
from stockbook.domain.stock.overlays import CustomOverlay
from stockbook.domain.stock.states import CustomState
from stockbook.store.database import Database

_STATES = "select code, name, base, may_become, organisation_id from state where organisation_id <> 0 order by code"
_OVERLAYS = "select id, organisation_id, name, blocks, meets from overlay order by id"
_SET = "insert into overlay_set (overlays) values ($1) on conflict do nothing returning number"
_KNOWN = "select number from overlay_set where overlays = $1"
_GUARDS = """
select g.organisation_id, g.name, g.source, g.target, g.match,
  array(select row(c.fact, coalesce(c.number, 0), c.text) from guard_condition c where c.guard_id = g.id
    order by c.line), g.id
from guard g order by g.id
"""


async def states(db: Database) -> tuple[CustomState, ...]:
    """Return everybody's states."""
    return tuple(CustomState(row[0], row[1], row[2], tuple(row[3]), row[4]) for row in await db.fetch(_STATES))


async def overlays(db: Database) -> tuple[CustomOverlay, ...]:
    """Return everybody's overlays."""
    rows = await db.fetch(_OVERLAYS)
    return tuple(CustomOverlay(row[0], row[1], row[2], row[3], tuple(row[4])) for row in rows)


async def overlay_sets(db: Database, numbers: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Return the sets that have these numbers."""
    rows = await db.fetch("select number, overlays from overlay_set where number = any($1)", numbers)
    return {row[0]: tuple(row[1]) for row in rows}


async def number_sets(db: Database, sets: Sequence[tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    """Give sets numbers; whoever is second to number one gets the number that it has."""
    numbered: dict[int, tuple[int, ...]] = {}
    for each in sets:
        number = await db.fetchval(_KNOWN, list(each))
        if number is None:
            number = await db.fetchval(_SET, list(each)) or await db.fetchval(_KNOWN, list(each))
        numbered[number] = each
    return numbered


async def guards(db: Database) -> tuple[OwnGuard, ...]:
    """Return everybody's guards."""
    found = []
    for organisation, name, source, target, match, asked, id_ in map(tuple, await db.fetch(_GUARDS)):
        conditions = tuple(Condition(GuardFact(fact), number, text) for fact, number, text in asked)
        found.append(OwnGuard(organisation, name, source, target, GuardMatch(match), conditions, id_))
    return tuple(found)
