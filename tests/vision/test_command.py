"""What the operator is told by `stockbook vision`."""

from importlib.util import find_spec

import pytest
from typer.testing import CliRunner

from handheld.vision import model as device
from stockbook.commands.seeing import vision
from tests.vision.shop import shop

needs_litert = pytest.mark.skipif(not find_spec("ai_edge_litert"), reason="ai-edge-litert isn't installed")


def typed(*words):
    done = CliRunner().invoke(vision, [str(word) for word in words])
    return done.exit_code, " ".join(done.output.split())


@pytest.mark.skipif(bool(find_spec("torch")), reason="PyTorch is installed here")
@pytest.mark.parametrize("words", [("train",), ("blind", "--model", "none")])
def test_without_the_extra_training_says_what_to_install(tmp_path, words):
    status, said = typed(words[0], shop(tmp_path), *words[1:])
    assert status == 1
    assert "torch, tensorflow are of the extra" in said
    assert "deploy/vision.lock" in said


@needs_litert
def test_a_folder_that_is_wrong_is_told(tmp_path):
    status, said = typed("evaluate", tmp_path, "--cache", tmp_path / "cache")
    assert status == 1
    assert "neither classes.csv nor items.csv" in said


@needs_litert
def test_without_a_version_there_is_nothing_to_ask(tmp_path):
    status, said = typed("evaluate", shop(tmp_path), "--model", tmp_path / "none", "--cache", tmp_path / "cache")
    assert status == 1
    assert "There is no model for recognition" in said


@needs_litert
def test_the_shipped_version_is_asked_about_a_shop_of_its_own(tmp_path):
    report = tmp_path / "report.html"
    words = (shop(tmp_path), "--model", device.SHIPPED, "--cache", tmp_path / "cache", "--report", report)
    status, said = typed("evaluate", *words)
    assert status == 0, said
    assert "top1" in said
    assert "orientation" in said
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert typed("evaluate", *words)[1].split("held back", 1)[1] == said.split("held back", 1)[1]
