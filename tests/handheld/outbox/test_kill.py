"""The battery is pulled in the middle of 2,000 scans, again and again."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from tests.handheld.outbox.oracle import REFERENCE, chain

SCANS = 2000
KILLS_LEAST = 10
WRITER = Path(__file__).with_name("writer.py")


def test_nothing_that_had_a_receipt_is_lost_when_the_battery_is_pulled(tmp_path):
    path = tmp_path / "outbox.db"
    given = random.Random(7)
    kills = acknowledged = 0
    while acknowledged < SCANS:
        writer = subprocess.Popen(
            [sys.executable, str(WRITER), str(path), REFERENCE, str(SCANS)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(("server", "mobile"))},
        )
        until = acknowledged + given.randint(20, 220)
        for line in writer.stdout:
            acknowledged = int(line)
            if acknowledged >= until:
                writer.send_signal(signal.SIGKILL)
                kills += 1
                break
        rest = writer.stdout.read().split()
        writer.stdout.close()
        writer.wait()
        acknowledged = int(rest[-1]) if rest else acknowledged
        events = chain(path)
        assert acknowledged <= len(events) <= acknowledged + 1
        acknowledged = len(events)
    assert kills >= KILLS_LEAST
    assert len(chain(path)) == SCANS
