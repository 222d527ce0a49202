"""Deciding without any store: a place, an item and whatever lies there, as plain values."""

from datetime import UTC, datetime
from decimal import Decimal

from stockbook.domain.rights.agreement import Agreements
from stockbook.domain.rights.holders import Rights
from stockbook.domain.stock.books import Books
from stockbook.domain.stock.deciding.occasion import Facts, Occasion
from stockbook.domain.stock.facts import Item, Lot, Place
from stockbook.domain.stock.ledger import decide
from stockbook.domain.stock.lines import LINES
from stockbook.domain.stock.movement import Position, Shelf, Tally
from stockbook.domain.stock.states import State, States
from stockbook.domain.stock.verbs import Verb
from tests.trade import value_of

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ME, OTHER = 7, 9
ITEM, LOT, SITE, SHELF = 1, 5, 10, 11
MINE = Rights(ME, ME, ME, ME)
_VIRTUAL = {"SUPPLIER": 90, "CUSTOMER": 91, "PROCESS": 92, "LOSS": 93, "DISCREPANCY": 94}


class Desk:
    """Item "I" (lot "L") lies on shelf "P" of site "S"; `lies` says how much, in which state and under which holds."""

    def __init__(self, *, inspected=False, passed=None, expiry=None, custom=(), pacts=(), strict=True):
        self.facts = Facts(
            references={
                "Item": {"I": ITEM},
                "Place": {"P": SHELF, "S": SITE},
                "Organisation": {"ME": ME, "OTHER": OTHER},
            },
            items={ITEM: Item(ITEM, "FRUIT", "kg", 3, inspected, {"lb": Decimal("0.453592")})},
            places={
                SITE: Place(SITE, ME, "SITE", None, SITE, None, strict, (SITE,)),
                SHELF: Place(SHELF, ME, "BIN", SITE, SITE, None, strict, (SITE, SHELF)),
            },
            virtual={(ME, kind): place for kind, place in _VIRTUAL.items()},
            agreements=Agreements(pacts),
            states=States(custom),
        )
        for kind, place in _VIRTUAL.items():
            self.facts.places[place] = Place(place, ME, kind, None, None, None, False, (place,))
        self.books = Books(version=1)
        self.books.lots[LOT] = Lot(LOT, ITEM, "L", ME, expiry, passed)
        self.books.lot_codes[ITEM, "L"] = LOT

    def lies(self, quantity, state, *, holds=0, lot=LOT, rights=MINE):
        position = Position(ITEM, lot, SHELF, int(state), int(holds), rights)
        self.books.positions[position] = Decimal(quantity)
        if state == State.SELLABLE and not holds:
            shelf = Shelf(rights.seller, SITE, ITEM)
            self.books.tallies[shelf] = self.books.tallies.get(shelf, Tally()) + Tally(on_hand=Decimal(quantity))
        return position

    def decide(self, verb, **line):
        kind = LINES[Verb(verb)]
        occasion = Occasion(ME, 1, Verb(verb), "key", 0, b"digest", 1, NOW)
        return decide(
            kind(**{name: value_of(name, value) for name, value in line.items()}), occasion, self.facts, self.books
        )
