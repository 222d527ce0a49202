"""Nights as tests need them: on little, cut off, or broken. Nothing else is imported, for each is a process' own."""

import os
import signal

from stockbook.flows.demand.growing import Grown, grown


def small(period, lived) -> Grown:
    """Grow on what little a test has; in the process that gives way."""
    assert os.nice(0) >= min(os.getpriority(os.PRIO_PROCESS, os.getppid()) + 10, 19)
    return grown(period, lived, least=50)


def killed(period, lived) -> Grown:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError
