"""A small trade for tests: registers facts and posts, in the trade's words, on any store.

Refers to everything by external reference. What a test needs of a store is
`Store`: the ports, and readers that see everything.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from stockbook.domain.refusal import Code
from stockbook.domain.rights.holders import Right
from stockbook.domain.stock.conditions import NUMBERED, WORDED, GuardFact, GuardMatch
from stockbook.domain.stock.lines import LINES, Against, HoldName, Ingredient, Loss, Product
from stockbook.domain.stock.movement import Position, Shelf, Tally
from stockbook.domain.stock.states import State
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.author import Author
from stockbook.flows.definitions import ConditionEntry, GuardEntry, OverlayEntry, StateEntry
from stockbook.flows.ports import Catalogue, Ledger, Outcome
from stockbook.flows.posting.command import Command, ErrorPolicy
from stockbook.flows.posting.post import Posting
from stockbook.flows.registrations import (
    AgreementEntry,
    DocumentEntry,
    ItemEntry,
    OrganisationEntry,
    PeriodEntry,
    PlaceEntry,
    PlaceKind,
    Registry,
    UnitEntry,
)

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Store(Protocol):
    """A store under test: its ports, and what it holds, for tests to look at."""

    ledger: Ledger
    catalogue: Catalogue
    registry: Registry

    async def positions(self) -> dict[Position, Decimal]:
        """Return every position with anything in it."""

    async def tallies(self) -> dict[Shelf, Tally]:
        """Return every availability row."""

    async def claims(self) -> dict[int, tuple[Shelf, Decimal, str]]:
        """Return every claim: shelf, what is still promised, state."""

    async def movements(self) -> dict[int, tuple]:
        """Return each movement's legs."""

    async def signals(self) -> list[tuple[int, int, str]]:
        """Return (organisation, movement, topic) of the outbox."""

    async def tasks(self) -> list[tuple[int, str]]:
        """Return (organisation, kind)."""

    async def charges(self) -> list[tuple[int, int, int, Decimal]]:
        """Return (item, debtor, creditor, quantity)."""


@dataclass
class Trade:
    """Says things in the trade's words; remembers ids by reference."""

    store: Store
    clock: datetime = NOON
    ids: dict[str, int] = field(default_factory=dict)
    _keys: Any = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.posting = Posting(self.store.ledger, self.store.catalogue, clock=self.now)

    def now(self) -> datetime:
        return self.clock

    def later(self, **delta: float) -> None:
        self.clock += timedelta(**delta)

    def author(self, reference: str | None = None) -> Author:
        organisation = self.ids[reference] if reference else 1
        return Author(organisation=organisation, principal=1, everywhere=True, roles=frozenset())

    async def organisations(self, *references: str, kind: str = "SHOP") -> None:
        entries = [OrganisationEntry(reference, reference.lower(), kind) for reference in references]
        self._keep(references, await self.store.registry.register_organisations(self.author(), entries))

    async def item(
        self, reference: str, *, base_unit: str = "piece", units: dict[str, str] | None = None, **more: Any
    ) -> None:
        made = tuple(UnitEntry(unit, Decimal(factor)) for unit, factor in (units or {}).items())
        entry = ItemEntry(reference, reference.lower(), base_unit, units=made, **more)
        self._keep([reference], await self.store.registry.register_items(self.author(), [entry]))

    async def place(self, reference: str, of: str, kind: str = "BIN", **more: Any) -> None:
        entry = PlaceEntry(reference, reference.lower(), PlaceKind(kind), organisation=of, **more)
        self._keep([reference], await self.store.registry.register_places(self.author(), [entry]))

    async def site(self, of: str, *bins: str, strict: bool = True) -> None:
        """Register `OF/SITE` with bins `OF/BIN`."""
        await self.place(f"{of}/SITE", of, "SITE", public=True)
        for name in bins:
            await self.place(f"{of}/{name}", of, "BIN", parent=f"{of}/SITE", strict=strict)

    async def agree(
        self, giver: str, taker: str, verb: str | None = None, right: str | None = None, **more: Any
    ) -> Any:
        entry = AgreementEntry(taker, giver, Verb(verb) if verb else None, Right(right) if right else None, **more)
        return (await self.store.registry.make_agreements(self.author(giver), [entry]))[0]

    async def document(self, of: str, reference: str, kind: str = "ORDER", counterparty: str | None = None) -> None:
        entry = DocumentEntry(reference, kind, counterparty)
        self._keep([f"{of} {reference}"], await self.store.registry.open_documents(self.author(of), [entry]))

    async def close(self, of: str, before: datetime) -> None:
        await self.store.registry.close_period(self.author(of), [PeriodEntry(before, of)])

    async def state(self, of: str, name: str, base: str, *may_become: str, **more: Any) -> int:
        """Define a state of one's own; return its code."""
        entry = StateEntry(name, base, may_become=may_become, **more)
        [made] = await self.store.registry.define_states(self.author(of), [entry])
        assert isinstance(made, tuple), made
        return made[0]

    async def overlay(self, of: str, name: str, *meets: str, blocks: bool) -> None:
        [made] = await self.store.registry.define_overlays(self.author(of), [OverlayEntry(name, blocks, meets)])
        assert isinstance(made, tuple), made

    async def guard(
        self, of: str, name: str, to: str, *conditions: tuple[str, ...], match: str = "ALL", **more: Any
    ) -> None:
        """Define a guard; a condition is a fact, with its number or text."""
        entries = tuple(condition_of(*condition) for condition in conditions)
        entry = GuardEntry(name, to, entries, match=GuardMatch(match), **more)
        [made] = await self.store.registry.define_guards(self.author(of), [entry])
        assert isinstance(made, tuple), made

    def _keep(self, references: Sequence[str], verdicts: Sequence[Any]) -> None:
        for reference, verdict in zip(references, verdicts, strict=True):
            assert isinstance(verdict, tuple), verdict
            self.ids[reference] = verdict[0]

    async def post(
        self,
        organisation: str,
        verb: str,
        *lines: dict[str, Any],
        key: str | None = None,
        policy: str = "REJECT_ALL",
        at: datetime | None = None,
        document: str | None = None,
        reason: str = "",
    ) -> list[Outcome]:
        return await self.posting.post(
            self.command(organisation, verb, *lines, key=key, policy=policy, at=at, document=document, reason=reason)
        )

    def command(
        self,
        organisation: str,
        verb: str,
        *lines: dict[str, Any],
        key: str | None = None,
        policy: str = "REJECT_ALL",
        at: datetime | None = None,
        document: str | None = None,
        reason: str = "",
    ) -> Command:
        kind = LINES[Verb(verb)]
        return Command(
            organisation=self.ids[organisation],
            actor=1,
            verb=Verb(verb),
            key=key or f"key-{next(self._keys)}",
            lines=tuple(kind(**{name: value_of(name, value) for name, value in line.items()}) for line in lines),
            error_policy=ErrorPolicy(policy),
            occurred_at=at,
            document=document,
            reason=reason,
        )

    async def do(self, organisation: str, verb: str, /, **line: Any) -> Outcome:
        """Post one line that must be posted."""
        [outcome] = await self.post(organisation, verb, line)
        assert outcome.refusal is None, outcome.refusal
        return outcome

    async def refused(self, organisation: str, verb: str, /, at: datetime | None = None, **line: Any) -> Code:
        """Post one line that must be refused, and leave nothing."""
        before = await snapshot(self.store)
        [outcome] = await self.post(organisation, verb, line, at=at)
        assert outcome.refusal is not None, "it was posted"
        assert await snapshot(self.store) == before, "a refusal left something"
        return outcome.refusal.code

    async def there(self, item: str, place: str, state: str | None = None) -> Decimal:
        """Return how much of an item lies in a place."""
        return sum(
            (
                quantity
                for position, quantity in (await self.store.positions()).items()
                if (position.item, position.place) == (self.ids[item], self.ids[place])
                and (state is None or position.state == State[state])
            ),
            Decimal(0),
        )

    async def tally(self, seller: str, item: str, site: str | None = None) -> Tally:
        shelf = Shelf(self.ids[seller], self.ids[site or f"{seller}/SITE"], self.ids[item])
        return (await self.store.tallies()).get(shelf, Tally())

    async def stock(
        self, of: str, item: str, quantity: int | str, place: str, lot: str | None = None, **more: Any
    ) -> None:
        """Put goods on a shelf: received and put away."""
        await self.do(of, "RECEIVE", item=item, quantity=quantity, place=place, lot=lot, **more)
        await self.do(of, "PUT_AWAY", item=item, quantity=quantity, source=place, place=place, lot=lot)


async def snapshot(store: Store) -> tuple[Any, ...]:
    """Return all that a posting may change."""
    reads: list[Callable[[], Any]] = [
        store.positions,
        store.tallies,
        store.claims,
        store.movements,
        store.signals,
        store.tasks,
        store.charges,
    ]
    return tuple([await read() for read in reads])


_DECIMALS = {"quantity", "counted", "expected"}
_WORDS = {"right": Right, "overlay": HoldName, "against": Against}


def condition_of(fact: str, said: str | None = None) -> ConditionEntry:
    asked = GuardFact(fact)
    number = Decimal(said) if asked in NUMBERED and said is not None else None
    return ConditionEntry(asked, number, said if asked in WORDED else None)


def value_of(name: str, value: Any) -> Any:
    if name in _DECIMALS and value is not None and not isinstance(value, Decimal):
        return Decimal(str(value))
    if name in _WORDS:
        return _WORDS[name](value)
    if name == "expiry" and isinstance(value, str):
        return date.fromisoformat(value)
    if name in {"inputs", "outputs", "losses"}:
        kind = {"inputs": Ingredient, "outputs": Product, "losses": Loss}[name]
        return tuple(kind(**{key: value_of(key, each) for key, each in part.items()}) for part in value)
    return value
