"""The posting ports in dictionaries: what flows are tested against, held to the same suite as PostgreSQL.

Everything is written through `Books.put`, so an entry that is refused half-way
and a chain that falls leave nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby

from stockbook.access.masks import Relation
from stockbook.domain.quantity import plain
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.rights.sellable import Tally
from stockbook.domain.stock.books import Announced, Books, Later, Recorded
from stockbook.domain.stock.facts import Claim, Lot
from stockbook.domain.stock.movement import NO_LOT, Charge, ClaimChange, Entry, Position, Shelf
from stockbook.domain.stock.states import States
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.ports import OrderedItem, Outcome, Want
from stockbook.store.memory.announced import announced
from stockbook.store.memory.catalogue import MemoryCatalogue
from stockbook.store.memory.parties import Party, parties

OPEN = frozenset({"OPEN", "COMMITTED"})
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Task:
    """Something a person must settle."""

    organisation: int
    kind: str
    movement: int
    note: str


@dataclass(slots=True)
class MemoryStore(MemoryCatalogue):
    """The ledger in memory, over the catalogue that it was put in."""

    outbox: list[Party] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    charges: list[tuple[int, Charge]] = field(default_factory=list)
    """(movement, charge)."""
    _moves: dict[Position, list[Later]] = field(default_factory=dict)

    async def load(self, want: Want) -> Books:
        """Return a working set; what does not exist is absent from it."""
        mine = self.books
        books = Books(version=mine.version)
        held = {claim.position for id_ in want.claims if (claim := mine.claims.get(id_)) and claim.position}
        for position, quantity in mine.positions.items():
            if (quantity or mine.claimed.get(position)) and (position in held or self._wanted(position, want)):
                books.positions[position] = quantity
                if want.timed:
                    books.moved_at[position] = self._moves[position][-1][0]
                if claimed := mine.claimed.get(position):
                    books.claimed[position] = claimed
        lots = {position.lot for position in books.positions}
        lots |= {mine.lot_codes[name] for name in want.lot_codes if name in mine.lot_codes}
        books.movements = {id_: mine.movements[id_] for id_ in want.movements if id_ in mine.movements}
        lots |= {leg.lot for recorded in books.movements.values() for leg in recorded.entry.legs}
        for lot in lots - {NO_LOT}:
            books.lots[lot] = mine.lots[lot]
            books.lot_codes[mine.lots[lot].item, mine.lots[lot].code] = lot
        books.tallies = {shelf: mine.tallies[shelf] for shelf in want.shelves if shelf in mine.tallies}
        books.claims = {id_: mine.claims[id_] for id_ in want.claims if id_ in mine.claims}
        books.keys = {name: known for name, known in mine.keys.items() if name[:2] in want.keys}
        books.grants = dict(mine.grants)
        books.closed_before = dict(mine.closed_before)
        for item, place, moment in want.later:
            for position, moves in self._moves.items():
                if (position.item, position.place) == (item, place):
                    books.later[position] = [move for move in moves if move.at > moment]
        return books

    async def announced(self, items: Collection[OrderedItem]) -> Announced:
        """Return what orders have announced of items and not received."""
        return announced(self.books.movements.values(), States(await self.states()), items)

    def _wanted(self, position: Position, want: Want) -> bool:
        if (position.item, position.place) in want.stock:
            return True
        path = self.places_by_id[position.place].path
        if not want.whole.isdisjoint(path):
            return True
        return any(
            (position.item, above) in want.stock and self.places_by_id[above].kind not in {"SITE", "BIN"}
            for above in path[:-1]
        )

    async def post(self, version: int, entries: Sequence[Entry]) -> list[Outcome]:
        """Write entries, an outcome each, in order; see the port."""
        outcomes: list[Outcome] = []
        begun = self.books.version
        self.books.settle()
        for _, together in groupby(entries, key=lambda entry: entry.chain):
            chain = list(together)
            if version != begun:
                conflict = Refusal(Code.CONFLICT, "the facts changed while this was decided")
                outcomes += [Outcome(refusal=conflict)] * len(chain)
                continue
            outcomes += self._post_chain(chain)
        return outcomes

    def _post_chain(self, chain: list[Entry]) -> list[Outcome]:
        mark, said, made = self.books.mark(), [], (len(self.outbox), len(self.tasks), len(self.charges))
        moves: list[Position] = []
        for entry in chain:
            said.append(self._post_one(entry, moves))
        if any(outcome.refusal for outcome in said):
            self.books.undo(mark)
            for position in moves:
                self._moves[position].pop()
            del self.outbox[made[0] :], self.tasks[made[1] :], self.charges[made[2] :]
            fallen = Outcome(refusal=Refusal(Code.CHAIN_FAILED, "another line of this request was refused"))
            said = [outcome if outcome.refusal or outcome.duplicate else fallen for outcome in said]
        else:
            for position in moves:
                self._moves[position].sort(key=lambda move: move.at)
        return said

    def _post_one(self, entry: Entry, moves: list[Position]) -> Outcome:
        books = self.books
        known = books.keys.get((entry.organisation, entry.key, entry.line))
        if known is not None:
            if known[0] != entry.digest:
                return _no(Code.IDEMPOTENCY_KEY_REUSED, "this key was used for something else")
            claims = tuple(claim.id for claim in books.movements[known[1]].entry.claims)
            return Outcome(known[1], duplicate=True, claims=claims)
        closed = books.closed_before.get(entry.organisation)
        if entry.reverses and books.movements[entry.reverses].reversed_by is not None:
            return _no(Code.ALREADY_REVERSED, "this movement was reversed before")
        if closed is not None and entry.occurred_at < closed:
            return _no(Code.PERIOD_CLOSED, "that period is closed")
        if any((lot.item, lot.code) in books.lot_codes and lot.id not in books.new_lots for lot in entry.lots):
            return _no(Code.CONFLICT, "a lot of this code was made meanwhile")
        mark = books.mark()
        movement = next(self._ids)
        real = self._with_ids(entry)
        refusal = self._write(real, movement, moves)
        if refusal is not None:
            books.undo(mark)
            return Outcome(refusal=refusal)
        made = tuple(new.id for new, old in zip(real.claims, entry.claims, strict=True) if old.id < 0)
        kept = real._replace(claims=tuple(claim for claim in real.claims if claim.id in made))
        books.put(books.movements, movement, Recorded(movement, kept, None))
        books.put(books.keys, (entry.organisation, entry.key, entry.line), (entry.digest, movement))
        return Outcome(movement, claims=made)

    def _with_ids(self, entry: Entry) -> Entry:
        """Give new lots and claims their ids; a lot that an earlier entry of the batch made has it already."""
        books = self.books
        lots: dict[int, int] = {}
        for lot in entry.lots:
            if lot.id not in books.new_lots:
                id_ = next(self._ids)
                books.put(books.new_lots, lot.id, replace(lot, id=id_))
                books.put(books.lots, id_, Lot(id_, lot.item, lot.code, lot.producer, lot.expiry, None))
                books.put(books.lot_codes, (lot.item, lot.code), id_)
            lots[lot.id] = books.new_lots[lot.id].id
        return entry._replace(
            legs=tuple(leg._replace(lot=lots.get(leg.lot, leg.lot)) for leg in entry.legs),
            claims=tuple(
                replace(
                    claim, id=claim.id if claim.id > 0 else next(self._ids), position=_numbered(claim.position, lots)
                )
                for claim in entry.claims
            ),
            inspections=tuple(replace(each, lot=lots.get(each.lot, each.lot)) for each in entry.inspections),
            charges=tuple(replace(each, lot=lots.get(each.lot, each.lot)) for each in entry.charges),
            grants=tuple(replace(each, lot=lots.get(each.lot, each.lot)) for each in entry.grants),
        )

    def _write(self, entry: Entry, movement: int, moves: list[Position]) -> Refusal | None:
        books = self.books
        for leg in entry.legs:
            for end, change in ((leg.source, -leg.quantity), (leg.target, leg.quantity)):
                if self.places_by_id[end.place].virtual:
                    continue
                position = Position.at(leg, end)
                books.take(position, change)
                if books.positions[position] < 0:
                    short = {"requested": plain(leg.quantity), "available": plain(books.positions[position] - change)}
                    return Refusal(Code.INSUFFICIENT_STOCK, "there is not that much", figures=short)
                self._moves.setdefault(position, []).append(Later(entry.occurred_at, change, entry.verb is Verb.COUNT))
                moves.append(position)
        refusal = self._claims(entry) or self._promises(entry, movement)
        if refusal is not None:
            return refusal
        if entry.reverses:
            reversed_ = books.movements[entry.reverses]
            books.put(books.movements, entry.reverses, replace(reversed_, reversed_by=movement))
        for inspection in entry.inspections:
            if inspection.lot != NO_LOT:
                lot = books.lots[inspection.lot]
                books.put(books.lots, lot.id, lot._replace(passed=inspection.passed))
        for granted in entry.grants:
            books.put(books.grants, (granted.place, granted.lot, granted.right), granted.organisation)
        for relocation in entry.relocations:
            self._relocate(relocation.place, relocation.parent)
        self.charges += [(movement, charge) for charge in entry.charges]
        self.tasks += [Task(entry.organisation, "DISCREPANCY", movement, note) for note in entry.notes]
        self.outbox += [Party(each, movement, "MOVED", rel) for each, rel in parties(self, entry).items()]
        return None

    def _claims(self, entry: Entry) -> Refusal | None:
        books = self.books
        for change in entry.claims:
            before = books.claims.get(change.id)
            left = change.quantity if before is None else before.quantity + change.quantity
            if left < 0 or (before is not None and before.state not in OPEN):
                return Refusal(Code.CLAIM_ENDED, "the promise has ended")
            books.put(books.claims, change.id, _claim(change, left))
            if change.position is not None:
                claimed = books.claimed.get(change.position, _ZERO) + change.quantity
                books.put(books.claimed, change.position, claimed)
        if entry.is_fact:
            return None
        for leg in entry.legs:
            position = Position.at(leg, leg.source)
            if books.claimed.get(position, _ZERO) > books.positions.get(position, _ZERO):
                return Refusal(Code.INSUFFICIENT_STOCK, "these very goods are promised")
        return None

    def _promises(self, entry: Entry, movement: int) -> Refusal | None:
        books = self.books
        fell: list[Shelf] = []
        for shelf, change in entry.tallies:
            before = books.tallies.get(shelf, Tally())
            after = before + change
            books.put(books.tallies, shelf, after)
            promise = shelf in entry.promises or shelf in entry.inbound_promises
            if not promise and before.sellable >= 0 > after.sellable:
                fell.append(shelf)
        for shelf in entry.promises:
            if books.tallies.get(shelf, Tally()).sellable < 0:
                return Refusal(Code.EXCEEDS_AVAILABLE, "that much is not free to promise")
        for shelf in entry.inbound_promises:
            if books.tallies.get(shelf, Tally()).sellable_now < 0:
                return Refusal(Code.EXCEEDS_AVAILABLE, "that much is not free to promise")
        for shelf in fell:
            self.outbox.append(Party(shelf.seller, movement, "SHORTFALL", Relation.SELLER))
            self.tasks.append(Task(shelf.seller, "SHORTFALL", movement, "less is there than was promised"))
        return None

    def _relocate(self, moved: int, parent: int) -> None:
        above, unit = self.places_by_id[parent], self.places_by_id[moved]
        for place in [place for place in self.places_by_id.values() if moved in place.path]:
            self.books.put(
                self.places_by_id,
                place.id,
                replace(
                    place,
                    parent=parent if place.id == moved else place.parent,
                    site=above.site if place.site == unit.site else place.site,
                    path=above.path + place.path[len(unit.path) - 1 :],
                ),
            )
        self.books.version += 1


def _no(code: Code, message: str) -> Outcome:
    return Outcome(refusal=Refusal(code, message))


def _claim(change: ClaimChange, quantity: Decimal) -> Claim:
    return Claim(change.id, change.shelf, change.position, quantity, change.state, change.document, change.expires_at)


def _numbered(position: Position | None, lots: dict[int, int]) -> Position | None:
    return None if position is None else position._replace(lot=lots.get(position.lot, position.lot))
