"""Whether a line keeps to the sites that its author's role is limited to: what one may not see one may not touch.

A place belongs to the site it is at and to the one it is bound for, as in
reading. Nothing may be done at another site, and one end at least must be at
one of the own: a vehicle on the road is at none.
"""

from collections.abc import Iterator

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.books import Books
from stockbook.domain.stock.deciding.occasion import Facts
from stockbook.domain.stock.facts import Place
from stockbook.domain.stock.lines import Line
from stockbook.flows.posting.command import Command
from stockbook.flows.posting.wanting import named

_DENIED = Refusal(Code.SITE_DENIED, "your role is limited to other sites")
_UNKNOWN = Refusal(Code.PLACE_UNKNOWN, "there is no such place")


def beyond(command: Command, line: Line, facts: Facts, books: Books) -> Refusal | None:
    """Return why a line goes beyond its author's sites; None where it doesn't, or names nothing that is known."""
    if not command.sites:
        return None
    mine, own, known = frozenset(command.sites), False, False
    for place in _places(command, line, facts, books):
        known = True
        if {place.site, place.bound_for} & mine:
            own = True
        elif place.site is not None:  # of another organisation's places one would see nothing either
            return _DENIED if place.organisation == command.organisation else _UNKNOWN
    for said in named("Claim", command.verb, line):
        if (claim := books.claims.get(facts.resolve("Claim", said) or 0)) is not None:
            known, own = True, own or claim.shelf.site in mine
    return _DENIED if known and not own else None


def _places(command: Command, line: Line, facts: Facts, books: Books) -> Iterator[Place]:
    """Yield the real places that a line names, or where the movement was that it names."""
    found = {facts.resolve("Place", said) for said in named("Place", command.verb, line)}
    for said in named("Movement", command.verb, line):
        recorded = books.movements.get(facts.resolve("Movement", said) or 0)
        for leg in recorded.entry.legs if recorded else ():
            found |= {leg.source.place, leg.target.place}
    for place in sorted(each for each in found if each is not None):
        if (known := facts.places.get(place)) is not None and not known.virtual:
            yield known
