"""Scans until it is killed: prints a sequence only once it has its receipt, as the handheld beeps."""

import os
import sys
from pathlib import Path

from handheld.outbox.entry import Identity, Written
from handheld.outbox.journal import Journal

if __name__ == "__main__":
    path, reference, until = sys.argv[1:]
    journal = Journal(Path(path), Identity(reference, 1, bytes(range(32))))
    while True:
        receipts = journal.append(Written({"action": "inbound", "item": "6921168509256", "shelf": "A03-05"}))
        os.write(1, f"{receipts[0].sequence}\n".encode())
        if receipts[0].sequence >= int(until):
            break
