"""The facts that change seldom, kept in memory as long as their version stands.

Every load of books tells the version that the database has. When it is another
one, what may have changed (places, agreements, states, views) is forgotten and
read anew when asked for. Items never change; external references never pass on.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from stockbook.domain.rights.agreement import Pact
from stockbook.domain.rights.holders import Right
from stockbook.domain.stock.conditions import OwnGuard
from stockbook.domain.stock.facts import VIRTUAL, Item, Place
from stockbook.domain.stock.overlays import CustomOverlay
from stockbook.domain.stock.states import CustomState
from stockbook.domain.stock.verbs import Verb
from stockbook.store import definitions
from stockbook.store.database import Database
from stockbook.store.faults import faults

FACTS = 5_707_102
"""Advisory lock on the facts: postings share it, a change of facts has it alone."""
GID = "gid://stockbook/"
REMEMBERED_MAX = 100_000
_BY_REFERENCE = {
    "Item": "item",
    "Place": "place",
    "Organisation": "organisation",
    "Document": "document",
    "Principal": "principal",
    "Task": "task",
}
_WHOSE = {
    "Document": "$2 in (organisation_id, counterparty_id)",
    "Task": "organisation_id = $2",
}
"""Which rows an organisation can name at all, of what isn't everybody's."""
_EXISTS = {**_BY_REFERENCE, "Lot": "lot", "Claim": "claim", "Movement": "movement", "Agreement": "agreement"}

_ITEMS = """
select i.id, i.category, i.base_unit, i.decimals, i.inspected, i.udi,
  array(select u.unit from item_unit u where u.item_id = i.id order by u.unit) as units,
  array(select u.factor from item_unit u where u.item_id = i.id order by u.unit) as factors
from item i where i.id = any($1) and i.id <> 0
"""
_PLACES = """
with recursive above as (
  select p.id as start, p.id, p.parent_id, 0 as height from place p where p.id = any($1) and p.id <> 0
  union all
  select a.start, p.id, p.parent_id, a.height + 1 from above a join place p on p.id = a.parent_id
)
select p.id, p.organisation_id, p.kind, p.parent_id, p.site_id, p.bound_for_id, p.strict,
  array(select a.id from above a where a.start = p.id order by a.height desc) as path
from place p where p.id = any($1) and p.id <> 0
"""
VIRTUAL_MADE = """
insert into place (organisation_id, external_reference, name, kind, public, strict)
values ($1, $2, $3, $3, false, false)
on conflict (external_reference) do update set name = excluded.name
"""
_PACTS = """
select id, giver_id, taker_id, verb, "right", item_id, category, place_id, charges, since, until
from agreement where verb is not null order by id
"""
_VIEWS = """
select giver_id, array_agg(distinct taker_id) from agreement
where views and (since is null or since <= now()) and (until is null or until > now()) group by giver_id
"""

_K = TypeVar("_K")
_V = TypeVar("_V")


class _Remembered(Generic[_K, _V]):
    """A bounded dictionary; when full it starts anew, which costs one reading of what is in use."""

    def __init__(self) -> None:
        self.of: dict[_K, _V] = {}

    def add(self, found: dict[_K, _V]) -> None:
        if len(self.of) + len(found) > REMEMBERED_MAX:
            self.of.clear()
        self.of.update(found)


class PostgresCatalogue:
    """`flows.ports.Catalogue` over PostgreSQL."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._version: int | None = None
        self._items: _Remembered[int, Item] = _Remembered()
        self._places: _Remembered[int, Place] = _Remembered()
        self._references: _Remembered[tuple[str, int, str], int] = _Remembered()
        self._virtual: dict[tuple[int, str], int] = {}
        self._pacts: tuple[Pact, ...] | None = None
        self._definitions: dict[str, Any] = {}
        self._views: dict[int, tuple[int, ...]] | None = None

    async def version(self) -> int:
        """Return the version that the answers are of."""
        if self._version is None:
            async with faults():
                self._version = await self._db.fetchval("select version from facts_version")
        assert self._version is not None
        return self._version

    def at(self, version: int) -> None:
        """Be told the version that the database has; forget what another one said."""
        if version != self._version:
            self._version = version
            self._places.of.clear()
            self._pacts = self._views = None
            self._definitions.clear()

    async def resolve(self, kind: str, references: Sequence[str], organisation: int = 0) -> dict[str, int]:
        """Map global ids and external references to ids; unknown ones are absent.

        Documents are those that `organisation` opened or is the counterparty of;
        only its own can be named by their external reference. Tasks are its own.
        """
        whose = organisation if kind in _WHOSE else 0
        memory = self._references
        known = {each: memory.of[name] for each in references if (name := (kind, whose, each)) in memory.of}
        missing = [each for each in dict.fromkeys(references) if each not in known]
        if not missing:
            return known
        named = {each: given for each in missing if (given := number_of(kind, each)) is not None}
        async with faults():
            if named:
                where = f"and {_WHOSE[kind] if whose else 'id <> $2'}"
                asked = f"select id from {_EXISTS[kind]} where id = any($1) {where}"
                real = {row[0] for row in await self._db.fetch(asked, list(set(named.values())), whose)}
                known |= {each: given for each, given in named.items() if given in real}
            others = [each for each in missing if not each.startswith(GID)]
            if others and kind in _BY_REFERENCE:
                where = "and organisation_id = $2" if kind in _WHOSE else "and id <> $2"
                asked = f"select external_reference, id from {_EXISTS[kind]} where external_reference = any($1) {where}"
                rows = await self._db.fetch(asked, others, whose)
                known |= {row[0]: row[1] for row in rows}
        memory.add({(kind, whose, each): id_ for each, id_ in known.items()})
        return known

    async def items(self, ids: Sequence[int]) -> dict[int, Item]:
        """Return the items that exist."""
        return await self._ask(self._items, ids, _ITEMS, _item)

    async def places(self, ids: Sequence[int]) -> dict[int, Place]:
        """Return the places that exist."""
        return await self._ask(self._places, ids, _PLACES, _place)

    async def pacts(self) -> tuple[Pact, ...]:
        """Return all agreements that pass rights; the same tuple as long as none changed."""
        if self._pacts is None:
            version = await self.version()
            async with faults():
                rows = await self._db.fetch(_PACTS)
            found = tuple(read_pact(row) for row in rows)
            if version != self._version:
                return found
            self._pacts = found
        return self._pacts

    async def states(self) -> tuple[CustomState, ...]:
        """Return the states that were added; the same tuple as long as none changed."""
        return await self._defined("states", definitions.states)

    async def overlays(self) -> tuple[CustomOverlay, ...]:
        """Return the overlays that were added; the same tuple as long as none changed."""
        return await self._defined("overlays", definitions.overlays)

    async def guards(self) -> tuple[OwnGuard, ...]:
        """Return the guards that were added; the same tuple as long as none changed."""
        return await self._defined("guards", definitions.guards)

    async def overlay_sets(self, numbers: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """Return the sets of added overlays, as sorted ids, that have these numbers."""
        async with faults():
            return await definitions.overlay_sets(self._db, numbers)

    async def number_sets(self, sets: Sequence[tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
        """Give sets of added overlays numbers, those that they have already if they do."""
        async with faults():
            return await definitions.number_sets(self._db, sets)

    async def kinds(self, documents: Sequence[int]) -> dict[int, str]:
        """Return what kinds documents are of."""
        async with faults():
            rows = await self._db.fetch("select id, kind from document where id = any($1)", documents)
        return {row[0]: row[1] for row in rows}

    async def _defined(self, kind: str, read: Callable[[Database], Awaitable[tuple[_V, ...]]]) -> tuple[_V, ...]:
        """Return what organisations defined; when the version moves while it is read, it is not kept."""
        kept: tuple[_V, ...] | None = self._definitions.get(kind)
        if kept is None:
            version = await self.version()
            async with faults():
                kept = await read(self._db)
            if version == self._version:
                self._definitions[kind] = kept
        return kept

    async def views(self) -> dict[int, tuple[int, ...]]:
        """Return who may view whose goods by agreement: giver -> takers."""
        if self._views is None:
            async with faults():
                self._views = {row[0]: tuple(row[1]) for row in await self._db.fetch(_VIEWS)}
        return self._views

    async def virtual(self, organisation: int, kind: str) -> int:
        """Return the organisation's virtual place of this kind.

        Registering an organisation makes its virtual places; one that came into
        the books otherwise (the operator) gets them when first asked for.
        """
        assert kind in VIRTUAL, kind
        known = self._virtual.get((organisation, kind))
        if known is None:
            reference = virtual_reference(organisation, kind)
            async with faults():
                known = await self._db.fetchval("select id from place where external_reference = $1", reference)
                if known is None:
                    known = await self._db.fetchval(f"{VIRTUAL_MADE} returning id", organisation, reference, kind)
            assert known is not None
            self._virtual[organisation, kind] = known
        return known

    async def _ask(
        self, memory: _Remembered[int, _V], ids: Sequence[int], statement: str, read: Callable[[Any], _V]
    ) -> dict[int, _V]:
        known = {each: memory.of[each] for each in ids if each in memory.of}
        if missing := [each for each in dict.fromkeys(ids) if each not in known]:
            version = await self.version()
            async with faults():
                found = {row["id"]: read(row) for row in await self._db.fetch(statement, missing)}
            if version == self._version:  # else what we read may be of before it, and would never be forgotten
                memory.add(found)
            known |= found
        return known


def virtual_reference(organisation: int, kind: str) -> str:
    """Return what a virtual place is called: nobody can register a reference that begins so."""
    return f"{GID}virtual/{kind}/{organisation}"


def number_of(kind: str, reference: str) -> int | None:
    """Return the number in a global id of this kind, None for anything else.

    >>> number_of("Item", "gid://stockbook/Item/17"), number_of("Item", "gid://stockbook/Lot/17")
    (17, None)
    """
    prefix = f"{GID}{kind}/"
    number = reference.removeprefix(prefix)
    if not reference.startswith(prefix) or not (number.isascii() and number.isdigit()) or len(number) > 18:
        return None
    return int(number)


def _item(row: Any) -> Item:
    units = dict(zip(row["units"], row["factors"], strict=True))
    return Item(row["id"], row["category"], row["base_unit"], row["decimals"], row["inspected"], units, row["udi"])


def _place(row: Any) -> Place:
    organisation, kind, parent, site, bound_for, strict = row[1:7]
    return Place(row["id"], organisation, kind, parent, site, bound_for, strict, path=tuple(row["path"]))


def read_pact(row: Any) -> Pact:
    """Return the agreement that a row of the table says."""
    return Pact(
        id=row["id"],
        giver=row["giver_id"],
        taker=row["taker_id"],
        verb=Verb(row["verb"]),
        right=Right(row["right"]),
        item=row["item_id"],
        category=row["category"],
        place=row["place_id"],
        charges=row["charges"],
        since=row["since"],
        until=row["until"],
    )
