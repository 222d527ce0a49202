"""The PostgreSQL ledger against the independent model; the books are verified after every run."""

import asyncio

import pytest
from hypothesis import HealthCheck, settings

from stockbook.store.database import Database
from stockbook.store.verify import verify
from tests.laws.machine import LedgerMachine
from tests.postgres import emptied

_held = {}


@pytest.fixture(autouse=True, scope="module")
def database(fresh):
    """One database for all runs, in a loop of its own: Hypothesis drives from outside of any."""
    loop = asyncio.new_event_loop()
    dsn = loop.run_until_complete(fresh())
    _held["db"] = loop.run_until_complete(Database.open(dsn, cap_seconds=None))
    OnPostgres.loop = loop
    yield
    loop.run_until_complete(_held["db"].close())
    loop.close()


class OnPostgres(LedgerMachine):
    async def make_store(self):
        self.store = await emptied(_held["db"])
        return self.store

    def teardown(self):
        self.run(self.store.ledger.close())
        assert self.run(verify(_held["db"])) == []
        super().teardown()


def chosen(examples):
    return settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )


TestOnPostgres = OnPostgres.TestCase
TestOnPostgres.settings = chosen(8)


class OnPostgresForLong(OnPostgres):
    pass


TestOnPostgresForLong = pytest.mark.slow(OnPostgresForLong.TestCase)
TestOnPostgresForLong.settings = chosen(400)
