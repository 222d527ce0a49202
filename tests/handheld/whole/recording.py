"""A recorded shift of 2,000 scans, and what must lie where when it has reached the books.

The tally is counted from the recording by plain sums; it knows nothing of the
device nor of the server.
"""

import random
from collections import Counter
from dataclasses import dataclass, field

GTIN = "06921168509256"
LOTS = {"L1": "270131", "L2": "270228", "L3": "270331", "L4": "270430"}
SCANS = 2000


@dataclass
class Recording:
    """Steps in their order, and the tally: pieces by (lot, place)."""

    steps: list[list[str]] = field(default_factory=list)
    tally: Counter = field(default_factory=Counter)
    scans: int = 0

    def task(self, job, place):
        self.steps.append(["task", job, place])

    def scan(self, code, symbology=""):
        self.steps.append(["scan", code, symbology])
        self.scans += 1

    def goods(self, lot):
        self.scan(f"01{GTIN}17{LOTS[lot]}10{lot}", "]C1")

    def bin(self, place):
        self.scan(f"SB:B:{place}", "]C0")


def record(name, seed=7):
    """Record a shift at a shop: much comes in, is put away, and some of it is moved."""
    chance, shift = random.Random(seed), Recording()
    dock, bins = f"{name}/DOCK", [f"{name}/A03-05", f"{name}/B01-01"]
    shift.task("GOODS_IN", dock)
    while shift.scans < 900:
        lot = chance.choice(list(LOTS))
        shift.goods(lot)
        shift.tally[lot, dock] += 1
    shift.task("PUT_AWAY", dock)
    while shift.scans < 1700:
        lot = max(LOTS, key=lambda each: shift.tally[each, dock])
        several, target = min(chance.randint(1, 6), shift.tally[lot, dock]), chance.choice(bins)
        for _ in range(several):
            shift.goods(lot)
        shift.bin(target)
        shift.tally[lot, dock] -= several
        shift.tally[lot, target] += several
    shift.task("TRANSFER", dock)
    while shift.scans + 3 <= SCANS:
        source, target = chance.sample(bins, 2)
        lot = max(LOTS, key=lambda each: shift.tally[each, source])
        shift.goods(lot)
        shift.bin(source)
        shift.bin(target)
        shift.tally[lot, source] -= 1
        shift.tally[lot, target] += 1
    while shift.scans < SCANS:
        shift.scan("4006381333931", "]E0")  # nobody knows it: told, and nothing comes of it
    return shift
