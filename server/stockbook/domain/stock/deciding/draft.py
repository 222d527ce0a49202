"""An entry while it is decided: it collects legs and what goes with them, then closes into an `Entry`."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from stockbook.domain.refusal import Refusal
from stockbook.domain.rights.agreement import Pact
from stockbook.domain.rights.holders import Right, Rights
from stockbook.domain.stock import lots
from stockbook.domain.stock.allocation import Pick
from stockbook.domain.stock.availability import RESERVED, Tallies, counted
from stockbook.domain.stock.books import Books
from stockbook.domain.stock.deciding import asking, closing, guards
from stockbook.domain.stock.deciding.naming import Named
from stockbook.domain.stock.deciding.occasion import Facts, Occasion
from stockbook.domain.stock.facts import Item, Lot, Place
from stockbook.domain.stock.movement import (
    NO_LOT,
    Charge,
    ClaimChange,
    Counted,
    End,
    Entry,
    Granted,
    Inspection,
    Leg,
    NewLot,
    Position,
    Relocation,
    Shelf,
)
from stockbook.domain.stock.states import State
from stockbook.domain.stock.verbs import Basis, Verb

_ZERO = Decimal(0)


class Draft(Named):
    """One line on its way to an entry: what it names, and what is done about it."""

    # what few lines have costs the others nothing: it is the class's until there is something
    claims: tuple[ClaimChange, ...] = ()
    lots: tuple[NewLot, ...] = ()
    charges: tuple[Charge, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    grants: tuple[Granted, ...] = ()
    relocations: tuple[Relocation, ...] = ()
    notes: tuple[str, ...] = ()
    counts: tuple[Counted, ...] = ()
    promises: tuple[Shelf, ...] = ()
    inbound_promises: tuple[Shelf, ...] = ()
    reverses = 0

    def __init__(self, occasion: Occasion, facts: Facts, books: Books) -> None:
        super().__init__(occasion, facts, books)
        self.fact = occasion.basis is Basis.FACT
        self.on: date = occasion.at.date()
        self.legs: list[Leg] = []
        self.spent: dict[Position, Decimal] = {}
        self.tallies = Tallies()

    # what a line names

    def lot(self, item: Item, code: str | None) -> Lot | Refusal | None:
        """Return the lot of a code, None when none is named; one that a device scanned is there, known or not."""
        if code is None:
            return None
        lot = lots.known(self.books, item, code)
        if isinstance(lot, Lot) or self.occasion.basis is Basis.SAID:
            return lot
        made = self.new_lot(item, code, self.occasion.expiry, self.me)
        return made if isinstance(made, Refusal) else Lot(made, item.id, code, self.me, self.occasion.expiry, None)

    # what may be done

    def seen(self, state: State) -> State:
        """Return the state of goods that a scan proves to be there, NONE when nobody scanned them."""
        return state if self.fact else State.NONE

    def keeps(self, place: Place) -> Callable[[Rights], bool]:
        """Return the test for having goods at a place in one's keeping: as its host or as custodian."""
        if place.organisation == self.me:
            return _anything
        return lambda rights: rights.custodian == self.me

    def sees(self, place: Place) -> Callable[[Rights], bool]:
        """Return the test for knowing of goods at a place."""
        return _anything if place.organisation == self.me else lambda rights: self.me in rights

    def ranked(self, accepted: Mapping[State, int]) -> Callable[[int], int | None]:
        """Return the rank of built-in states by their base, so that added ones follow theirs."""
        base = self.facts.states.base
        return lambda state: accepted.get(base(state))

    # what is done

    def leg(self, item: int, lot: int, quantity: Decimal, source: End, target: End) -> None:
        """Add a leg and what it changes in availability."""
        self.legs.append(Leg(item, lot, quantity, source, target))
        states, places = self.facts.states, self.facts.places
        if source.state:
            where = counted(item, source, places[source.place], states)
            if where is not None:
                self.tallies.add(where[0], where[1], -quantity)
        if target.state:
            where = counted(item, target, places[target.place], states)
            if where is not None:
                self.tallies.add(where[0], where[1], quantity)

    def shift(self, item: Item, pick: Pick, place: Place, state: int, *, passed: bool = False) -> Refusal | None:
        """Bring picked goods to a place and state under the state's guard; rights pass as agreed."""
        position, quantity = pick
        lot = self.books.lots.get(position.lot) if position.lot else None
        if position.state != state:
            no = guards.transition(self.facts.states, self.me, position.state, state, item, lot, self.on, passed=passed)
            if no is not None:
                return no
        rights = self.passing(item, position.lot, quantity, position.rights, where(place))
        self.leg(position.item, position.lot, quantity, end(position), End(place.id, state, position.holds, rights))
        return None

    def passing(
        self, item: Item, lot: int, quantity: Decimal, rights: Rights, destination: tuple[int | None, ...]
    ) -> Rights:
        """Return the rights after this verb as agreed; ownership that passes may leave a charge."""
        occasion = self.occasion
        seller = self.me if occasion.verb is Verb.SELL else None
        passed, pacts = self.facts.agreements.passing(
            rights, occasion.verb, item.id, item.category, destination, occasion.at, seller
        )
        for pact in pacts:
            self.charge(pact, item, lot, quantity)
        return passed

    def charge(self, pact: Pact, item: Item, lot: int, quantity: Decimal) -> None:
        """Leave what is to be settled for a passing of ownership."""
        if pact.charges and pact.right is Right.OWNERSHIP:
            self.charges += (Charge(item.id, lot, quantity, pact.taker, pact.giver, pact.id),)

    def new_lot(
        self,
        item: Item,
        code: str | None,
        expiry: date | None,
        producer: int,
        parents: list[tuple[int, Decimal]] | None = None,
    ) -> int | Refusal:
        """Return the lot of a code, made when it is new."""
        if self.fact and expiry is not None:
            known = lots.known(self.books, item, code or "")
            if isinstance(known, Lot) and known.expiry is None:  # scanned elsewhere first, by its code alone
                self.notes += (f"lot {known.code} was known without an expiry; it says {expiry}",)
                expiry = None
        lot = lots.made(self.books, item, code, expiry, producer, self.on, parents)
        if isinstance(lot, Refusal):
            return lot
        if lot[1] is not None:
            self.lots += (lot[1],)
        return lot[0]

    def promise(self, shelf: Shelf, *, inbound: bool) -> None:
        """Have it checked that a shelf bears this, counting what is on its way or not."""
        if inbound:
            self.inbound_promises += (shelf,)
        else:
            self.promises += (shelf,)

    def claim(self, change: ClaimChange) -> None:
        """Change what is promised."""
        self.claims += (change,)
        self.tallies.add(change.shelf, RESERVED, change.quantity)

    def close(self, *, guarded: bool = False) -> Entry | Refusal:
        """Return the entry; `guarded` refuses to take what is promised to others."""
        changes = self.tallies.all()
        no, facts, o = None, self.facts, self.occasion
        if facts.guards and (own := facts.guards.get(self.me)):
            no = asking.unmet(own, o, facts, self.books, self.legs, self.lots, self.inspections)
        if no is None and guarded and not self.fact:
            lowered, no = closing.unguarded(changes, self.books)
            self.promises += lowered
        if no is None and self.inbound_promises:
            no = closing.overpromised(changes, self.books)
        no = no or closing.mixed(self.legs, facts, self.books)
        if no is not None:
            return no
        return Entry(
            o.organisation,
            o.verb,
            o.key,
            o.line,
            o.digest,
            o.chain,
            o.at,
            o.actor,
            tuple(self.legs),
            o.document,
            o.reason,
            self.reverses,
            self.claims,
            self._lots(),
            self.inspections,
            self.charges,
            changes,
            self.promises,
            self.inbound_promises,
            self.notes,
            self.grants,
            self.relocations,
            o.basis,
            o.task,
            self.counts,
        )

    def _lots(self) -> tuple[NewLot, ...]:
        """Return the lots to be made: the own ones, and those that an earlier entry of the batch made."""
        if self.books.new_lots:
            here = {lot.id for lot in self.lots}
            for leg in self.legs:
                if leg.lot < NO_LOT and leg.lot not in here:
                    here.add(leg.lot)
                    self.lots += (self.books.new_lots[leg.lot],)
        return self.lots


def _anything(_: Rights) -> bool:
    return True


def end(position: Position) -> End:
    """Return the end that a position is."""
    return End(*position[2:])


def where(place: Place) -> tuple[int | None, ...]:
    """Return what an agreement may name a destination by, nearest first."""
    above = place.path[::-1]
    return (*above, place.bound_for, None) if place.bound_for else (*above, None)
