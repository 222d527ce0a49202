"""Who is party to a movement, and as what, over the catalogue that is remembered."""

from dataclasses import dataclass

from stockbook.access.masks import Relation
from stockbook.domain.rights.holders import NONE
from stockbook.domain.stock.movement import Entry
from stockbook.store.memory.catalogue import MemoryCatalogue

_HOLDERS = (Relation.OWNER, Relation.CUSTODIAN, Relation.DISPOSER, Relation.SELLER)


@dataclass(frozen=True, slots=True)
class Party:
    """Who was party to a movement, and as what: one row of the outbox."""

    organisation: int
    movement: int
    topic: str
    relations: Relation


def parties(catalogue: MemoryCatalogue, entry: Entry) -> dict[int, Relation]:
    """Return every organisation that an entry concerns, with what it is to it."""
    found = {entry.organisation: Relation.POSTER}

    def party(organisation: int, relation: Relation) -> None:
        if organisation != NONE:
            found[organisation] = found.get(organisation, Relation(0)) | relation

    for end in {end for leg in entry.legs for end in (leg.source, leg.target)}:
        party(catalogue.places_by_id[end.place].organisation, Relation.HOST)
        for holder, relation in zip(end.rights, _HOLDERS, strict=True):
            party(holder, relation)
            for viewer in catalogue.views.get(holder, ()):
                party(viewer, Relation.VIEWER)
    for shelf, _ in entry.tallies:
        party(shelf.seller, Relation.SELLER)
        party(catalogue.places_by_id[shelf.site].organisation, Relation.HOST)
        for viewer in catalogue.views.get(shelf.seller, ()):
            party(viewer, Relation.VIEWER)
    return found
