"""How like is a picture to what is enrolled? Held to plain Python, and to laws that hold for every gallery."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handheld.vision.model import Calibration
from handheld.vision.scoring import (
    Method,
    compared,
    indexed,
    knownness,
    logits,
    openness,
    softmax,
    unit,
)
from tests.handheld.vision import oracle

SCALE = 15.0
numbers = st.floats(-1, 1, width=16).map(lambda each: round(each, 3))
vectors = st.lists(numbers, min_size=6, max_size=6).filter(lambda each: sum(map(abs, each)) > 0.1)
galleries = st.dictionaries(st.sampled_from("ABCDEFG"), st.lists(vectors, min_size=1, max_size=12), min_size=1)


def rows(gallery):
    return [(item, vector) for item, those in gallery.items() for vector in those]


@settings(max_examples=40)
@given(galleries, vectors)
def test_an_item_is_as_like_as_the_nearest_fifth_of_its_photographs_would_be_of_many(gallery, asked):
    index = indexed(rows(gallery))
    found = dict(zip(index.items, compared(index, unit([asked])).alike[0], strict=True))
    assert found == pytest.approx(oracle.by_closest(gallery, asked), abs=1e-4)


@settings(max_examples=40)
@given(galleries, vectors)
def test_the_nearest_photographs_vote_for_their_items(gallery, asked):
    index = indexed(rows(gallery))
    votes = oracle.by_votes(gallery, asked, SCALE)
    said = logits(compared(index, unit([asked])), SCALE, Method.NEAREST)[0]
    found = {item: float(np.exp(each)) for item, each in zip(index.items, said, strict=True)}
    near = sorted((oracle.cosine(v, asked) for _, v in rows(gallery)), reverse=True)
    if len(near) <= 5 or near[4] - near[5] > 1e-5:  # of equally near ones any may vote
        for item, count in votes.items():
            assert found[item] == pytest.approx(count, rel=1e-3, abs=2e-6)


@settings(max_examples=40)
@given(galleries, vectors, st.sampled_from(Method), st.randoms())
def test_the_order_of_enrolling_changes_nothing(gallery, asked, method, randoms):
    one = rows(gallery)
    other = randoms.sample(one, len(one))
    said = [softmax(logits(compared(indexed(each), unit([asked])), SCALE, method)) for each in (one, other)]
    near = sorted((oracle.cosine(v, asked) for _, v in one), reverse=True)
    if method is Method.CLOSEST or len(near) <= 5 or near[4] - near[5] > 1e-5:
        assert np.allclose(*said, atol=1e-4)


@settings(max_examples=40)
@given(galleries, vectors, st.sampled_from(Method))
def test_confidences_of_all_items_add_up_to_one(gallery, asked, method):
    shares = softmax(logits(compared(indexed(rows(gallery)), unit([asked])), SCALE, method))
    assert shares.sum() == pytest.approx(1)
    assert (shares >= 0).all()


@settings(max_examples=40)
@given(galleries, vectors)
def test_a_photograph_that_is_enrolled_is_its_own_nearest(gallery, asked):
    index = indexed([*rows(gallery), ("THIS", asked)])
    seen = compared(index, unit([asked]))
    assert openness(seen, SCALE).top[0] == pytest.approx(1, abs=1e-5)


@settings(max_examples=40)
@given(galleries, vectors, vectors)
def test_more_like_something_enrolled_is_never_less_known(gallery, one, other):
    seen = compared(indexed(rows(gallery)), unit([one, other]))
    said = openness(seen, SCALE)
    by = Calibration(SCALE, 0.9, 0.5, bias=-3, top=4, margin=0, energy=2)
    first, second = knownness(said, by)
    if said.top[0] >= said.top[1] and said.energy[0] >= said.energy[1]:
        assert first >= second


def test_vectors_count_by_their_direction_alone():
    index = indexed([("A", [2, 0]), ("A", [0, 0.1]), ("B", [0, -3])])
    assert np.allclose(index.prototypes, [[0.7071, 0.7071], [0, -1]], atol=1e-3)


def test_of_one_item_there_is_a_margin_too():
    seen = compared(indexed([("A", [1, 0])]), unit([[1, 1]]))
    assert openness(seen, SCALE).margin[0] == pytest.approx(0.7071, abs=1e-4)
