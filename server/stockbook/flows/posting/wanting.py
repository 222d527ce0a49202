"""What a batch of commands names, and what of the books it needs: read off the lines before anything is loaded."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from stockbook.domain.rights.holders import NONE
from stockbook.domain.stock.books import Books
from stockbook.domain.stock.deciding.closing import HANDLING_UNITS
from stockbook.domain.stock.deciding.occasion import Facts
from stockbook.domain.stock.lines import LINES, Line, Reserve
from stockbook.domain.stock.movement import Position, Shelf
from stockbook.domain.stock.overlays import BLOCKS
from stockbook.domain.stock.references import Ref
from stockbook.domain.stock.states import Presence
from stockbook.domain.stock.verbs import Basis, Verb
from stockbook.flows.ports import Want
from stockbook.flows.posting.command import Command

REFERENCE_LENGTH_MAX = 200
_NEVER = datetime.max.replace(tzinfo=UTC)

VIRTUAL: dict[Verb, tuple[str, ...]] = {
    Verb.EXPECT: ("SUPPLIER", "PROCESS"),
    Verb.RECEIVE: ("SUPPLIER", "DISCREPANCY"),
    Verb.INSPECT: ("DISCREPANCY",),
    Verb.PUT_AWAY: ("DISCREPANCY",),
    Verb.MOVE: ("DISCREPANCY",),
    Verb.DISPATCH: ("DISCREPANCY",),
    Verb.ARRIVE: ("DISCREPANCY",),
    Verb.TRANSFORM: ("PROCESS", "LOSS", "DISCREPANCY"),
    Verb.SELL: ("CUSTOMER", "DISCREPANCY"),
    Verb.RETURN: ("CUSTOMER",),
    Verb.CHANGE_STATE: ("DISCREPANCY",),
    Verb.DISPOSE: ("LOSS", "DISCREPANCY"),
    Verb.COUNT: ("DISCREPANCY",),
    Verb.HOLD: ("DISCREPANCY",),
}
"""The virtual places of the posting organisation that a verb may need."""

_Named = tuple[tuple[str, str], ...]
_Nested = tuple[tuple[str, _Named], ...]


def _reference_fields(line: type) -> tuple[_Named, _Nested]:
    """Return (field, kind) of the references of a line's class, and those of the lines within it."""
    named: list[tuple[str, str]] = []
    nested: list[tuple[str, _Named]] = []
    hints = get_type_hints(line, include_extras=True)
    for field in fields(line):
        hint = hints[field.name]
        for option in (hint, *get_args(hint)):
            if get_origin(option) is Annotated and isinstance(option.__metadata__[0], Ref):
                named.append((field.name, option.__metadata__[0].kind))
        if get_origin(hint) is tuple:
            nested.append((field.name, _reference_fields(get_args(hint)[0])[0]))
    return tuple(named), tuple(nested)


_FIELDS = {verb: _reference_fields(line) for verb, line in LINES.items()}


def references(commands: Iterable[Command]) -> dict[str, set[str]]:
    """Return the references of each kind that the lines name; unreadable ones are left unknown."""
    found: dict[str, set[str]] = {
        "Item": set(),
        "Place": set(),
        "Organisation": set(),
        "Claim": set(),
        "Movement": set(),
    }
    for command in commands:
        named, nested = _FIELDS[command.verb]
        for line in command.lines:
            for field, kind in named:
                if (reference := getattr(line, field)) is not None and kind != "Document":
                    found[kind].add(reference)
            for field, inner in nested:
                for part in getattr(line, field):
                    for name, kind in inner:
                        if (reference := getattr(part, name)) is not None:
                            found[kind].add(reference)
    return {kind: {each for each in said if readable(each)} for kind, said in found.items()}


def named(kind: str, verb: Verb, line: Line) -> Iterator[str]:
    """Yield what a line, and the lines within it, refer to of a kind.

    >>> from decimal import Decimal
    >>> from stockbook.domain.stock.lines import PutAway
    >>> list(named("Place", Verb.PUT_AWAY, PutAway("MILK", Decimal(1), "DOCK", "A-03")))
    ['DOCK', 'A-03']
    """
    fields_, nested = _FIELDS[verb]
    parts = [(line, fields_)] + [(part, inner) for field, inner in nested for part in getattr(line, field)]
    for part, said in parts:
        for field, of in said:
            if of == kind and (reference := getattr(part, field)) is not None:
                yield reference


def documents(commands: Iterable[Command]) -> dict[int, set[str]]:
    """Return the documents that each organisation names."""
    found: dict[int, set[str]] = {}
    for command in commands:
        said: set[str | None] = {command.document}
        for line in command.lines:
            if isinstance(line, Reserve):
                said.add(line.document)
        named = {each for each in said if each is not None and readable(each)}
        if named:
            found.setdefault(command.organisation, set()).update(named)
    return found


def tasks(commands: Iterable[Command]) -> dict[int, set[str]]:
    """Return the tasks that each organisation names."""
    found: dict[int, set[str]] = {}
    for command in commands:
        if command.task is not None and readable(command.task):
            found.setdefault(command.organisation, set()).add(command.task)
    return found


def readable(reference: str) -> bool:
    """Return whether a reference can name anything."""
    return 0 < len(reference) <= REFERENCE_LENGTH_MAX and reference.isprintable()


class Wants:
    """What the lines of a batch want loaded."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._stock: set[tuple[int, int]] = set()
        self._whole: set[int] = set()
        self._shelves: set[Shelf] = set()
        self._lot_codes: set[tuple[int, str]] = set()
        self._claims: set[int] = set()
        self._movements: set[int] = set()
        self._keys: set[tuple[int, str]] = set()
        self._later: dict[tuple[int, int], datetime] = {}
        self._timed = False

    def add(self, command: Command) -> None:
        """Add what a command's lines want."""
        self._keys.add((command.organisation, command.key))
        self._timed = self._timed or command.occurred_at is not None
        verb, me = command.verb, command.organisation
        for line in command.lines:
            self._add(verb, me, line)
            if verb is Verb.COUNT and command.basis is Basis.SEEN and command.occurred_at is not None:
                self._since(line, command.occurred_at)

    def want(self) -> Want:
        """Return all of it."""
        return Want(
            stock=frozenset(self._stock),
            whole=frozenset(self._whole),
            shelves=frozenset(self._shelves),
            lot_codes=frozenset(self._lot_codes),
            claims=frozenset(self._claims),
            movements=frozenset(self._movements),
            keys=frozenset(self._keys),
            later=frozenset((item, place, moment) for (item, place), moment in self._later.items()),
            timed=self._timed,
        )

    def _add(self, verb: Verb, me: int, line: Any) -> None:
        if verb is Verb.TRANSFORM:
            for part in line.inputs:
                self._goods(me, part, part.source)
            for part in (*line.outputs, *line.losses):
                self._goods(me, part, line.place)
            return
        if (verb is Verb.RETURN or verb is Verb.REVERSE) and line.movement is not None:
            self._name("Movement", line.movement, self._movements)
        if (claim := getattr(line, "claim", None)) is not None:
            self._name("Claim", claim, self._claims)
        if verb is Verb.MOVE and line.unit_place is not None:
            self._all_of(line.unit_place)
        elif verb is Verb.GRANT and (line.item is None or line.quantity is None):
            self._all_of(line.place)
        place = getattr(line, "source", None) or getattr(line, "place", None)
        if (item := getattr(line, "item", None)) is not None:
            self._goods(me, line, place)
            if verb is Verb.RESERVE:
                self._shelf(me, line.site, self._facts.resolve("Item", item))
        target = self._place(getattr(line, "place", None))
        if target is not None and target.kind in HANDLING_UNITS:
            self._whole.add(target.id)

    def _goods(self, me: int, line: Any, reference: str | None) -> None:
        item = self._facts.resolve("Item", line.item)
        if item is None:
            return
        code = line.lot
        if code is not None and readable(code):
            self._lot_codes.add((item, code))
        place = self._place(reference)
        if place is not None:
            self._stock.add((item, place.id))
            for site in (place.site, place.bound_for):
                if site is not None:
                    self._shelves.add(Shelf(me, site, item))

    def _since(self, line: Any, moment: datetime) -> None:
        """Want what moved after a count was made, if it was made a while ago."""
        item, place = self._facts.resolve("Item", line.item), self._place(line.place)
        if item is not None and place is not None:
            goods = (item, place.id)
            self._later[goods] = min(self._later.get(goods, moment), moment)

    def _shelf(self, me: int, site: str, item: int | None) -> None:
        place = self._place(site)
        if place is not None and item is not None:
            self._shelves.add(Shelf(me, place.id, item))

    def _all_of(self, reference: str) -> None:
        self._name("Place", reference, self._whole)

    def _name(self, kind: str, reference: str, wanted: set[int]) -> None:
        id_ = self._facts.resolve(kind, reference)
        if id_ is not None:
            wanted.add(id_)

    def _place(self, reference: str | None) -> Any:
        id_ = self._facts.resolve("Place", reference) if reference is not None else None
        return None if id_ is None else self._facts.places.get(id_)


def more(
    first: Want, books: Books, facts: Facts, moments: dict[tuple[int, int], Any], answered: frozenset[int]
) -> Want | None:
    """Return what the loaded books show to be wanted too, or None.

    The shelves of other sellers whose goods may be taken, what a movement to be
    reversed touched, what moved later than an entry that comes late, and the
    claims that an answered key made.
    """
    stock: set[tuple[int, int]] = set()
    claims: set[int] = set()
    shelves: set[Shelf] = {claim.shelf for claim in books.claims.values()}
    for recorded in books.movements.values():
        for leg in recorded.entry.legs:
            for end in (leg.source, leg.target):
                if end.state and end.place in facts.places:
                    stock.add((leg.item, end.place))
                    shelves.update(_shelves(Position.at(leg, end), facts.places[end.place].site, facts))
        claims |= {change.id for change in recorded.entry.claims}
    asked = {(item, place): moment for item, place, moment in first.later}
    late: set[tuple[int, int, Any]] = set()
    for position in books.positions:
        place = facts.places.get(position.place)
        if place is None:
            continue
        shelves.update(_shelves(position, place.site, facts))
        at = moments.get((position.item, position.place)) if moments else None
        if at is None or not place.strict or at >= asked.get((position.item, position.place), _NEVER):
            continue
        if (moved_at := books.moved_at.get(position)) is not None and at < moved_at:
            late.add((position.item, position.place, at))
    stock -= first.stock
    claims -= first.claims
    shelves -= first.shelves
    movements = answered - first.movements
    if not (stock or claims or shelves or late or movements):
        return None
    return Want(
        stock=frozenset(stock),
        shelves=frozenset(shelves),
        claims=frozenset(claims),
        movements=movements,
        later=frozenset(late),
        timed=first.timed,
    )


def _shelves(position: Position, site: int | None, facts: Facts) -> tuple[Shelf, ...]:
    seller = position.rights.seller
    if site is None or seller == NONE or position.holds & BLOCKS:
        return ()
    traits = facts.states.traits(position.state)
    return (Shelf(seller, site, position.item),) if traits.sells and traits.presence is Presence.HERE else ()


def merge(books: Books, other: Books) -> None:
    """Add what was loaded later to the books."""
    books.positions.update(other.positions)
    books.claimed.update(other.claimed)
    books.moved_at.update(other.moved_at)
    books.later.update(other.later)
    books.tallies.update(other.tallies)
    books.lots.update(other.lots)
    books.lot_codes.update(other.lot_codes)
    books.claims.update(other.claims)
    books.movements.update(other.movements)
    books.grants.update(other.grants)
