"""The shipped model on real photographs of a shop: what it must do at least, on a sample that takes seconds.

`make vision-bench` measures all of it; here a few items are enrolled by five
photographs each, and others of theirs are asked about.
"""

import numpy as np
import pytest
from PIL import Image

from handheld.vision.absent import Absent
from handheld.vision.grid import boxes, grid
from handheld.vision.model import SHIPPED, read
from handheld.vision.opening import opened as ready
from handheld.vision.picture import cropped, opened, turned
from handheld.vision.recogniser import Recogniser
from handheld.vision.shelf import seen
from tests.bench_vision.grocery import folder, pictures
from tests.handheld.vision.seeing import AT

ITEMS = 10
SHOTS = 5


@pytest.fixture(scope="module")
def photographs():
    """Ten cartons: five photographs to enrol, up to four to ask about, in the order of the lists."""
    if not (folder() / "train.csv").exists():
        pytest.skip("there are no photographs here: set STOCKBOOK_DATA or GROCERY_DIR")
    own = [each for each in pictures(folder(), "train") if each.carton]
    others = pictures(folder(), "test")
    items = sorted({each.item for each in own})[::3][:ITEMS]
    return {
        item: ([each.path for each in own if each.item == item][:SHOTS],
               [each.path for each in others if each.item == item][:4])
        for item in items
    }  # fmt: skip


@pytest.fixture(scope="module")
def shop(photographs, tmp_path_factory):
    pytest.importorskip("ai_edge_litert.interpreter")
    if isinstance(read(SHIPPED), Absent):
        pytest.skip("no model is shipped yet")
    device = ready(tmp_path_factory.mktemp("shop"))
    assert isinstance(device, Recogniser), device
    for item, (enrolled, _) in photographs.items():
        assert device.enrol(item, [opened(path) for path in enrolled], AT) == SHOTS
    yield device
    device.close()


def test_cartons_are_recognised_after_five_photographs_each(shop, photographs):
    said = [(item, shop.recognise(opened(path))) for item, (_, asked) in photographs.items() for path in asked]
    first = np.mean([each.first.item == item for item, each in said])
    three = np.mean([item in {c.item for c in each.candidates} for item, each in said])
    assert first > 0.85
    assert three > 0.95


def test_what_is_filled_in_by_itself_is_right(shop, photographs):
    shop.fit()
    said = [(item, shop.recognise(opened(path))) for item, (_, asked) in photographs.items() for path in asked]
    assert all(each.filled in {item, ""} for item, each in said)


def test_a_carton_on_its_head_is_told(shop, photographs):
    asked = [path for _, paths in photographs.values() for path in paths]
    pixels = [cropped(opened(path), shop.model.size, shop.model.crops) for path in asked]
    assert np.mean([shop.look(each).upside_down < 0.5 for each in pixels]) > 0.9
    assert np.mean([shop.look(turned(each)).upside_down >= 0.5 for each in pixels]) > 0.9
    assert np.mean([shop.recognise(opened(path)).upside_down for path in asked]) < 0.1
    assert any(shop.recognise(opened(path).rotate(180)).upside_down for path in asked)


def test_a_shelf_of_real_cartons_is_told_from_one_photograph(shop, photographs):
    chosen = list(photographs)[:3]
    stands = [(chosen[0], 0), (chosen[1], 0), (chosen[2], 0), (chosen[0], 1)]
    shelf = Image.new("RGB", (256 * len(stands), 256))
    for at, (item, which) in enumerate(stands):
        shelf.paste(opened(photographs[item][1][which]).resize((256, 256)), (256 * at, 0))
    told = seen(shelf, boxes(grid([len(stands)])), shop.recognise, {*chosen, "NOT-THERE"})
    firsts = [each.proposal.first.item for each in told.facings]
    assert sum(one == item for one, (item, _) in zip(firsts, stands, strict=True)) >= 3
    assert "NOT-THERE" in told.missing
