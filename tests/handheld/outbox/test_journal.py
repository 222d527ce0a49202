"""What is in the journal stays, in order, sealed, until the server has it and says so."""

import json
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handheld.outbox.answers import Answer, Outcome
from handheld.outbox.clocks import Now, system
from handheld.outbox.entry import Identity, Written
from handheld.outbox.limits import Concern, Limits, Reason, Stop, Unkept
from tests.handheld.outbox.desk import HOUR, IDENTITY, Clocks, count, learn, opened, posted, waiting
from tests.handheld.outbox.oracle import REFERENCE, SECRET, chain

DAY = 24 * HOUR


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def journal(tmp_path, clocks):
    journal = opened(tmp_path, clocks=clocks)
    yield journal
    journal.close()


def test_entries_are_numbered_sealed_and_stamped_as_the_contract_says(journal, tmp_path):
    one = Written(
        {"action": "inbound", "batch": "B1"}, "6921168509256", "]E0", "TASK-1", "E1024", "v7", "c1",
        "6f9619ff-8b86-4011-b42d-00c04fc964ff",
    )  # fmt: skip
    receipts = [*journal.append(one), *journal.append(count())]
    assert [each.sequence for each in receipts] == [1, 2]
    first, second = chain(tmp_path / "outbox.db")
    assert first == {
        "id": "6f9619ff-8b86-4011-b42d-00c04fc964ff",
        "clock": f"{1_764_320_461_000:012x}-0000-{REFERENCE}",
        "wall": "2025-11-28T09:01:01+00:00",
        "uptime": 1000,
        "boot": "first",
        "labels": {"action": "inbound", "batch": "B1"},
        "code": "6921168509256",
        "symbology": "]E0",
        "task": "TASK-1",
        "person": "E1024",
        "base": "v7",
        "chain": "c1",
    }
    assert second["clock"] == receipts[1].clock == f"{1_764_320_461_000:012x}-0001-{REFERENCE}"


def test_entries_recorded_together_are_recorded_together_or_not_at_all(journal, tmp_path):
    nine = Written({f"label_{each}": "x" for each in range(9)})
    refused = journal.append(count(1), nine, count(2))
    assert (refused.reason, refused.message) == (Reason.UNFIT, "an event has 1 to 8 labels")
    assert journal.append(count(1), count(2))[1].sequence == 2
    assert len(chain(tmp_path / "outbox.db")) == 2


@pytest.mark.parametrize(
    "bad",
    [Written({}), Written({"action": "dance"}), Written({"action": "count"}, code="x" * 3000), Written({"a": "\0"})],
    ids=["no label", "an unknown action", "a code too long", "a NUL"],
)
def test_what_the_server_could_not_read_is_not_recorded(journal, bad):
    assert journal.append(bad).reason is Reason.UNFIT
    assert journal.standing().waiting == 0


def test_a_journal_goes_on_where_it_was(journal, tmp_path, clocks):
    journal.append(count(1), count(2))
    journal.close()
    again = opened(tmp_path, clocks=clocks)
    assert again.standing().waiting == 2
    assert again.append(count(3))[0].sequence == 3
    again.close()
    assert [each["labels"]["quantity"] for each in chain(tmp_path / "outbox.db")] == ["1", "2", "3"]


def test_what_is_half_said_is_kept_with_the_entries_or_not_at_all_and_sent_to_nobody(journal, tmp_path, clocks):
    assert journal.append(draft=("draft:T", "in hand")) == ()
    assert journal.append(Written({}), draft=("draft:T", "lost")).reason is Reason.UNFIT
    assert journal.draft("draft:T") == "in hand"
    journal.close()
    again = opened(tmp_path, clocks=clocks, limits=Limits(entries=1))
    assert (again.draft("draft:T"), again.draft("draft:U")) == ("in hand", "")
    again.append(count(1), draft=("draft:T", ""))
    assert (again.draft("draft:T"), waiting(again)) == ("", [1])
    assert again.append(count(2), draft=("draft:T", "lost")).reason is Reason.FULL
    assert again.append(draft=("draft:T", "counts against no limit")) == ()
    assert again.draft("draft:T") == "counts against no limit"
    again.close()


def test_a_clock_set_back_never_runs_the_stamps_back(journal, tmp_path, clocks):
    journal.append(count(1))
    clocks.wall_ms -= 2 * 3_600_000
    journal.append(count(2))
    journal.close()
    clocks.restart()
    again = opened(tmp_path, clocks=clocks)
    again.append(count(3))
    again.close()
    events = chain(tmp_path / "outbox.db")
    assert [each["wall"][11:13] for each in events] == ["09", "07", "07"]


def test_what_is_posted_is_sent_no_more_and_what_is_not_answered_is(journal):
    journal.append(*(count(each) for each in range(5)))
    journal.answered(1, 3, posted(1, 2, 3))
    assert waiting(journal) == [4, 5]
    assert journal.standing().waiting == 2


def test_a_batch_is_the_oldest_entries_each_with_the_seal_before_it(journal):
    journal.append(*(count(each) for each in range(5)))
    one, two = journal.batch(2).entries
    assert (one.sequence, two.sequence, two.previous) == (1, 2, one.seal)


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


def test_a_batch_says_whether_there_are_more(journal):
    journal.append(*(count(each) for each in range(3)))
    assert [journal.batch(each).more for each in (2, 3, 4)] == [True, False, False]


def test_a_new_epoch_with_nothing_waiting_never_runs_the_clock_back(journal, tmp_path, clocks):
    clock = journal.append(count(1))[0].clock
    journal.answered(1, 1, posted(1))
    journal.close()
    clocks.wall_ms -= 999_999
    again = opened(tmp_path, Identity(REFERENCE, 2, b"n" * 32), clocks=clocks)
    assert again.append(count(2))[0].clock > clock
    again.close()


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


def test_each_commit_waits_for_the_disk(journal):
    assert journal._db.execute("pragma journal_mode").fetchone() == ("wal",)
    assert journal._db.execute("pragma synchronous").fetchone() == (2,), (
        "FULL: killing a process proves nothing of this"
    )


def test_scans_from_many_threads_are_one_chain(journal, tmp_path):
    def scan():
        for each in range(50):
            journal.append(count(each))

    threads = [threading.Thread(target=scan) for _ in range(4)]
    for each in threads:
        each.start()
    for number in range(20):
        journal.answered(1, number, [])
        journal.batch()
    for each in threads:
        each.join()
    assert len(chain(tmp_path / "outbox.db")) == 200


def test_what_was_changed_on_the_disk_is_seen_before_it_is_sent(journal, tmp_path):
    journal.append(*(count(each) for each in range(3)))
    journal._db.execute("update entry set text = replace(text, '\"1\"', '\"100\"') where sequence = 2")
    assert journal.batch().entries == ()
    standing = journal.standing()
    assert (standing.stop, standing.waiting, standing.unsettled) == (Stop.BROKEN, 2, 1)
    journal.close()
    again = opened(tmp_path, Identity(REFERENCE, 2, b"n" * 32))
    assert [json.loads(each.text)["labels"]["quantity"] for each in again.batch().entries] == ["0", "2"]
    assert [each.event.labels["quantity"] for each in again.unsettled()] == ["100"]
    again.close()


def test_the_machine_s_clocks_say_what_the_contract_asks_for():
    one, two = system(), system()
    assert one.boot == two.boot
    assert two.since(one) < 60
    assert isinstance(one, Now)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["scan", "post", "lose", "reopen", "back", "prune"]), st.integers(1, 5))))
def test_whatever_happens_the_chain_is_whole_and_nothing_unanswered_is_gone(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("law")
    clocks = Clocks()
    journal, made, done = opened(folder, clocks=clocks, limits=Limits(kept_days=10_000)), 0, 0
    for what, much in steps:
        match what:
            case "scan":
                made += len(journal.append(*(count(each) for each in range(much))))
            case "post":
                batch = [each.sequence for each in journal.batch(much).entries]
                done = max([done, *batch])
                journal.answered(1, done, posted(*batch))
            case "lose":
                journal.batch(much)
            case "reopen":
                journal.close()
                journal = opened(folder, clocks=clocks, limits=Limits(kept_days=10_000))
            case "back":
                clocks.wall_ms -= much * 1_000_000
            case "prune":
                journal.prune()
    assert len(chain(folder / "outbox.db")) == made
    assert [each.sequence for each in journal.batch(10_000).entries] == list(range(done + 1, made + 1))
    journal.close()


def test_the_identity_of_the_desk_is_that_of_the_oracle():
    assert IDENTITY == (REFERENCE, 1, SECRET)
