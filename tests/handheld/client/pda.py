"""A whole device without a screen against the real server, through a network that loses replies."""

import asyncio
import json
import random
from contextlib import asynccontextmanager

import urllib3

from handheld.client.enrolment import FileKeystore, read
from handheld.client.hour import Hour
from handheld.client.sync import Sync
from handheld.client.transport import Transport, Trouble
from handheld.outbox.entry import Written
from handheld.outbox.journal import Journal
from handheld.replica.replica import Replica
from tests.handheld.client.model import serving


class Network:
    """Between device and server: loses requests, and replies to what was taken."""

    def __init__(self, address):
        self.address, self.lost, self.dropped = address, 0, 0
        self.stats = {"lost": 0, "dropped": 0}
        self._random, self._pool = random.Random(3), urllib3.PoolManager(retries=False)

    def answer(self, body, authorization):
        if self._random.randrange(100) < self.dropped:
            self.stats["dropped"] += 1
            return None
        headers = {"authorization": authorization, "content-type": "application/json"}
        said = self._pool.request("POST", f"{self.address}/graphql", body=body, headers=headers)
        if self._random.randrange(100) < self.lost:
            self.stats["lost"] += 1
            return None
        return said.status, {"content-type": said.headers["content-type"]}, said.data


class Pda:
    """A handheld without a screen."""

    def __init__(self, folder, enrolment):
        self.keystore = FileKeystore(folder / "enrolment.json")
        self.keystore.save(enrolment)
        self.hour = Hour(folder / "hour.json")
        self.journal = Journal(folder / "outbox.db", enrolment.identity)
        self.replica = Replica(folder / "replica.db")
        self.transport = Transport(enrolment.address, heard=self.hour.heard)
        self.now = 0.0
        self.sync = Sync(
            self.journal, self.replica, self.keystore, self.transport, monotonic=lambda: self.now, batch_max=40
        )

    def scan(self, action, code="", **labels):
        said = self.journal.append(Written({"action": action, **labels}, code=code, base=self.replica.version))
        assert isinstance(said, tuple), said
        return said[0]

    async def exchange(self):
        """Take steps, in another thread than the server's, until there is nothing to do."""
        self.now += 10
        for _ in range(500):
            step = await asyncio.to_thread(self.sync.step)
            if step.failed is None and not step.more:
                return step
            assert step.failed is None or step.failed.trouble is Trouble.OFFLINE, step
        raise AssertionError(step)

    def close(self):
        self.journal.close()
        self.replica.close()
        self.transport.close()


async def enrolled(store, reference, address):
    """Return the enrolment of a device, by way of the text of its QR code."""
    (result,) = (await store.enrolment(reference, "storekeeper"))["results"]
    said = {name: result[name] for name in ("reference", "epoch", "secret", "token")}
    found = read(json.dumps({"address": address, **said}))
    assert found.epoch == result["epoch"]
    return found


@asynccontextmanager
async def device(folder, store, reference, network=None):
    network = network or Network(store.served.address)
    with serving(network.answer) as address:
        pda = Pda(folder, await enrolled(store, reference, address))
        try:
            yield pda
        finally:
            await asyncio.to_thread(pda.close)
