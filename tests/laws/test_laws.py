"""Laws of the ledger, over scripts of random commands on the memory store (style 4.9)."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from stockbook.domain.rights.sellable import Tally
from stockbook.domain.stock.states import Presence, States
from stockbook.domain.stock.verbs import Verb
from tests.memory import Memory
from tests.trade import Trade

QUANTITIES = st.integers(1, 9)
ITEMS = st.sampled_from(["APPLE", "PEAR"])
BINS = st.sampled_from(["SHOP/DOCK", "SHOP/SHELF", "SHOP/TILL"])
LOTS = st.sampled_from([None, "L1", "L2"])

LINES = {
    "RECEIVE": st.fixed_dictionaries({"item": ITEMS, "quantity": QUANTITIES, "place": BINS, "lot": LOTS}),
    "PUT_AWAY": st.fixed_dictionaries({"item": ITEMS, "quantity": QUANTITIES, "source": BINS, "place": BINS}),
    "MOVE": st.fixed_dictionaries({"item": ITEMS, "quantity": QUANTITIES, "source": BINS, "place": BINS}),
    "SELL": st.fixed_dictionaries({"item": ITEMS, "quantity": QUANTITIES, "place": BINS}),
    "RESERVE": st.fixed_dictionaries({"item": ITEMS, "quantity": QUANTITIES, "site": st.just("SHOP/SITE")}),
    "HOLD": st.fixed_dictionaries({"item": ITEMS, "quantity": QUANTITIES, "place": BINS, "overlay": st.just("FROZEN")}),
    "UNHOLD": st.fixed_dictionaries({"item": ITEMS, "place": BINS, "overlay": st.just("FROZEN")}),
    "GRANT": st.fixed_dictionaries(
        {
            "item": ITEMS,
            "quantity": QUANTITIES,
            "place": BINS,
            "right": st.just("SALE"),
            "organisation": st.just("OTHER"),
        }
    ),
    "DISPATCH": st.fixed_dictionaries({"item": ITEMS, "quantity": QUANTITIES, "source": BINS, "place": st.just("VAN")}),
    "ARRIVE": st.fixed_dictionaries({"item": ITEMS, "quantity": QUANTITIES, "source": st.just("VAN"), "place": BINS}),
}


@st.composite
def commands(draw):
    """Return (who, verb, lines, policy)."""
    verb = draw(st.sampled_from(sorted(LINES)))
    lines = draw(st.lists(LINES[verb], min_size=1, max_size=3))
    who = draw(st.sampled_from(["SHOP", "SHOP", "SHOP", "OTHER"]))
    return who, verb, lines, draw(st.sampled_from(["REJECT_ALL", "REJECT_FAILED"]))


SCRIPTS = st.lists(commands(), min_size=1, max_size=25)


async def shop():
    """A shop with ten apples and ten pears on its shelf, and a van bound for it."""
    trade = Trade(Memory())
    await trade.organisations("SHOP", "OTHER")
    await trade.site("SHOP", "DOCK", "SHELF")
    await trade.place("SHOP/TILL", "SHOP", parent="SHOP/SITE", strict=False)
    await trade.place("VAN", "SHOP", "SHIPMENT", bound_for="SHOP/SITE")
    for item in ("APPLE", "PEAR"):
        await trade.item(item)
        await trade.stock("SHOP", item, 10, "SHOP/SHELF", lot="L1")
    return trade


def spell(trade, script):
    return [
        trade.command(who, verb, *lines, key=f"script-{number}", policy=policy)
        for number, (who, verb, lines, policy) in enumerate(script)
    ]


async def one_by_one(script):
    trade = await shop()
    return trade, [await trade.posting.post(command) for command in spell(trade, script)]


def codes(answers):
    return [[outcome.refusal.code.name if outcome.refusal else "POSTED" for outcome in answer] for answer in answers]


async def books(trade):
    """Return positions (lots by code), availability and promises."""
    lots = {id_: lot.code for id_, lot in trade.store.inner.books.lots.items()}
    positions = {p._replace(lot=lots.get(p.lot)): q for p, q in (await trade.store.positions()).items()}
    claims = sorted((shelf, quantity, state) for shelf, quantity, state in (await trade.store.claims()).values())
    return positions, await trade.store.tallies(), claims


@given(SCRIPTS)
@settings(max_examples=50, deadline=None)
def test_a_batch_is_posted_as_one_by_one(script):
    async def law():
        alone, said_alone = await one_by_one(script)
        together = await shop()
        said_together = await asyncio.gather(*map(together.posting.post, spell(together, script)))
        assert codes(said_together) == codes(said_alone)
        assert await books(together) == await books(alone)

    asyncio.run(law())


@given(SCRIPTS)
@settings(max_examples=50, deadline=None)
def test_twice_is_once(script):
    async def law():
        trade, first = await one_by_one(script)
        posted = [
            (c, a) for c, a in zip(spell(trade, script), first, strict=True) if codes([a]) == [["POSTED"] * len(a)]
        ]
        before = await books(trade)
        for command, answer in posted:
            again = await trade.posting.post(command)
            assert [outcome.movement for outcome in again] == [outcome.movement for outcome in answer]
            assert [outcome.claims for outcome in again] == [outcome.claims for outcome in answer]
            assert all(outcome.duplicate for outcome in again)
        assert await books(trade) == before

    asyncio.run(law())


@given(SCRIPTS)
@settings(max_examples=40, deadline=None)
def test_quantity_is_conserved_and_the_journal_is_the_balances(script):
    async def law():
        trade, _ = await one_by_one(script)
        balances, outside = {}, {}
        for legs in (await trade.store.movements()).values():
            for leg in legs:
                for end, change in ((leg.source, -leg.quantity), (leg.target, leg.quantity)):
                    virtual = trade.store.inner.places_by_id[end.place].virtual
                    assert virtual == (end.state == 0)
                    row = (leg.item, leg.lot, *end)
                    sums = outside if virtual else balances
                    sums[row] = sums.get(row, 0) + change
        positions = {tuple(position): quantity for position, quantity in (await trade.store.positions()).items()}
        assert {row: quantity for row, quantity in balances.items() if quantity} == positions
        assert all(quantity > 0 for quantity in positions.values())
        for item in {row[0] for row in (*balances, *outside)}:
            assert sum(q for sums in (balances, outside) for row, q in sums.items() if row[0] == item) == 0

    asyncio.run(law())


@given(SCRIPTS)
@settings(max_examples=40, deadline=None)
def test_availability_is_the_sum_of_positions_and_claims(script):
    async def law():
        trade, _ = await one_by_one(script)
        store = trade.store
        places = store.inner.places_by_id
        summed = {}  # on hand, inbound, held, reserved; states by the numbers of the trade's table
        for position, quantity in (await store.positions()).items():
            place, coming = places[position.place], position.state in (1, 2)
            site = place.bound_for if coming else place.site
            if site is None or not position.rights.seller or (coming and position.holds):
                continue
            figure = 1 if coming else 0 if position.state == 8 and not position.holds else 2
            summed.setdefault((position.rights.seller, site, position.item), [0, 0, 0, 0])[figure] += quantity
        for shelf, quantity, _ in (await store.claims()).values():
            summed.setdefault(tuple(shelf), [0, 0, 0, 0])[3] += quantity
        told = {tuple(shelf): list(tally) for shelf, tally in (await store.tallies()).items()}
        assert {shelf: figures for shelf, figures in summed.items() if any(figures)} == told

    asyncio.run(law())


@given(SCRIPTS)
@settings(max_examples=40, deadline=None)
def test_sellable_is_within_available_is_within_what_is_there(script):
    async def law():
        trade, _ = await one_by_one(script)
        there = {}
        for position, quantity in (await trade.store.positions()).items():
            if States().traits(position.state).presence is Presence.HERE:
                shelf = (position.rights.seller, position.item)
                there[shelf] = there.get(shelf, 0) + quantity
        for shelf, tally in (await trade.store.tallies()).items():
            assert (
                tally.sellable
                <= tally.on_hand
                <= tally.on_hand + tally.held
                == there.get((shelf.seller, shelf.item), 0)
            )
            assert tally.reserved >= 0

    asyncio.run(law())


@given(SCRIPTS, ITEMS, QUANTITIES)
@settings(max_examples=50, deadline=None)
def test_reserve_and_release_is_nothing(script, item, quantity):
    async def law():
        trade, _ = await one_by_one(script)
        before = await trade.store.positions(), await trade.store.tallies()
        [made] = await trade.post("SHOP", "RESERVE", {"item": item, "quantity": quantity, "site": "SHOP/SITE"})
        if made.movement:
            assert (await trade.tally("SHOP", item)).reserved == before[1].get(
                shelf(trade, item), Tally()
            ).reserved + quantity
            await trade.do("SHOP", "RELEASE", claim=f"gid://stockbook/Claim/{made.claims[0]}")
        assert (await trade.store.positions(), await trade.store.tallies()) == before

    asyncio.run(law())


@given(SCRIPTS, commands())
@settings(max_examples=50, deadline=None)
def test_a_movement_and_its_opposite_is_nothing(script, last):
    async def law():
        trade, _ = await one_by_one(script)
        before = await trade.store.positions(), await trade.store.tallies()
        who, verb, lines, _ = last
        [outcome] = await trade.post(who, verb, lines[0])
        if outcome.movement:
            await trade.do(who, "REVERSE", movement=f"gid://stockbook/Movement/{outcome.movement}")
        assert (await trade.store.positions(), await trade.store.tallies()) == before

    asyncio.run(law())


def shelf(trade, item):
    return trade.ids["SHOP"], trade.ids["SHOP/SITE"], trade.ids[item]


def test_the_scripts_speak_of_real_verbs():
    assert set(LINES) <= {verb.value for verb in Verb}
