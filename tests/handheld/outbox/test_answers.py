"""What the server answers has its place, and nothing is sent twice or kept from a person."""

import pytest

from handheld.outbox.answers import Answer, Outcome
from handheld.outbox.limits import Reason, Stop
from tests.handheld.outbox.desk import count, learn, opened, posted, waiting


def test_what_is_posted_is_sent_no_more_and_what_is_not_answered_is(journal):
    journal.append(*(count(each) for each in range(5)))
    journal.answered(1, 3, posted(1, 2, 3))
    assert waiting(journal) == [4, 5]
    assert journal.standing().waiting == 2


def test_every_outcome_has_its_place(journal):
    journal.append(*(count(each, task="T") for each in range(6)))
    said = [
        Answer(1, Outcome.POSTED, flags=("SHORTFALL",)),
        Answer(2, Outcome.DUPLICATE),
        Answer(3, Outcome.HELD),
        Answer(4, Outcome.REFUSED, "LOT_EXPIRED", "the lot has expired", False, (), "TASK-9"),
        Answer(5, Outcome.CONFLICT, "STALE_QUANTITY", "it moved", True, (), "TASK-10"),
        Answer(6, Outcome.UNREADABLE, "BAD_INPUT", "9 labels"),
    ]
    journal.answered(1, 6, said)
    standing = journal.standing()
    assert (waiting(journal), standing.held, standing.unsettled) == ([3], 0, 3)
    assert [each.answer for each in journal.unsettled()] == said[3:]
    assert journal.unsettled()[0].event.labels["quantity"] == "3"
    assert [each.labels["quantity"] for each in journal.unknown("T")] == ["0", "1", "2"]
    journal.settle("TASK-9", "TASK-10")
    assert [each.answer.sequence for each in journal.unsettled()] == [6]
    journal.dismiss(1, 6)
    assert journal.standing().unsettled == 0


def test_what_is_held_is_asked_for_again_once_the_missing_one_is_there(journal):
    journal.append(*(count(each) for each in range(3)))
    journal.answered(1, 1, [Answer(1, Outcome.POSTED), Answer(3, Outcome.HELD)])
    assert (journal.standing().held, waiting(journal)) == (1, [2])
    journal.answered(1, 3, posted(2))
    assert (journal.standing().held, waiting(journal)) == (0, [3])
    journal.answered(1, 3, [Answer(3, Outcome.REFUSED, "LOT_EXPIRED", "too old")])
    assert (waiting(journal), journal.standing().unsettled) == ([], 1)


def test_a_server_that_was_set_back_is_given_again_what_it_lost(journal):
    journal.append(*(count(each) for each in range(5)))
    journal.answered(1, 4, posted(1, 2, 3, 4))
    learn(journal)
    journal.answered(1, 2, [Answer(5, Outcome.HELD)])
    assert waiting(journal) == [3, 4]
    assert [each.labels["quantity"] for each in journal.unknown()] == ["2", "3", "4"]


def test_what_the_replica_has_learnt_is_no_longer_told_as_unknown(journal):
    journal.append(count(1, task="A"), count(2, task="B"))
    journal.answered(1, 1, posted(1))
    journal.aged()
    journal.learnt()
    assert [each.labels["quantity"] for each in journal.unknown()] == ["1", "2"], "the feed may lag by a moment"
    assert [each.labels["quantity"] for each in journal.unknown("A")] == ["1"]
    learn(journal)
    assert [each.labels["quantity"] for each in journal.unknown()] == ["2"]
    assert journal.unknown("A") == []


@pytest.mark.parametrize(("outcome", "stop"), [(Outcome.FORK, Stop.FORK), (Outcome.TAMPERED, Stop.TAMPERED)])
def test_a_fork_or_tampering_stops_the_queue_and_says_so(journal, tmp_path, clocks, outcome, stop):
    journal.append(count(1), count(2))
    journal.answered(1, 1, [Answer(1, Outcome.POSTED), Answer(2, outcome)])
    assert journal.standing().stop is stop
    assert journal.batch().entries == ()
    assert journal.append(count(3)).reason is Reason.STOPPED
    journal.close()
    again = opened(tmp_path, clocks=clocks)
    assert again.standing().stop is stop
    assert again.standing().waiting == 1
    again.close()
