"""The facts that change seldom, in dictionaries: what the posting ports ask of a catalogue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count

from stockbook.domain.rights.agreement import Pact
from stockbook.domain.rights.holders import NONE
from stockbook.domain.stock.books import Books
from stockbook.domain.stock.conditions import OwnGuard
from stockbook.domain.stock.facts import Item, Place
from stockbook.domain.stock.overlays import CustomOverlay
from stockbook.domain.stock.states import CustomState


@dataclass(slots=True)
class MemoryCatalogue:
    """Items, places, agreements and states in memory; put in by hand or by `MemoryRegistry`."""

    items_by_id: dict[int, Item] = field(default_factory=dict)
    places_by_id: dict[int, Place] = field(default_factory=dict)
    references: dict[str, dict[str, int]] = field(default_factory=dict)
    documents: dict[int, tuple[int, int]] = field(default_factory=dict)
    """id -> (organisation, counterparty or NONE)."""
    agreements: tuple[Pact, ...] = ()
    views: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """giver -> takers who may look."""
    document_kinds: dict[int, str] = field(default_factory=dict)
    added_states: tuple[CustomState, ...] = ()
    state_numbers: dict[int, int] = field(default_factory=dict)
    """What organisations count their states as."""
    added_overlays: tuple[CustomOverlay, ...] = ()
    added_guards: tuple[OwnGuard, ...] = ()
    sets: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Of added overlays, by number."""
    books: Books = field(default_factory=lambda: Books(version=1))
    _virtual: dict[tuple[int, str], int] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    async def resolve(self, kind: str, references: Sequence[str], organisation: int = NONE) -> dict[str, int]:
        """Map global ids and external references to ids; unknown ones are absent."""
        named = self.references.get(kind, {})
        found: dict[str, int] = {}
        for reference in references:
            id_ = named.get(f"{organisation} {reference}" if kind == "Document" else reference)
            if id_ is None:
                id_ = self._given(kind, reference)
            if id_ is not None and (kind != "Document" or organisation in self.documents[id_]):
                found[reference] = id_
        return found

    def _given(self, kind: str, reference: str) -> int | None:
        number = reference.removeprefix(f"gid://stockbook/{kind}/")
        if number == reference or not (number.isascii() and number.isdigit()) or len(number) > 18:
            return None
        exists: dict[str, Iterable[int]] = {
            "Item": self.items_by_id,
            "Place": self.places_by_id,
            "Claim": self.books.claims,
            "Movement": self.books.movements,
            "Document": self.documents,
        }
        there = exists.get(kind, self.references.get(kind, {}).values())
        return int(number) if int(number) in there else None

    async def items(self, ids: Sequence[int]) -> dict[int, Item]:
        """Return the items that exist."""
        return {id_: self.items_by_id[id_] for id_ in ids if id_ in self.items_by_id}

    async def places(self, ids: Sequence[int]) -> dict[int, Place]:
        """Return the places that exist."""
        return {id_: self.places_by_id[id_] for id_ in ids if id_ in self.places_by_id}

    async def pacts(self) -> tuple[Pact, ...]:
        """Return all agreements that pass rights."""
        return self.agreements

    async def states(self) -> tuple[CustomState, ...]:
        """Return the states that were added."""
        return self.added_states

    async def overlays(self) -> tuple[CustomOverlay, ...]:
        """Return the overlays that were added."""
        return self.added_overlays

    async def overlay_sets(self, numbers: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """Return the sets of added overlays that have these numbers."""
        return {number: self.sets[number] for number in numbers}

    async def number_sets(self, sets: Sequence[tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
        """Give sets of added overlays numbers."""
        known = {overlays: number for number, overlays in self.sets.items()}
        for each in sets:
            known.setdefault(each, len(known) + 1)
        self.sets = {number: overlays for overlays, number in known.items()}
        return {known[each]: each for each in sets}

    async def guards(self) -> tuple[OwnGuard, ...]:
        """Return the guards that were added."""
        return self.added_guards

    async def kinds(self, documents: Sequence[int]) -> dict[int, str]:
        """Return what kinds documents are of."""
        return {id_: self.document_kinds[id_] for id_ in documents}

    async def virtual(self, organisation: int, kind: str) -> int:
        """Return the organisation's virtual place of this kind, made when first asked for."""
        known = self._virtual.get((organisation, kind))
        if known is None:
            known = self._virtual[organisation, kind] = next(self._ids)
            self.places_by_id[known] = Place(known, organisation, kind, None, None, None, False, (known,))
        return known

    def fresh(self) -> int:
        """Return an id that nothing has."""
        return next(self._ids)

    def changed(self) -> None:
        """Note that facts changed: what was decided on older ones is refused with CONFLICT."""
        self.books.version += 1
