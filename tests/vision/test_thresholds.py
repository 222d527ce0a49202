"""Scale, confidence and the open-set score, on answers whose truth is known."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stockbook.vision.calibration import Answers, bins, calibration_error, fitted_scale
from stockbook.vision.crossing import Seen, Trial, crossed
from stockbook.vision.judging import few_shots
from stockbook.vision.strangers import auroc, let_through, roc
from stockbook.vision.views import Kind

ITEMS, DIMENSIONS = 9, 16


def drawn(rng, count, items, noise=0.5):
    """Pictures of items whose looks stand square to each other."""
    labels = np.repeat(items, count)
    vectors = np.eye(DIMENSIONS)[labels] + rng.normal(0, noise / 2, (len(labels), DIMENSIONS))
    return Seen((vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), labels)


def trials(noise=0.5):
    rng, everything = np.random.default_rng(0), np.arange(ITEMS)
    for fold in range(3):
        known, strange = everything[everything % 3 != fold], everything[everything % 3 == fold]
        down = {Kind.PLAIN: rng.beta(1, 9, 60), Kind.SEAM: rng.beta(1, 9, 60),
                Kind.TURNED: rng.beta(9, 1, 60), Kind.INVERTED: rng.beta(9, 1, 60)}  # fmt: skip
        yield Trial(*(drawn(rng, 20, items, noise) for items in (known, known, strange, strange)), down)


def test_the_scale_under_which_answers_were_drawn_is_found_again():
    rng = np.random.default_rng(0)
    cosines = rng.uniform(-1, 1, (4000, 10))
    raised = np.exp(12 * cosines)
    shares = np.cumsum(raised / raised.sum(axis=1, keepdims=True), axis=1)
    truth = (rng.random((4000, 1)) > shares).sum(axis=1)
    said = Answers(cosines, truth)
    scale = fitted_scale([said])
    assert abs(scale - 12) < 1
    assert calibration_error(*said.confidence(scale)) < 0.03 < calibration_error(*said.confidence(3 * scale))


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_bins_keep_every_answer(pairs):
    confidence, right = np.array([sure for sure, _ in pairs]), np.array([good for _, good in pairs])
    found = bins(confidence, right)
    assert sum(each.pictures for each in found) == len(pairs)
    assert np.isclose(sum(each.pictures * each.right for each in found), right.sum())
    assert 0 <= calibration_error(confidence, right) <= 1


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_auroc_is_the_share_of_pairs_in_order(known, strange):
    pairs = [(a > b) + (a == b) / 2 for a in known for b in strange]
    assert np.isclose(auroc(np.array(known, float), np.array(strange, float)), np.mean(pairs))


def test_the_curve_rises_from_nothing_to_everything():
    rng = np.random.default_rng(0)
    known, strange = rng.normal(1, 1, 300), rng.normal(0, 1, 300)
    curve = roc(known, strange)
    assert curve[0].tolist() == [0, 0]
    assert curve[-1].tolist() == [1, 1]
    assert (np.diff(curve, axis=0) >= 0).all()
    assert abs(np.trapezoid(curve[:, 1], curve[:, 0]) - auroc(known, strange)) < 0.02


def test_cross_validation_fits_what_the_device_reads():
    found = crossed(list(trials()), np.arange(ITEMS) < 5, seed=0)
    facts = found.thresholds.facts()
    assert set(facts) == {"scale", "accept", "known", "upside_down", "unknown"}
    assert set(facts["unknown"]) == {"bias", "top", "margin", "energy"}
    assert found.figures["top1"] > 0.9
    assert found.figures["filled_in_right"] >= 0.98
    assert found.figures["open_set_auroc"] > 0.9
    assert np.isclose(np.mean(found.known >= found.thresholds.strangers.known), 0.95, atol=0.01)
    assert found.figures["accepted_unknowns"] == let_through(found.known, found.strange)
    assert found.figures["orientation_false"] <= 0.01
    assert found.few["all"][10] >= found.few["all"][1]


def test_noise_makes_everything_worse_and_says_so():
    clear, dim = (crossed(list(trials(noise)), np.ones(ITEMS, bool), seed=0).figures for noise in (0.3, 1.2))
    assert dim["top1"] < clear["top1"]
    assert dim["open_set_auroc"] < clear["open_set_auroc"]
    assert dim["filled_in"] < clear["filled_in"]


def test_old_items_keep_all_their_photographs_beside_new_ones():
    rng = np.random.default_rng(1)
    enrolled, asked = drawn(rng, 12, np.arange(ITEMS)), drawn(rng, 6, np.arange(ITEMS))
    curve = few_shots(enrolled, asked, np.array([3, 4]), seed=0, shots=(1, 10))
    assert 0 <= curve[1] <= curve[10] <= 1
    assert curve == few_shots(enrolled, asked, np.array([3, 4]), seed=0, shots=(1, 10))


def test_photographs_that_a_draw_leaves_over_are_asked_about_too():
    rng = np.random.default_rng(2)
    enrolled = drawn(rng, 12, np.arange(ITEMS), noise=0.1)
    mistaken = Seen(drawn(rng, 5, np.array([6]), noise=0.1).vectors, np.full(5, 3))
    new = np.array([3])
    assert few_shots(enrolled, mistaken, new, seed=0, shots=(2,)) == {2: 0}
    assert few_shots(enrolled, mistaken, new, seed=0, shots=(2,), spare=new) == {2: 10 / 15}


def test_goods_that_the_network_has_learnt_and_the_gallery_lacks_are_strange_too():
    trial = next(iter(trials()))
    there, gone = trial.lacking(15.0)
    assert len(there.top) == 2 * len(trial.asked.labels)  # each third is left out once
    assert len(gone.top) == len(trial.asked.labels)
    assert auroc(there.energy, gone.energy) > 0.9
