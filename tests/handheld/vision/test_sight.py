"""Recognition behind the pages, without a window: what is settled is learnt from, what was corrected is a sample."""

from datetime import UTC, datetime

import pytest

from handheld.client.recognition import Set
from handheld.vision.absent import Absent, Why
from handheld.vision.grid import grid
from handheld.vision.settling import By
from handheld.vision.sizing import LARGEST, small
from tests.handheld.screens.window.goods import (
    COLOURS,
    MILK,
    NOODLES,
    STRANGE,
    TEA,
    WATER,
    jpeg,
    seen,
    shelf,
    shot,
)  # fmt: skip
from tests.handheld.vision.seeing import carton, recogniser

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


@pytest.fixture
def sight_and(tmp_path):
    sight, recognition = seen(tmp_path, None, lambda: NOW)
    yield sight, recognition
    sight.close()
    recognition.samples.close()


@pytest.fixture
def sight(sight_and):
    return sight_and[0]


def test_a_correction_is_a_sample_with_what_it_was_taken_for(sight_and):
    sight, recognition = sight_and
    looked = sight.recognise(jpeg(shot(WATER)))
    sight.settle(looked, NOODLES, By.BARCODE, site="SITE-1", person="P-7")
    line = recognition.samples.next().line
    assert (line["item"], line["site"], line["person"]) == (NOODLES, "SITE-1", "P-7")
    assert line["guesses"][0]["item"] == WATER
    assert line["model"] == looked.said.model
    kept = small(recognition.samples.next().path.read_bytes(), LARGEST)
    assert kept.size == (512, 512), "what the model looked at, and nothing around it"


def test_what_was_right_is_learnt_from_and_is_no_sample(sight_and):
    sight, recognition = sight_and
    sight.settle(sight.recognise(jpeg(shot(WATER))), WATER, By.PERSON)
    assert recognition.samples.next() is None
    settled = sight.recogniser._settlements.of(sight.recogniser.model.sha256)
    assert [each.right for each in settled] == [True]


def test_what_is_not_in_the_catalogue_is_no_sample(sight_and):
    sight, recognition = sight_and
    sight.settle(sight.recognise(jpeg(shot(STRANGE))), "", By.PERSON)
    assert recognition.samples.next() is None


def test_nothing_is_kept_for_an_organisation_that_does_not_allow_it(sight_and):
    sight, recognition = sight_and
    recognition.samples.on = False
    sight.settle(sight.recognise(jpeg(shot(WATER))), NOODLES, By.BARCODE)
    assert recognition.samples.next() is None


@pytest.mark.parametrize(("accept", "filled"), [(None, WATER), (0.5, WATER), (1.01, "")])
def test_the_server_s_threshold_goes_before_the_model_s(sight_and, accept, filled):
    sight, recognition = sight_and
    recognition.set = Set(accept=accept)
    sight._accept = lambda: recognition.set.accept
    assert sight.recognise(jpeg(shot(WATER))).said.filled == filled


@pytest.mark.parametrize("item", [MILK, TEA])
def test_look_alikes_are_never_filled_in_whatever_the_threshold(sight, item):
    sight._accept = lambda: 0.0
    said = sight.recognise(jpeg(shot(item))).said
    assert said.alike
    assert not said.filled


@pytest.mark.parametrize("taken", [None, b"", b"no picture", jpeg(carton((9, 9, 9)))[:300]])
def test_what_is_no_picture_is_told_so(sight, taken):
    assert sight.recognise(taken).said.why is Why.BAD_PICTURE


def test_a_model_that_was_rolled_out_is_looked_through_at_once_and_kept_photographs_go_over_to_it(tmp_path):
    sight, recognition = seen(tmp_path, None, lambda: NOW)
    before = sight.recognise(jpeg(shot(WATER))).said
    sight._folder, sight._open_in = lambda: tmp_path / "new", lambda _folder: recogniser(tmp_path, sha256="m2")
    after = sight.recognise(jpeg(shot(WATER))).said
    assert (before.model, after.model) == ("m1", "m2")
    assert after.first.item == WATER
    assert {each.item for each in sight.goods() if each.photographs} == set(COLOURS)
    sight.close()
    recognition.samples.close()


def test_a_shelf_is_read_facing_by_facing(sight):
    photograph = shelf([(WATER, NOODLES), (NOODLES, None)], turned={(0, 0)})
    section = sight.section(photograph, grid([2, 2]), {WATER, NOODLES, TEA})
    assert section.counts == {WATER: 1, NOODLES: 2}
    assert section.missing == (TEA,)
    assert [(each.row, each.column) for each in section.upside_down] == [(0, 0)]
    assert [(each.row, each.column) for each in section.open] == [(1, 1)]


def test_once_closed_it_opens_nothing_any_more(sight_and):
    sight, _ = sight_and
    sight.close()
    assert isinstance(sight.recogniser, Absent)
    assert sight.goods() == []


def test_a_holder_may_narrow_what_the_server_leaves_open_and_never_widen_it(sight_and):
    _, recognition = sight_and
    recognition._unmetered = lambda: False
    for metered, wifi_only, pays in ((True, False, True), (True, True, False), (False, False, False)):
        recognition.set, recognition.wifi_only = Set(metered=metered), wifi_only
        assert recognition._pays() is pays
    recognition._unmetered = lambda: True
    assert recognition._pays()


def test_what_is_enrolled_is_a_sample_for_the_whole_organisation(tmp_path):
    sight, recognition = seen(tmp_path, None, lambda: NOW)
    sight.enrol(NOODLES, [shot(NOODLES, 71)], site="SITE-1", person="P-7")
    line = recognition.samples.next().line
    assert (line["item"], line["person"], line["guesses"]) == (NOODLES, "P-7", [])
    assert line["sha256"] in sight.shared()[NOODLES], "so that it is known again when it comes back"
    sight.close()
    recognition.samples.close()


def test_a_photograph_from_the_server_is_enrolled_and_forgotten_as_it_says(sight):
    content = jpeg(shot(STRANGE))
    sight.take("NEW", "d" * 64, content, NOW)
    assert sight.recognise(jpeg(shot(STRANGE, 3))).said.first.item == "NEW"
    sight.take("NEW", "e" * 64, b"no picture", NOW)
    assert sight.shared()["NEW"] == {"d" * 64}
    sight.keep(set())
    assert "NEW" not in sight.shared()
    assert len(sight.shared()[WATER]) == 3
