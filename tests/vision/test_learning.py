"""The network, on a painted shop; needs the extra `vision`, and is skipped where it isn't installed.

In the environment of `deploy/vision.lock`, with pytest and hypothesis beside it: `pytest tests/vision --noconftest`.
"""

import json
from dataclasses import replace

import numpy as np
import pytest

reason = "PyTorch is in the extra vision (deploy/vision.lock), which needs an environment of its own"
torch = pytest.importorskip("torch", reason=reason)

from handheld.vision import model as device  # noqa: E402
from stockbook.vision import recipe, release, training  # noqa: E402
from stockbook.vision.folds import folds  # noqa: E402
from stockbook.vision.learning.lessons import School  # noqa: E402
from stockbook.vision.learning.network import Conv, backbone  # noqa: E402
from stockbook.vision.learning.tail import Tail, Tails, vectors  # noqa: E402
from stockbook.vision.pictures import collection  # noqa: E402
from stockbook.vision.views import Kind  # noqa: E402
from tests.vision.shop import shop  # noqa: E402

SMALL = recipe.Plan(
    pixels=96,
    asked=96,
    views=2,
    turned=1,
    examples=6,
    trials=1,
    recipe=recipe.Recipe(epochs=6, batch=8, dimensions=32, window=2, averaged=0.0),
)


def quiet(name, count):
    return lambda done: None


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return collection(shop(tmp_path_factory.mktemp("shop"), items=6, pictures=14, held_back=4))


def test_a_convolution_with_its_means_folded_in_is_the_same():
    torch.manual_seed(0)
    conv, plain, norm = Conv(4, 6, 3, 2), torch.nn.Conv2d(4, 6, 3, 2, bias=False), torch.nn.BatchNorm2d(6, 1e-3)
    norm.running_mean.normal_(), norm.running_var.uniform_(0.5, 2), norm.weight.data.normal_()
    with torch.no_grad():
        for ours, theirs in (
            (conv.weight, plain.weight),
            (conv.gain, norm.weight),
            (conv.shift, norm.bias),
            (conv.mean, norm.running_mean),
            (conv.spread, torch.sqrt(norm.running_var + 1e-3)),
        ):
            ours.copy_(theirs)
    maps = torch.randn(2, 4, 9, 9)  # odd, so that SAME is one row on every side
    expected = norm.eval()(plain(torch.nn.functional.pad(maps, (1, 1, 1, 1))))
    assert torch.allclose(conv(maps), expected, atol=1e-5)


def test_every_weight_of_the_package_finds_its_place():
    found = backbone("lite0")
    assert found.maps(torch.zeros(1, 224, 224, 3, dtype=torch.uint8)).shape == (1, 112, 14, 14)
    assert len(found.trunk) + len(found.tail) == 16


def test_a_tail_tells_goods_that_it_has_learnt(pictures, tmp_path):
    school = School(pictures, SMALL, tmp_path, quiet)
    trial = school.trial(folds(pictures)[0], "fold")
    middles = np.stack([trial.learnt.vectors[trial.learnt.labels == item].mean(0) for item in range(6)
                        if item in trial.learnt.labels])  # fmt: skip
    items = np.unique(trial.learnt.labels)
    said = items[(trial.asked.vectors @ middles.T).argmax(1)]
    assert np.mean(said == trial.asked.labels) > 0.7
    assert set(trial.down) == set(Kind)


def test_the_same_seed_teaches_the_same(pictures, tmp_path):
    found = []
    for turn in ("once", "again"):  # caches of their own, or the first tail would be taken for the second
        school = School(pictures, SMALL, tmp_path / turn, quiet)
        found.append(vectors(school.learn(pictures.own, turn), school.lesson.views[0])[0])
    assert np.isfinite(found[0]).all()
    assert np.array_equal(*found)


def test_tails_count_the_same_and_the_first_is_the_one_that_would_learn_alone(pictures, tmp_path):
    both = School(pictures, SMALL, tmp_path, quiet)
    alone = School(pictures, replace(SMALL, tails=1), tmp_path, quiet)
    maps = both.lesson.views[0][both.row[pictures.own]]
    joined = vectors(both.learn(pictures.own, "both"), maps)[0].reshape(len(maps), 2, -1)
    lengths = np.linalg.norm(joined, axis=2).mean(0)
    assert lengths[0] == pytest.approx(lengths[1], rel=0.1)
    first = joined[:, 0] / np.linalg.norm(joined[:, 0], axis=1, keepdims=True)
    assert np.allclose(first, vectors(alone.learn(pictures.own, "alone"), maps)[0], atol=1e-5)
    assert not np.allclose(joined[:, 0], joined[:, 1], atol=0.01)


def test_views_are_looked_at_once(pictures, tmp_path):
    School(pictures, SMALL, tmp_path, quiet)
    before = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    School(pictures, SMALL, tmp_path, quiet)
    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == before


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("form", recipe.FORMS)
def test_a_version_is_made_and_published_once(pictures, tmp_path, form):
    pytest.importorskip("tensorflow", reason=reason)
    plan = replace(SMALL, form=form, tails=recipe.TAILS_MAX[form], crops=(1.0, 0.8))
    first = training.trained(pictures, plan, tmp_path / "model", tmp_path / "cache", "1", quiet)
    assert first.verdict is None
    assert first.publishable
    facts = json.loads((first.candidate / "sku.json").read_text())
    assert (facts["size"], facts["crops"]) == (96, [1.0, 0.8])
    assert device.read(first.candidate).crops == (1.0, 0.8)
    assert facts["metrics"]["top1"] == pytest.approx(first.evaluation.figures["top1"], abs=1e-4)
    release.copied(first.candidate, tmp_path / "model")
    second = training.trained(pictures, plan, tmp_path / "model", tmp_path / "cache", "2", quiet)
    assert not second.publishable
    assert second.before.figures == first.evaluation.figures


@pytest.mark.slow
def test_the_file_says_what_the_network_says(pictures, tmp_path):
    pytest.importorskip("tensorflow", reason=reason)
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415

    from stockbook.vision.learning import conversion  # noqa: PLC0415

    ground = backbone("lite0")
    torch.manual_seed(0)
    tails = Tails([Tail(ground, 0.0, 32) for _ in range(2)]).eval()
    image = np.random.default_rng(0).integers(0, 255, (96, 96, 3), dtype=np.uint8)
    runner = Interpreter(model_content=conversion.version(ground, tails, 96, "float16", [image]))
    runner.allocate_tensors()
    runner.set_tensor(runner.get_input_details()[0]["index"], image[None].astype(np.float32))
    runner.invoke()
    said = {int(each["shape"][-1]): runner.get_tensor(each["index"])[0] for each in runner.get_output_details()}
    with torch.inference_mode():
        vector, up = tails(ground.maps(torch.from_numpy(image[None])))
    for ours, theirs in ((vector[0].numpy(), said[64]), (up[0].numpy(), said[2])):
        assert np.allclose(ours, theirs, atol=0.02 * max(1, np.abs(ours).max()))
