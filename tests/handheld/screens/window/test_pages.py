"""Every page, in both languages and both lights, is looked at."""

import os
from pathlib import Path

import pytest
from kivy.core.window import Window
from PIL import Image

from . import looking, world
from .driving import SCENES, frames, later, running, scene

SHOTS = Path(os.environ["HANDHELD_SHOTS"]) if "HANDHELD_SHOTS" in os.environ else None
LIGHTS = [(language, theme) for language in ("zh", "en") for theme in ("day", "night")]
EYES = ("clipped", "boxes", "small", "pale", "little", "crowded", "overlapping")


@pytest.fixture(params=LIGHTS, ids="-".join, scope="module")
def app(request, tmp_path_factory):
    desk = world.desk(tmp_path_factory.mktemp("device"), later)
    world.unsettled(desk)
    with running(desk) as app:
        app.language, app.theme = request.param
        yield app


@pytest.mark.parametrize("name", SCENES)
def test_a_page_is_whole_readable_and_within_reach(app, name, tmp_path):
    scene(app, name)
    found = {eye: getattr(looking, eye)(app.frame) for eye in EYES}
    found["outside"] = looking.outside(app.frame, Window.size)
    picture = shot(f"{name} {app.language} {app.theme}", tmp_path)
    assert not {eye: faults for eye, faults in found.items() if faults}
    colours = picture.getcolors(1 << 20)
    assert len(colours) > 20, "the window was drawn"
    paper = tuple(round(255 * part) for part in app.palette.paper[:3])
    assert any(colour == paper for _, colour in colours), "on the paper of its theme"


def shot(name, tmp_path):
    """Take a picture of the window; kept where HANDHELD_SHOTS says."""
    frames(2)
    path = Path(Window.screenshot(name=str(tmp_path / "shot.png")))
    if SHOTS is not None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        (SHOTS / f"{name.replace(' ', '-')}.png").write_bytes(path.read_bytes())
    with Image.open(path) as picture:
        return picture.convert("RGB")
