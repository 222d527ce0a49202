"""The panel as rows, as the peers take it, with the features that they were first measured with."""

import hashlib
import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from stockbook.domain.demand.backtest import Panel, blocks_of
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import UNPLANNED
from stockbook.domain.demand.series import Series
from tests.bench_demand import peers

BUILD = Path("build/bench_demand")
_OURS = frozenset(("level", "first", "into", "alike1", "alike3"))
"""Features that came later than the peers' settings."""
Forecasts = dict[str, tuple[np.ndarray, np.ndarray]]


def table(panel: Panel) -> dict:
    """Return the rows by date, then series."""
    memory = {key: Series(panel.period) for key in panel.series}
    number = {key: at for at, key in enumerate(sorted(panel.series))}
    items = {item: at for at, item in enumerate(sorted({h.item for h in panel.series.values()}))}
    rows, found = [], []
    for date, keys in blocks_of(panel):
        for key in sorted(keys):
            history = panel.series[key]
            plan, sold = history.plans.get(date, UNPLANNED), history.quantities[date - history.first]
            x = memory[key].features(date, plan)
            memory[key].close(sold, date, plan)
            found.append(x)
            week = (date - 4) // 7 % 52 if panel.period is Period.DAY else date % 52
            rows.append((number[key], date, sold, x["level"], items[history.item], plan.price or 0.0, week))
    names = sorted({name for x in found for name in x} - _OURS)
    uid, date, sold, level, item, price, week = (np.array(column) for column in zip(*rows, strict=True))
    return {
        **{"uid": uid, "date": date, "sold": sold, "level": level, "item": item, "price": price, "week": week},
        "x": np.array([[x.get(name, 0.0) for name in names] for x in found]),
        **{"names": names, "since": panel.since, "season": panel.season, "window": panel.window},
        "weekly": panel.period is Period.WEEK,
    }


def forecasts(rows: dict, group: str) -> Forecasts:
    """Return what a group of peers forecast; kept by a hash of the rows and of the peers' program."""
    digest = hashlib.sha256(Path(peers.__file__).read_bytes())
    for value in rows.values():
        digest.update(value.tobytes() if isinstance(value, np.ndarray) else json.dumps(value).encode())
    kept = BUILD / f"{group}-{digest.hexdigest()[:16]}.pickle"
    if not kept.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        source, target = kept.with_suffix(".rows"), kept.with_suffix(".part")
        source.write_bytes(pickle.dumps(rows))
        subprocess.run([environment(), peers.__file__, str(source), str(target), group], check=True)
        source.unlink()
        target.rename(kept)
    return pickle.loads(kept.read_bytes())


def environment() -> Path:
    """Return the interpreter of the peers' own environment, made when it is not there."""
    place = BUILD / "peers"
    python, done = place / "bin/python", place / "done"
    if not done.exists() or done.read_text() != "\n".join(peers.REQUIREMENTS):
        print("installing the peers", file=sys.stderr, flush=True)
        shutil.rmtree(place, ignore_errors=True)
        uv = Path(sys.executable).with_name("uv")
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, place], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *peers.REQUIREMENTS], check=True)
        done.write_text("\n".join(peers.REQUIREMENTS))
    return python
