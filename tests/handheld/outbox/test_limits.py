"""So much is kept, so long, and no more; and only what is done is deleted."""

from handheld.outbox.answers import Answer, Outcome
from handheld.outbox.limits import Concern, Limits, Reason, Unkept
from tests.handheld.outbox.desk import HOUR, count, learn, opened, posted
from tests.handheld.outbox.oracle import chain

DAY = 24 * HOUR


def test_only_what_is_done_settled_known_and_old_is_deleted_and_numbers_go_on(journal, clocks, tmp_path):
    journal.append(*(count(each) for each in range(5)))
    journal.answered(1, 4, [*posted(1, 2, 4), Answer(3, Outcome.REFUSED, task="TASK-9")])
    learn(journal)
    assert journal.prune() == 0
    clocks.pass_(8 * DAY)
    assert journal.prune() == 3
    assert len(journal.unsettled()) == 1
    journal.settle("TASK-9")
    assert journal.prune() == 1
    journal.answered(1, 5, posted(5))
    learn(journal)
    assert journal.prune() == 0, "the last one is where the chain goes on"
    journal.close()
    again = opened(tmp_path, clocks=clocks)
    assert again.append(count())[0].sequence == 6
    again.close()


def test_a_great_many_are_deleted_a_few_at_a_time(journal, clocks, monkeypatch):
    monkeypatch.setattr("handheld.outbox.journal.PRUNED", 10)
    journal.append(*(count(each) for each in range(35)))
    journal.answered(1, 35, posted(*range(1, 36)))
    learn(journal)
    clocks.pass_(8 * DAY)
    assert journal.prune() == 34


def test_nothing_above_what_the_server_says_it_has_is_deleted(journal, clocks):
    journal.append(*(count(each) for each in range(3)))
    journal.answered(1, 3, posted(1, 2, 3))
    learn(journal)
    journal.answered(1, 1, [])
    journal.answered(1, 1, posted(2))
    learn(journal)
    clocks.pass_(8 * DAY)
    assert journal.prune() == 1


def test_the_limit_of_entries_warns_at_four_fifths_and_refuses_the_one_above(tmp_path):
    journal = opened(tmp_path, limits=Limits(entries=10))
    concerns = [journal.append(count(each))[0].warning for each in range(10)]
    assert concerns == [None] * 7 + [Concern.NEARLY_FULL] * 3
    assert journal.append(count(10)) == Unkept(Reason.FULL)
    assert journal.standing().reason is Reason.FULL
    assert len(journal.batch().entries) == 10
    journal.answered(1, 1, posted(1))
    assert journal.append(count(10))[0].sequence == 11
    journal.close()


def test_t15_fifty_thousand_are_stored_and_the_next_one_is_refused(tmp_path):
    journal = opened(tmp_path)
    for start in range(0, 50_000, 1000):
        assert len(journal.append(*(count(each) for each in range(start, start + 1000)))) == 1000
    assert journal.append(count()) == Unkept(Reason.FULL)
    journal.close()
    again = opened(tmp_path)
    assert (again.standing().waiting, again.standing().reason) == (50_000, Reason.FULL)
    assert again.append(count()) == Unkept(Reason.FULL)
    again.close()
    assert len(chain(tmp_path / "outbox.db")) == 50_000


def test_the_limit_of_age_warns_at_four_fifths_and_refuses_at_its_end(journal, clocks):
    journal.append(count(1))
    clocks.pass_(57 * HOUR)
    assert journal.standing().warning is None
    clocks.pass_(HOUR)
    assert journal.append(count(2))[0].warning is Concern.NEARLY_TOO_OLD
    clocks.pass_(14 * HOUR)
    assert journal.append(count(3)) == Unkept(Reason.TOO_OLD)
    assert journal.standing().oldest_seconds == 72 * HOUR
    journal.answered(1, 1, posted(1))
    assert journal.append(count(3))[0].sequence == 3


def test_the_age_is_told_by_uptime_whatever_becomes_of_the_wall_clock(journal, clocks, tmp_path):
    journal.append(count(1))
    clocks.wall_ms += 365 * 24 * 3_600_000
    assert journal.standing().oldest_seconds == 0
    clocks.wall_ms -= 2 * 365 * 24 * 3_600_000
    clocks.uptime_ms += 72 * 3_600_000
    assert journal.standing().reason is Reason.TOO_OLD
    journal.close()
    clocks.restart()
    again = opened(tmp_path, clocks=clocks)
    assert again.standing().oldest_seconds == 1
    again.close()
