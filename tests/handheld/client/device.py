"""A whole device without a screen: journal, replica, keystore, transport."""

import base64
import contextlib

from handheld.client.enrolment import Enrolment, FileKeystore
from handheld.client.sync import Sync
from handheld.client.transport import Transport
from handheld.outbox.entry import Written
from handheld.outbox.journal import Journal
from handheld.replica.replica import Replica
from tests.handheld.client.model import REFERENCE, SECRETS, TOKEN


class Device:
    """Made anew over the same folder, it is the same device after a restart."""

    def __init__(self, folder, address, epoch=1, **more):
        self.keystore = FileKeystore(folder / "enrolment.json")
        secret = base64.b64encode(SECRETS[epoch]).decode()
        if (kept := self.keystore.load()) is None or kept.epoch != epoch:
            self.keystore.save(Enrolment(address, REFERENCE, epoch, secret, TOKEN))
        self.journal = Journal(folder / "outbox.db", self.keystore.load().identity)
        self.replica = Replica(folder / "replica.db")
        self.transport = Transport(address, connect_seconds=2, read_seconds=5)
        self.sync = Sync(self.journal, self.replica, self.keystore, self.transport, **more)

    def scan(self, *quantities, **more):
        return self.journal.append(
            *(Written({"action": "count", "item": "I", "quantity": str(each)}, **more) for each in quantities)
        )

    def exchange(self, most=1000):
        """Take steps until there is nothing to do; troubles are simply met again. Returns the last step."""
        for _ in range(most):
            step = self.sync.step()
            if step.failed is None and not step.more:
                return step
        raise AssertionError(f"never done: {step}")

    def close(self):
        self.journal.close()
        self.replica.close()
        self.transport.close()


@contextlib.contextmanager
def device(folder, address, **more):
    found = Device(folder, address, **more)
    try:
        yield found
    finally:
        found.close()
