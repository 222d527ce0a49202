"""Each scan is one scan, whichever ways tell of it."""

import random
import threading

import pytest

from handheld.scan.inbox import Inbox
from handheld.scan.keys import Keys
from handheld.scan.scan import Scan, Source
from handheld.scan.vendors import ACTION, profiles, scanned


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def inbox(clock):
    return Inbox(clock)


def intent(text, at, symbology="]C0"):
    return Scan(text, symbology, at, Source.INTENT)


def keys(text, at):
    return Scan(text, "", at, Source.KEYS)


def test_scans_come_out_in_order(inbox):
    for number in range(5):
        inbox.put(intent(f"A{number}", 100 + number / 20))
    assert [each.text for each in inbox.ready()] == ["A0", "A1", "A2", "A3", "A4"]
    assert inbox.ready() == []


def test_the_same_label_scanned_ten_times_is_ten_scans(inbox):
    for number in range(10):
        inbox.put(intent("A", 100 + number / 20))
    assert len(inbox.ready()) == 10


def test_one_scan_told_both_ways_is_one_and_the_intent_is_kept(inbox, clock):
    inbox.put(intent("]C1010692116850925610B1\x1d17261211", 100.0))
    inbox.put(keys("010692116850925610B117261211", 100.02))
    inbox.put(keys("A", 100.1))
    inbox.put(intent("A", 100.12))
    clock.now = 101
    assert [(each.text[:3], each.source) for each in inbox.ready()] == [("]C1", Source.INTENT), ("A", Source.INTENT)]


def test_a_scan_is_the_double_of_one_other_at_most(inbox, clock):
    inbox.put(intent("A", 100.0))
    inbox.put(keys("A", 100.02))
    inbox.put(keys("A", 100.5))  # scanned again, and this time told one way alone
    clock.now = 101
    assert [each.source for each in inbox.ready()] == [Source.INTENT, Source.KEYS]


def test_the_first_scan_by_keys_does_not_wait(inbox):
    inbox.put(keys("A", 100.0))
    assert inbox.ready() == [keys("A", 100.0)]


def test_a_scan_by_keys_waits_for_an_intent_that_may_come_and_then_no_longer(inbox, clock):
    inbox.put(intent("A", 100.0))
    inbox.ready()
    inbox.put(keys("B", 100.5))
    clock.now = 100.52
    assert inbox.ready() == []
    clock.now = 100.57
    assert inbox.ready() == [keys("B", 100.5)]


def test_ways_that_are_far_apart_tell_of_two_scans(inbox, clock):
    inbox.put(intent("A", 100.0))
    inbox.put(keys("A", 101.5))
    clock.now = 102
    assert len(inbox.ready()) == 2


def test_it_is_remembered_by_which_way_separators_come(inbox):
    inbox.put(keys("A", 1.0))
    assert not inbox.separates[Source.KEYS]
    inbox.put(keys("10A\x1d17261211", 2.0))
    assert inbox.separates[Source.KEYS]
    assert not inbox.separates[Source.INTENT]


@pytest.mark.parametrize("ways", ["intent", "keys", "both"])
@pytest.mark.parametrize("labels", [100, 3])
def test_a_hundred_scans_at_twenty_a_second_are_a_hundred(inbox, clock, ways, labels):
    """T16: through intent, through keys, and through both at once; also of few labels again and again."""
    known, reader, given, found = profiles("app"), Keys(), random.Random(labels), []
    codes = [f"69211685{number % labels:05}" for number in range(100)]
    events = []
    for number, code in enumerate(codes):
        at = 100 + number / 20
        if ways != "keys":
            events.append((at + given.uniform(0, 0.02), "intent", code))
        if ways != "intent":
            events += [(at + place * 0.002, "key", character) for place, character in enumerate(code)]
            events.append((at + 0.03, "enter", ""))
    for at, what, said in sorted(events):
        clock.now = at
        if what == "intent":
            extras = {"com.symbol.datawedge.data_string": said, "com.symbol.datawedge.label_type": "LABEL-TYPE-EAN13"}
            inbox.put(scanned(known, ACTION, extras, at))
        else:
            for scan in reader.down(13, "", (), at) if what == "enter" else reader.down(ord(said), said, (), at):
                inbox.put(scan)
        found += inbox.ready()
    clock.now += 1
    found += inbox.ready()
    assert [each.text for each in found] == codes


def test_another_thread_waits_for_scans_and_gets_every_one():
    inbox = Inbox()
    got = []

    def work():
        while (scan := inbox.take(5)).text != "END":
            got.append(scan.text)

    worker = threading.Thread(target=work)
    worker.start()
    for number in range(1000):
        inbox.put(intent(str(number), number / 20))
    inbox.put(intent("END", 1000.0))
    worker.join(10)
    assert got == [str(number) for number in range(1000)]
    assert inbox.take(0.01) is None
