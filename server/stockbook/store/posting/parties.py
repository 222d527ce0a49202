"""Who is party to an entry: who said it, whose goods it moved, where, on whose shelf, and who may view theirs."""

from collections.abc import Iterable, Mapping

from stockbook.access.masks import Relation
from stockbook.domain.rights.holders import NONE
from stockbook.domain.stock.facts import Place
from stockbook.domain.stock.movement import Entry, Shelf

_HOLDERS = (Relation.OWNER.value, Relation.CUSTODIAN.value, Relation.DISPOSER.value, Relation.SELLER.value)
_HOST, _VIEWER, _POSTER = Relation.HOST.value, Relation.VIEWER.value, Relation.POSTER.value
SELLER = Relation.SELLER.value


class Parties:
    """Works out once a batch who is party to entries between the same ends and on the same sellers' shelves there.

    Parameters
    ----------
    views
        Who may view whose goods by agreement: giver -> takers.
    """

    def __init__(self, places: Mapping[int, Place], views: Mapping[int, tuple[int, ...]]) -> None:
        self._places = places
        self._views = views
        self._known: dict[tuple[object, ...], dict[int, int]] = {}

    def of(self, entry: Entry, shelves: Iterable[Shelf]) -> dict[int, int]:
        """Return who is party to an entry, each with the bits of what it is."""
        key = (entry.organisation, *[leg[3:] for leg in entry.legs], *[shelf[:2] for shelf in shelves])
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._told(entry, shelves)
        return found

    def _told(self, entry: Entry, shelves: Iterable[Shelf]) -> dict[int, int]:
        found = {entry.organisation: _POSTER}

        def party(organisation: int, relation: int) -> None:
            if organisation != NONE:
                found[organisation] = found.get(organisation, 0) | relation

        def holder(organisation: int, relation: int) -> None:
            party(organisation, relation)
            for viewer in self._views.get(organisation, ()):
                party(viewer, _VIEWER)

        for end in {end for leg in entry.legs for end in (leg.source, leg.target)}:
            party(self._places[end.place].organisation, _HOST)
            for organisation, relation in zip(end.rights, _HOLDERS, strict=True):
                holder(organisation, relation)
        for shelf in shelves:
            party(self._places[shelf.site].organisation, _HOST)
            holder(shelf.seller, SELLER)
        return found
