"""A device that dies in the middle of a statement asks for nothing again, and nothing is said twice."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from handheld.outbox.entry import Identity
from handheld.outbox.journal import Journal as Outbox
from handheld.outbox.limits import Reason
from handheld.work import draft
from handheld.work.commands import Command
from handheld.work.saying.words import Language
from handheld.work.tasks.progress import begin
from handheld.work.tasks.task import Job, Task
from tests.handheld.work.test_laws import acts, do, known, tasks
from tests.handheld.work.world import Journal, scan, start

STOCKTAKE, PUT_AWAY = Task("T1", Job.STOCKTAKE, "DOCK"), Task("T2", Job.PUT_AWAY, "DOCK")
MILK = "]C10106921168509256" + "10B1"


@settings(max_examples=150, deadline=None)
@given(tasks(), st.lists(acts, max_size=25))
def test_what_is_half_said_is_there_again_after_the_device_died(task, done):
    there, journal = known(), Journal()
    shift = start(task, there, journal=journal)
    for act in done:
        do(shift, act)
    before, after = shift.progress, start(task, there, journal=journal).progress
    assert draft.write(after) == draft.write(before)
    assert [held.goods.base for held in after.hand] == [held.goods.base for held in before.hand]
    assert after.done == before.done
    if before.hand:
        assert (after.place, after.source, after.verdict) == (before.place, before.source, before.verdict)


@given(st.text(max_size=60) | st.sampled_from(['{"hand":[{"item":"MILK"}]}', '{"hand":3}', "[1]", '{"rounds":"x"}']))
def test_a_draft_that_can_not_be_read_is_none(text):
    progress = begin(STOCKTAKE)
    assert draft.take_up(text, progress, known()) == progress


def test_the_tally_of_an_open_bin_outlives_the_process(tmp_path):
    path, identity = tmp_path / "outbox.db", Identity("PDA-7", 1, b"s" * 32)
    outbox = Outbox(path, identity)
    shift = start(STOCKTAKE, known(), journal=outbox)
    scan(shift, "SB:B:A1")
    for _ in range(30):
        scan(shift, MILK)
    del shift  # nothing was closed
    again = Outbox(path, identity)
    shift = start(STOCKTAKE, known(), journal=again)
    assert shift.feedback.say.said(Language.ENGLISH) == "Going on where it stopped, Scan the goods"
    assert [line.shown(Language.CHINESE) for line in shift.feedback.show.lines[:2]] == ["货位 A1", "手上 牛奶：30 件"]
    type_("2", shift)
    scan(shift, "]C10106921168509256" + "10B2")
    shift.press(Command.CONFIRM)
    said = [event.labels for event in again.unknown("T1")]
    assert [(each["quantity"], each["seen"]) for each in said] == [("30", "30"), ("2", "2")]
    assert again.draft(draft.name(STOCKTAKE)) == ""
    outbox.close()
    again.close()


def test_events_and_what_is_half_said_after_them_are_written_together():
    journal = Journal()
    shift = start(PUT_AWAY, known(), journal=journal)
    scan(shift, MILK)
    assert journal.drafts[draft.name(PUT_AWAY)]
    scan(shift, "SB:B:A1")
    assert len(journal.deeds) == 1
    assert journal.drafts[draft.name(PUT_AWAY)] == ""
    shift.press(Command.UNDO)
    assert start(PUT_AWAY, known(), journal=journal).progress.hand[0].goods.base == Decimal(1)


def test_a_full_queue_still_keeps_what_is_half_said():
    journal = Journal()
    shift = start(PUT_AWAY, known(), journal=journal)
    journal.refuses = Reason.FULL
    assert not scan(shift, MILK).blocked
    assert scan(shift, "SB:B:A1").block.why == "queue_full"
    assert len(shift.progress.hand) == 1


def type_(digits, shift):
    for digit in digits:
        shift.key(digit)


def test_undo_after_a_new_start_first_forgets_what_was_half_said():
    journal = Journal()
    shift = start(PUT_AWAY, known(), journal=journal)
    for code in (MILK, "SB:B:A1", MILK):
        scan(shift, code)
    again = start(PUT_AWAY, known(), journal=journal)
    assert again.undoable == 2
    again.press(Command.UNDO)
    assert (len(again.progress.hand), sum(again.progress.done.values())) == (0, 1)
    again.press(Command.UNDO)
    assert journal.deeds[-1].labels["undoes"] == journal.deeds[0].id
