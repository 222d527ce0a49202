"""The benchmark itself works: its short form, on a tiny network, with no peers."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.__main__ import main
from tests.bench.stage import ROOT

MEASURED = (
    "reads.Q1.bare.cpu",
    "reads.Q2.bare.cpu",
    "reads.Q3.bare.cpu",
    "masks.cpu",
    "posting.spread",
    "posting.hot",
    "posting.batches",
    "streams.broadcast",
    "streams.spread.p99",
    "late.entry",
    "sizes.sale",
    "following.p99",
    "shortages.200.everywhere",
)


def test_short_form_measures_everything(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--short", "--folder", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    missing = [name for name in MEASURED if name not in done.stdout]
    assert not missing, done.stdout


def test_what_nothing_measures_is_refused(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "reads,nothing"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "nothing measures nothing; there are reads, masks" in capsys.readouterr().err
