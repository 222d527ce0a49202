"""What holds of any shift, whatever is scanned, typed and pressed."""

from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from handheld.outbox.limits import Reason
from handheld.work.commands import Command
from handheld.work.resuming import resume
from handheld.work.saying.words import Language
from handheld.work.tasks.task import Job, Line, Task, Tolerance
from stockbook.domain.capture.codes import read
from stockbook.domain.capture.labels import unfit
from tests.handheld.work.world import Clock, Item, Journal, Known, Lot, Packing, Place, Stock, meaning, start

ITEMS = {
    "MILK": Item("MILK", "牛奶", units={"box": Decimal(24)}),
    "PEAR": Item("PEAR", "雪梨", "kg", 3, {"lb": Decimal("0.453592")}),
    "STENT": Item("STENT", "支架", risk_class="III"),
}
CODES = {"06921168509256": ("MILK", ""), "16921168509253": ("MILK", "box"), "06920000000012": ("PEAR", ""),
         "06901234567892": ("STENT", "")}  # fmt: skip
FACTORS = {"box": Decimal(24), "lb": Decimal("0.453592")}
PLACES = {"DOCK": "BIN", "A1": "BIN", "A2": "BIN", "VAN": "VEHICLE", "069012345678901238": "PALLET", "TOTE": "TOTE"}


def known():
    there = Known()
    there.items = ITEMS
    there.codes = {code: Packing(ITEMS[item], unit) for code, (item, unit) in CODES.items()}
    there.places = {reference: Place(reference, kind) for reference, kind in PLACES.items()}
    there.lots = {("MILK", "B1"): Lot(date(2026, 12, 5)), ("MILK", "B2"): Lot(date(2026, 11, 1))}
    there.stocks = {
        "A1": [Stock("MILK", "B1", "SELLABLE", Decimal(30)), Stock("MILK", "B2", "QUARANTINED", Decimal(2))],
        "A2": [Stock("STENT", "L1/S1", "SELLABLE", Decimal(1), ("FROZEN",)), Stock("PEAR", "", "EXPECTED", Decimal(9))],
        "069012345678901238": [Stock("MILK", "B1", "SELLABLE", Decimal(5), (), "theirs")],
    }
    return there


LINES = (
    Line("1", "MILK", Decimal(30), "B1", "A1", "A2"),
    Line("2", "MILK", Decimal(10), "", "A1", ""),
    Line("3", "STENT", Decimal(2), "", "", "A1"),
    Line("4", "PEAR", Decimal("2.5")),
)
COUNTS = (Line("1", "", Decimal(0), place="A1"), Line("2", "MILK", Decimal(0), place="A2"))
lots = st.sampled_from(["", "10B1", "10B2", "10L1\x1d21S1", "21S2", "17261227", "17261101"])
scans = st.one_of(
    st.builds(lambda code, rest: ("scan", "]C101" + code + rest), st.sampled_from(sorted(CODES)), lots),
    st.sampled_from([f"SB:B:{place}" for place in ("DOCK", "A1", "A2", "TOTE", "NOWHERE")]).map(lambda c: ("scan", c)),
    st.sampled_from(["SB:V:VAN", "SB:V:OTHER", "SB:P:E1", "SB:P:E2", "]C100069012345678901238"]).map(
        lambda c: ("scan", c)
    ),
    st.sampled_from(["]C11726123110B7", "hello", "4006381333931", "]C1010692116850925610B261117261231", "+A9/"]).map(
        lambda c: ("scan", c)
    ),
    st.text(max_size=12).map(lambda c: ("scan", c)),
)
acts = st.one_of(
    scans,
    scans,
    st.tuples(st.just("key"), st.sampled_from("0123456789.\b")),
    st.tuples(
        st.just("press"), st.sampled_from(list(Command)), st.sampled_from(["", "DAMAGED", "OTHER", "3", "A1", "x"])
    ),
    st.tuples(st.just("weigh"), st.decimals(0, 50, places=3)),
    st.tuples(st.just("choose"), st.sampled_from(sorted(ITEMS))),
    st.tuples(st.just("preset"), st.sampled_from(["quality", "shelf", "reason"]), st.sampled_from(["pass", "A1", ""])),
)


@st.composite
def tasks(draw, jobs=tuple(Job)):
    job = draw(st.sampled_from(jobs))
    lines = COUNTS if job is Job.STOCKTAKE else LINES
    return Task(
        "T1",
        job,
        "DOCK",
        draw(st.sampled_from([(), lines])),
        draw(st.sampled_from(["", "PO-7"])),
        vehicle=draw(st.sampled_from(["", "VAN"])),
        arriving=draw(st.booleans()),
        presets=draw(st.sampled_from([{}, {"quality": "fail"}, {"action": "return", "shelf": "A2"}])),
        tolerance=draw(st.sampled_from([Tolerance(), Tolerance(Decimal("0.1"), Decimal(2))])),
    )


def do(shift, act):
    word, *rest = act
    if word == "scan":
        return shift.scan(read(rest[0]))
    if word == "choose":
        return shift.choose(ITEMS[rest[0]])
    return getattr(shift, word)(*rest)


def live(deeds):
    """Return the deeds that nobody took back."""
    undone = {deed.labels["undoes"] for deed in deeds if "undoes" in deed.labels}
    return [deed for deed in deeds if "undoes" not in deed.labels and deed.id not in undone]


def base(deed):
    """Return what a deed says in the base unit, by a reckoning of its own."""
    labels = deed.labels
    quantity = Decimal(labels.get("quantity", "1")) * FACTORS.get(labels.get("unit"), 1)
    return round(quantity, 3)


@settings(max_examples=150, deadline=None)
@given(tasks(), st.lists(acts, max_size=30))
def test_nothing_that_is_done_makes_it_fall_and_every_answer_is_in_both_languages(task, done):
    shift = start(task, known(), Clock(sure=len(done) % 2 == 0))
    for act in done:
        before = len(shift._journal.deeds)
        told = do(shift, act)
        new = shift._journal.deeds[before:]
        for sentence in (told.say, told.show.headline, *told.show.lines, *told.show.chips):
            assert sentence.shown(Language.CHINESE)
            assert sentence.shown(Language.ENGLISH)
            assert sentence.said(Language.CHINESE)
            assert sentence.said(Language.ENGLISH)
        assert all(1 <= len(deed.labels) <= 8 and unfit(deed.labels) is None for deed in new)
        for deed in new:
            assert "undoes" in deed.labels or isinstance(meaning(deed), list), meaning(deed)
        if told.blocked and task.job is not Job.STOCKTAKE:
            assert not new
    assert len({deed.id for deed in shift._journal.deeds}) == len(shift._journal.deeds)


@settings(max_examples=150, deadline=None)
@given(tasks([job for job in Job if job is not Job.STOCKTAKE]), st.lists(acts, max_size=30))
def test_what_is_done_is_the_sum_of_what_was_written_and_not_taken_back(task, done):
    shift = start(task, known())
    for act in done:
        do(shift, act)
    of_goods = [deed for deed in live(shift._journal.deeds) if "item" in deed.labels or not deed.code.startswith("00")]
    written = sum((base(deed) for deed in of_goods), Decimal(0))
    assert sum(shift.progress.done.values()) == written


@settings(max_examples=150, deadline=None)
@given(tasks(), st.lists(acts, max_size=20), acts)
def test_undo_takes_back_exactly_what_the_last_scan_did(task, done, last):
    shift = start(task, known())
    for act in done:
        do(shift, act)
    before, undoable, written = shift.progress, shift.undoable, live(shift._journal.deeds)
    do(shift, last)
    if shift.undoable == undoable + 1:
        shift.press(Command.UNDO)
        assert shift.progress == before
        assert live(shift._journal.deeds) == written


@settings(max_examples=150, deadline=None)
@given(tasks(), st.lists(acts, max_size=30))
def test_a_task_taken_up_again_from_the_journal_stands_where_it_stood(task, done):
    there = known()
    shift = start(task, there)
    for act in done:
        do(shift, act)
    again, _ = resume(task, shift._journal.unknown("T1"), there)
    assert Counter(again.done) == Counter(shift.progress.done)
    assert [line.item for line in again.extra] == [line.item for line in shift.progress.extra]
    if task.job is Job.STOCKTAKE:
        assert {key: row.quantity for key, row in again.counted.items()} == {
            key: row.quantity for key, row in shift.progress.counted.items()
        }


@settings(max_examples=60, deadline=None)
@given(tasks(), st.lists(scans, max_size=15), st.lists(acts, max_size=5))
def test_a_journal_that_takes_no_more_changes_nothing_and_says_why(task, done, more):
    shift = start(task, known())
    for act in done:
        do(shift, act)
    shift._journal.refuses = Reason.FULL
    written = list(shift._journal.deeds)
    for act in more:
        do(shift, act)
    assert shift._journal.deeds == written
    assert sum(shift.progress.done.values()) == sum(resume(task, written, known())[0].done.values())


@settings(max_examples=100, deadline=None)
@given(tasks(), st.lists(scans, max_size=20))
def test_after_a_new_start_all_that_the_journal_still_has_can_be_taken_back(task, done):
    there, journal = known(), Journal()
    shift = start(task, there, journal=journal)
    for act in done:
        do(shift, act)
    again = start(task, there, journal=journal, numbers=count(1000))
    while again.undoable:
        again.press(Command.UNDO)
    assert not live(journal.deeds)
    assert not again.progress.done
    assert not again.progress.counted
