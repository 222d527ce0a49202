from pathlib import Path

import pytest_asyncio

from stockbook.parts import assembled
from stockbook.settings import Settings
from tests.mutations.network import Network, network

ROOT = Path(__file__).parents[2]


@pytest_asyncio.fixture(scope="module")
async def trade(dsn, tmp_path_factory) -> Network:
    """A small trade on the real store, behind the real door; LI and WANG keep the shop's store."""
    home = tmp_path_factory.mktemp("home")
    async with assembled(Settings(DATABASE_URL=dsn, home=home, policies=ROOT / "policies")) as parts:
        made = await network(parts)
        names = ("LI", "WANG")
        roles = [{"role": role, "organisation": "SHOP"} for role in ("storekeeper", "counter")]
        people = [{"externalReference": name, "name": name.title(), "memberships": roles} for name in names]
        ids = await made.register("registerPrincipals", people)
        made.people |= {name: int(each.rpartition("/")[2]) for name, each in zip(names, ids, strict=True)}
        made.ids |= dict.fromkeys(names, made.ids["SHOP"])
        yield made
