"""A stateful machine that drives a ledger and the model side by side; each store's test subclasses it."""

import asyncio
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from stockbook.domain.stock.states import State
from tests.laws.model import EXPIRY, PLACES, Model
from tests.trade import NOON, Trade

ITEMS = st.sampled_from(["APPLE", "FLOUR"])
WHO = st.sampled_from(["FARM", "SHOP"])
BINS = st.sampled_from(["FARM/STORE", "SHOP/DOCK", "SHOP/SHELF"])
QUANTITIES = st.integers(1, 8).map(Decimal)
MOSTLY = st.sampled_from([True, True, True, True, False])
LOTS = st.sampled_from([None, None, "SOON", "SOON", "LATE", "OLD"])


class LedgerMachine(RuleBasedStateMachine):
    """Subclasses give `make_store` (a coroutine function) and may give the loop it runs in."""

    loop: asyncio.AbstractEventLoop | None = None

    async def make_store(self):
        raise NotImplementedError

    def __init__(self):
        super().__init__()
        self.own = self.loop is None
        self.in_loop = asyncio.new_event_loop() if self.own else self.loop

    def run(self, coroutine):
        return self.in_loop.run_until_complete(coroutine)

    def teardown(self):
        if self.own:
            self.in_loop.close()

    @initialize()
    def begin(self):
        self.trade = self.run(self.found())
        names = {name: self.trade.ids[name] for name in ("FARM", "SHOP", "CARRIER")}
        self.model = Model({**names, None: 0})
        self.claims = []
        self.sold = []
        self.lot_ids = {}

    async def found(self):
        trade = Trade(await self.make_store())
        await trade.organisations("FARM", "CARRIER", "SHOP")
        await trade.site("FARM", "STORE")
        await trade.site("SHOP", "DOCK", "SHELF")
        await trade.place("VAN/SHOP", "CARRIER", "SHIPMENT", bound_for="SHOP/SITE")
        await trade.item("APPLE")
        await trade.item("FLOUR", base_unit="kg", decimals=3)
        await trade.agree("FARM", "SHOP", "DISPATCH", "SALE")
        await trade.agree("FARM", "SHOP", "SELL", "OWNERSHIP", charges=True)
        return trade

    def goods(self, data, *states):
        """Draw who acts on which item where: mostly on goods that are there in such a state."""
        rows = sorted((row for row in self.model.goods if row[3] in states), key=str)
        if rows and data.draw(MOSTLY):
            item, _, place, *_, seller = data.draw(st.sampled_from(rows))
            host = PLACES[place][0]
            return data.draw(st.sampled_from([host if host != "CARRIER" else "SHOP", seller])), item, place
        return data.draw(WHO), data.draw(ITEMS), data.draw(BINS)

    @rule(who=WHO, item=ITEMS, lot=LOTS, quantity=st.integers(5, 30).map(Decimal), consigned=st.booleans())
    def stock(self, who, item, lot, quantity, consigned):
        """Receive and put away: so that there is something to trade."""
        place = "FARM/STORE" if who == "FARM" else "SHOP/SHELF"
        self.receive(who, item, quantity, place, lot, consigned)
        self.put_away_from(who, item, quantity, place, place)

    def post(self, who, verb, **line):
        [outcome] = self.run(self.trade.post(who, verb, line))
        self.last = outcome
        return outcome.refusal.code.name if outcome.refusal else "POSTED"

    @rule(who=WHO, item=ITEMS, quantity=QUANTITIES, place=BINS, lot=LOTS, consigned=st.booleans())
    def receives(self, who, item, quantity, place, lot, consigned):
        self.receive(who, item, quantity, place, lot, consigned)

    def receive(self, who, item, quantity, place, lot, consigned):
        code = lot and f"{item}-{lot}"
        expiry = f"2026-11-{20 + EXPIRY[lot]}" if lot in {"OLD", "SOON"} else "2026-12-31" if lot else None
        owner = "FARM" if consigned else who
        said = self.post(
            who, "RECEIVE", item=item, quantity=quantity, place=place, lot=code, expiry=expiry, owner=owner
        )
        assert said == self.model.receive(who, item, quantity, place, lot, owner)
        if said == "POSTED" and lot is not None and (item, lot) not in self.lot_ids:
            self.lot_ids[item, lot] = len(self.lot_ids) + 1
            self.model.number[lot] = EXPIRY[lot]

    @rule(data=st.data(), quantity=QUANTITIES, place=BINS)
    def put_away(self, data, quantity, place):
        who, item, source = self.goods(data, "RECEIVED")
        self.put_away_from(who, item, quantity, source, place)

    def put_away_from(self, who, item, quantity, source, place):
        said = self.post(who, "PUT_AWAY", item=item, quantity=quantity, source=source, place=place)
        assert said == self.model.put_away(who, item, quantity, source, place)

    @rule(data=st.data(), quantity=QUANTITIES, place=BINS)
    def move(self, data, quantity, place):
        who, item, source = self.goods(data, "SELLABLE", "RECEIVED", "DAMAGED")
        said = self.post(who, "MOVE", item=item, quantity=quantity, source=source, place=place)
        assert said == self.model.move(who, item, quantity, source, place)

    @rule(data=st.data(), quantity=QUANTITIES, claim=st.none() | st.integers(0, 20))
    def sell(self, data, quantity, claim):
        who, item, place = self.goods(data, "SELLABLE")
        numbered = None if claim is None or not self.claims else claim % len(self.claims)
        reference = None if numbered is None else f"gid://stockbook/Claim/{self.claims[numbered]}"
        before = self.model.copy()
        said = self.post(who, "SELL", item=item, quantity=quantity, place=place, claim=reference)
        assert said == self.model.sell(who, item, quantity, place, None, numbered)
        if said == "POSTED" and numbered is None:
            self.sold.append((who, self.last.movement, before))

    @rule()
    def reverse_the_last_sale(self):
        """A movement and its opposite are nothing: only when nothing else came between."""
        if not self.sold or self.sold[-1][1] != getattr(self.last, "movement", None):
            return
        who, movement, before = self.sold.pop()
        assert self.post(who, "REVERSE", movement=f"gid://stockbook/Movement/{movement}") == "POSTED"
        charges = self.model.charges
        back = [(item, creditor, debtor, part) for item, debtor, creditor, part in charges[len(before.charges) :]]
        self.model = before
        self.model.charges = charges + back

    @rule(data=st.data(), quantity=QUANTITIES, inbound=st.booleans())
    def reserve(self, data, quantity, inbound):
        who, item, _ = self.goods(data, "SELLABLE", "IN_TRANSIT")
        against = "INBOUND" if inbound else "ON_HAND"
        said = self.post(who, "RESERVE", item=item, quantity=quantity, site=f"{who}/SITE", against=against)
        assert said == self.model.reserve(who, item, quantity, f"{who}/SITE", inbound)
        if said == "POSTED":
            self.claims.append(self.last.claims[0])

    @rule(who=WHO, claim=st.integers(0, 20))
    def release(self, who, claim):
        if self.claims:
            numbered = claim % len(self.claims)
            said = self.post(who, "RELEASE", claim=f"gid://stockbook/Claim/{self.claims[numbered]}")
            assert said == self.model.release(who, numbered)

    @rule(data=st.data(), quantity=QUANTITIES, on=st.booleans())
    def hold(self, data, quantity, on):
        who, item, place = self.goods(data, "SELLABLE", "RECEIVED", "IN_TRANSIT")
        verb = "HOLD" if on else "UNHOLD"
        said = self.post(who, verb, overlay="FROZEN", item=item, quantity=quantity, place=place)
        assert said == self.model.hold(who, item, quantity, place, on)

    @rule(data=st.data(), counted=st.integers(0, 30), seen=st.booleans())
    def count(self, data, counted, seen):
        who, item, place = self.goods(data, "SELLABLE")
        rows = [row for row in self.model.goods if (row[0], row[2], row[3]) == (item, place, "SELLABLE")]
        book = sum((self.model.goods[row] for row in rows), Decimal(0))
        counted, expected = min(Decimal(counted), book), book if seen else book + 1
        said = self.post(who, "COUNT", item=item, place=place, counted=counted, expected=expected)
        assert said == self.model.count(who, item, place, counted, expected)

    @rule(data=st.data(), quantity=QUANTITIES)
    def dispatch(self, data, quantity):
        who, item, source = self.goods(data, "SELLABLE")
        said = self.post(who, "DISPATCH", item=item, quantity=quantity, source=source, place="VAN/SHOP")
        assert said == self.model.dispatch(who, item, quantity, source)

    @rule(data=st.data(), quantity=QUANTITIES, place=BINS)
    def arrive(self, data, quantity, place):
        who, item, _ = self.goods(data, "IN_TRANSIT")
        said = self.post(who, "ARRIVE", item=item, quantity=quantity, source="VAN/SHOP", place=place)
        assert said == self.model.arrive(who, item, quantity, place)

    @rule(data=st.data(), quantity=QUANTITIES)
    def damage(self, data, quantity):
        who, item, place = self.goods(data, "SELLABLE")
        line = {"item": item, "quantity": quantity, "place": place}
        said = self.post(who, "CHANGE_STATE", **line, from_state="SELLABLE", to_state="DAMAGED")
        assert said == self.model.damage(who, item, quantity, place)

    @rule(data=st.data(), taker=WHO, quantity=QUANTITIES)
    def grant(self, data, taker, quantity):
        who, item, place = self.goods(data, "SELLABLE", "IN_TRANSIT", "RECEIVED")
        line = {"right": "SALE", "organisation": taker, "item": item, "quantity": quantity, "place": place}
        assert self.post(who, "GRANT", **line) == self.model.grant(who, item, quantity, place, taker)

    @invariant()
    def the_books_say_what_the_model_says(self):
        if not hasattr(self, "model"):
            return
        ids = {(kind, id_): name for kind, names in self.kinds().items() for name, id_ in names.items()}
        goods = {}
        for position, quantity in self.run(self.trade.store.positions()).items():
            rights = [ids["organisation", holder] for holder in position.rights]
            row = (
                ids["item", position.item],
                ids["place", position.place],
                State(position.state).name,
                position.holds == 1,
                rights[0],
                rights[1],
                rights[3],
            )
            goods[row] = goods.get(row, 0) + quantity
        lotless = {}
        for (item, _, *row), quantity in self.model.goods.items():
            lotless[item, *row] = lotless.get((item, *row), 0) + quantity
        assert goods == lotless
        tallies = {
            (ids["organisation", shelf.seller], ids["place", shelf.site], ids["item", shelf.item]): tuple(tally)
            for shelf, tally in self.run(self.trade.store.tallies()).items()
        }
        assert tallies == self.model.tallies()

    @invariant()
    def the_journal_replayed_is_the_balances(self):
        if not hasattr(self, "model"):
            return
        balances = {}
        for legs in self.run(self.trade.store.movements()).values():
            for leg in legs:
                assert leg.quantity > 0
                for end, sign in ((leg.source, -1), (leg.target, 1)):
                    if end.state:
                        key = (leg.item, leg.lot, *end)
                        balances[key] = balances.get(key, 0) + leg.quantity * sign
        kept = self.run(self.trade.store.positions())
        assert {key: quantity for key, quantity in balances.items() if quantity} == {
            tuple(p): q for p, q in kept.items()
        }
        assert all(quantity > 0 for quantity in kept.values())

    @invariant()
    def charges_are_what_title_left(self):
        if hasattr(self, "model"):
            ids = self.trade.ids
            said = sorted((ids[i], ids[d], ids[c], q) for i, d, c, q in self.model.charges)
            totals, kept = {}, {}
            for charges, sums in ((said, totals), (self.run(self.trade.store.charges()), kept)):
                for *who, quantity in charges:
                    sums[tuple(who)] = sums.get(tuple(who), 0) + quantity
            assert totals == kept

    def kinds(self):
        ids = self.trade.ids
        places = {*PLACES, "FARM/SITE", "SHOP/SITE"}
        return {
            "organisation": {name: ids[name] for name in ("FARM", "SHOP", "CARRIER")},
            "item": {name: ids[name] for name in ("APPLE", "FLOUR")},
            "place": {name: ids[name] for name in places},
        }


assert NOON.day == 25, "EXPIRY counts days from the twentieth"
