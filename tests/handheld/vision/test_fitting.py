"""A shop's own calibration: what it says about confidence holds on the shop's pictures, and errs to the safe side."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handheld.vision.fitting import (
    KEPT,
    NEVER,
    ROWS_MIN,
    SETTLED_MIN,
    Rows,
    accepted_from,
    confidences,
    fitted,
    left_out,
    strangers,
)
from handheld.vision.model import Calibration
from handheld.vision.scoring import Method, compared, indexed, knownness, openness, unit
from handheld.vision.settling import By, Settled
from tests.handheld.vision.seeing import AT

SHIPPED = Calibration(scale=15.0, accept=0.9, known=0.3, bias=-6.0, top=8.0)
answers = st.lists(st.tuples(st.floats(0, 1).map(lambda each: round(each, 2)), st.booleans()), max_size=300)


def shop(seed, items=20, photographs=6, spread=0.5, dimensions=32):
    """Items around middles of their own; return an index, and what makes more pictures of them."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(items + 10, dimensions))

    def pictures(item, count):
        return middles[item] + rng.normal(size=(count, dimensions)) * spread * np.sqrt(2)

    rows = [(f"I{item:02}", vector) for item in range(items) for vector in pictures(item, photographs)]
    return indexed(rows), pictures


def settled(index, pictures, count, items, seed=1):
    rng = np.random.default_rng(seed)
    said = []
    for _ in range(count):
        item = int(rng.integers(items))
        (vector,) = unit(pictures(item, 1))
        name = f"I{item:02}" if f"I{item:02}" in index.items else ""
        said.append(Settled(name, name, vector, "m1", 0.5, By.BARCODE, AT))
    return said


@given(answers, st.sampled_from([0.9, 0.95, 0.98]))
def test_what_is_accepted_was_right_often_enough(said, precision):
    confidence, right = np.array([each for each, _ in said]), np.array([right for _, right in said], bool)
    least = accepted_from(confidence, right, precision)
    taken = confidence >= least
    assert least == NEVER or right[taken].mean() >= precision


@given(answers.filter(len), st.data())
def test_an_error_among_the_sure_ones_never_makes_it_laxer(said, data):
    confidence, right = np.array([each for each, _ in said]), np.array([right for _, right in said], bool)
    before = accepted_from(confidence, right)
    worse = right.copy()
    worse[data.draw(st.integers(0, len(said) - 1))] = False
    assert accepted_from(confidence, worse) >= before


def test_a_few_lucky_pictures_prove_nothing():
    assert accepted_from(np.full(40, 0.99), np.ones(40, bool)) == NEVER
    assert accepted_from(np.full(60, 0.99), np.ones(60, bool)) == 0.99


def test_left_out_is_what_enrolling_the_others_alone_would_say():
    index, _ = shop(3, items=4, photographs=3)
    rows = left_out(index, np.arange(12))
    for row in range(12):
        others = [(index.items[index.owner[at]], index.vectors[at]) for at in range(12) if at != row]
        seen = compared(indexed(others), index.vectors[[row]])
        assert np.allclose(rows.seen.alike[row], seen.alike[0], atol=1e-5)
        assert np.allclose(np.delete(rows.seen.near[row], row), seen.near[0], atol=1e-5)


def test_a_stranger_is_what_the_gallery_without_its_item_sees():
    index, _ = shop(4, items=5, photographs=3)
    seen = strangers(index, np.arange(15))
    for row in range(15):
        others = [(index.items[o], v) for o, v in zip(index.owner, index.vectors, strict=True) if o != index.owner[row]]
        there = compared(indexed(others), index.vectors[[row]])
        assert seen.near[row].max() == pytest.approx(there.near.max(), abs=1e-5)
        assert sorted(seen.alike[row])[1:] == pytest.approx(sorted(there.alike[0]), abs=1e-5)


@pytest.mark.parametrize("items", [0, 1, 2])
def test_with_next_to_nothing_the_model_s_own_calibration_stays(items):
    index, _ = shop(1, items=max(items, 1), photographs=3)
    assert fitted(index if items else indexed([]), [], SHIPPED) == SHIPPED


@settings(max_examples=25)
@given(st.integers(0, 1000), st.integers(2, 12), st.integers(1, 10), st.floats(0.1, 1.2))
def test_before_enough_is_settled_nothing_becomes_laxer(seed, items, photographs, spread):
    index, _ = shop(seed, items, photographs, spread)
    found = fitted(index, [], SHIPPED)
    assert found.scale <= SHIPPED.scale
    assert found.accept >= SHIPPED.accept


def test_a_shop_that_settles_right_answers_is_filled_in_more_often():
    index, pictures = shop(5)
    found = fitted(index, settled(index, pictures, 300, 20), SHIPPED)
    assert found.accept < SHIPPED.accept
    fresh = settled(index, pictures, 400, 20, seed=9)
    seen = compared(index, unit([each.vector for each in fresh]))
    truth = np.array([index.items.index(each.item) for each in fresh])
    sure, right = confidences(Rows(seen, truth), found.scale, Method.CLOSEST)
    taken = sure >= found.accept
    assert taken.mean() > 0.7
    assert right[taken].mean() > 0.97


def test_a_shop_whose_answers_are_often_wrong_is_filled_in_never():
    index, pictures = shop(6)
    said = settled(index, pictures, 200, 20)
    wrong = [each._replace(item="I01" if each.item != "I01" else "I02") for each in said]
    assert fitted(index, wrong, SHIPPED).accept == NEVER


def test_what_is_enrolled_is_seldom_called_strange_and_strangers_are_told():
    index, pictures = shop(7)
    found = fitted(index, [], SHIPPED)
    scores = []
    for items in (range(20), range(20, 30)):
        vectors = unit(np.concatenate([pictures(item, 20) for item in items]))
        seen = compared(index, vectors)
        scores.append(knownness(openness(seen, SHIPPED.scale), found))
    known, strange = scores
    assert (known >= found.known).mean() > KEPT - 0.05
    assert (strange >= found.known).mean() < 0.2


def test_vectors_that_the_server_sent_calibrate_nothing():
    index, _ = shop(8)
    theirs = indexed([(index.items[o], v) for o, v in zip(index.owner, index.vectors, strict=True)], [False] * 120)
    assert fitted(theirs, [], SHIPPED) == SHIPPED


def test_a_settled_picture_that_was_enrolled_since_is_not_asked_about():
    index, _ = shop(9, items=5)
    itself = [Settled("I00", "I00", index.vectors[0], "m1", 1.0, By.PERSON, AT)] * SETTLED_MIN
    assert fitted(index, itself, SHIPPED) == fitted(index, [], SHIPPED)
    assert len(index.owner) >= ROWS_MIN
