"""What is in the picture? A proposal at once after enrolling, settled by a person or a barcode, never by itself."""

from datetime import timedelta

import numpy as np
import pytest
from PIL import Image

from handheld.vision.absent import Absent, Why
from handheld.vision.picture import cropped
from handheld.vision.proposal import Source
from handheld.vision.settling import By
from handheld.work.tasks.task import Job, Task
from stockbook.domain.capture.codes import read
from tests.handheld.vision.seeing import AT, SIZE, Catalogue, carton, model, recogniser
from tests.handheld.work.world import Item, Journal, Known, Packing, Place, start

RED, BLUE, GREEN, GREY = (200, 30, 30), (30, 30, 200), (30, 180, 30), (120, 120, 120)


@pytest.fixture
def shop(tmp_path):
    """Three cartons, enrolled by three photographs each."""
    seeing = recogniser(tmp_path)
    for item, colour in (("RED", RED), ("BLUE", BLUE), ("GREEN", GREEN)):
        assert seeing.enrol(item, [carton(colour, noise=n) for n in range(3)], AT) == 3
    yield seeing
    seeing.close()


def test_goods_are_recognised_as_soon_as_they_are_enrolled(shop):
    for item, colour in (("RED", RED), ("BLUE", BLUE), ("GREEN", GREEN)):
        said = shop.recognise(carton(colour, noise=9))
        assert (said.first.item, said.known, said.filled, said.upside_down) == (item, True, item, False)


def test_what_is_seen_in_several_crops_is_averaged(tmp_path):
    seeing, picture = recogniser(tmp_path, crops=(1.0, 0.5)), carton(RED, upside_down=True)
    seen = [seeing.look(pixels[None]) for pixels in cropped(picture, SIZE, (1.0, 0.5))]
    both = seeing.look(cropped(picture, SIZE, (1.0, 0.5)))
    middle = seen[0].vector + seen[1].vector
    assert np.allclose(both.vector, middle / np.linalg.norm(middle), atol=1e-6)
    assert both.upside_down == pytest.approx((seen[0].upside_down + seen[1].upside_down) / 2)
    assert seeing.enrol("RED", [carton(RED), picture], AT) == 2
    assert np.allclose(seeing.gallery.index("m1").vectors[1], both.vector, atol=1e-3)
    assert seeing.recognise(picture).first.item == "RED"
    seeing.close()


def test_three_are_always_proposed_and_the_surest_is_first(shop):
    said = shop.recognise(carton((150, 30, 150), noise=9))
    assert {each.item for each in said.candidates} == {"RED", "BLUE", "GREEN"}
    sure = [each.confidence for each in said.candidates]
    assert sure == sorted(sure, reverse=True)
    assert sum(sure) == pytest.approx(1)


def test_what_nobody_enrolled_is_not_in_the_catalogue_and_nothing_is_filled_in(shop):
    said = shop.recognise(Image.new("RGB", (64, 64), GREY))
    assert (said.known, said.filled) == (False, "")
    assert len(said.candidates) == 3


def test_one_photograph_is_enough_and_ten_are_the_most(shop):
    assert shop.enrol("ONE", [carton((90, 90, 0))], AT) == 1
    assert shop.recognise(carton((90, 90, 0), noise=4)).first.item == "ONE"
    said = shop.enrol("ELEVEN", [carton((90, 90, n)) for n in range(11)], AT)
    assert said.why is Why.TOO_MANY_PICTURES
    assert "ELEVEN" not in shop.gallery.index("m1").items
    assert shop.enrol("NONE", [], AT).why is Why.BAD_PICTURE


def test_an_item_that_is_removed_is_never_proposed_again(shop):
    shop.gallery.remove("RED")
    assert {each.item for each in shop.recognise(carton(RED)).candidates} == {"BLUE", "GREEN"}


def test_with_nothing_enrolled_the_code_is_to_be_scanned(tmp_path):
    seeing = recogniser(tmp_path)
    said = seeing.recognise(carton(RED))
    assert (said, said.text.zh) == (Absent(Why.NOTHING_ENROLLED), "还没有录入商品图片，请扫条码")
    seeing.close()


def test_a_carton_on_its_head_is_recognised_and_told(shop):
    said = shop.recognise(carton(BLUE, upside_down=True))
    assert (said.first.item, said.upside_down) == ("BLUE", True)


def test_goods_without_a_top_are_never_upside_down(shop):
    shop.enrol("BALL", [carton(GREY, noise=n, upside_down=n % 2) for n in range(4)], AT)
    said = shop.recognise(carton(GREY, noise=7, upside_down=True))
    assert (said.first.item, said.upside_down) == ("BALL", False)


def test_a_part_of_a_picture_is_recognised_by_itself(shop):
    shelf = Image.new("RGB", (128, 64))
    shelf.paste(carton(RED), (0, 0))
    shelf.paste(carton(GREEN), (64, 0))
    said = [shop.recognise(shelf, box).first.item for box in ((0, 0, 0.5, 1), (0.5, 0, 1, 1))]
    assert said == ["RED", "GREEN"]


def test_lookalikes_are_not_filled_in_however_sure_it_is(tmp_path):
    names = Catalogue({"RED": "Nappy Soft L 52", "RED-XL": "Nappy Soft XL 48"})
    seeing = recogniser(tmp_path, names)
    seeing.enrol("RED", [carton(RED)], AT)
    seeing.enrol("BLUE", [carton(BLUE)], AT)
    said = seeing.recognise(carton(RED, noise=3))
    assert said.first.confidence > 0.9
    assert said.filled == ""
    assert [(each.item, each.sources) for each in said.alike] == [("RED-XL", {Source.CATALOGUE})]
    seeing.close()


def test_after_a_change_of_model_kept_photographs_are_looked_at_again(tmp_path):
    before = recogniser(tmp_path)
    before.enrol("RED", [carton(RED, noise=n) for n in range(2)], AT)
    before.close()
    after = recogniser(tmp_path, sha256="m2")
    assert after.recognise(carton(RED)) == Absent(Why.NOTHING_ENROLLED)
    assert (after.renew(), after.renew()) == ({"RED": 2}, {})
    assert after.recognise(carton(RED)).first.item == "RED"
    after.close()


def test_a_calibration_is_for_one_model_and_outlives_the_process(tmp_path):
    seeing = recogniser(tmp_path)
    for item, colour in (("RED", RED), ("BLUE", BLUE), ("GREEN", GREEN), ("GREY", GREY)):
        seeing.enrol(item, [carton(colour, noise=n) for n in range(10)], AT)
    fitted = seeing.fit()
    assert fitted != model().shipped
    seeing.close()
    again, other = recogniser(tmp_path), recogniser(tmp_path, sha256="m2")
    assert (again.calibration, other.calibration) == (fitted, other.model.shipped)
    again.close()
    other.close()


# it never decides alone


def world():
    known = Known()
    for item, code in (("RED", "06921168509256"), ("BLUE", "06901234567892")):
        known.items[item] = Item(item, item.title())
        known.codes[code] = Packing(known.items[item])
    known.places["A1"] = Place("A1")
    return known


def test_a_proposal_records_nothing_until_a_person_chooses_as_from_a_search(shop):
    known, journal = world(), Journal()
    shift = start(Task("", Job.GOODS_IN, "DOCK"), known, journal=journal)
    before = shift.progress
    said = shop.recognise(carton(RED, noise=5))
    assert said.filled == "RED"
    assert (journal.deeds, shift.progress) == ([], before)
    shift.choose(known.item(said.filled))
    (event,) = journal.deeds
    assert (event.labels["action"], event.labels["item"], event.code) == ("inbound", "RED", "")


def test_the_barcode_goes_before_what_was_recognised_and_is_learnt_from(shop):
    known, journal = world(), Journal()
    shift = start(Task("", Job.GOODS_IN, "DOCK"), known, journal=journal)
    said = shop.recognise(carton(RED, noise=5))
    shift.scan(read("6901234567892"))
    (event,) = journal.deeds
    assert known.packing("06901234567892").item.reference == "BLUE" == event.labels["item"]
    settled = shop.settle(said, "BLUE", By.BARCODE, AT + timedelta(minutes=1))
    assert not settled.right
    warned = shop.recognise(carton(RED, noise=6))
    assert (warned.filled, [each.item for each in warned.alike]) == ("", ["BLUE"])
    assert Source.CORRECTIONS in warned.alike[0].sources


def test_no_picture_however_odd_breaks_anything(shop):
    for picture in (
        Image.new("RGB", (1, 1)),
        Image.new("RGB", (3, 900)),
        Image.fromarray(np.zeros((7, 5, 3), np.uint8)),
    ):
        assert len(shop.recognise(picture).candidates) == 3
