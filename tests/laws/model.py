"""An independent model of the ledger, from the design alone: it imports nothing of what it judges.

Goods are rows of (item, lot, place, state, held, owner, keeper, seller) with a
quantity; the same organisation disposes as keeps in this small world. Each verb
answers "POSTED" or the code of its refusal.
"""

from collections import defaultdict
from copy import deepcopy
from decimal import Decimal

PLACES = {
    "FARM/STORE": ("FARM", "FARM/SITE", None, True),
    "SHOP/DOCK": ("SHOP", "SHOP/SITE", None, True),
    "SHOP/SHELF": ("SHOP", "SHOP/SITE", None, True),
    "VAN/SHOP": ("CARRIER", None, "SHOP/SITE", True),
}
"""place -> (host, site, bound for, strict)"""
EXPIRY = {None: 99, "OLD": 1, "SOON": 10, "LATE": 20}
"""Day on which a lot expires; today is 5."""
TODAY = 5
CODES = {"IN_TRANSIT": 2, "RECEIVED": 3, "SELLABLE": 8, "DAMAGED": 10}
"""The states of this world in the order of their codes, by which ties are broken."""
LEAVES = {"SELLABLE": 0, "AWAITING_PUTAWAY": 1, "AWAITING_PROCESSING": 2}


class Model:
    def __init__(self, numbers):
        """`numbers` orders lots and organisations as the ledger's ids do (it breaks ties by them)."""
        self.number = numbers
        self.goods = defaultdict(Decimal)
        self.reserved = defaultdict(Decimal)
        self.claims = {}
        self.lots = {None}
        self.charges = []

    def copy(self):
        return deepcopy(self)

    # figures

    def tallies(self):
        """Return {(seller, site, item): (on hand, inbound, held, reserved)}."""
        found = defaultdict(lambda: [Decimal(0)] * 4)
        for (item, _, place, state, held, _, _, seller), quantity in self.goods.items():
            _, site, bound, _ = PLACES[place]
            if state == "IN_TRANSIT":
                if bound and not held:
                    found[seller, bound, item][1] += quantity
            elif site:
                figure = 0 if state == "SELLABLE" and not held else 2
                found[seller, site, item][figure] += quantity
        for shelf, quantity in self.reserved.items():
            found[shelf][3] += quantity
        return {shelf: tuple(figures) for shelf, figures in found.items() if any(figures)}

    def free(self, seller, site, item):
        on_hand, _, _, reserved = self.tallies().get((seller, site, item), (0, 0, 0, 0))
        return Decimal(on_hand) - Decimal(reserved)

    # choosing

    def choose(self, who, item, lot, place, quantity, *, rank, may, unheld=False, fresh=False):
        """Return (rows taken, code): first expired first, or why not."""
        host = PLACES[place][0]
        fit, against, known = [], defaultdict(Decimal), False
        for row, there in self.goods.items():
            its_item, its_lot, its_place, state, held, owner, keeper, seller = row
            if (its_item, its_place) != (item, place) or there <= 0 or (lot is not None and its_lot != lot):
                continue
            mine = host == who or who in {owner, keeper, seller}
            known = known or who in {owner, keeper, seller}
            if not may(owner, keeper, seller):
                if mine:
                    against["RIGHT_NOT_HELD"] += there
            elif state not in rank:
                against["STATE_FORBIDS"] += there
            elif unheld and held:
                against["OVERLAY_HOLDS"] += there
            elif fresh and EXPIRY[its_lot] < TODAY:
                against["LOT_EXPIRED"] += there
            else:
                ids = [self.number[party] for party in row[5:]]
                order = (rank[state], held, EXPIRY[its_lot], self.number[its_lot], CODES[state], ids)
                fit.append((order, row, there))
        fit.sort(key=lambda each: each[0])
        available = sum((there for _, _, there in fit), Decimal(0))
        if available >= quantity:
            return self.fill(fit, quantity), None
        if host != who and not known:
            return [], "PLACE_UNKNOWN"
        for code in ("RIGHT_NOT_HELD", "STATE_FORBIDS", "OVERLAY_HOLDS", "LOT_EXPIRED"):
            if code in against and available + against[code] >= quantity:
                return self.fill(fit, available), code
        return self.fill(fit, available), "INSUFFICIENT_STOCK"

    def fill(self, fit, quantity):
        taken = []
        for _, row, there in fit:
            part = min(there, quantity)
            if part > 0:
                taken.append((row, part))
                quantity -= part
        return taken

    def shift(self, row, quantity, **change):
        """Take from a row and put to the row it becomes (None: gone for good)."""
        self.goods[row] -= quantity
        if not self.goods[row]:
            del self.goods[row]
        if change.get("gone"):
            return
        names = ("item", "lot", "place", "state", "held", "owner", "keeper", "seller")
        new = tuple(change.get(name, value) for name, value in zip(names, row, strict=True))
        self.goods[new] += quantity

    def keeps(self, who, place):
        return lambda owner, keeper, seller: who in {PLACES[place][0], keeper}

    # verbs

    def receive(self, who, item, quantity, place, lot, owner):
        if PLACES[place][0] != who:
            return "PLACE_UNKNOWN"
        self.lots.add(lot)
        self.goods[item, lot, place, "RECEIVED", False, owner, who, who] += quantity
        return "POSTED"

    def put_away(self, who, item, quantity, source, place):
        if PLACES[place][0] not in {who, PLACES[source][0]}:
            return "PLACE_UNKNOWN"
        rows, no = self.choose(who, item, None, source, quantity, rank={"RECEIVED": 1}, may=self.keeps(who, source))
        if no:
            return no
        if any(EXPIRY[row[1]] < TODAY for row, _ in rows):
            return "LOT_EXPIRED"
        for row, part in rows:
            self.shift(row, part, place=place, state="SELLABLE")
        return "POSTED"

    def move(self, who, item, quantity, source, place):
        if PLACES[place][0] not in {who, PLACES[source][0]}:
            return "PLACE_UNKNOWN"
        if place == source:
            return "BAD_INPUT"
        rank = {"SELLABLE": 0, "RECEIVED": 3, "DAMAGED": 10}
        rows, no = self.choose(who, item, None, source, quantity, rank=rank, may=self.keeps(who, source))
        if no:
            return no
        for row, part in rows:
            self.shift(row, part, place=place)
        return "POSTED"

    def sell(self, who, item, quantity, place, lot, claim):
        if lot not in self.lots:
            return "LOT_UNKNOWN"
        promised = Decimal(0)
        if claim is not None:
            seller, _, its_item, left = self.claims[claim]
            if seller != who or its_item != item:
                return "CLAIM_UNKNOWN"
            if left <= 0:
                return "CLAIM_ENDED"
            promised = min(quantity, left)
        rows, no = self.choose(
            who,
            item,
            lot,
            place,
            quantity,
            rank={"SELLABLE": 0},
            may=lambda owner, keeper, seller: seller == who,
            unheld=True,
            fresh=True,
        )
        if no:
            return no
        _, site, _, strict = PLACES[place]
        drop = quantity
        if claim is not None and self.claims[claim][1] == site:
            drop -= promised
        if strict and drop > 0 and self.free(who, site, item) < drop:
            return "EXCEEDS_AVAILABLE"
        for row, part in rows:
            if row[5] == "FARM" and who == "SHOP":
                self.charges.append((item, "SHOP", "FARM", part))
            self.shift(row, part, gone=True)
        if claim is not None:
            self.unreserve(claim, promised)
        return "POSTED"

    def reserve(self, who, item, quantity, site, inbound):
        shelf = (who, site, item)
        on_hand, coming, _, reserved = self.tallies().get(shelf, (Decimal(0),) * 4)
        free = on_hand - reserved + (coming if inbound else 0)
        if free < quantity:
            return "EXCEEDS_AVAILABLE"
        self.reserved[shelf] += quantity
        self.claims[len(self.claims)] = [*shelf, quantity]
        return "POSTED"

    def release(self, who, claim):
        if self.claims[claim][0] != who:
            return "CLAIM_UNKNOWN"
        if self.claims[claim][3] <= 0:
            return "CLAIM_ENDED"
        self.unreserve(claim, self.claims[claim][3])
        return "POSTED"

    def unreserve(self, claim, quantity):
        seller, site, item, _ = self.claims[claim]
        self.claims[claim][3] -= quantity
        self.reserved[seller, site, item] -= quantity

    def hold(self, who, item, quantity, place, on):
        rank = dict.fromkeys(("RECEIVED", "SELLABLE", "DAMAGED", "IN_TRANSIT"), 0)
        host = PLACES[place][0]
        with_or_without = {row: there for row, there in self.goods.items() if row[4] != on}
        kept, self.goods = self.goods, defaultdict(Decimal, with_or_without)
        rows, no = self.choose(
            who, item, None, place, quantity, rank=rank, may=lambda owner, keeper, _: who in {host, keeper, owner}
        )
        party = any((row[0], row[2]) == (item, place) and who in row[5:] for row in kept)
        self.goods = kept
        if no:
            return "INSUFFICIENT_STOCK" if no == "PLACE_UNKNOWN" and party else no
        for row, part in rows:
            self.shift(row, part, held=on)
        return "POSTED"

    def count(self, who, item, place, counted, expected):
        if PLACES[place][0] != who:
            return "PLACE_UNKNOWN"
        rows = [row for row in self.goods if (row[0], row[2], row[3]) == (item, place, "SELLABLE")]
        book = sum((self.goods[row] for row in rows), Decimal(0))
        if book != expected:
            return "STALE_QUANTITY"
        if counted < book:
            taken, _ = self.choose(who, item, None, place, book - counted, rank={"SELLABLE": 0}, may=lambda *_: True)
            for row, part in taken:
                self.shift(row, part, gone=True)
        return "POSTED"

    def dispatch(self, who, item, quantity, source):
        host = PLACES[source][0]
        rows, no = self.choose(
            who,
            item,
            None,
            source,
            quantity,
            rank=LEAVES,
            may=lambda _, keeper, __: who in {host, keeper},
            unheld=True,
        )
        if no:
            return no
        if any(EXPIRY[row[1]] < TODAY for row, _ in rows):
            return "LOT_EXPIRED"
        drops = defaultdict(Decimal)
        for row, part in rows:
            drops[row[7], PLACES[source][1], item] += part
        if any(self.free(*shelf) < drop for shelf, drop in drops.items()):
            return "EXCEEDS_AVAILABLE"
        for row, part in rows:
            seller = "SHOP" if row[7] == "FARM" else row[7]
            self.shift(row, part, place="VAN/SHOP", state="IN_TRANSIT", seller=seller)
        return "POSTED"

    def arrive(self, who, item, quantity, place):
        if PLACES[place][0] != who:
            return "PLACE_UNKNOWN"
        bound_here = PLACES["VAN/SHOP"][2] == PLACES[place][1]
        rows, no = self.choose(
            who,
            item,
            None,
            "VAN/SHOP",
            quantity,
            rank={"IN_TRANSIT": 0},
            may=lambda _, keeper, __: bound_here or who == keeper,
        )
        if no:
            return no
        for row, part in rows:
            self.shift(row, part, place=place, state="RECEIVED")
        return "POSTED"

    def damage(self, who, item, quantity, place):
        rows, no = self.choose(who, item, None, place, quantity, rank={"SELLABLE": 0}, may=self.keeps(who, place))
        if no:
            return no
        for row, part in rows:
            self.shift(row, part, state="DAMAGED")
        return "POSTED"

    def grant(self, who, item, quantity, place, taker):
        kept = {row: there for row, there in self.goods.items() if row[7] == taker}
        self.goods = defaultdict(Decimal, {row: there for row, there in self.goods.items() if row not in kept})
        rank = dict.fromkeys(("RECEIVED", "SELLABLE", "DAMAGED", "IN_TRANSIT"), 0)
        rows, no = self.choose(
            who, item, None, place, quantity, rank=rank, may=lambda owner, _, seller: who in {owner, seller}
        )
        self.goods.update(kept)
        if no:
            party = any((row[0], row[2]) == (item, place) and who in row[5:] for row in self.goods)
            return "INSUFFICIENT_STOCK" if no == "PLACE_UNKNOWN" and party else no
        site, strict = PLACES[place][1], PLACES[place][3]
        drops = defaultdict(Decimal)
        for row, part in rows:
            if row[3] == "SELLABLE" and not row[4]:
                drops[row[7], site, item] += part
        if strict and any(self.free(*shelf) < drop for shelf, drop in drops.items()):
            return "EXCEEDS_AVAILABLE"
        for row, part in rows:
            self.shift(row, part, seller=taker)
        return "POSTED"
