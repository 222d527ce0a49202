"""What every verb is decided from: who posts when under which key, and the facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple

from stockbook.domain.rights.agreement import Agreements
from stockbook.domain.stock.conditions import OwnGuard
from stockbook.domain.stock.facts import Item, Place
from stockbook.domain.stock.overlays import Overlays
from stockbook.domain.stock.states import States
from stockbook.domain.stock.verbs import Basis, Verb


class Occasion(NamedTuple):
    """The head of an entry: everything about it that its line does not say."""

    organisation: int
    actor: int
    verb: Verb
    key: str
    line: int
    digest: bytes
    chain: int
    at: datetime
    document: int = 0
    reason: str = ""
    basis: Basis = Basis.SAID
    expiry: date | None = None
    """Of a lot that a scan names and the books don't know yet."""
    task: int = 0


@dataclass(slots=True)
class Facts:
    """What seldom changes: items, places and agreements, by reference and by id.

    `references` maps each reference of a kind to an id; unknown ones are absent.
    """

    references: dict[str, dict[str, int]] = field(default_factory=dict)
    items: dict[int, Item] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    virtual: dict[tuple[int, str], int] = field(default_factory=dict)
    """(organisation, kind) -> its virtual place."""
    agreements: Agreements = field(default_factory=lambda: Agreements(()))
    states: States = field(default_factory=States)
    overlays: Overlays = field(default_factory=Overlays)
    guards: Mapping[int, tuple[OwnGuard, ...]] = field(default_factory=dict)
    """What organisations ask besides, of those that ask anything."""
    kinds: dict[int, str] = field(default_factory=dict)
    """Of documents, where a guard asks for it."""

    def resolve(self, kind: str, reference: str) -> int | None:
        """Return the id of a reference."""
        known = self.references.get(kind)
        return known.get(reference) if known else None

    def document(self, organisation: int, reference: str) -> int | None:
        """Return the id of a document as an organisation refers to it: references are its own."""
        return self.resolve("Document", f"{organisation} {reference}")

    def task(self, organisation: int, reference: str) -> int | None:
        """Return the id of a task as an organisation refers to it: tasks are its own."""
        return self.resolve("Task", f"{organisation} {reference}")

    def relocated(self, moved: int, parent: int) -> list[Place]:
        """Return a place and all below it as they are under another parent."""
        above = self.places[parent]
        unit = self.places[moved]
        depth = len(unit.path) - 1
        return [
            replace(
                place,
                parent=parent if place.id == moved else place.parent,
                site=above.site if place.site == unit.site else place.site,
                path=above.path + place.path[depth:],
            )
            for place in self.places.values()
            if moved in place.path
        ]
