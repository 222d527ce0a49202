"""Folds ask what a shop asks; views are the device's own, or drawn from a seed."""

import numpy as np
import pytest

from handheld.vision.picture import prepared
from stockbook.vision.folds import folds
from stockbook.vision.pictures import collection
from stockbook.vision.recipe import planned
from stockbook.vision.views import Kind, plain, varied
from tests.vision.shop import painted, shop


@pytest.fixture
def pictures(tmp_path):
    return collection(shop(tmp_path, items=7, pictures=11, held_back=2))


def test_nothing_held_back_is_ever_learnt_nor_asked(pictures):
    for fold in folds(pictures):
        together = np.concatenate([fold.learnt, fold.asked, fold.enrolled, fold.strange])
        assert sorted(together) == sorted(pictures.own)


def test_every_item_is_a_stranger_once_and_every_picture_is_asked_about(pictures):
    made = folds(pictures)
    strange = np.concatenate([np.unique(pictures.labels[fold.strange]) for fold in made])
    assert sorted(strange) == list(range(7))
    assert sorted(np.concatenate([[*fold.asked, *fold.strange] for fold in made])) == sorted(pictures.own)


def test_a_fold_never_learns_what_it_asks(pictures):
    for fold in folds(pictures):
        assert not set(pictures.labels[fold.learnt]) & set(pictures.labels[fold.strange])
        assert set(pictures.labels[fold.asked]) == set(fold.known) == set(pictures.labels[fold.learnt])


def test_what_is_asked_is_a_run_of_consecutive_pictures(pictures):
    for fold in folds(pictures):
        for item in fold.known:
            asked = fold.asked[pictures.labels[fold.asked] == item]
            assert np.ptp(asked) == len(asked) - 1


def test_a_second_list_is_what_is_asked_about(tmp_path):
    shop(tmp_path, items=6, pictures=8, held_back=2)
    lines = (tmp_path / "train.csv").read_text().splitlines()
    second = [line for line in lines[1:] if line.split("-")[1].startswith("5")]
    (tmp_path / "val.csv").write_text("\n".join([lines[0], *second]))
    (tmp_path / "train.csv").write_text("\n".join(line for line in lines if line not in second))
    pictures = collection(tmp_path)
    for fold in folds(pictures):
        assert pictures.elsewhere[fold.asked].all()
        assert pictures.elsewhere[fold.strange].all()
        assert not pictures.elsewhere[[*fold.learnt, *fold.enrolled]].any()
        assert (len(fold.asked), len(fold.strange)) == (4, 2)


def test_a_plain_view_is_what_the_device_sees():
    image = painted(1, 1)
    for crop in (1.0, 0.8):
        seen = plain(image, 48, Kind.PLAIN, np.random.default_rng(0), crop)
        assert np.array_equal(seen, prepared(image, 48, crop=crop).astype(np.uint8))


def test_goods_are_turned_before_the_device_sees_a_part_of_them():
    image = painted(1, 1)
    whole = plain(image, 60, Kind.INVERTED, np.random.default_rng(0)).astype(int)
    part = plain(image, 48, Kind.INVERTED, np.random.default_rng(0), 0.8).astype(int)
    assert np.abs(part - whole[6:54, 6:54]).mean() < 8


@pytest.mark.parametrize("crops", [(), (0.0,), (1.2,), (1.0,) * 5])
def test_a_plan_whose_crops_no_device_takes_is_refused(crops):
    with pytest.raises(ValueError, match="crops are 1 to 4 shares"):
        planned(crops=crops)
    assert planned(crops=(1.0, 0.8)).facts()["crops"] == [1.0, 0.8]


def test_a_file_that_devices_have_no_room_for_is_refused_before_anything_is_learnt():
    with pytest.raises(ValueError, match="in float16 a device has room for 1 of 2 tails: --tails 1"):
        planned(form="float16")
    with pytest.raises(ValueError, match="room for 2 of 3"):
        planned(tails=3)
    assert planned(form="float16", tails=1).facts()["dimensions"] == 256


def test_goods_turned_alone_leave_the_floor_as_it_was():
    image = painted(1, 1)
    upright = plain(image, 48, Kind.PLAIN, np.random.default_rng(0)).astype(int)
    for kind, moved in ((Kind.INVERTED, True), (Kind.SEAM, False)):
        seen = plain(image, 48, kind, np.random.default_rng(0))
        assert np.abs(seen - upright)[[0, 0, -1, -1], [0, -1, 0, -1]].max() < 10
        near, far = (np.abs(seen - other).mean() for other in (upright, upright[::-1, ::-1]))
        assert (near > far) == moved


def test_views_follow_from_their_seed_alone():
    def drawn(seed):
        return varied(painted(2, 2), 48, Kind.SEAM, np.random.default_rng(seed), mirror=True)

    assert np.array_equal(drawn(3), drawn(3))
    assert not np.array_equal(drawn(3), drawn(4))
    assert drawn(3).shape == (48, 48, 3)
    assert drawn(3).dtype == np.uint8
