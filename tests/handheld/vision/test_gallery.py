"""What goods look like: enrolled without training, kept by model, ten at most, forgotten when told."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handheld.vision.gallery import PHOTOGRAPHS_MAX, SERVER, Gallery
from tests.handheld.vision.seeing import AT, photograph


@pytest.fixture
def gallery(tmp_path):
    gallery = Gallery(tmp_path / "vision.db")
    yield gallery
    gallery.close()


def enrolled(gallery, model="m1"):
    return {each.item: each.photographs for each in gallery.enrolled(model)}


def kinds(vector):
    """Return a vector's direction, coarsely."""
    return [round(20 * float(each) / float(np.hypot(*vector))) for each in vector]


steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "forget"]),
        st.sampled_from(["MILK", "SOY", "OAT"]),
        st.integers(0, 14),
        st.sampled_from(["m1", "m2"]),
    ),
    max_size=40,
)


@settings(max_examples=30)
@given(steps)
def test_it_holds_what_a_plain_list_would(tmp_path_factory, done):
    gallery = Gallery(tmp_path_factory.mktemp("gallery") / "vision.db")
    kept = {}
    for turn, (deed, item, number, model) in enumerate(done):
        of_item, digest = kept.setdefault(item, {}), f"d{number}"
        if deed == "add":
            at = AT + timedelta(minutes=turn)
            gallery.add([photograph(item, [number + 1, 1], digest, model, at=at)])
            of_item[digest] = (of_item.get(digest, (at,))[0], model, number)
            for oldest in sorted(of_item, key=lambda each: of_item[each][0])[:-PHOTOGRAPHS_MAX]:
                del of_item[oldest]
        elif deed == "remove":
            gallery.remove(item)
            of_item.clear()
        else:
            gallery.remove(item, digest)
            of_item.pop(digest, None)
    for model in ("m1", "m2"):
        index = gallery.index(model)
        found = [(index.items[at], *kinds(row)) for at, row in zip(index.owner, index.vectors, strict=True)]
        wanted = [
            (item, *kinds([number + 1, 1])) for item in kept for _, of, number in kept[item].values() if of == model
        ]
        assert sorted(found) == sorted(wanted)
    gallery.close()


def test_an_eleventh_photograph_takes_the_place_of_the_oldest(gallery):
    gallery.add([photograph("MILK", [1, n], f"d{n}", at=AT + timedelta(days=n)) for n in range(11)])
    assert [each.digest for each in gallery.photographs("MILK")] == [f"d{n}" for n in range(10, 0, -1)]


def test_what_the_server_sends_takes_no_place(gallery):
    gallery.add([photograph("MILK", [1, n], f"s{n}", source=SERVER) for n in range(30)])
    gallery.add([photograph("MILK", [2, n], f"d{n}", at=AT + timedelta(days=n)) for n in range(12)])
    assert enrolled(gallery) == {"MILK": 40}
    assert int(gallery.index("m1").here.sum()) == 10


def test_the_same_photograph_counts_once(gallery):
    gallery.add([photograph("MILK", [1, 0], "d1")] * 3)
    gallery.add([photograph("MILK", [1, 0], "d1")])
    assert enrolled(gallery) == {"MILK": 1}


def test_a_vector_of_another_model_is_not_compared_with_and_its_item_is_to_be_enrolled_again(gallery):
    gallery.add([photograph("MILK", [1, 0], "d1", "old"), photograph("SOY", [1, 0], "d2", "old", picture=b"jpeg")])
    assert gallery.index("new").items == ()
    milk, soy = gallery.enrolled("new")
    assert (milk.stale, milk.to_be_enrolled_again) == (1, True)
    assert (soy.renewable, soy.to_be_enrolled_again) == (1, False)


def test_what_is_removed_is_gone_from_the_file(gallery, tmp_path):
    gallery.add([photograph("MILK", [1, 0], "d1", picture=b"jpeg" * 100), photograph("SOY", [0, 1], "d2")])
    assert (gallery.remove("MILK"), gallery.remove("MILK")) == (1, 0)
    again = Gallery(tmp_path / "vision.db")
    assert enrolled(again) == {"SOY": 1}
    again.close()


def test_all_photographs_of_one_telling_are_kept_or_none(gallery):
    bad = photograph("SOY", [0, 1], "d2")._replace(source=None)
    with pytest.raises(Exception, match="NOT NULL"):
        gallery.add([photograph("MILK", [1, 0], "d1"), bad])
    assert enrolled(gallery) == {}


@pytest.mark.parametrize("vector", [[1, 0, 0], [float("nan"), 1], [0, 0], [], [[1, 0]]], ids=str)
def test_what_is_no_vector_of_its_model_is_refused_and_nothing_with_it(gallery, vector):
    gallery.add([photograph("MILK", [1, 0], "d1")])
    with pytest.raises(ValueError, match="what came for SOY is no vector of model m1"):
        gallery.add([photograph("TEA", [1, 0], "d3"), photograph("SOY", vector, "d2")])
    assert enrolled(gallery) == {"MILK": 1}
    assert gallery.index("m1").items == ("MILK",)


def test_a_vector_takes_two_bytes_a_number_and_keeps_its_direction(gallery):
    vector = np.random.default_rng(0).normal(size=256)
    gallery.add([photograph("MILK", vector, "d1")])
    (kept,) = gallery.index("m1").vectors
    assert kept @ vector / np.linalg.norm(vector) > 0.99999
    assert len(gallery.photographs("MILK")[0].vector.tobytes()) == 512


def test_a_damaged_file_is_kept_beside_and_a_new_one_begun(tmp_path):
    path = tmp_path / "vision.db"
    path.write_bytes(b"this is no database at all" * 100)
    gallery = Gallery(path)
    assert enrolled(gallery) == {}
    assert (tmp_path / "vision.db.damaged-1").read_bytes().startswith(b"this is no database")
    gallery.close()


@pytest.mark.parametrize(
    ("seen", "has"),
    [([0.1, 0.2, 0.05], True), ([0.1, 0.9, 0.4, 0.8], False), ([None, None], True), ([], True)],
    ids=["upright", "fruit", "the server's", "none"],
)
def test_goods_whose_photographs_lie_anyhow_have_no_top(gallery, seen, has):
    gallery.add([photograph("X", [1, n], f"d{n}", upside_down=each) for n, each in enumerate(seen)])
    assert gallery.has_a_top("X") is has


def test_what_came_from_the_server_is_kept_as_it_says_and_one_s_own_whatever_it_says(gallery):
    gallery.add([photograph("MILK", [1, 0], "own"), photograph("MILK", [1, 1], "theirs", source=SERVER),
                 photograph("SOY", [0, 1], "gone", source=SERVER)])  # fmt: skip
    assert gallery.known("m1") == {"MILK": {"own", "theirs"}, "SOY": {"gone"}}
    gallery.keep({("MILK", "theirs")})
    assert gallery.known("m1") == {"MILK": {"own", "theirs"}}
    assert gallery.index("m1").items == ("MILK",)
    gallery.keep(set())
    assert gallery.known("m1") == {"MILK": {"own"}}
    assert gallery.known("m2") == {}
