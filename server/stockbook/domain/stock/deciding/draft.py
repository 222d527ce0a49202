"""An entry while it is decided: it collects legs and what goes with them, then closes into an `Entry`."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from stockbook.domain.quantity import in_base, plain
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.rights.agreement import Pact
from stockbook.domain.rights.holders import Right, Rights
from stockbook.domain.stock import lots
from stockbook.domain.stock.allocation import Pick, Terms, pick
from stockbook.domain.stock.availability import RESERVED, Tallies, counted
from stockbook.domain.stock.books import Books
from stockbook.domain.stock.deciding import guards
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
    Tally,
)
from stockbook.domain.stock.states import State
from stockbook.domain.stock.verbs import Basis, Verb

HANDLING_UNITS = frozenset({"PALLET", "TOTE"})
"""Places whose whole content has the same rights."""

_ZERO = Decimal(0)


class Draft:
    """One line on its way to an entry: knows who posts, the facts and the books."""

    __slots__ = (
        "books",
        "charges",
        "claims",
        "counts",
        "fact",
        "facts",
        "grants",
        "inbound_promises",
        "inspections",
        "legs",
        "lots",
        "me",
        "notes",
        "occasion",
        "on",
        "promises",
        "relocations",
        "reverses",
        "spent",
        "tallies",
    )

    def __init__(self, occasion: Occasion, facts: Facts, books: Books) -> None:
        self.occasion = occasion
        self.facts = facts
        self.books = books
        self.me = occasion.organisation
        self.fact = occasion.basis is Basis.FACT
        self.on: date = occasion.at.date()
        self.legs: list[Leg] = []
        self.claims: list[ClaimChange] = []
        self.lots: list[NewLot] = []
        self.charges: list[Charge] = []
        self.inspections: list[Inspection] = []
        self.grants: list[Granted] = []
        self.relocations: list[Relocation] = []
        self.notes: list[str] = []
        self.counts: list[Counted] = []
        self.promises: list[Shelf] = []
        self.inbound_promises: list[Shelf] = []
        self.spent: dict[Position, Decimal] = {}
        self.tallies = Tallies()
        self.reverses = 0

    # what a line names

    def item(self, reference: str) -> Item | Refusal:
        """Return the item that a reference names."""
        id_ = self.facts.resolve("Item", reference)
        item = self.facts.items.get(id_) if id_ is not None else None
        return item or Refusal(Code.ITEM_UNKNOWN, "there is no such item", ("item",))

    def place(self, reference: str, field: str = "place") -> Place | Refusal:
        """Return the place that a reference names; virtual ones are nobody's to name."""
        id_ = self.facts.resolve("Place", reference)
        place = self.facts.places.get(id_) if id_ is not None else None
        return place if place is not None and not place.virtual else unknown_place(field)

    def own(self, reference: str, field: str = "place") -> Place | Refusal:
        """Return a place of the own organisation; another's is as unknown as one that does not exist."""
        place = self.place(reference, field)
        return place if isinstance(place, Refusal) or place.organisation == self.me else unknown_place(field)

    def organisation(self, reference: str | None, field: str) -> int | Refusal:
        """Return an organisation's id; one's own when nothing is named."""
        if reference is None:
            return self.me
        id_ = self.facts.resolve("Organisation", reference)
        return id_ or Refusal(Code.ORGANISATION_UNKNOWN, "there is no such organisation", (field,))

    def lot(self, item: Item, code: str | None) -> Lot | Refusal | None:
        """Return the lot of a code, None when none is named; one that a device scanned is there, known or not."""
        if code is None:
            return None
        lot = lots.known(self.books, item, code)
        if isinstance(lot, Lot) or self.occasion.basis is Basis.SAID:
            return lot
        made = self.new_lot(item, code, self.occasion.expiry, self.me)
        return made if isinstance(made, Refusal) else Lot(made, item.id, code, self.me, self.occasion.expiry, None)

    def state(self, name: str | None, default: int, field: str = "state") -> int | Refusal:
        """Return the code of a state's name."""
        if name is None:
            return default
        return self.facts.states.code(name) or Refusal(Code.BAD_INPUT, "there is no such state", (field,))

    def quantity(self, item: Item, quantity: Decimal, unit: str | None, *, down: bool = False) -> Decimal | Refusal:
        """Return a quantity in the item's base unit, rounded down when it is promised."""
        value = in_base(quantity, unit, item.base_unit, item.units, item.decimals, down=down)
        if isinstance(value, Refusal):
            return Refusal(value.code, value.message, ("unit" if value.code is Code.BAD_UNIT else "quantity",))
        return value

    def virtual(self, kind: str) -> End:
        """Return the end at the own organisation's virtual place of a kind."""
        return End(self.facts.virtual[self.me, kind])

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

    def take(
        self,
        item: Item,
        lot: Lot | None,
        place: Place,
        quantity: Decimal | None,
        *,
        rank: Callable[[int], int | None],
        may: Callable[[Rights], bool],
        unheld: bool = False,
        fresh: bool = False,
        spare_claimed: bool = True,
        fill: int = 0,
        guest: bool = False,
        field: str = "place",
    ) -> list[Pick] | Refusal:
        """Choose goods; what a loose place lacks comes through its discrepancy place in state `fill`.

        So does what a strict place lacks of goods that were scanned there: a fact
        is never refused for lack of book stock, only for what else stands against
        it. `guest` lets that be at another's place.
        """
        books = self.books
        positions = books.at(item.id, place.id)
        if lot is not None:
            positions = [position for position in positions if position.lot == lot.id]
        sees = self.sees(place)
        terms = Terms(rank, may, sees, self.on, unheld, fresh, spare_claimed and not self.fact)
        found = pick(positions, quantity, terms, books, self.spent)
        if quantity is None:
            return found.picks or self._missing(
                place, positions, Decimal(1), found.available, found.reason(_ZERO), field
            )
        if found.available < quantity:
            reason = found.reason(quantity)
            lacking = reason is Code.INSUFFICIENT_STOCK
            loose = (not place.strict and (lot is None or lacking)) or (self.fact and lacking)
            if not (fill and loose and (guest or place.organisation == self.me)):
                return self._missing(place, positions, quantity, found.available, reason, field)
            found.picks.append(self._discrepancy(item, lot, place, quantity - found.available, fill, may))
        if books.moved_at and place.strict and not self.fact:
            for position, taken in found.picks:
                if late := self.late(position, taken):
                    return late
        return found.picks

    def _missing(
        self, place: Place, positions: list[Position], quantity: Decimal, available: Decimal, reason: Code, field: str
    ) -> Refusal:
        if place.organisation != self.me and not any(
            self.me in position.rights for position in positions if self.books.positions[position] > 0
        ):
            return unknown_place(field)
        figures = {"requested": plain(quantity), "available": plain(available)}
        return Refusal(reason, _WHY[reason], ("quantity",), figures)

    def _discrepancy(
        self, item: Item, lot: Lot | None, place: Place, quantity: Decimal, state: int, may: Callable[[Rights], bool]
    ) -> Pick:
        """Bring in what the books lack but the shelf had, as such goods there are held."""
        rights = Rights(self.me, self.me, self.me, self.me)
        for position in self.books.at(item.id, place.id):
            if self.books.positions[position] > 0 and may(position.rights):
                rights = position.rights
        found = Position(item.id, lot.id if lot else NO_LOT, place.id, state, 0, rights)
        self.leg(found.item, found.lot, quantity, self.virtual("DISCREPANCY"), end(found))
        self.notes.append(f"{plain(quantity)} {item.base_unit} more were taken than the books had")
        return found, quantity

    def late(self, position: Position, quantity: Decimal) -> Refusal | None:
        """Refuse to take, as of an earlier moment, what later entries have relied on."""
        moved_at = self.books.moved_at.get(position)
        if moved_at is None or moved_at <= self.occasion.at:
            return None
        least = balance = self.books.positions[position]
        later = [each for each in self.books.later.get(position, ()) if each.at > self.occasion.at]
        for each in sorted(later, key=lambda each: each.at, reverse=True):
            balance -= each.change
            least = min(least, balance)
        if least >= quantity:
            return None
        return Refusal(
            Code.FUTURE_NEGATIVE,
            "later entries have relied on these goods",
            ("quantity",),
            {"requested": plain(quantity), "available": plain(max(least, _ZERO))},
        )

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
            no = guards.transition(self.facts.states, position.state, state, item, lot, self.on, passed=passed)
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
            self.charges.append(Charge(item.id, lot, quantity, pact.taker, pact.giver, pact.id))

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
                self.notes.append(f"lot {known.code} was known without an expiry; it says {expiry}")
                expiry = None
        lot = lots.made(self.books, item, code, expiry, producer, self.on, parents)
        if isinstance(lot, Refusal):
            return lot
        if lot[1] is not None:
            self.lots.append(lot[1])
        return lot[0]

    def claim(self, change: ClaimChange) -> None:
        """Change what is promised."""
        self.claims.append(change)
        self.tallies.add(change.shelf, RESERVED, change.quantity)

    def close(self, *, guarded: bool = False) -> Entry | Refusal:
        """Return the entry; `guarded` refuses to take what is promised to others."""
        changes = self.tallies.all()
        no = self._unguarded(changes) if guarded and not self.fact else None
        if no is None and self.inbound_promises:
            no = self._overpromised(changes)
        if no is None:
            no = self._mixed()
        if no is not None:
            return no
        o = self.occasion
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
            tuple(self.claims),
            self._lots(),
            tuple(self.inspections),
            tuple(self.charges),
            changes,
            tuple(self.promises),
            tuple(self.inbound_promises),
            tuple(self.notes),
            tuple(self.grants),
            tuple(self.relocations),
            o.basis,
            o.task,
            tuple(self.counts),
        )

    def _unguarded(self, changes: tuple[tuple[Shelf, Tally], ...]) -> Refusal | None:
        for shelf, change in changes:
            drop = change.reserved - change.on_hand
            if drop > 0:
                self.promises.append(shelf)
                before = self.books.tallies.get(shelf, _NOTHING)
                free = before.sellable
                if free < drop:
                    return exceeds(drop, free)
        return None

    def _overpromised(self, changes: tuple[tuple[Shelf, Tally], ...]) -> Refusal | None:
        for shelf, change in changes:
            before = self.books.tallies.get(shelf, _NOTHING)
            free = before.sellable_now
            if free < change.reserved:
                return exceeds(change.reserved, free)
        return None

    def _mixed(self) -> Refusal | None:
        """Refuse to leave goods of differing rights in one handling unit."""
        places = self.facts.places
        for leg in self.legs:
            place = places.get(leg.target.place)
            if place is None or place.kind not in HANDLING_UNITS:
                continue
            inside = {position: self.books.positions[position] for position in self.books.inside(place.id)}
            for other in self.legs:
                if other.source.place == place.id:
                    taken = Position.at(other, other.source)
                    inside[taken] = inside.get(taken, _ZERO) - other.quantity
                if other.target.place == place.id:
                    put = Position.at(other, other.target)
                    inside[put] = inside.get(put, _ZERO) + other.quantity
            if len({position.rights for position, quantity in inside.items() if quantity > 0}) > 1:
                return Refusal(Code.RIGHTS_DIFFER, "goods of differing rights do not share a handling unit", ("place",))
        return None

    def _lots(self) -> tuple[NewLot, ...]:
        """Return the lots to be made: the own ones, and those that an earlier entry of the batch made."""
        if self.books.new_lots:
            here = {lot.id for lot in self.lots}
            for leg in self.legs:
                if leg.lot < NO_LOT and leg.lot not in here:
                    here.add(leg.lot)
                    self.lots.append(self.books.new_lots[leg.lot])
        return tuple(self.lots)


_NOTHING = Tally()
_WHY = {
    Code.INSUFFICIENT_STOCK: "there is not that much",
    Code.RIGHT_NOT_HELD: "another organisation holds the right over these goods",
    Code.STATE_FORBIDS: "the goods are in a state that forbids it",
    Code.OVERLAY_HOLDS: "a hold lies over the goods",
    Code.LOT_EXPIRED: "the lot's expiry has passed",
}


def _anything(_: Rights) -> bool:
    return True


def unknown_place(field: str) -> Refusal:
    """Return the refusal of a place that does not exist, or not for the asker."""
    return Refusal(Code.PLACE_UNKNOWN, "there is no such place", (field,))


def exceeds(requested: Decimal, available: Decimal) -> Refusal:
    """Return the refusal of a promise, or of taking what is promised."""
    figures = {"requested": plain(requested), "available": plain(max(available, _ZERO))}
    return Refusal(Code.EXCEEDS_AVAILABLE, "that much is not free to promise", ("quantity",), figures)


def end(position: Position) -> End:
    """Return the end that a position is."""
    return End(*position[2:])


def where(place: Place) -> tuple[int | None, ...]:
    """Return what an agreement may name a destination by, nearest first."""
    above = place.path[::-1]
    return (*above, place.bound_for, None) if place.bound_for else (*above, None)
