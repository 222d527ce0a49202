"""What was told is known, found at once, and never by halves."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handheld.outbox.clocks import Now
from handheld.replica import file
from handheld.replica.known import Item, Lot, Place, Stock
from handheld.replica.replica import Replica
from handheld.work.tasks.task import Job, Tolerance
from tests.handheld.replica.feed import gid, item, lot, page, place, position, task


@pytest.fixture
def replica(tmp_path):
    replica = Replica(tmp_path / "replica.db")
    yield replica
    replica.close()


WHOLE = page(
    restart=True,
    version="41",
    items=[
        item(1, "清风抽纸 150抽×6", gtin="6921168509256", units=[{"unit": "box", "factor": "12"}],
             codes=[{"code": "6921168509256", "unit": None}, {"code": "16921168509253", "unit": "box"}]),
        item(2, "支架", udi=True, codes=[{"code": "A99912345", "unit": None}]),
        item(3, "Milk", baseUnit="kg", decimals=3),
    ],
    places=[place(1, "DC-1", "SITE"), place(2, "A03-05", parent=1), place(3, "106141412345678908", "PALLET", 2)],
    lots=[lot(1, 1, "B2611", "2026-12-11"), lot(2, 3, "B2611")],
    positions=[
        position(1, 1, 2, "24", lot=1),
        position(2, 1, 2, "6", state="IN_TRANSIT"),
        position(3, 3, 2, "1.250", lot=2, holds=["FROZEN"], owner=9),
        position(4, 1, 3, "12"),
    ],
)  # fmt: skip


def test_goods_are_found_by_any_of_their_codes_in_the_unit_that_has_it(replica):
    replica.take(WHOLE)
    tissue = Item("ITEM-1", "清风抽纸 150抽×6", "FOOD", "6921168509256", "piece", 0, {"box": Decimal(12)}, "")
    assert replica.packing("06921168509256") == (tissue, "")
    assert replica.packing("6921168509256") == (tissue, "")
    assert replica.packing("16921168509253") == (tissue, "box")
    assert replica.packing("ITEM-1") == (tissue, "")
    assert replica.packing("A99912345").item.risk_class == "II"
    assert replica.packing("6921168509999") is None
    assert replica.item("ITEM-1") == tissue
    assert (replica.items, replica.version, replica.actions) == (3, "41", {"captureScans"})


def test_lots_places_and_what_lies_there_are_found(replica):
    replica.take(WHOLE)
    assert replica.lot("ITEM-1", "B2611") == Lot("B2611", date(2026, 12, 11), None)
    assert replica.lot("ITEM-3", "B2611") == Lot("B2611", None, None)
    assert replica.lot("ITEM-2", "B2611") is None
    assert replica.place("A03-05") == Place("A03-05", "Place 2", "BIN", "DC-1")
    assert replica.place("106141412345678908").kind == "PALLET"
    assert replica.place("NOWHERE") is None
    ours, theirs = "|".join([gid("Organisation", 1)] * 4), "|".join([gid("Organisation", 9)] * 4)
    assert replica.stock("A03-05") == [
        Stock("ITEM-1", "B2611", "A03-05", "SELLABLE", Decimal(24), (), ours),
        Stock("ITEM-1", "", "A03-05", "IN_TRANSIT", Decimal(6), (), ours),
        Stock("ITEM-3", "B2611", "A03-05", "SELLABLE", Decimal("1.250"), ("FROZEN",), theirs),
    ]
    assert replica.on_hand("ITEM-1") == 36


def test_chinese_words_of_two_characters_are_found(replica):
    names = ["清风抽纸 150抽×6", "抽取式纸巾", "农夫山泉 矿泉水550ml", "Tempo 抽纸", "Milk 250ml"]
    replica.take(page(restart=True, items=[item(number, name) for number, name in enumerate(names, 1)]))

    def found(text):
        return {each.name for each in replica.search(text)}

    assert found("抽纸") == {"清风抽纸 150抽×6", "Tempo 抽纸"}
    assert found("泉水") == {"农夫山泉 矿泉水550ml"}
    assert found("纸") == {"清风抽纸 150抽×6", "抽取式纸巾", "Tempo 抽纸"}
    assert found("tem 抽纸") == {"Tempo 抽纸"}
    assert found("mil") == {"Milk 250ml"}
    assert found("ＭＩＬＫ") == {"Milk 250ml"}
    assert found("矿泉水550") == {"农夫山泉 矿泉水550ml"}
    assert replica.search("item-5")[0].name == "Milk 250ml"
    assert found("水泉") == set()
    assert found("泉水 农夫") == found("550ml 山泉") == {"农夫山泉 矿泉水550ml"}
    assert found("") == found('"') == found("*") == set()


def test_goods_of_one_brand_and_style_are_found_by_each_other_however_it_is_written(replica):
    of = [
        ("帮宝适", "一级帮", "L 52片"),
        ("帮宝适 ", "一级 帮", "XL 48片"),
        ("帮宝适", "一级帮 拉拉裤", "L"),
        ("帮宝适", None, "M"),
    ]
    rows = [item(at, brand=brand, style=style, size=size) for at, (brand, style, size) in enumerate(of, 1)]
    replica.take(page(restart=True, items=[*rows, item(5)]))
    assert [(each.reference, each.size) for each in replica.styled("ITEM-1")] == [("ITEM-2", "XL 48片")]
    assert [each.reference for each in replica.styled("ITEM-2")] == ["ITEM-1"]
    assert [replica.styled(f"ITEM-{at}") for at in (3, 4, 5, 6)] == [[], [], [], []]
    assert [each.reference for each in replica.search("一级帮 xl")] == ["ITEM-2"]
    replica.take(page(items=[item(2, brand="Pampers", style="Premium")]))
    assert replica.styled("ITEM-1") == []


def test_a_search_gives_what_has_the_code_first(replica):
    replica.take(WHOLE)
    assert replica.search("16921168509253")[0].reference == "ITEM-1"
    assert [each.reference for each in replica.search(" ITEM-3 ")] == ["ITEM-3"]


@pytest.mark.parametrize(
    "hostile", ["NEAR(", 'a" OR "b', "AND", "x:y", "(((", "a - b", "🙂", "\x00", "NOT 纸", "^a", "'"]
)
def test_no_text_breaks_a_search(replica, hostile):
    replica.take(WHOLE)
    replica.search(hostile)


def test_without_the_newer_index_the_older_one_finds_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(
        file, "SCHEMA", file.SCHEMA + "create virtual table words using fts4(said, tokenize=unicode61);"
    )
    replica = Replica(tmp_path / "replica.db")
    replica.take(page(restart=True, items=[item(1, "清风抽纸"), item(2, "Tempo 纸巾")]))
    assert [each.reference for each in replica.search("抽纸")] == ["ITEM-1"]
    assert [each.reference for each in replica.search("tem 纸")] == ["ITEM-2"]
    replica.take(page(items=[item(1, "别的")]))
    assert replica.search("抽纸") == []
    replica.close()


def test_a_changed_row_replaces_what_was_known_under_its_id(replica):
    replica.take(WHOLE)
    replica.take(page(items=[item(1, "Tissue", codes=[{"code": "96385074", "unit": None}])], gone=[gid("Position", 1)]))
    assert replica.search("抽纸") == []
    assert replica.packing("16921168509253") is None
    assert replica.packing("00000096385074").item.name == "Tissue"
    assert [each.quantity for each in replica.stock("A03-05")] == [6, Decimal("1.250")]
    assert replica.items == 3


def test_told_anew_what_does_not_come_again_is_gone_when_it_is_complete_and_not_before(replica):
    replica.take(WHOLE)
    replica.take(
        page(restart=True, complete=False, items=[item(1, "Tissue")], positions=[position(1, 1, 2, "3", lot=1)])
    )
    assert replica.items == 3
    assert replica.place("DC-1").kind == "SITE"
    replica.take(page(complete=True, places=[place(2, "A03-05")], lots=[lot(1, 1, "B2611")]))
    assert replica.items == 1
    assert replica.place("DC-1") is None
    assert replica.search("支架") == []
    assert replica.packing("A99912345") is None
    assert [(each.lot, each.quantity) for each in replica.stock("A03-05")] == [("B2611", 3)]


def test_a_cursor_that_is_lost_begins_anew(replica):
    replica.take(WHOLE)
    replica.take(page(cursor="", complete=False))
    assert replica.cursor == ""
    assert replica.items == 3


LINE = {
    "id": gid("TaskLine", 1),
    "item": {"externalReference": "ITEM-1"},
    "lot": {"code": "B2611", "expiry": "2026-12-11"},
    "quantity": "24",
    "source": None,
    "place": {"externalReference": "A03-05", "kind": "BIN"},
    "done": "6",
}


def test_tasks_are_what_the_work_knows_and_those_for_a_desk_are_not_told(replica):
    vehicle = {"externalReference": "TRUCK-7", "kind": "VEHICLE"}
    told = [
        task(1, lines=[LINE], document={"externalReference": "PO-7"}, tolerance="0.02"),
        task(2, "COUNT", lines=[{**LINE, "quantity": None}]),
        task(3, "HAND_OVER", lines=[{**LINE, "place": vehicle}]),
        task(4, "HAND_OVER", lines=[{**LINE, "source": vehicle}]),
        task(5, "CONFLICT"),
        task(6, state="DONE"),
    ]
    taken = replica.take(page(restart=True, tasks=told))
    assert taken.settled == (gid("Task", 6),)
    receive, count, giving, getting = replica.tasks()
    assert (receive.reference, receive.job, receive.read_point, receive.document) == (
        "T-1",
        Job.GOODS_IN,
        "DOCK",
        "PO-7",
    )
    assert receive.tolerance == Tolerance(Decimal("0.02"))
    line = receive.lines[0]
    assert (line.item, line.quantity, line.done, line.lot, line.place) == ("ITEM-1", 24, 6, "B2611", "A03-05")
    assert line.expiry == date(2026, 12, 11)
    assert (count.job, count.lines[0].quantity) == (Job.STOCKTAKE, 0)
    assert (giving.vehicle, giving.arriving, getting.vehicle, getting.arriving) == ("TRUCK-7", False, "TRUCK-7", True)
    assert replica.take(page(tasks=[task(1, state="CANCELLED")], gone=[gid("Task", 2)])).settled == (gid("Task", 1),)
    assert [each.reference for each in replica.tasks()] == ["T-3", "T-4"]


def test_what_the_role_may_not_see_is_simply_not_known(replica):
    replica.take({**page(restart=True), "positions": None, "lots": None, "items": [item(1)]})
    assert (replica.items, replica.on_hand("ITEM-1")) == (1, 0)


def test_a_page_that_fails_leaves_nothing_of_it(replica):
    replica.take(WHOLE)
    before = replica.cursor
    with pytest.raises(KeyError):
        replica.take(page(items=[item(1, "Changed")], positions=[position(1, 1, 2, "99"), {"no": "id"}]))
    assert replica.cursor == before
    assert replica.item("ITEM-1").name == "清风抽纸 150抽×6"
    assert replica.stock("A03-05")[0].quantity == 24
    replica.take(page(items=[item(1, "Changed")]))
    assert replica.item("ITEM-1").name == "Changed"


def test_what_is_known_outlives_a_restart(tmp_path):
    one = Replica(tmp_path / "replica.db")
    one.take(WHOLE)
    one.close()
    two = Replica(tmp_path / "replica.db")
    assert (two.cursor, two.complete, two.items) == (WHOLE["cursor"], True, 3)
    two.close()


def test_a_damaged_file_is_begun_anew(tmp_path):
    (tmp_path / "replica.db").write_bytes(b"this is no database at all" * 400)
    replica = Replica(tmp_path / "replica.db")
    assert (replica.cursor, replica.items) == ("", 0)
    replica.close()


def test_a_file_of_another_layout_is_begun_anew(tmp_path):
    db = sqlite3.connect(tmp_path / "replica.db")
    db.executescript("create table item (number integer primary key, id text); create table words (said text);")
    db.close()
    replica = Replica(tmp_path / "replica.db")
    replica.take(WHOLE)
    assert replica.items == 3
    replica.close()


def test_its_age_counts_from_when_it_had_everything_whatever_is_done_to_the_clock(tmp_path):
    said = [Now(1_000_000, 10_000, "b1")]
    replica = Replica(tmp_path / "replica.db", lambda: said[0])
    assert replica.age_seconds is None
    replica.take(page(restart=True, complete=False, items=[item(1)]))
    assert replica.age_seconds is None
    replica.take(page())
    said[0] = Now(99, 70_000, "b1")
    assert replica.age_seconds == 60
    replica.close()
    said[0] = Now(1_500_000, 5_000, "b2")
    again = Replica(tmp_path / "replica.db", lambda: said[0])
    assert again.age_seconds == 500, "started anew since"
    again.close()


def test_a_device_set_to_keep_nothing_forgets_everything(replica):
    replica.take(WHOLE)
    replica.forget()
    assert (replica.cursor, replica.items, replica.complete) == ("", 0, False)
    replica.take(WHOLE)
    assert replica.items == 3


def test_scans_are_looked_up_while_pages_are_taken(replica):
    replica.take(WHOLE)
    stop, seen = threading.Event(), set()

    def look():
        while not stop.is_set():
            seen.add(sum(each.quantity for each in replica.stock("A03-05") if each.item == "ITEM-1"))

    looker = threading.Thread(target=look)
    looker.start()
    for number in range(60):
        moved = number % 20
        replica.take(page(positions=[position(1, 1, 2, str(24 - moved), lot=1), position(2, 1, 2, str(6 + moved))]))
    stop.set()
    looker.join()
    assert seen == {30}, "no page was seen by halves"


TAKER = """
import sys
from pathlib import Path
from handheld.replica.replica import Replica
from tests.handheld.replica.feed import item, page, place, position
replica = Replica(Path(sys.argv[1]))
replica.take(page(restart=True, places=[place(1, "A")], items=[item(n) for n in range(100)]))
number = 0
while True:
    number += 1
    rows = [position(n, n, 1, str(number)) for n in range(100)]
    replica.take(page(version=str(number), cursor=str(number), positions=rows))
    print(number, flush=True)
"""


def test_a_page_is_whole_or_not_there_when_the_battery_is_pulled(tmp_path):
    for until in (1, 3, 7, 12):
        path = tmp_path / f"{until}.db"
        taker = subprocess.Popen(
            [sys.executable, "-c", TAKER, str(path)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(("server", "mobile", "."))},
        )
        for line in taker.stdout:
            if int(line) >= until:
                taker.send_signal(signal.SIGKILL)
                break
        taker.stdout.close()
        taker.wait()
        replica = Replica(path)
        assert {str(each.quantity) for each in replica.stock("A")} == {replica.version} == {replica.cursor}
        assert int(replica.version) >= until
        replica.close()


rows = st.lists(
    st.tuples(st.sampled_from(["put", "gone", "restart"]), st.integers(1, 5), st.integers(1, 3), st.integers(1, 9)),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(rows, max_size=6))
def test_following_any_feed_it_knows_what_a_plain_model_knows(tmp_path_factory, pages):
    replica = Replica(tmp_path_factory.mktemp("law") / "replica.db")
    replica.take(page(restart=True, items=[item(1)], places=[place(each) for each in (1, 2, 3)]))
    model = {}
    for said in pages:
        restart = any(what == "restart" for what, *_ in said)
        put = {number: (at, quantity) for what, number, at, quantity in said if what == "put"}
        gone = {number for what, number, *_ in said if what == "gone"} - put.keys()
        model = {} if restart else {number: known for number, known in model.items() if number not in gone}
        model |= put
        told = {"items": [item(1)], "places": [place(each) for each in (1, 2, 3)]} if restart else {}
        replica.take(
            page(
                restart=restart,
                positions=[position(number, 1, at, str(quantity)) for number, (at, quantity) in put.items()],
                gone=[gid("Position", number) for number in gone],
                **told,
            )
        )
    for at in (1, 2, 3):
        known = sorted(quantity for place_, quantity in model.values() if place_ == at)
        assert sorted(int(each.quantity) for each in replica.stock(f"P-{at}")) == known
    replica.close()
