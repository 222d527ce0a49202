"""A journal's file judged by the contract page alone: imports nothing of what it judges."""

import hashlib
import hmac
import json
import sqlite3
from contextlib import closing

SECRET = bytes(range(32))
REFERENCE = "PDA-7"


def chain(path, epoch=1, secret=SECRET, reference=REFERENCE):
    """Return the events of an epoch, having checked numbers, seals, clocks and the file."""
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
        rows = db.execute(
            "select sequence, text, previous, seal from entry where epoch = ? order by sequence", (epoch,)
        ).fetchall()
    previous = hmac.new(secret, f"stockbook\n{reference}\n{epoch}".encode(), hashlib.sha256).digest()
    events, stamp = [], ""
    for number, (sequence, text, before, seal) in enumerate(rows, 1):
        assert sequence == number, "a hole"
        assert before == previous
        previous = hmac.new(secret, previous + b"\n" + text.encode(), hashlib.sha256).digest()
        assert seal == previous, f"the chain breaks at {number}"
        assert len(text.encode()) <= 8192
        said = json.loads(text)
        assert said["clock"] > stamp, "the clock ran back"
        stamp = said["clock"]
        events.append(said)
    assert len({each["id"] for each in events}) == len(events)
    return events
