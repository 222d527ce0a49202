"""A picture is a question: a person or a barcode answers it, and only then the work has it."""

import threading
import time
from dataclasses import replace

import pytest
from kivy.tests.common import UnitTestTouch

from handheld.scan.scan import Scan, Source
from handheld.vision.absent import Absent, Why
from handheld.vision.proposal import Candidate
from handheld.vision.recogniser import Recogniser
from handheld.work.tasks.task import Job, Task

from . import world
from .driving import frames, later, running, until
from .glimpses import BOARDS, COUNT, TURNED, still
from .goods import MILK, NOODLES, STRANGE, TEA, TISSUE, WATER, Shot, shelf, shot

CODES = {reference: f"0{gtin}" for reference, _, gtin in world.ITEMS}
RECEIVING = Task("", Job.GOODS_IN, "DOCK-1")


@pytest.fixture
def app(tmp_path):
    with running(world.desk(tmp_path, later)) as app:
        yield app


def recognised(app, item):
    """From a task by one press to the finder, and by one more to the proposal."""
    app.machine.camera = Shot(shot(item))
    app.go("work", task=RECEIVING)
    still(app)
    app.page.ids.scan.dispatch("on_look")
    still(app)
    app.page.main()
    still(app)
    return app.page


def scan(app, text, symbology=""):
    """A scan by intent, and whatever comes of it."""
    app.machine.receive(Scan(text, symbology, time.monotonic(), Source.INTENT))
    frames(1)
    still(app)


def taken(app):
    return [event.labels["item"] for event in app.desk.rooms.outbox.unknown()]


def sample(app):
    found = app.desk.rooms.recognition.samples.next()
    return None if found is None else (found.line["item"], found.line["guesses"][0]["item"])


def test_what_a_person_chooses_goes_into_the_work_like_a_search_s_hit(app):
    page = recognised(app, WATER)
    assert app.machine.camera.opened == 0, "the camera is given back"
    assert page.seen.said.first.item == WATER
    assert taken(app) == []
    page.ids.proposed.dispatch("on_choice", NOODLES)
    still(app)
    assert app.trail[-1] == "work"
    assert taken(app) == [NOODLES]
    assert sample(app) == (NOODLES, WATER)


def test_what_is_filled_in_waits_for_a_person(app):
    page = recognised(app, WATER)
    assert page.seen.said.filled == WATER
    time.sleep(0.2)
    still(app)
    assert taken(app) == []
    app.key("enter")
    still(app)
    assert taken(app) == [WATER]
    assert sample(app) is None


def test_a_barcode_settles_a_picture_and_is_taken_as_the_scan_that_it_is(app):
    recognised(app, WATER)
    scan(app, CODES[TEA], "]E0")
    assert app.trail[-1] == "work"
    assert taken(app) == [TEA]
    assert sample(app) == (TEA, WATER)


@pytest.mark.parametrize("item", [MILK, TEA])
def test_look_alikes_are_told_and_sent_to_the_barcode(app, item):
    page = recognised(app, item)
    assert not page.seen.said.filled
    assert page.ids.banner.tone == "warn"
    assert page.seen_word("alike") == page.ids.banner.headline


def test_another_size_of_one_brand_and_style_is_told_by_its_name_and_the_barcode_settles_it(app):
    said = world.page() | {"restart": False}
    sizes = {WATER: {"size": "550 ml"}, TISSUE: {"size": "4 L", "name": "Mountain spring, the large one"}}
    said["items"] = [
        each | {"brand": "农夫山泉", "style": "饮用天然水"} | sizes[each["externalReference"]]
        for each in said["items"]
        if each["externalReference"] in sizes
    ]
    app.desk.rooms.replica.take(said)
    page = recognised(app, WATER)
    assert not page.seen.said.filled
    assert page.ids.banner.headline == page.seen_word("alike")
    assert "Mountain spring, the large one" in page.ids.banner.line
    scan(app, CODES[TISSUE])
    assert taken(app) == [TISSUE]


def test_goods_that_nobody_knows_are_enrolled_by_the_picture_and_a_scan(app):
    page = recognised(app, STRANGE)
    assert not page.seen.said.known
    page.other()
    still(app)
    scan(app, CODES[world.OIL], "]E0")
    assert app.page.item.reference == world.OIL
    app.machine.camera.picture = shot(STRANGE, 8)
    app.page.take()
    still(app)
    app.page.save()
    still(app)
    assert app.page.ids.count.text == "2/10"
    assert taken(app) == []
    assert recognised(app, STRANGE).seen.said.first.item == world.OIL


def test_a_photograph_is_removed_and_taken_back(app):
    app.machine.camera = Shot(shot(NOODLES))
    app.go("photographs")
    scan(app, CODES[NOODLES], "]E0")
    for count, press in ((3, None), (2, "mark"), (3, "undo")):
        if press == "mark":
            app.page.ids.thumbs.children[0].dispatch("on_release")
        if press:
            app.page.remove()
            still(app)
        assert app.page.ids.count.text == f"{count}/10"


def test_what_was_taken_and_not_saved_stays_while_one_is_elsewhere(app):
    app.machine.camera = Shot(shot(NOODLES, 31))
    app.go("photographs")
    scan(app, CODES[NOODLES], "]E0")
    app.page.take()
    still(app)
    scan(app, CODES[WATER], "]E0")
    app.back()
    app.go("photographs")
    scan(app, CODES[NOODLES], "]E0")
    assert len(app.page.ids.thumbs.children) == 4
    assert "1" in app.page.ids.save.word


def test_without_a_model_the_page_says_so_and_the_scanner_does_the_work(app):
    app.desk.sight._open_in = lambda _folder: Absent(Why.NO_MODEL)
    app.desk.sight._leave()
    recognised(app, WATER)
    assert app.trail[-1] == "work", "the main button leads to the scanner"
    app.go("recognise")
    still(app)
    page = app.page
    assert page.absent.text.zh == app.page.ids.banner.headline
    assert app.machine.camera.opened == 0
    scan(app, CODES[WATER], "]E0")
    assert taken(app) == [WATER]


def test_no_frame_and_no_scan_waits_for_recognition(app, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    recognise = Recogniser.recognise

    def slow(self, picture, box=None):
        begun.set()
        assert go_on.wait(60)
        return recognise(self, picture, box)

    monkeypatch.setattr(Recogniser, "recognise", slow)
    app.machine.camera = Shot(shot(WATER))
    app.go("work", task=RECEIVING)
    still(app)
    app.page.ids.scan.dispatch("on_look")
    still(app)
    app.page.main()
    until(begun.is_set)
    frames(5)
    app.machine.receive(Scan(CODES[NOODLES], "]E0", time.monotonic(), Source.INTENT))
    until(lambda: taken(app) == [NOODLES])
    assert app.trail[-1] == "work"
    go_on.set()
    still(app)
    assert app.trail[-1] == "work", "an answer that comes late is nobody's"
    assert taken(app) == [NOODLES]


def test_when_recognition_breaks_it_is_said_and_work_goes_on(app, monkeypatch):
    def breaks(self, picture, box=None):
        raise RuntimeError("a bug")

    monkeypatch.setattr(Recogniser, "recognise", breaks)
    page = recognised(app, WATER)
    assert app.frame.ids.strip.text == page.seen_word("broke")
    assert not page.busy
    scan(app, CODES[WATER], "]E0")
    assert taken(app) == [WATER]


# what is heard


@pytest.mark.parametrize(("language", "heard"), [("zh", "很可能是 农夫山泉"), ("en", "Very likely 农夫山泉")])
def test_what_a_picture_is_taken_for_is_said_aloud(app, language, heard):
    app.language = language
    recognised(app, WATER)
    until(lambda: any(text.startswith(heard) and said == language for text, said in app.machine.said))


def test_what_stands_against_taking_it_is_said_aloud_and_that_it_stands_on_its_head(app):
    app.machine.camera = Shot(shot(MILK, upside_down=True))
    app.go("work", task=RECEIVING)
    still(app)
    app.page.ids.scan.dispatch("on_look")
    still(app)
    app.page.main()
    still(app)
    until(lambda: any("有相似商品" in text and "商品倒置" in text for text, _ in app.machine.said))


def test_who_wants_no_voice_hears_none(app):
    app.voice = "off"
    recognised(app, WATER)
    app.speech.close()
    assert app.machine.said == []


# a shelf


def looked(app, task=COUNT):
    app.machine.camera = Shot(shelf(BOARDS, TURNED))
    app.go("work", task=task)
    still(app)
    scan(app, "SB:B:A-03-2")
    app.page.other()
    app.page.ids.aside.children[0].dispatch("on_release")
    still(app)
    for _ in range(2):  # the photograph, then the grid as it is
        app.page.main()
        still(app)
    return app.page


def test_a_shelf_becomes_the_draft_of_the_count_and_is_recorded_only_when_that_is_confirmed(app):
    page = looked(app)
    assert page.section.counts == {WATER: 5, NOODLES: 2}
    page.facing(1, 3)
    page.choose("")
    assert page.stage == "found"
    assert page.section.open == ()
    page.main()
    page.deeper(1)
    page.main()
    still(app)
    assert app.trail[-1] == "work"
    assert taken(app) == []
    hand = {held.goods.item.reference: int(held.goods.quantity) for held in app.desk.work.progress.hand}
    assert hand == {WATER: 10, NOODLES: 4}
    assert app.desk.work.progress.place == "A-03-2"


def test_a_barcode_settles_the_facing_that_is_asked_about(app):
    page = looked(app)
    page.facing(1, 3)
    scan(app, CODES[MILK], "]E0")
    assert page.section.counts[MILK] == 1
    assert app.trail[-1] == "shelf"
    assert taken(app) == []


def test_a_barcode_settles_what_very_likely_is_it_and_leaves_the_rest_to_be_asked_about(app):
    page = looked(app)
    unsure = page.section.open[0]
    candidates = (Candidate(MILK, 0.6), Candidate(TEA, 0.4))
    sure = replace(unsure.proposal, known=True, candidates=(Candidate(MILK, 0.9),))
    at = [each for each in page.section.facings if each.item == NOODLES]
    changed = {unsure: replace(unsure.proposal, known=True, candidates=candidates), at[0]: replace(sure, filled="")}
    page.section = replace(
        page.section,
        facings=tuple(each._replace(proposal=changed.get(each, each.proposal)) for each in page.section.facings),
    )
    scan(app, CODES[MILK], "]E0")
    assert page.section.counts[MILK] == 1
    assert [(each.row, each.column) for each in page.section.open] == [(unsure.row, unsure.column)]
    assert page.stage == "found", "nothing is asked, so the next scan is about no facing in particular"


def test_a_draft_never_takes_the_place_of_goods_in_hand(app):
    app.machine.camera = Shot(shelf(BOARDS))
    app.go("work", task=COUNT)
    still(app)
    scan(app, "SB:B:A-03-2")
    scan(app, CODES[WATER], "]E0")
    before = app.desk.work.progress.hand
    app.go("shelf", progress=app.desk.work.progress)
    still(app)
    assert app.page.ids.banner.headline == app.page.word("shelf_taken_up")
    app.page.main()
    still(app)
    assert app.trail[-1] == "work"
    assert app.desk.work.progress.hand == before


def test_a_finger_drags_the_lines_and_a_touch_chooses_a_board(app):
    app.machine.camera = Shot(shelf(BOARDS))
    app.go("work", task=COUNT)
    still(app)
    scan(app, "SB:B:A-03-2")
    app.go("shelf", progress=app.desk.work.progress)
    still(app)
    app.page.main()
    still(app)
    drawn = app.page.ids.shelf
    before = drawn.grid[0].edges
    x, y = drawn._x(before[1]), drawn._y(0.25)
    finger((x, y), (x + 40, y))
    assert drawn.grid[0].edges[1] > before[1]
    assert drawn.grid[0].edges[2:] == before[2:]
    finger((drawn._x(0.6), drawn._y(0.75)))
    assert drawn.row == 1
    app.page.columns(1)
    assert [len(row.edges) - 1 for row in drawn.grid] == [4, 5]
    app.page.rows(-1)
    assert len(drawn.grid) == 1


def finger(*way):
    """Go down at the first point, along the others, and up at the last."""
    touch = UnitTestTouch(*way[0])
    touch.touch_down()
    for point in way[1:]:
        touch.touch_move(*point)
    touch.touch_up()
    frames(1)


def test_a_layer_that_is_not_shown_lets_the_finger_through(app):
    world.unsettled(app.desk)
    app.go("exceptions")
    frames(6)
    row = app.page.ids.list.children[0].children[-1]
    finger(row.to_window(*row.center))
    until(lambda: app.page.chosen)
    app.go("work", task=world.long_task(300))
    still(app)
    lines = app.page.ids.lines
    x, y = lines.center_x, lines.top - 40  # where the pad would be
    finger((x, y - 100), (x, y - 60), (x, y))
    until(lambda: lines.scroll_y < 1)


def test_the_holder_s_wish_for_wifi_is_kept_over_a_restart_and_heard(app):
    app.go("settings")
    still(app)
    assert app.desk.rooms.recognition.wifi_only
    app.wifi = "off"
    assert not app.desk.rooms.recognition.wifi_only
    assert "1" in app.page.ids.model.text, "the version of the model"
