"""The benchmark itself works: every room, on a folder of a few drawn cartons, with the model that ships."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from handheld.vision.absent import Absent
from handheld.vision.model import SHIPPED, read
from tests.bench.figures import written
from tests.bench_vision.__main__ import ROOMS, measured
from tests.bench_vision.grocery import folder
from tests.bench_vision.stage import HELD, Missing, staged
from tests.bench_vision.strange import auroc
from tests.bench_vision.sure import error
from tests.handheld.vision.seeing import carton

COLOURS = {"0": (200, 30, 30), "1": (30, 30, 200), "2": (30, 180, 30), "3": (160, 160, 20)}
QUICK = [room for room in ROOMS if room != "speed"]
"""Speed makes an environment of its own."""


@pytest.fixture
def grocery(tmp_path):
    """Four cartons: six photographs each to enrol, one to settle, two to ask about."""
    for split, count in (("train", 6), ("val", 1), ("test", 2)):
        with (tmp_path / f"{split}.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["path", "class_id", "coarse_id"])
            for item, colour in COLOURS.items():
                for number in range(count):
                    path = Path(split) / "Packages" / f"{item}-{number}.png"
                    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
                    carton(colour, noise=number + 10 * len(split)).save(tmp_path / path)
                    rows.writerow([path, item, 0])
    names = "".join(f"{item},Carton-{item},0,Carton,\n" for item in COLOURS)
    (tmp_path / "classes.csv").write_text(f"class_id,name,coarse_id,coarse_name,iconic\n{names}")
    return tmp_path


def test_every_room_measures(grocery, tmp_path):
    pytest.importorskip("ai_edge_litert.interpreter")
    if isinstance(read(SHIPPED), Absent):
        pytest.skip("no model is shipped yet")
    found = measured(staged(grocery, SHIPPED, HELD), QUICK, Console(quiet=True))
    assert {each.name.split(".")[0] for each in found} == set(QUICK)
    assert all(math.isfinite(each.value) for each in found)
    assert next(each for each in found if each.name == "known.top1").value == 100
    written(found, tmp_path / "out.json")
    assert '"known.top1": {' in (tmp_path / "out.json").read_text()


def test_a_folder_that_is_not_there_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("GROCERY_DIR", str(tmp_path / "none"))
    with pytest.raises(Missing, match="set GROCERY_DIR or STOCKBOOK_DATA"):
        staged(folder(), SHIPPED, HELD)


def test_the_error_of_calibration_is_how_far_confidence_is_from_the_truth():
    right = np.array([True] * 8 + [False] * 2)
    assert error(np.full(10, 0.8), right) == pytest.approx(0)
    assert error(np.full(10, 1.0), right) == pytest.approx(0.2)
    assert error(np.array([0.95] * 5 + [0.55] * 5), np.array([True] * 5 + [False] * 5)) == pytest.approx(0.3)


def test_the_area_is_how_often_a_known_one_scores_higher():
    assert auroc(np.array([0.9, 0.8, 0.4]), np.array([0.3, 0.8])) == pytest.approx(4.5 / 6)
