"""A thread keeps exchanging, wakes at once, waits in trouble, and ends when it is told to."""

import threading
import time

import pytest

from handheld.client.backoff import Backoff
from handheld.client.runner import Runner
from handheld.client.sync import Step
from handheld.client.transport import Failed, Trouble
from tests.handheld.client.device import device
from tests.handheld.client.model import Faults, Model, serving


def until(said, seconds=60):
    end = time.monotonic() + seconds
    while not said():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_scans_are_sent_as_they_come_and_by_closing_it_ends(tmp_path):
    model = Model(faults=Faults(dropped=10, lost=10))
    with serving(model.answer) as address, device(tmp_path, address) as pda:
        runner = Runner(pda.sync, backoff=Backoff(random=lambda: -0.99))
        runner.start()
        for number in range(30):
            pda.scan(number)
            runner.nudge()
            time.sleep(0.005)
        until(lambda: pda.journal.standing().waiting == 0)
        model.faults = Faults()
        runner.nudge()
        until(lambda: runner.online)
        assert runner.since_seconds < 20
        runner.close()
        assert not runner._thread.is_alive()
    assert [int(each["labels"]["quantity"]) for each in model.posted] == list(range(30))


class Steps:
    """A sync that says what it is told to."""

    def __init__(self, *steps):
        self.steps, self.taken = list(steps), 0

    def step(self):
        self.taken += 1
        said = self.steps.pop(0) if self.steps else Step()
        if isinstance(said, Exception):
            raise said
        return said


@pytest.mark.parametrize(
    ("trouble", "asked", "waits"),
    [
        (Trouble.OFFLINE, 0, 1),
        (Trouble.BUSY, 7, 7),
        (Trouble.TOKEN, 0, 60),
        (Trouble.CAPTIVE, 0, 1),
        (Trouble.REFUSED, 0, 60),
    ],
)
def test_in_trouble_it_waits_as_long_as_it_makes_sense(trouble, asked, waits):
    failed = Failed(trouble, asked)
    runner = Runner(Steps(Step(sent=1, more=True), Step(failed=failed)), backoff=Backoff(random=lambda: 1))
    assert runner._once() == waits
    assert (runner.online, runner.failed) == (False, failed)
    assert runner.since_seconds is not None


def test_when_there_is_nothing_to_do_it_waits_and_says_so():
    told = []
    runner = Runner(Steps(Step(sent=1, more=True), Step(pages=1)), told.append, idle_seconds=3)
    assert runner._once() == 3
    assert [each.pages for each in told] == [0, 1]
    assert runner.online


def test_a_bug_is_logged_and_the_exchange_goes_on(caplog):
    runner = Runner(Steps(ZeroDivisionError("a bug"), Step()), backoff=Backoff(random=lambda: 1))
    assert runner._once() == 1
    assert runner.failed.trouble is Trouble.FAILED
    assert "a bug" in caplog.text
    assert runner._once() == 10
    assert runner.online


def test_it_can_be_closed_before_it_began_and_while_it_waits():
    Runner(Steps()).close()
    runner = Runner(Steps(), idle_seconds=60)
    runner.start()
    until(lambda: runner.online)
    runner.close()
    assert not [each for each in threading.enumerate() if each.name == "sync"]
