"""Law: whatever two organisations define and lay over shared goods, memory and PostgreSQL decide and keep alike."""

import random
from collections import Counter

import pytest

from stockbook.domain.stock.overlays import BLOCKS, SET_SHIFT
from stockbook.store.verify import CHECKS
from tests.memory import Memory
from tests.postgres import emptied
from tests.trade import Trade

SHOP_OVERLAYS = {"CUSTOMS": True, "ON_DISPLAY": False, "SAMPLE": False}
BUILT_IN = ("FROZEN", "RECALLED")


async def opened(store):
    """Open a trade in which a shop's goods are kept by a warehouse; both have overlays, states and a guard."""
    trade = Trade(store)
    await trade.organisations("SHOP", "KEEPER")
    await trade.site("KEEPER", "SHELF")
    await trade.item("APPLE")
    for name, blocks in SHOP_OVERLAYS.items():
        await trade.overlay("SHOP", name, blocks=blocks)
    await trade.overlay("KEEPER", "CUSTOMS", "SELLABLE", "QUARANTINED", blocks=True)
    await trade.overlay("KEEPER", "LABELLED", blocks=False)
    await trade.state("SHOP", "RIPENING", "QUARANTINED", "SELLABLE", "DAMAGED")
    await trade.guard("SHOP", "REASONED", "SELLABLE", ("REASON_GIVEN",), ("QUANTITY_AT_MOST", "2"), match="ANY")
    for quantity in (10, 7):
        await trade.stock("KEEPER", "APPLE", quantity, "KEEPER/SHELF", owner="SHOP", seller="SHOP")
    return trade


def step(chance):
    """Return who does what to the apples, and why."""
    who = chance.choice(["SHOP", "KEEPER"])
    line = {"item": "APPLE", "place": "KEEPER/SHELF"}
    kind = chance.choice(["HOLD", "HOLD", "HOLD", "UNHOLD", "UNHOLD", "CHANGE_STATE", "SELL"])
    if kind != "UNHOLD" or chance.random() < 0.7:
        line["quantity"] = chance.randint(1, 6)
    if kind in {"HOLD", "UNHOLD"}:
        name = chance.choice([*SHOP_OVERLAYS, "LABELLED", *BUILT_IN, "FROZEN"])
        line |= {"overlay": name} if name in BUILT_IN else {"own": name}
    elif kind == "CHANGE_STATE":
        states = ["SELLABLE", "QUARANTINED", "RIPENING", "IN_INSPECTION", "DAMAGED"]
        line |= {"from_state": chance.choice(states[:3]), "to_state": chance.choice(states)}
    return who, kind, line, chance.choice(["", "because"])


async def kept(trade):
    """Return positions as they mean the same on any store: names of states and overlays instead of numbers."""
    catalogue = trade.store.catalogue
    positions = await trade.store.positions()
    names = {each.id: (each.organisation, each.name, each.blocks) for each in await catalogue.overlays()}
    sets = await catalogue.overlay_sets(sorted({each.holds >> SET_SHIFT for each in positions} - {0}))
    states = {state.code: state.name for state in await catalogue.states()}
    who = {id_: name for name, id_ in trade.ids.items()}
    found = Counter()
    for position, quantity in positions.items():
        laid = [names[each] for each in sets.get(position.holds >> SET_SHIFT, ())]
        assert bool(position.holds & 128) == any(blocks for _, _, blocks in laid)
        own = tuple(sorted((who[organisation], name) for organisation, name, _ in laid))
        found[states.get(position.state, int(position.state)), position.holds & 15, own] += quantity
    on_hand = sum(quantity for each, quantity in positions.items() if each.state == 8 and not each.holds & BLOCKS)
    tally = await trade.tally("SHOP", "APPLE", "KEEPER/SITE")
    assert tally.on_hand == on_hand
    return found, tally


@pytest.mark.parametrize("seed", range(3))
async def test_two_stores_agree_step_by_step(db, seed):
    chance = random.Random(seed)
    trades = [await opened(Memory()), await opened(await emptied(db))]
    refused = set()
    for number in range(45):
        who, verb, line, reason = step(chance)
        told = []
        for trade in trades:
            [outcome] = await trade.post(who, verb, line, reason=reason)
            told.append(outcome.refusal and (outcome.refusal.code, outcome.refusal.message))
            trade.later(minutes=1)
        assert told[0] == told[1], (seed, number, who, verb, line)
        refused.add(told[0] and told[0][0].name)
        assert await kept(trades[0]) == await kept(trades[1]), (seed, number, who, verb, line)
    assert {None, "REFERENCE_UNKNOWN"} < refused
    for name in ("balances", "availability", "negative"):
        assert not await db.fetch(CHECKS[name]), name
