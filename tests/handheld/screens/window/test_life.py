"""A device lives a whole shift: it doesn't slow down, and long lists scroll."""

import os
import time
from statistics import median

import pytest

from handheld.screens.kit import KLine

from . import world
from .driving import frames, later, running, settle, widgets

CHANGES = 500
PAGES = ("home", "work", "search", "queue", "settings", "scanner", "exceptions")
LINES = 5_000


@pytest.fixture
def app(tmp_path):
    with running(world.desk(tmp_path, later)) as app:
        yield app


def cost(app):
    """CPU of this process for a frame that draws everything anew."""
    spent = []
    for _ in range(15):
        app.frame.canvas.ask_update()
        before = time.thread_time()
        frames(1)
        spent.append(time.thread_time() - before)
    return median(spent)


def visit(app, count):
    task = app.desk.tasks()[0]
    for number in range(count):
        name = PAGES[number % len(PAGES)]
        if name == "home":
            app.home()
        else:
            app.go(name, **({"task": task} if name == "work" else {}))
        frames(1)
    settle(app)
    app.home()
    frames(5)


def test_five_hundred_changes_of_the_page_cost_nothing_afterwards(app):
    """T17: a frame costs what it cost, and no widget is left behind."""
    visit(app, 2 * len(PAGES))
    before, made = cost(app), widgets()
    visit(app, CHANGES)
    assert widgets() <= made + 5
    assert cost(app) < 2 * before + 0.005


def test_languages_and_lights_are_switched_forty_times_without_a_trace(app):
    visit(app, len(PAGES))
    made = widgets()
    for number in range(40):
        app.language = ("zh", "en")[number % 2]
        app.theme = ("day", "night")[number % 2]
        app.hand = ("left", "right")[number % 2]
        frames(1)
    assert widgets() <= made + 5


def test_five_thousand_lines_scroll_by_a_handful_of_rows(app):
    app.go("work", task=world.long_task(LINES))
    settle(app)
    rows = app.page.ids.lines
    assert len(rows.data) == LINES
    seen = set()
    spent = []
    for step in range(60):
        rows.scroll_y = 1 - step / 60
        before = time.thread_time()
        frames(1)
        spent.append(time.thread_time() - before)
        seen |= {row.index for row in rows.children[0].children}
    assert len([each for each in rows.children[0].children if isinstance(each, KLine)]) < 15
    assert max(seen) > LINES * 0.9
    assert median(spent) < 0.25, f"{os.environ.get('KIVY_GL_BACKEND', 'software')} drawing"


def test_the_main_button_lies_under_the_thumb_of_either_hand(app):
    app.go("work", task=app.desk.tasks()[0])
    settle(app)
    main, undo = app.page.ids.main, app.page.ids.undo
    assert main.center_x > undo.center_x
    app.hand = "left"
    frames(3)
    assert main.center_x < undo.center_x
