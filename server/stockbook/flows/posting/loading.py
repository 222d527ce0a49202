"""Loads the facts and the books of a batch, once for all its commands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Generic, TypeVar

from stockbook.domain.rights.agreement import Agreements
from stockbook.domain.stock.books import Announced, Books
from stockbook.domain.stock.conditions import GuardFact, OwnGuard, by_organisation
from stockbook.domain.stock.deciding.occasion import Facts
from stockbook.domain.stock.overlays import CustomOverlay, Overlays
from stockbook.domain.stock.states import States
from stockbook.domain.stock.verbs import Basis, Verb
from stockbook.flows.ports import Catalogue, CustomState, Ledger, Pact
from stockbook.flows.posting import wanting
from stockbook.flows.posting.command import Command
from stockbook.flows.posting.ordered import ordered, since

_Row = TypeVar("_Row")
_T = TypeVar("_T")
_ANSWERS_CLAIMS = frozenset({Verb.RESERVE, Verb.COMMIT})
_LAYS = frozenset({Verb.HOLD, Verb.UNHOLD})


class _Made(Generic[_Row, _T]):
    """What is made of rows that the catalogue keeps: the same as long as it keeps the same."""

    def __init__(self, make: Callable[[tuple[_Row, ...]], _T]) -> None:
        self._make = make
        self._rows: tuple[_Row, ...] = ()
        self.made = make(())

    def of(self, rows: tuple[_Row, ...]) -> _T:
        """Return what is made of rows, made anew when they are others."""
        if rows is not self._rows:
            self._rows, self.made = rows, self._make(rows)
        return self.made


class Loading:
    """Facts are asked of the catalogue, which remembers them; books are loaded anew each time."""

    def __init__(self, ledger: Ledger, catalogue: Catalogue) -> None:
        self._ledger = ledger
        self._catalogue = catalogue
        self._agreements = _Made[Pact, Agreements](Agreements)
        self._states = _Made[CustomState, States](States)
        self._overlays = _Made[CustomOverlay, Overlays](Overlays)
        self._guards = _Made[OwnGuard, Mapping[int, tuple[OwnGuard, ...]]](by_organisation)

    async def load(self, commands: Sequence[Command], now: datetime) -> tuple[Facts, Books]:
        """Return what deciding the commands needs.

        The facts may be newer than the books' version, never older: then the
        store refuses with CONFLICT and all is loaded again.
        """
        facts = await self._facts(commands)
        wants = wanting.Wants(facts)
        for command in commands:
            wants.add(command)
        first = wants.want()
        announced = await self._announced(commands, facts)
        if announced.left:
            coming = {(item, place) for _, item, place in announced.left}
            first = replace(first, stock=first.stock | coming)
            facts.places.update(await self._catalogue.places(sorted({place for _, place in coming})))
        books = await self._ledger.load(first)
        books.announced = announced
        if await self._moved(facts):
            return await self.load(commands, now)  # what facts of before refuse would stay refused
        await self._complete(facts, books)
        answered = frozenset(
            books.keys[command.organisation, command.key, line][1]
            for command in commands
            if command.verb in _ANSWERS_CLAIMS
            for line in range(command.first_line, command.first_line + len(command.lines))
            if (command.organisation, command.key, line) in books.keys
        )
        moments = since(commands, announced, now) | _moments(commands, facts, now)
        second = wanting.more(first, books, facts, moments, answered)
        if second is not None:
            other = await self._ledger.load(second)
            if other.version != books.version:
                return await self.load(commands, now)
            wanting.merge(books, other)
            await self._complete(facts, books)
        if any(command.verb in _LAYS for command in commands):
            await self._know_sets(facts.overlays, books)
        return facts, books

    async def _announced(self, commands: Sequence[Command], facts: Facts) -> Announced:
        """Return what is still expected of the orders that receipts name."""
        named = ordered(commands, facts)
        return await self._ledger.announced(named) if named else Announced()

    async def _moved(self, facts: Facts) -> bool:
        """Return whether the books were of newer facts than these, as far as organisations define them."""
        catalogue = self._catalogue
        return not (
            self._agreements.of(await catalogue.pacts()) is facts.agreements
            and self._states.of(await catalogue.states()) is facts.states
            and self._overlays.of(await catalogue.overlays()) is facts.overlays
            and self._guards.of(await catalogue.guards()) is facts.guards
        )

    async def number_sets(self, overlays: Overlays) -> None:
        """Give the sets of overlays that deciding met for the first time their numbers."""
        overlays.know(await self._catalogue.number_sets(sorted(overlays.unnamed)))

    async def _know_sets(self, overlays: Overlays, books: Books) -> None:
        if unknown := overlays.unknown(position.holds for position in books.positions):
            overlays.know(await self._catalogue.overlay_sets(sorted(unknown)))

    async def _facts(self, commands: Sequence[Command]) -> Facts:
        """Return the facts of one version: when another is seen meanwhile all of them are asked for again."""
        catalogue = self._catalogue
        pacts = await catalogue.pacts()
        facts = Facts(agreements=self._agreements.made, states=self._states.made, overlays=self._overlays.made)
        for kind, said in wanting.references(commands).items():
            if said:
                facts.references[kind] = await catalogue.resolve(kind, sorted(said))
        for kind, named in (("Document", wanting.documents(commands)), ("Task", wanting.tasks(commands))):
            facts.references[kind] = {}
            for organisation, said in named.items():
                found = await catalogue.resolve(kind, sorted(said), organisation)
                facts.references[kind] |= {f"{organisation} {reference}": id_ for reference, id_ in found.items()}
        facts.items = dict(await catalogue.items(list(facts.references.get("Item", {}).values())))
        facts.places = dict(await catalogue.places(list(facts.references.get("Place", {}).values())))
        for organisation, verb in {(command.organisation, command.verb) for command in commands}:
            for kind in wanting.VIRTUAL.get(verb, ()):
                facts.virtual[organisation, kind] = await catalogue.virtual(organisation, kind)
        facts.states = self._states.of(await catalogue.states())
        facts.overlays = self._overlays.of(await catalogue.overlays())
        facts.guards = self._guards.of(await catalogue.guards())
        if facts.guards:
            facts.kinds = await self._kinds(commands, facts)
        if await catalogue.pacts() is not pacts:
            return await self._facts(commands)
        facts.agreements = self._agreements.of(pacts)
        return facts

    async def _kinds(self, commands: Sequence[Command], facts: Facts) -> dict[int, str]:
        """Return the kinds of the documents that somebody's guard asks about."""
        asking = {
            organisation
            for organisation, guards in facts.guards.items()
            if any(condition.fact is GuardFact.DOCUMENT_KIND for guard in guards for condition in guard.conditions)
        }
        named = {
            id_
            for command in commands
            if command.document is not None
            and command.organisation in asking
            and (id_ := facts.document(command.organisation, command.document))
        }
        return await self._catalogue.kinds(sorted(named)) if named else {}

    async def _complete(self, facts: Facts, books: Books) -> None:
        """Add the items and places that the books name and the lines do not."""
        places = {position.place for position in books.positions}
        items = {position.item for position in books.positions}
        for recorded in books.movements.values():
            for leg in recorded.entry.legs:
                places |= {leg.source.place, leg.target.place}
        for claim in books.claims.values():
            items.add(claim.shelf.item)
        if missing := places - facts.places.keys():
            facts.places.update(await self._catalogue.places(sorted(missing)))
        if unnamed := items - facts.items.keys():
            facts.items.update(await self._catalogue.items(sorted(unnamed)))


def _moments(commands: Sequence[Command], facts: Facts, now: datetime) -> dict[tuple[int, int], datetime]:
    """Return the earliest moment at which the batch takes each item from each place."""
    moments: dict[tuple[int, int], datetime] = {}
    for command in commands:
        if command.basis is not Basis.SAID or command.occurred_at is None or command.occurred_at >= now:
            continue
        wants = wanting.Wants(facts)
        wants.add(command)
        for goods in wants.want().stock:
            moments[goods] = min(moments.get(goods, command.occurred_at), command.occurred_at)
    return moments
