"""Corrected pictures wait in a queue that has an end, and never in a scan's way."""

import sqlite3
import threading
from datetime import UTC, datetime

import pytest

from handheld.outbox.samples import PICTURE_MAX, Correction, NotKept, Samples

MILK = Correction("MILK", datetime(2026, 11, 28, 8, tzinfo=UTC))


@pytest.fixture
def samples(tmp_path):
    found = Samples(tmp_path, on=True, pictures_max=3, bytes_max=1000)
    yield found
    found.close()


def waiting(samples):
    found = []
    while (sample := samples.next()) is not None:
        found.append(sample.path.read_bytes())
        samples.sent(sample.sha256)
    return found


def test_pictures_wait_in_order_over_a_restart(samples, tmp_path):
    for content in (b"one", b"two", b"one"):
        assert samples.keep(content, MILK) is None
    samples.told(samples.next().sha256)
    samples.close()
    again = Samples(tmp_path, on=True)
    assert again.next().told
    assert waiting(again) == [b"one", b"two"]
    assert again.standing() == (0, 0, ())
    again.close()


def test_when_there_are_too_many_the_oldest_goes(samples, tmp_path):
    for number in range(5):
        assert samples.keep(b"%d" % number, MILK) is None
    assert samples.standing().waiting == 3
    assert len(list(tmp_path.glob("*.picture"))) == 3
    assert waiting(samples) == [b"2", b"3", b"4"]


def test_when_they_are_too_large_together_the_oldest_goes(samples):
    for letter in (b"a", b"b", b"c"):
        samples.keep(letter * 400, MILK)
    assert (samples.standing().waiting, samples.standing().size) == (2, 800)


def test_a_picture_that_is_too_large_is_not_kept(samples):
    assert samples.keep(bytes(PICTURE_MAX + 1), MILK) is NotKept.TOO_LARGE
    samples.on = False
    assert samples.keep(b"x", MILK) is NotKept.OFF
    assert samples.standing().waiting == 0


def test_what_is_said_of_a_picture_is_what_the_server_takes(samples):
    correction = Correction("MILK", MILK.taken_at, (("TEA", 0.123456), ("MILK", 1e-7)), "f" * 64, "SITE", "E1")
    samples.keep(b"x", correction)
    assert samples.next().line == {
        "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
        "size": 1,
        "item": "MILK",
        "takenAt": "2026-11-28T08:00:00+00:00",
        "guesses": [{"item": "TEA", "confidence": "0.1235"}, {"item": "MILK", "confidence": "0.0"}],
        "model": "f" * 64,
        "site": "SITE",
        "person": "E1",
    }


def test_refusals_are_remembered_and_not_for_ever(samples):
    for number in range(60):
        samples.keep(b"%d" % number, MILK)
        samples.refused(samples.next().sha256, "PICTURE_UNREADABLE", f"number {number}")
    standing = samples.standing()
    assert (standing.waiting, len(standing.refused), standing.refused[0][1]) == (0, 50, "number 59")


def test_files_and_rows_that_a_crash_parted_are_forgotten(samples, tmp_path):
    for content in (b"one", b"two"):
        samples.keep(content, MILK)
    first = samples.next()
    samples.close()
    first.path.unlink()
    (tmp_path / ("0" * 64 + ".picture")).write_bytes(b"without a row")
    again = Samples(tmp_path, on=True)
    assert waiting(again) == [b"two"]
    assert not list(tmp_path.glob("*.picture"))
    again.close()


def test_a_damaged_table_is_begun_anew(samples, tmp_path):
    samples.keep(b"one", MILK)
    samples.close()
    (tmp_path / "samples.db").write_bytes(b"this is no table of SQLite's, and was one before" * 100)
    again = Samples(tmp_path, on=True)
    assert again.standing().waiting == 0
    assert not list(tmp_path.glob("*.picture"))
    assert again.keep(b"two", MILK) is None
    again.close()


def test_a_disk_that_fails_is_said_and_raises_nothing(samples, tmp_path):
    samples.keep(b"one", MILK)
    samples._db.close()
    samples._db = sqlite3.connect(":memory:")  # no table: every statement fails
    assert samples.keep(b"two", MILK) is NotKept.DISK


def test_many_threads_keep_pictures_at_once(tmp_path):
    samples = Samples(tmp_path, on=True)

    def keep(thread):
        for number in range(10):
            assert samples.keep(b"%d %d" % (thread, number), MILK) is None

    threads = [threading.Thread(target=keep, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(waiting(samples)) == 80
    samples.close()
