"""Every reason on every job: the table says whether it stops the scan and what lifts it, the work does it.

Each reason has one situation, made by a scan or two; the same is scanned on all
seven jobs.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from handheld.work.checking.blocks import RULES, Why, lift
from handheld.work.commands import Command
from handheld.work.saying.feedback import Beep, Colour, Lift, Shape
from handheld.work.saying.words import Language
from handheld.work.tasks.task import Job, Line, Task
from tests.handheld.work.world import Item, Known, Lot, Packing, Place, Stock, scan, start

WORDS = {"rescan": Lift.RESCAN, "force": Lift.FORCE, "second": Lift.SECOND_PERSON, "code": Lift.SECOND_CODE,
         "recount": Lift.RECOUNT, "search": Lift.SEARCH, "type": Lift.QUANTITY, "setup": Lift.SETUP}  # fmt: skip


def table():
    lines = (Path(__file__).parent / "tables/blocks.txt").read_text().splitlines()
    start_at = next(number for number, line in enumerate(lines) if line.startswith("why"))
    jobs = lines[start_at].split()[3:]
    for line in lines[start_at + 1 :]:
        why, *cells = line.split()
        for job, cell in zip(jobs, cells, strict=True):
            yield Why[why], Job[job], cell


TABLE = list(table())
MILK = "]C1010692116850925617270331"
STENT = "]C10106901234567892"
FIRST_PLACE = {
    Job.GOODS_IN: [],
    Job.PUT_AWAY: ["SB:B:A2"],
    Job.PICKING: ["SB:B:A1"],
    Job.TRANSFER: ["SB:B:A1", "SB:B:A2"],
    Job.STOCKTAKE: ["SB:B:A1"],
    Job.QUALITY: ["SB:C:PASS"],
    Job.HAND_OVER: ["SB:V:VAN"],
}
"""What is scanned first, so that the goods after it are taken at once."""
LINES = (Line("1", "MILK", Decimal(10), "", "A1", "A2"), Line("2", "STENT", Decimal(5), "", "A1", "A2"),
         Line("3", "CHEESE", Decimal(5), "L1", "A1", "A2"), Line("4", "PEAR", Decimal(5), "", "A1", "A2"))  # fmt: skip
BINS = (Line("1", "", Decimal(0), place="A1"), Line("2", "", Decimal(0), place="A2"))
ORDINARY = {
    Why.SCANNER_NOT_GS1: ["]C1010692116850925610B261117270331"],
    Why.UNREADABLE: ["6921168509257"],
    Why.UNKNOWN_CODE: ["hello"],
    Why.UNKNOWN_ITEM: ["4006381333931"],
    Why.UNKNOWN_PLACE: ["SB:B:NOWHERE"],
    Why.NO_QUANTITY: ["6920000000012"],
    Why.MISSING_PI: [STENT],
    Why.SCANNED_ALREADY: [STENT + "10L1\x1d21S1", STENT + "10L1\x1d21S1"],
    Why.EXPIRED: ["]C1010692116850925617261127"],
    Why.EXPIRY_DIFFERS: [MILK + "10B1"],
    Why.HELD: [MILK + "10FROZEN"],
    Why.NOT_ON_LIST: ["5901234123457"],
    Why.WRONG_LOT: ["]C101040063813339481727033110L9"],
}


@dataclass
class Situation:
    """What is scanned before, and the scan that the reason is about."""

    before: list
    last: str


def situation(why, job):
    """Return how a reason comes about on a job."""
    if why in ORDINARY:
        *before, last = [*FIRST_PLACE[job], *ORDINARY[why]]
        return Situation(before, last)
    match why:
        case Why.WRONG_BIN:
            return Situation([], "SB:B:A9")
        case Why.WRONG_VEHICLE:
            return Situation([], "SB:V:VAN-2")
        case Why.RIGHTS_DIFFER:
            before = ["SB:B:TOTE", "SB:B:A1"] if job is Job.PICKING else ["SB:B:A1", "SB:B:TOTE"]
            return Situation(before, MILK + "10B2")
        case Why.OVER:
            return Situation([*FIRST_PLACE[job], ("type", "11")], MILK + "10B2")
        case Why.ALREADY_COUNTED:
            counted = [("type", "12"), MILK + "10B2", ("type", "8"), MILK + "10FROZEN", "SB:C:CONFIRM"]
            return Situation(["SB:B:A1", *counted], "SB:B:A1")
        case Why.RECOUNT:
            return Situation(["SB:B:A1", MILK + "10B2"], "SB:C:CONFIRM")
        case Why.LARGE_DIFFERENCE:
            return Situation(["SB:B:A1", "SB:C:CONFIRM"], "SB:C:CONFIRM")
    raise AssertionError(why)


def known():
    there = Known()
    items = [Item("MILK", "牛奶"), Item("STENT", "支架", risk_class="III"), Item("CHEESE", "奶酪"),
             Item("PEAR", "雪梨", "kg", 3), Item("SOAP", "肥皂")]  # fmt: skip
    codes = ["06921168509256", "06901234567892", "04006381333948", "06920000000012", "05901234123457"]
    there.items = {item.reference: item for item in items}
    there.codes = {code: Packing(item) for code, item in zip(codes, items, strict=True)}
    there.lots = {("MILK", "B1"): Lot(date(2027, 1, 1))}
    there.places = {
        reference: Place(reference, kind)
        for kind, references in {"BIN": "A1 A2 A9", "VEHICLE": "VAN VAN-2", "TOTE": "TOTE"}.items()
        for reference in references.split()
    }
    there.stocks = {
        "A1": [
            Stock("MILK", "FROZEN", "SELLABLE", Decimal(8), ("FROZEN",)),
            Stock("MILK", "B2", "SELLABLE", Decimal(12)),
        ],
        "TOTE": [Stock("SOAP", "", "SELLABLE", Decimal(1), (), "theirs")],
    }
    return there


def act(shift, what):
    if isinstance(what, tuple):
        return [shift.key(character) for character in what[1]][-1]
    return scan(shift, what)


def reach(why, job):
    """Return the shift before the scan that a reason is about, and that scan."""
    lines = BINS if job is Job.STOCKTAKE else LINES
    if why is Why.RIGHTS_DIFFER and job is Job.TRANSFER:
        lines = ()
    there = known()
    if job is Job.HAND_OVER:
        there.stocks["DOCK"] = there.stocks["A1"]
        lines = tuple(Line(line.key, line.item, line.quantity, line.lot) for line in lines)
    shift = start(Task("T1", job, "DOCK", lines, vehicle="VAN"), there)
    met = situation(why, job)
    for each in met.before:
        act(shift, each)
    return shift, met.last


def stops(told, why):
    return told.block is not None and told.block.why == why.value


@pytest.mark.parametrize(("why", "job", "cell"), TABLE, ids=lambda each: getattr(each, "name", each))
def test_a_scan_is_stopped_and_its_block_lifted_as_the_table_says(why, job, cell):
    if cell == ".":
        assert lift(why, job) is None
        if why in ORDINARY:
            shift, last = reach(why, job)
            assert not stops(act(shift, last), why)
        return
    shift, last = reach(why, job)
    written = len(shift._journal.deeds)
    told = act(shift, last)
    assert stops(told, why), told
    assert told.block.lift is WORDS[cell]
    assert (told.beep, told.show.colour, told.show.shape) == (Beep.NO, Colour.RED, Shape.CROSS)
    assert len(shift._journal.deeds) == written
    lifted(shift, why, cell)


def lifted(shift, why, cell):
    """Lift a block, and see the scan taken; a lift of another kind doesn't do it."""
    written = len(shift._journal.deeds)
    if cell != "force":
        shift.press(Command.FORCE, "OTHER: no")
        assert len(shift._journal.deeds) == written
    if cell == "force":
        assert shift.press(Command.FORCE).blocked, "somebody says why"
        assert shift.press(Command.FORCE, "OTHER").blocked, "other is no reason without a word more"
        told = shift.press(Command.FORCE, "AGREED_WITH_OFFICE")
    elif cell == "second":
        assert scan(shift, "SB:P:E1").blocked
        told = scan(shift, "SB:P:E2")
    elif cell == "code":
        told = scan(shift, "]C11727033110L7")
    elif cell == "type":
        shift.key("2")
        told = shift.press(Command.CONFIRM)
    else:
        return
    assert not stops(told, why), told
    if why not in {Why.WRONG_BIN, Why.WRONG_VEHICLE, Why.ALREADY_COUNTED, Why.NO_QUANTITY}:
        new = shift._journal.deeds[written:]
        assert new
        if cell == "force":
            assert all("AGREED_WITH_OFFICE" in deed.labels["reason"] for deed in new)
        if cell == "second":
            assert all("checked by E2" in deed.labels["reason"] for deed in new)


def test_the_table_names_every_reason_that_a_job_has():
    named = {(why, job) for why, job, cell in TABLE if cell != "."}
    assert {(why, job) for job, rules in RULES.items() for why in rules} <= named


@pytest.mark.parametrize(("why", "job", "cell"), TABLE, ids=lambda each: getattr(each, "name", each))
def test_a_blind_count_tells_no_figure_that_was_expected(why, job, cell):
    if job is not Job.STOCKTAKE or why not in {Why.RECOUNT, Why.LARGE_DIFFERENCE}:
        return
    shift, last = reach(why, job)
    told = act(shift, last)
    for language in Language:
        texts = [told.say.said(language), told.show.headline.shown(language)]
        texts += [line.shown(language) for line in told.show.lines]
        assert not any(figure in text.replace("A1", "").replace("A，1", "").replace("A, 1", "")
                       for text in texts for figure in ("8", "12", "20"))  # fmt: skip
