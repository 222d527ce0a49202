"""The stores that are held to one suite."""

import pytest

from tests.memory import Memory
from tests.postgres import emptied
from tests.trade import Trade


@pytest.fixture(params=["memory", "postgres"])
async def store(request, db):
    """An empty store, as `tests.trade.Store`."""
    return Memory() if request.param == "memory" else await emptied(db)


@pytest.fixture
async def trade(store):
    """A farm, a carrier, a kitchen and two shops, with an item or two."""
    trade = Trade(store)
    await trade.organisations("FARM", "CARRIER", "KITCHEN", "SHOP", "OTHER")
    await trade.site("FARM", "STORE")
    await trade.site("SHOP", "DOCK", "SHELF")
    await trade.site("OTHER", "SHELF")
    await trade.site("KITCHEN", "STORE")
    await trade.place("KITCHEN/LINE", "KITCHEN", "PRODUCTION", parent="KITCHEN/SITE")
    await trade.place("SHOP/TILL", "SHOP", parent="SHOP/SITE", strict=False)
    await trade.place("VAN", "CARRIER", "VEHICLE")
    await trade.place("VAN/SHOP", "CARRIER", "SHIPMENT", parent="VAN", bound_for="SHOP/SITE")
    await trade.place("PALLET", "SHOP", "PALLET", parent="SHOP/DOCK")
    await trade.item("APPLE", units={"box": "12"}, category="FRUIT")
    await trade.item("FLOUR", base_unit="kg", decimals=3, units={"lb": "0.453592"})
    await trade.item("TOMATO", base_unit="kg", decimals=3, inspected=True, category="VEGETABLE")
    await trade.item("SOUP", base_unit="l", decimals=2)
    return trade
