"""A scale beside the device, in the real window: bytes on a line, a weight on the page, a quantity in the journal."""

from decimal import Decimal

import pytest

from handheld.scales.serial import serial_line
from handheld.scales.simulator import Simulator
from handheld.work.tasks.task import Job, Task

from . import world
from .driving import later, running, scan, settle, until

PEAR = "6901234500011"
SECONDS_MAX = 30.0
"""A ceiling; a scale says its weight twenty times a second."""


@pytest.fixture(params=["SICS", "A&D", "XK3190"])
def scale(request):
    simulator = Simulator(request.param)
    simulator.form = request.param
    yield simulator
    simulator.close()


@pytest.fixture
def app(tmp_path, scale):
    with running(world.desk(tmp_path, later)) as app:
        app.machine.scales = lambda: {scale.port: "台秤 Platform"}
        app.machine.line = serial_line
        pear = {"id": "gid://stockbook/Item/77", "externalReference": "PEAR", "name": "雪梨 Snow pear", "gtin": PEAR,
                "baseUnit": "kg", "decimals": 3, "units": [], "codes": []}  # fmt: skip
        nothing = dict.fromkeys(("places", "lots", "positions", "tasks"), ())
        app.desk.rooms.replica.take({**world.page(), **nothing, "cursor": "2", "restart": False, "items": [pear]})
        yield app


def chosen(app, scale):
    """Choose the scale as a person does: settings, the button, the row of its way of speaking."""
    app.go("settings")
    app.page.ids.scale.dispatch("on_release")
    [row] = [at for at, each in enumerate(app.page.choices) if each.form == scale.form]
    app.page.ids.scales.dispatch("on_row", row)


def said(app):
    return [(event.labels.get("item"), event.labels.get("quantity")) for event in app.desk.rooms.outbox.unknown()]


def test_a_weight_at_rest_becomes_the_quantity_of_what_is_scanned(app, scale):
    chosen(app, scale)
    scale.weight = Decimal("1.250")
    until(lambda: app.page.headline == "1.25 kg" and app.page.icon == "check", SECONDS_MAX)
    assert app.weighing.chosen.form == scale.form
    scale.weight = Decimal(0)
    until(lambda: app.weighing.latest.kilograms == 0 and app.weighing.latest.stable, SECONDS_MAX)
    app.go("work", task=Task("", Job.GOODS_IN, "DOCK-1"))
    settle(app)
    scale.weight = Decimal("3.5")
    until(lambda: app.page.seen.progress.weight == Decimal("3.5"), SECONDS_MAX)
    scan(app, PEAR, "]E0")
    assert said(app) == [("PEAR", "3.5")]


def test_a_pulled_plug_is_seen_and_leaves_the_work_as_it_was(app, scale):
    chosen(app, scale)
    until(lambda: app.weighing.latest is not None, SECONDS_MAX)
    scale.close()
    until(lambda: app.weighing.chosen is None, SECONDS_MAX)
    app.page.render()
    assert app.page.ids.scales.data[0]["tone"] == "quiet"
    app.go("settings")
    assert app.page.ids.scale.word.endswith(app.page.word("scale_none"))


def test_a_scale_that_does_not_answer_is_told_by_its_name(app, scale):
    app.machine.line = lambda address: (_ for _ in ()).throw(OSError(address))
    chosen(app, scale)
    assert app.page.tone == "stop" and "台秤" in app.page.headline
    assert app.weighing.chosen is None
