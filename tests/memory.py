"""The memory store as tests look at it."""

from stockbook.store.memory.registry import MemoryRegistry
from stockbook.store.memory.store import MemoryStore


class Memory:
    """`tests.trade.Store` over dictionaries."""

    def __init__(self):
        self.inner = MemoryStore()
        self.ledger = self.catalogue = self.inner
        self.registry = MemoryRegistry(self.inner)

    async def positions(self):
        return {position: quantity for position, quantity in self.inner.books.positions.items() if quantity}

    async def tallies(self):
        return {shelf: tally for shelf, tally in self.inner.books.tallies.items() if any(tally)}

    async def claims(self):
        return {id_: (claim.shelf, claim.quantity, claim.state) for id_, claim in self.inner.books.claims.items()}

    async def movements(self):
        return {id_: recorded.entry.legs for id_, recorded in self.inner.books.movements.items()}

    async def signals(self):
        return [(party.organisation, party.movement, party.topic) for party in self.inner.outbox]

    async def tasks(self):
        return [(task.organisation, task.kind) for task in self.inner.tasks]

    async def charges(self):
        return [(each.item, each.debtor, each.creditor, each.quantity) for _, each in self.inner.charges]
