"""Proposing on a book in memory and the real posting flow on the store in memory: what stands, what gives way."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.supply.proposal import MOVED, Shelf, holds, proposed
from stockbook.flows.author import Author
from stockbook.flows.clock import SYSTEM
from stockbook.flows.demand.lesson import SeriesKey
from stockbook.flows.demand.proposal_book import AcceptanceEntry, Accepted, Look, Need
from stockbook.flows.demand.proposing import Proposing
from tests.memory import Memory
from tests.trade import Trade

FIRST = AcceptanceEntry("gid://stockbook/Proposal/1")
figures = st.floats(0, 1e6).filter(lambda x: x == 0 or x > 1e-6)


@given(position=st.decimals(-10_000, 10_000, places=3), reorder=figures, more=figures, decimals=st.integers(0, 6))
def test_what_is_proposed_fills_to_the_ceiling_in_whole_steps_and_never_short_of_it(position, reorder, more, decimals):
    shelf = Shelf(position, reorder, reorder + more, decimals)
    order = proposed(shelf)
    assert (order is None) == (float(position) >= reorder)
    if order is not None:
        quantity = order.quantity
        step = Decimal(1).scaleb(-decimals)
        assert quantity > 0 and quantity % step == 0
        missing = Decimal(repr(shelf.ceiling)) - position
        assert missing <= quantity < max(missing, Decimal(0)) + step or quantity == step
        assert proposed(replace(shelf, resting=True)) is None
        assert proposed(replace(shelf, position=position + quantity)) is None, "what is ordered is not proposed again"


@given(st.decimals("0.001", 1000, places=3), st.decimals("-0.2", "0.2", places=3))
def test_a_proposal_holds_while_the_need_moves_by_less_than_a_tenth(quantity, share):
    assert holds(quantity, quantity * (1 + share)) == (abs(share) <= MOVED)


class Book:
    """Proposals in a dictionary; as many needs as are put there."""

    def __init__(self, ids: dict[str, int]) -> None:
        self.key = SeriesKey(ids["SHOP"], ids["SHOP/SITE"], ids["PEAR"])
        self.document, self.place = ids["SHOP PO-1"], ids["ORDER"]
        self.author = Author(ids["SHOP"], 1, everywhere=False, roles=frozenset())
        self.rows: dict[int, dict] = {}
        self.shelves: dict[SeriesKey, Shelf] = {}
        self.unattended = False

    def open(self, key):
        return next((i for i, row in self.rows.items() if row["key"] == key and row["state"] == "OPEN"), None)

    async def look(self, since=None):
        found = []
        for key, shelf in self.shelves.items():
            id_ = self.open(key)
            coming = sum((row["quantity"] for row in self.rows.values() if row["state"] == "ACCEPTED"), Decimal(0))
            standing = (id_, self.rows[id_]["quantity"]) if id_ else None
            found.append(Need(key, replace(shelf, position=shelf.position + coming), standing, self.unattended))
        return Look(found)

    async def revise(self, openings, ended):
        over = [each for each in ended if self.rows[each]["state"] == "OPEN"]
        for each in over:
            self.rows[each]["state"] = "SUPERSEDED"
        made = []
        for one in openings:
            if one.instead is None or one.instead in over:
                id_ = len(self.rows) + 1
                of = one.need.key
                self.rows[id_] = {"key": of, "state": "OPEN", "quantity": one.order.quantity, "movement": None}
                made.append((id_, of))
        return made

    async def accept(self, author, entries, *, unattended=False):
        verdicts = []
        for entry in entries:
            row = self.rows[int(entry.proposal.rpartition("/")[2])]
            if row["state"] == "OPEN":
                row |= {"state": "ACCEPTED", "actor": None if unattended else author.principal}
                verdicts.append((int(entry.proposal.rpartition("/")[2]), False))
            else:
                verdicts.append(Refusal(Code.STALE_STATE, "decided"))
        return verdicts

    async def accepted(self, ids):
        return [
            Accepted(
                id_,
                self.key.seller,
                self.rows[id_]["actor"] or SYSTEM,
                self.document,
                self.place,
                self.key.item,
                self.rows[id_]["quantity"],
                "",
                self.rows[id_]["movement"] is not None,
            )
            for id_ in ids
            if self.rows[id_]["state"] == "ACCEPTED"
        ]

    async def waiting(self):
        return [i for i, row in self.rows.items() if row["state"] == "ACCEPTED" and row["movement"] is None]

    async def expected(self, proposal, movement):
        self.rows[proposal]["movement"] = movement

    async def withdrawing(self):
        return []

    async def reopen(self, proposal):
        self.rows[proposal]["state"] = "OPEN"


async def made(position="8"):
    """A shop that has eight pears, and orders below ten up to twenty-four."""
    trade = Trade(Memory())
    await trade.organisations("SHOP")
    await trade.item("PEAR")
    await trade.site("SHOP", "SHELF")
    await trade.place("ORDER", "SHOP", "SHIPMENT", bound_for="SHOP/SITE")
    await trade.document("SHOP", "PO-1")
    book = Book(trade.ids)
    book.shelves[book.key] = Shelf(Decimal(position), reorder_point=10.0, ceiling=24.0)
    return book, trade, Proposing(trade.posting, book)


async def inbound(trade):
    return sum((tally.inbound for tally in (await trade.store.tallies()).values()), Decimal(0))


async def test_small_moves_leave_what_a_buyer_looks_at_and_great_ones_take_its_place():
    book, _, proposing = await made()
    assert (await proposing.round()).opened == 1
    book.shelves[book.key] = replace(book.shelves[book.key], position=Decimal(7))
    assert (await proposing.round()).opened == 0
    book.shelves[book.key] = replace(book.shelves[book.key], position=Decimal(1))
    done = await proposing.round()
    assert (done.opened, done.superseded) == (1, 1)
    assert [(row["state"], row["quantity"]) for row in book.rows.values()] == [("SUPERSEDED", 16), ("OPEN", 23)]


async def test_what_was_accepted_is_expected_once_however_often_it_is_said():
    book, trade, proposing = await made()
    await proposing.round()
    assert await proposing.accept(book.author, [FIRST]) == [(book.document, False)]
    assert await inbound(trade) == 16 and book.rows[1]["movement"] is not None
    book.rows[1]["movement"] = None  # what was said of it is lost with the process
    assert (await proposing.round()).posted == 1
    assert await inbound(trade) == 16 and book.rows[1]["movement"] is not None


async def test_what_cannot_be_expected_is_open_again_and_said_so():
    book, trade, proposing = await made()
    await proposing.round()
    await trade.close("SHOP", trade.now() + timedelta(days=1))
    (verdict,) = await proposing.accept(book.author, [FIRST])
    assert isinstance(verdict, Refusal) and (verdict.code, verdict.path) == (Code.PERIOD_CLOSED, ("lines", "0"))
    assert book.rows[1]["state"] == "OPEN" and await inbound(trade) == 0
    trade.later(days=2)
    assert await proposing.accept(book.author, [FIRST]) == [(book.document, False)]
    assert await inbound(trade) == 16


async def test_unattended_the_system_accepts_what_it_just_opened_and_no_more():
    book, trade, proposing = await made()
    book.unattended = True
    done = await proposing.round()
    assert (done.opened, done.accepted, done.posted) == (1, 1, 1) and book.rows[1]["actor"] is None
    done = await proposing.round()
    assert (done.opened, done.accepted, done.posted) == (0, 0, 0) and await inbound(trade) == 16


async def test_what_is_not_short_is_left_alone():
    book, _, proposing = await made("10")
    assert (await proposing.round()).opened == 0 and book.rows == {}
