"""A gallery pack as it is typed: made of photographs by the shipped model, adopted, and told what is no item yet."""

import asyncio
import csv
import json

import pytest

from handheld.vision.absent import Absent
from handheld.vision.model import SHIPPED, read
from handheld.vision.runtime import begun
from tests.handheld.screens.window.goods import MILK as RED
from tests.handheld.screens.window.goods import NOODLES as GREEN
from tests.handheld.screens.window.goods import shot
from tests.recognition.test_review import typed

ITEMS = (("MILK", "Milk", "06921168509256", RED), ("SOUP", "Noodle soup", "", GREEN))


@pytest.fixture
def photographs(tmp_path):
    """A folder as `vision export` writes it, of drawn cartons."""
    folder = tmp_path / "photographs"
    (folder / "pictures").mkdir(parents=True)
    rows = []
    for item, _, _, look in ITEMS:
        for noise in range(5):
            path = f"pictures/{item}-{noise}.jpg"
            shot(look, noise).save(folder / path, quality=95)
            rows.append((path, item))
    for name, heads, lines in (
        ("items.csv", ("item", "name", "gtin"), [each[:3] for each in ITEMS]),
        ("pictures.csv", ("path", "item"), rows),
    ):
        with (folder / name).open("w", newline="") as file:
            csv.writer(file).writerows([heads, *lines])
    (folder / "LICENSE").write_text("MIT License")
    return folder


def type_(desk, *words):
    return asyncio.to_thread(typed, desk, *words)


async def test_a_pack_is_made_of_photographs_and_adopted_and_what_is_no_item_is_listed(desk, photographs, tmp_path):
    model = read(SHIPPED)
    if isinstance(begun(model), Absent):
        pytest.skip("nothing runs the model here")
    written = tmp_path / "cartons.pack"
    made = await type_(desk, "pack", str(photographs), "--write", str(written), "--name", "cartons", "--version", "1")
    assert made.returncode == 0, made.stderr
    said = json.loads(written.read_text())
    assert (said["model"], said["dimensions"], said["licence"]) == (model.sha256, model.dimensions, "MIT License")
    four = [(each["reference"], each["gtin"], len(each["vectors"])) for each in said["goods"]]
    assert four == [("MILK", "06921168509256", 4), ("SOUP", "", 4)], "one of five is held back"

    own = ("--organisation", desk.name, "--address", desk.served.address)
    refused = await type_(desk, "adopt", str(written), *own)
    assert refused.returncode == 1 and "PACK_OF_ANOTHER_MODEL" in refused.stderr
    phone = await desk.enrol(f"PDA-{desk.name}")
    assert (await desk.say("reportModel", {"runs": model.sha256}, headers=desk.as_device(phone)))["errors"] == []
    adopted = await type_(desk, "adopt", str(written), *own)
    assert adopted.returncode == 0, adopted.stderr
    told = " ".join(adopted.stdout.split())
    assert "is adopted: 1 items by 4 photographs" in told
    assert "no item: SOUP Noodle soup" in told
    assert "was adopted before" in " ".join((await type_(desk, "adopt", str(written), *own)).stdout.split())


async def test_what_can_not_be_made_or_adopted_is_said_in_a_sentence(desk, photographs, tmp_path):
    pack = ("--write", str(tmp_path / "p"), "--name", "p", "--version", "1")
    own = ("--organisation", desk.name, "--address", desk.served.address)
    (tmp_path / "torn").write_text('{"pack": "p"}')
    (photographs / "LICENSE").unlink()
    for words, sentence in (
        (("pack", str(photographs), *pack), "nothing is handed on without one"),
        (("adopt", str(tmp_path / "nowhere"), *own), "can't be read"),
        (("adopt", str(tmp_path / "torn"), *own), "a pack has a version"),
    ):
        done = await type_(desk, *words)
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert sentence in " ".join(done.stderr.split())
