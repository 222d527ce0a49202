"""A journal on a desk: clocks that are turned by hand, and words for what the server answers."""

from dataclasses import dataclass

from handheld.outbox.answers import Answer, Outcome
from handheld.outbox.clocks import Now
from handheld.outbox.entry import Identity, Written
from handheld.outbox.journal import Journal
from tests.handheld.outbox.oracle import REFERENCE, SECRET

HOUR = 3600.0
IDENTITY = Identity(REFERENCE, 1, SECRET)


@dataclass
class Clocks:
    """Turned by hand."""

    wall_ms: int = 1_764_320_461_000
    uptime_ms: int = 1_000
    boot: str = "first"

    def __call__(self):
        return Now(self.wall_ms, self.uptime_ms, self.boot)

    def pass_(self, seconds):
        self.wall_ms += int(seconds * 1000)
        self.uptime_ms += int(seconds * 1000)

    def restart(self):
        self.uptime_ms, self.boot = 1_000, self.boot + "+"


def opened(folder, identity=IDENTITY, **more):
    return Journal(folder / "outbox.db", identity, **more)


def count(quantity=1, **more):
    return Written({"action": "count", "item": "6921168509256", "quantity": str(quantity)}, **more)


def posted(*sequences):
    return [Answer(each, Outcome.POSTED) for each in sequences]


def waiting(journal):
    return [each.sequence for each in journal.batch().entries]


def learn(journal):
    """Let the replica be complete, long after what was answered."""
    journal.aged()
    journal.aged()
    journal.learnt()
