"""A shelf by one photograph: facings, mixed and missing goods, those on their head; and a count's first draft of it."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from handheld.vision.absent import Absent, Why
from handheld.vision.counting import Depths, drafted, expected_at
from handheld.vision.grid import NARROWEST, board_moved, boxes, edge_moved, grid
from handheld.vision.picture import WHOLE
from handheld.vision.proposal import Candidate, Proposal
from handheld.vision.shelf import Facing, Section, seen
from handheld.work.commands import Command
from handheld.work.ports import World
from handheld.work.saying.words import Language
from handheld.work.tasks.task import Job, Line, Task
from stockbook.domain.capture.codes import read
from tests.handheld.vision.seeing import AT, carton, recogniser
from tests.handheld.work.world import Clock, Item, Journal, Known, Place, Stock, start

TABLE = Path(__file__).parent / "tables/shelves.txt"
LINES = [line.split("|") for line in TABLE.read_text().splitlines()]
ROWS = [[cell.strip() for cell in line] for line in LINES if len(line) == 8][1:]
COUNT = Task("COUNT-1", Job.STOCKTAKE, "SHOP")


def proposal(item, *, sure=True, upside_down=False):
    return Proposal((Candidate(item, 0.99),), True, 1.0, item if sure else "", (), upside_down, "m1", np.zeros(1))


def facing(row, column, letter):
    if letter == ".":
        return Facing(row, column, WHOLE, proposal("A", sure=False), "")
    said = proposal(letter.upper(), sure=letter != "?", upside_down=letter.islower())
    return Facing(row, column, WHOLE, said)


def section(shelf, belongs=""):
    rows = [row.split() for row in shelf.split("/")]
    facings = [facing(r, c, letter) for r, row in enumerate(rows) for c, letter in enumerate(row)]
    return Section(tuple(facings), frozenset(belongs.split()))


def places(facings):
    return " ".join(f"{each.row}.{each.column}" for each in facings)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_shelf_is_told_as_the_table_says(row):
    shelf, belongs, counts, mixed, upside_down, missing, strange, left = row
    told = section(shelf, belongs)
    assert " ".join(f"{item}{count}" for item, count in told.counts.items()) == counts
    assert places(told.mixed) == mixed
    assert places(told.upside_down) == upside_down
    assert " ".join(told.missing) == missing
    assert " ".join(told.strange) == strange
    assert places(told.open) == left


@given(st.lists(st.sampled_from("ABC?."), min_size=1, max_size=12))
def test_every_facing_is_counted_once_or_open_or_empty(letters):
    told = section(" ".join(letters))
    assert sum(told.counts.values()) + len(told.open) + letters.count(".") == len(letters)
    assert len({*told.mixed} & {*told.open}) == 0
    of_one = {each.item for each in told.facings if each.item}
    assert len(of_one) > 1 or not told.mixed


def test_a_barcode_settles_what_was_proposed_like_it_too():
    lookalikes = Section(tuple(Facing(0, at, WHOLE, proposal("L", sure=False)) for at in range(4)))
    assert len(lookalikes.open) == 4
    told = lookalikes.settle(0, 3, "XL").settle_like(0, 0, "L")
    assert (dict(told.counts), told.open) == ({"L": 3, "XL": 1}, ())


# the grid


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.data())
def test_a_grid_that_is_dragged_covers_the_shelf_without_gap_or_overlap(columns, data):
    rows = grid(columns)
    for _ in range(data.draw(st.integers(0, 6))):
        row = data.draw(st.integers(0, len(columns) - 1))
        to = data.draw(st.floats(-1, 2))
        if data.draw(st.booleans()):
            rows = edge_moved(rows, row, data.draw(st.integers(0, columns[row])), to)
        else:
            rows = board_moved(rows, data.draw(st.integers(0, len(columns))), to)
    for above, below in pairwise(rows):
        assert above.bottom == below.top
    for row, cells in zip(rows, boxes(rows), strict=True):
        assert 0 <= row.top < row.bottom <= 1
        assert all(one.right == other.left for one, other in pairwise(cells))
        assert all(each.right - each.left > NARROWEST / 2 for each in cells)


@pytest.mark.parametrize("columns", [[], [0], [3, 0]])
def test_a_shelf_without_facings_is_no_grid(columns):
    with pytest.raises(ValueError, match="facings"):
        grid(columns)


# the whole way


def shop():
    known = Known()
    for item in ("RED", "BLUE", "GREEN", "RICE"):
        known.items[item] = Item(item, item.title(), unit="kg" if item == "RICE" else "piece")
    known.places["A1"] = Place("A1")
    known.stocks["A1"] = [Stock("RED", "", "SELLABLE", Decimal(6)), Stock("GREEN", "", "SELLABLE", Decimal(2))]
    return known


def photograph():
    shelf = Image.new("RGB", (64 * 4, 64))
    for at, (colour, down) in enumerate(
        (((200, 30, 30), 0), ((30, 30, 200), 0), ((200, 30, 30), 1), ((120, 120, 120), 0))
    ):
        shelf.paste(carton(colour, noise=20 + at, upside_down=down), (64 * at, 0))
    return shelf


def test_one_photograph_becomes_the_first_draft_of_a_count_that_a_person_confirms(tmp_path):
    seeing = recogniser(tmp_path)
    for item, colour in (("RED", (200, 30, 30)), ("BLUE", (30, 30, 200)), ("GREEN", (30, 180, 30))):
        seeing.enrol(item, [carton(colour, noise=n) for n in range(3)], AT)
    known, journal = shop(), Journal()
    expected = expected_at("A1", COUNT, World(known, Clock()))
    told = seen(photograph(), boxes(grid([4])), seeing.recognise, expected)
    assert dict(told.counts) == {"BLUE": 1, "RED": 2}
    assert [places(each) for each in (told.mixed, told.upside_down, told.open)] == ["0.1", "0.2", "0.3"]
    assert (told.missing, told.strange) == (("GREEN",), ("BLUE",))
    first = drafted(told, "A1", COUNT, known, Depths(3))
    journal.append(draft=(first.name, first.text))
    assert journal.deeds == []
    shift = start(COUNT, known, journal=journal)
    assert [line.shown(Language.ENGLISH) for line in shift.feedback.show.lines] == [
        "Bin A1", "In hand: Blue, 3 pieces", "In hand: Red, 6 pieces", "Scan the goods",
    ]  # fmt: skip
    shift.press(Command.CONFIRM)
    assert journal.deeds == [], "it differs from the books: count again, blind"
    seeing.close()


def test_a_draft_that_the_books_agree_with_is_written_when_it_is_confirmed():
    known, journal = shop(), Journal()
    first = drafted(section("A A / B").settle(0, 0, "RED").settle(0, 1, "RED").settle(1, 0, "GREEN"), "A1", COUNT,
                    known, Depths(1, {"RED": 3, "GREEN": 2}))  # fmt: skip
    journal.append(draft=(first.name, first.text))
    shift = start(COUNT, known, journal=journal)
    shift.press(Command.CONFIRM)
    said = sorted((each.labels["item"], each.labels["quantity"], each.labels["seen"]) for each in journal.deeds)
    assert said == [("GREEN", "2", "2"), ("RED", "6", "6")]


def test_what_the_device_does_not_know_or_what_is_weighed_is_left_out():
    told = section("A B").settle(0, 0, "RICE").settle(0, 1, "NOBODY")
    first = drafted(told, "A1", COUNT, shop())
    assert first.text == ""


def test_only_a_count_is_drafted():
    with pytest.raises(ValueError, match="counts nothing"):
        drafted(section("A"), "A1", Task("PO-1", Job.GOODS_IN, "DOCK"), shop())


def test_what_belongs_in_a_bin_is_what_the_task_says_else_the_books():
    world = World(shop(), Clock(datetime(2026, 11, 28, tzinfo=UTC)))
    line = Line("1", "BLUE", Decimal(0), place="A1")
    assert expected_at("A1", COUNT, world) == {"RED", "GREEN"}
    assert expected_at("A1", Task("C", Job.STOCKTAKE, "SHOP", (line,)), world) == {"BLUE"}
    assert expected_at("B9", COUNT, world) == frozenset()


def test_where_nothing_is_recognised_every_facing_waits_for_a_scan():
    told = seen(photograph(), boxes(grid([4])), lambda *_: Absent(Why.NOTHING_ENROLLED), {"RED"})
    assert (len(told.open), told.missing, told.upside_down) == (4, ("RED",), ())
    assert read("6921168509256").gtin == "06921168509256", "and the scan is as ever"
