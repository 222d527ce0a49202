"""The memory ledger against the independent model."""

from hypothesis import HealthCheck, settings

from tests.laws.machine import LedgerMachine
from tests.memory import Memory


class OnMemory(LedgerMachine):
    async def make_store(self):
        return Memory()


TestOnMemory = OnMemory.TestCase
TestOnMemory.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
