"""What is in the journal stays, in order, sealed, until the server has it and says so."""

import json
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handheld.outbox.clocks import Now, system
from handheld.outbox.entry import Identity, Written
from handheld.outbox.limits import Limits, Reason, Stop
from tests.handheld.outbox.desk import IDENTITY, Clocks, count, opened, posted, waiting
from tests.handheld.outbox.oracle import REFERENCE, SECRET, chain


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


def test_a_batch_is_the_oldest_entries_each_with_the_seal_before_it(journal):
    journal.append(*(count(each) for each in range(5)))
    one, two = journal.batch(2).entries
    assert (one.sequence, two.sequence, two.previous) == (1, 2, one.seal)


def test_a_batch_says_whether_there_are_more(journal):
    journal.append(*(count(each) for each in range(3)))
    assert [journal.batch(each).more for each in (2, 3, 4)] == [True, False, False]


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
