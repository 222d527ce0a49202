"""Runs every scenario on every store: says what it says, and checks that all it says is so."""

from decimal import Decimal
from pathlib import Path

import pytest

from stockbook.domain.stock.movement import Shelf, Tally
from stockbook.domain.stock.states import State
from tests.memory import Memory
from tests.scenarios.language import Said, read
from tests.trade import Trade, snapshot

SCENARIOS = sorted(Path(__file__).parent.glob("*.md"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
async def test_it_goes_as_told(path, store):
    assert await perform(path.read_text(), store) > 10


async def perform(text, store):
    """Go through a scenario; return how many rows were checked."""
    play = Play(Trade(store))
    for heading, part in read(text):
        if isinstance(part, str):
            await play.set(part)
        elif isinstance(part, Said):
            await play.say(part, heading)
        else:
            await play.check(part, heading)
    return play.checked


class Play:
    """A scenario as it unfolds."""

    def __init__(self, trade):
        self.trade = trade
        self.parties = []
        self.items = []
        self.hosts = {}
        self.views = {}
        self.claims = {}
        self.states = {}
        self.posted = []
        self.checked = 0

    async def set(self, line):
        """Register what a line of the setting names."""
        word, *rest = line.split()
        if word == "organisations":
            await self.trade.organisations(*rest)
            self.parties = rest
        elif word == "item":
            reference, unit, decimals, *more = rest
            self.items.append(reference)
            await self.trade.item(reference, base_unit=unit, decimals=int(decimals), inspected="inspected" in more)
        elif word == "site":
            of, *bins = rest
            await self.trade.site(of, *bins)
            self.hosts |= {f"{of}/{name}": of for name in (*bins, "SITE")}
        elif word in {"production", "vehicle", "shipment"}:
            reference, of, *more = rest
            options = dict(zip(more[::2], more[1::2], strict=True))
            await self.trade.place(
                reference, of, word.upper(), parent=options.get("in"), bound_for=options.get("bound-for")
            )
            self.hosts[reference] = of
        elif word == "view":
            giver, taker = rest
            await self.trade.agree(giver, taker, views=True)
            self.views.setdefault(giver, set()).add(taker)
        elif word == "state":
            of, name, base, *may_become = rest
            code = await self.trade.state(of, name, base, *may_become)
            self.states[code] = name
        elif word == "overlay":
            of, name, how, *meets = rest
            await self.trade.overlay(of, name, *meets, blocks=how == "blocks")
        elif word == "guard":
            of, name, to, *asked = rest
            await self.trade.guard(of, name, to, *(tuple(each.split("=")) for each in asked))
        elif word == "document":
            of, reference, kind = rest
            await self.trade.document(of, reference, kind)
        else:
            await self.agree(line)

    async def agree(self, line):
        """`agreement SALE from KITCHEN to SHOP on DISPATCH [place P] [item I] [charges]`."""
        _, right, _, giver, _, taker, _, verb, *more = line.split()
        charges = "charges" in more
        more = [word for word in more if word != "charges"]
        options = dict(zip(more[::2], more[1::2], strict=True))
        made = await self.trade.agree(giver, taker, verb, right, charges=charges, **options)
        assert isinstance(made, tuple), made

    async def say(self, said, heading):
        """Post a line, or see it refused."""
        line = dict(said.line)
        paper = {"document": line.pop("on", None), "reason": line.pop("because", "")}
        if said.verb in {"HOLD", "UNHOLD"}:
            del line["unit"]  # these are said in the base unit
        if "claim" in line:
            line["claim"] = self.claims[line["claim"]]
        if said.refused:
            before = await snapshot(self.trade.store)
            [outcome] = await self.trade.post(said.who, said.verb, line, **paper)
            assert outcome.refusal is not None, f"it was posted: {said}"
            assert outcome.refusal.code.name == said.refused, heading
            assert await snapshot(self.trade.store) == before, "a refusal left something"
            return
        [outcome] = await self.trade.post(said.who, said.verb, line, **paper)
        assert outcome.refusal is None, (heading, outcome.refusal)
        self.posted.append((said.verb, outcome.movement))
        if said.claim:
            self.claims[said.claim] = f"gid://stockbook/Claim/{outcome.claims[0]}"
        self.trade.later(minutes=30)

    async def check(self, table, heading):
        """Compare a table with what is so."""
        self.checked += len(table.rows)
        kind = table.columns[0]
        so = {"quantity": self.positions, "seller": self.sellable, "debtor": self.charges, "posted": self.told}[kind]
        rows = [tuple(row.values()) for row in table.rows]
        assert await so(table) == (rows if kind == "posted" else sorted(rows)), heading

    async def told(self, _):
        """Return what was posted since this was asked last, and who was told of each."""
        signals, posted = await self.trade.store.signals(), self.posted
        self.posted = []
        return [
            (verb, " ".join(sorted(self.name(who, self.parties) for who, of, _ in signals if of == movement)))
            for verb, movement in posted
        ]

    def name(self, id_, among):
        """Return the reference of an id among those of a kind."""
        return next(reference for reference in among if self.trade.ids[reference] == id_)

    async def positions(self, _):
        """Return every position as the table says it, with who sees it."""
        rows = []
        for position, quantity in (await self.trade.store.positions()).items():
            holders = [self.name(holder, self.parties) for holder in position.rights]
            place = self.name(position.place, self.hosts)
            rows.append(
                (
                    _figure(quantity),
                    self.name(position.item, self.items),
                    self.states.get(position.state) or State(position.state).name,
                    place,
                    *holders,
                    " ".join(sorted(self.sees(holders, place))),
                )
            )
        return sorted(rows)

    def sees(self, holders, place):
        """Say who sees a position: its four holders, the host of its place, and whom a holder lets look."""
        viewers = {viewer for holder in holders for viewer in self.views.get(holder, ())}
        return {*holders, self.hosts[place], *viewers}

    async def sellable(self, table):
        """Return both numbers of the shelves that the table names."""
        rows = []
        for row in table.rows:
            shelf = Shelf(*(self.trade.ids[row[column]] for column in ("seller", "site", "item")))
            tally = (await self.trade.store.tallies()).get(shelf, Tally())
            free = tally.on_hand - tally.reserved
            rows.append((row["seller"], row["site"], row["item"], _figure(free), _figure(free + tally.inbound)))
        return sorted(rows)

    async def charges(self, _):
        """Return every charge so far."""
        return sorted(
            (
                self.name(debtor, self.parties),
                self.name(creditor, self.parties),
                self.name(item, self.items),
                _figure(quantity),
            )
            for item, debtor, creditor, quantity in await self.trade.store.charges()
        )


def _figure(quantity):
    return f"{Decimal(quantity).normalize():f}"


@pytest.mark.parametrize(
    ("so", "not_so"),
    [
        ("| 6 | SOUP | SELLABLE |", "| 7 | SOUP | SELLABLE |"),
        ("| GREENHOUSE KITCHEN UNION |", "| GREENHOUSE KITCHEN |"),
        ("| SHOP | SHOP/SITE | TOMATO | 0 | 2 |", "| SHOP | SHOP/SITE | TOMATO | 2 | 2 |"),
        ("| SHOP | KITCHEN | PASTE | 0.5 |", "| SHOP | KITCHEN | PASTE | 1 |"),
        ("! STATE_FORBIDS", "! GUARD_NOT_MET"),
    ],
)
async def test_what_is_not_so_fails(so, not_so):
    text = (SCENARIOS[0].parent / "tomatoes.md").read_text()
    assert so in text
    with pytest.raises(AssertionError):
        await perform(text.replace(so, not_so), Memory())
