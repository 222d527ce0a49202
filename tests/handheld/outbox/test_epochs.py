"""Enrolled anew, numbers begin anew, and what never left is sealed again."""

import json
import sqlite3

from handheld.outbox import file
from handheld.outbox.answers import Answer, Outcome
from handheld.outbox.entry import Identity
from tests.handheld.outbox.desk import count, opened, posted, waiting
from tests.handheld.outbox.oracle import REFERENCE, chain


def test_enrolled_anew_numbers_begin_anew_and_what_never_left_is_sealed_again_as_it_was_written(
    journal, tmp_path, clocks
):
    journal.append(*(count(each) for each in range(6)))
    journal.batch(4)
    journal.answered(1, 2, [*posted(1, 2), Answer(4, Outcome.FORK)])
    before = chain(tmp_path / "outbox.db")
    journal.close()
    secret = b"n" * 32
    again = opened(tmp_path, Identity(REFERENCE, 2, secret), clocks=clocks)
    assert again.standing().stop is None
    clocks.wall_ms -= 999_999
    assert again.append(count(9))[0].sequence == 4
    assert (again.standing().waiting, again.standing().unsettled) == (5, 0)
    # the third was sent and not answered: it may be in the books, and is asked for under its old number
    old = again.batch()
    assert (old.epoch, [each.sequence for each in old.entries], old.more) == (1, [3], False)
    again.answered(1, 6, [Answer(3, Outcome.REFUSED, "ENROLMENT_ENDED", "enter it by hand")])
    batch = again.batch()
    assert (batch.epoch, [each.sequence for each in batch.entries]) == (2, [1, 2, 3, 4])
    again.close()
    after = chain(tmp_path / "outbox.db", 2, secret)
    assert after[:3] == before[3:]
    assert chain(tmp_path / "outbox.db", 1) == before
    once_more = opened(tmp_path, Identity(REFERENCE, 2, secret), clocks=clocks)
    assert waiting(once_more) == [1, 2, 3, 4]
    assert [each.answer.code for each in once_more.unsettled()] == ["ENROLMENT_ENDED"]
    once_more.close()


def test_what_turns_out_to_be_a_fork_of_an_earlier_epoch_is_sealed_anew(journal, tmp_path, clocks):
    journal.append(count(1), count(2))
    journal.batch()
    journal.close()
    again = opened(tmp_path, Identity(REFERENCE, 2, b"n" * 32), clocks=clocks)
    again.append(count(3))
    assert again.batch().epoch == 1
    again.answered(1, 1, [Answer(1, Outcome.DUPLICATE), Answer(2, Outcome.FORK)])
    batch = again.batch()
    assert (batch.epoch, again.standing().stop, again.standing().unsettled) == (2, None, 0)
    assert [json.loads(each.text)["labels"]["quantity"] for each in batch.entries] == ["3", "2"]
    again.close()


def test_a_new_epoch_with_nothing_waiting_never_runs_the_clock_back(journal, tmp_path, clocks):
    clock = journal.append(count(1))[0].clock
    journal.answered(1, 1, posted(1))
    journal.close()
    clocks.wall_ms -= 999_999
    again = opened(tmp_path, Identity(REFERENCE, 2, b"n" * 32), clocks=clocks)
    assert again.append(count(2))[0].clock > clock
    again.close()


def test_an_event_is_found_by_its_id_in_an_older_file_and_over_an_enrolment_too(journal, tmp_path, clocks):
    first, second = journal.append(count(1), count(2))
    assert journal.recorded(first.id)[0] == 1
    assert journal.recorded(second.id)[1].labels["quantity"] == "2"
    assert journal.recorded("6f9619ff-8b86-4011-b42d-00c04fc964ff") is None
    journal.close()
    db = sqlite3.connect(tmp_path / "outbox.db")
    db.execute("drop index entry_said")
    db.close()
    again = opened(tmp_path, Identity(REFERENCE, 2, b"n" * 32), clocks=clocks)
    assert again.recorded(second.id)[0] == 2
    plan = again._db.execute(f"explain query plan select 1 from entry where {file.SAID} = 'x'").fetchall()
    assert "entry_said" in str(plan), "no look through all of a full queue"
    again.close()
