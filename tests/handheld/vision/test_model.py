"""A model that is not whole is none, and what runs it is found or its absence said: the code scan goes on."""

import dataclasses
import json
import sys
from hashlib import sha256
from types import ModuleType

import numpy as np
import pytest

from handheld.vision.absent import TEXTS, Absent, Why
from handheld.vision.model import SHIPPED, Model, read
from handheld.vision.opening import opened
from handheld.vision.runtime import RUNTIMES, Interpreted, Runtime, begun, told_apart
from tests.handheld.vision import seeing

WEIGHTS = b"weights"
FACTS = {
    "version": "1", "sha256": sha256(WEIGHTS).hexdigest(), "size": 224, "dimensions": 256, "scale": 15, "accept": 0.9,
    "known": 0.5, "unknown": {"bias": 0, "top": 1, "margin": 0, "energy": 0},
}  # fmt: skip


def folder(path, facts=FACTS, weights=WEIGHTS):
    path.mkdir(exist_ok=True)
    (path / "sku.tflite").write_bytes(weights)
    (path / "sku.json").write_text(facts if isinstance(facts, str) else json.dumps(facts))
    return path


def test_a_model_is_read_with_what_is_known_of_it(tmp_path):
    model = read(folder(tmp_path))
    assert isinstance(model, Model)
    assert (model.size, model.shipped.scale, model.upside_down) == (224, 15, 0.9)
    assert model.crops == (1.0,)
    assert read(folder(tmp_path, {**FACTS, "crops": [1, 0.8]})).crops == (1.0, 0.8)


@pytest.mark.parametrize(
    "facts",
    [
        "", "[]", "{", "null", {**FACTS, "size": "wide"}, {**FACTS, "size": 0}, {**FACTS, "scale": 0},
        {**FACTS, "scale": float("nan")}, {**FACTS, "unknown": {}}, {**FACTS, "sha256": "0" * 64},
        {name: value for name, value in FACTS.items() if name != "known"},
        *({**FACTS, "crops": wrong} for wrong in ([], [0], [1.2], [0.9] * 5, "whole", 0.8, [float("nan")])),
    ],
)  # fmt: skip
def test_a_model_whose_facts_are_wrong_or_of_another_file_is_none(tmp_path, facts):
    assert read(folder(tmp_path, facts)).why is Why.BAD_MODEL


def test_half_a_file_of_weights_is_no_model(tmp_path):
    assert read(folder(tmp_path, weights=WEIGHTS[:3])).why is Why.BAD_MODEL


def test_no_folder_is_no_model(tmp_path):
    said = opened(tmp_path, folders=[tmp_path / "none"])
    assert said.why is Why.NO_MODEL
    assert not (tmp_path / "vision.db").exists()


def test_a_device_without_a_runtime_says_so_in_both_languages(tmp_path, monkeypatch):
    for name in ("ai_edge_litert", "tflite_runtime"):
        monkeypatch.setitem(sys.modules, f"{name}.interpreter", None)
    said = opened(tmp_path, folders=[folder(tmp_path / "model")])
    assert (said.why, said.text.en) == (Why.NO_RUNTIME, "This device can't recognise pictures: scan the code")
    assert all(name in said.detail for name in RUNTIMES)


def test_a_runtime_that_breaks_at_its_beginning_is_passed_over(tmp_path, monkeypatch):
    class Broken:
        def __init__(self, **_):
            raise SystemError("numpy.core.multiarray failed to import")

    module = ModuleType("tflite_runtime.interpreter")
    module.Interpreter = Broken
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", module)
    said = begun(read(folder(tmp_path)), ("tflite-runtime",))
    assert said.why is Why.NO_RUNTIME
    assert "multiarray" in said.detail


def test_every_reason_has_words_in_both_languages():
    assert set(TEXTS) == set(Why)
    assert all(text.zh and text.en for text in TEXTS.values())


def test_outputs_are_told_apart_by_how_long_they_are_and_others_are_refused(tmp_path):
    assert told_apart([2, 256], 256) == (1, 0)
    for wrong in ([256], [256, 256], [256, 3], [2, 2], [2, 128]):
        with pytest.raises(ValueError, match="outputs"):
            told_apart(wrong, 256)


# the shipped one


@pytest.fixture(scope="module")
def shipped():
    model = read(SHIPPED)
    if isinstance(model, Absent):
        pytest.skip("no model is shipped yet")
    return model


def run(model, runtime="ai-edge-litert"):
    pytest.importorskip("ai_edge_litert.interpreter")
    found = begun(model, (runtime,))
    assert isinstance(found, Interpreted), found
    return found


def test_the_shipped_model_is_of_the_form_that_devices_run(shipped):
    runtime: Runtime = run(shipped)
    embedding, orientation = runtime.run(np.full((shipped.size, shipped.size, 3), 127, np.float32))
    assert (embedding.shape, orientation.shape) == ((shipped.dimensions,), (2,))
    assert np.isfinite(embedding).all()
    assert shipped.path.stat().st_size < 10_000_000


def test_the_shipped_model_says_the_same_of_the_same_picture(shipped):
    pixels = np.random.default_rng(0).integers(0, 256, (shipped.size, shipped.size, 3)).astype(np.float32)
    first, second = run(shipped), run(shipped)
    assert np.array_equal(first.run(pixels)[0], second.run(pixels)[0])
    assert np.array_equal(first.run(pixels)[0], first.run(pixels)[0])


def test_a_file_of_another_form_is_refused_when_it_is_begun(shipped):
    pytest.importorskip("ai_edge_litert.interpreter")
    for wrong in ({"size": shipped.size + 32}, {"dimensions": shipped.dimensions + 1}):
        assert begun(dataclasses.replace(shipped, **wrong)).why is Why.BAD_MODEL


def test_our_own_small_runtime_is_a_runtime_too():
    embedding, orientation = seeing.Colours().run(np.zeros((seeing.SIZE, seeing.SIZE, 3), np.float32))
    assert (embedding.shape, orientation.shape) == ((48,), (2,))
