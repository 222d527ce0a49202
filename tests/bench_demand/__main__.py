"""Measure the learners beside their peers: a table a set, and build/bench_demand.json.

`python -m tests.bench_demand [--data FOLDER] [--series N] [SET ...]`
"""

import argparse
import json
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from stockbook.backtest import SETS, DataAbsent, load
from stockbook.domain.demand import metrics
from stockbook.domain.demand.backtest import Panel, backtest, blocks_of, scales_of
from stockbook.domain.demand.learner import LEVELS
from stockbook.domain.demand.metrics import Scores
from stockbook.domain.demand.service import Service
from tests.bench_demand import replenish, tables, truth
from tests.bench_demand.replay import ahead

BESIDE = Path(__file__).parents[3] / "shared" / "data"
TRADES = {
    "pasta": replenish.Trade(lead=6, cycle=7, days=1, window=28),
    "online_retail": replenish.Trade(lead=11, cycle=12, days=1, window=28),
    "carparts": replenish.Trade(lead=1, cycle=1, days=30.4, window=12),
    "complete_journey": replenish.Trade(lead=1, cycle=1, days=7, window=13),
}
OURS = ("last_value", "seasonal_naive", "moving_average", "ses", "tsb", "adaptive", "blend", "blend_trees")
ONLINE, AIDED = "blend", "blend_trees"
COLUMNS = ("MASE", "RMSSE", "WRMSSE", "WAPE", "bias", "PL50", "PL90", "PL95", "PL99", "cov95", "cov99")
console = Console(width=150)


def told(what: str, done: int = 0, of: int = 0) -> None:
    """Say on standard error what is under way."""
    if sys.stderr.isatty():
        print(f"\r\033[K{what} {f'{done}/{of}' if of else ''}", end="", file=sys.stderr, flush=True)
    elif what and not of:
        print(what, file=sys.stderr, flush=True)


def some(panel: Panel, series: int) -> Panel:
    """Return the panel with so many series, evenly spread; 0 for all."""
    keys = sorted(panel.series)
    if not 0 < series < len(keys):
        return panel
    return replace(
        panel,
        series={keys[n * len(keys) // series]: panel.series[keys[n * len(keys) // series]] for n in range(series)},
    )


def one_step(panel: Panel, groups: list[str]) -> dict[str, dict[str, float]]:
    """Return every learner's and peer's metrics, one period ahead."""
    found = {row.learner: row.metrics | {"us": row.microseconds} for row in backtest(panel, OURS, told)}
    rows = tables.table(panel)
    scales, keys = scales_of(panel), sorted(panel.series)
    judged = rows["date"] >= panel.since
    for group in groups:
        for name, (mean, tails) in tables.forecasts(rows, group, told).items():
            scores = Scores(scales)
            for at, (uid, sold) in enumerate(zip(rows["uid"][judged], rows["sold"][judged], strict=True)):
                scores.add(keys[uid], float(sold), float(mean[at]), [float(q) for q in tails[:, at]])
            found[name] = scores.table()
    return found


def replenished(panel: Panel, trade: replenish.Trade) -> dict[str, dict[str, float]]:
    """Return what ordering by the blends comes to, beside the rules of textbooks."""
    judged = sum(date >= panel.since for date, _ in blocks_of(panel))
    run = ahead(panel, trade.horizon, told, burn=judged)
    found = {}
    ways = {"blend": run.quantiles, "textbook": replenish.textbook(run, trade), "SES": replenish.smoothed(run, trade)}
    demand = run.sums(trade.horizon)
    live = np.isfinite(demand) & np.isfinite(run.mean)
    live[: run.since] = False
    for name, quantiles in ways.items():
        row = replenish.alarms(run, trade, quantiles)
        row |= {f"safety {key}": value for key, value in replenish.safety(run, trade, quantiles).items()}
        for level in LEVELS:
            off = (demand - quantiles[level])[live]
            row[f"PL{level * 100:.0f}"] = float(
                2 * np.maximum(level * off, (level - 1) * off).sum() / demand[live].sum()
            )
        row["cov95"] = float((demand <= quantiles[0.95])[live].mean())
        row["days at 99.2 % in hindsight"] = replenish.in_hindsight(run, trade, quantiles, replenish.TARGET).days
        found[name] = row
    kept = replenish.held(run, trade, Service(target=replenish.TARGET))
    found["blend"] |= {"fill held": kept.fill, "days held": kept.days}
    for name, quantiles in ways.items():
        found[name]["days at the fill held, in hindsight"] = replenish.in_hindsight(
            run, trade, quantiles, kept.fill
        ).days
    return found


def known_law(series: int) -> dict[str, float]:
    """Return the safety-stock error where the truth is known."""
    law = truth.generated(series)
    errors = truth.safety_errors(law, ahead(law.panel, 7, told))
    return {
        "pooled": float(errors.mean()),
        "series, in the middle": float(np.median(np.abs(errors))),
        "series, mean": float(np.abs(errors).mean()),
        "series within 8.3 %": float((np.abs(errors) <= 0.083).mean()),
    }


def shown(title: str, rows: dict[str, dict[str, float]], columns: tuple[str, ...]) -> None:
    """Print rows as a table."""
    made = Table(title=title, title_justify="left", header_style="dim", pad_edge=False)
    made.add_column("")
    for column in columns:
        made.add_column(column, justify="right")
    for name, row in rows.items():
        made.add_row(name, *(f"{row[c]:.3f}" if c in row else "" for c in columns))
    console.print(made)


def aims(name: str, steps: dict[str, dict[str, float]], stock: dict[str, dict[str, float]]) -> dict[str, bool]:
    """Return which aims a set meets."""
    peers = {each: row for each, row in steps.items() if each.startswith(("river", "per-series"))}
    trees = [row for each, row in steps.items() if each.startswith("LightGBM")]
    ours, aided, kept = steps[ONLINE], steps[AIDED], stock["blend"]
    measures = ("RMSSE", "PL50", "PL90", "PL95", "PL99")
    found = {}
    for measure in measures:
        if peers:
            found[f"{name}: online alone, better than every online peer in {measure}"] = all(
                ours[measure] < row[measure] for row in peers.values()
            )
        if trees:
            best = min(row[measure] for row in trees)
            found[f"{name}: with trees, better than both in {measure}"] = aided[measure] < min(best, ours[measure])
    if trees:
        best = min(row["RMSSE"] for row in trees)
        found[f"{name}: online alone, at most 3 % behind LightGBM in RMSSE"] = ours["RMSSE"] <= 1.03 * best
    found[f"{name}: 95 % covered within 2 points"] = abs(ours["cov95"] - 0.95) <= 0.02
    found[f"{name}: missed and false (cover) alarms under 15 %"] = max(kept["miss"], kept["cover"]) < 0.15
    found[f"{name}: fill of 99.2 % held"] = kept["fill held"] >= replenish.TARGET
    least = min(stock[each]["days at the fill held, in hindsight"] for each in ("textbook", "SES"))
    found[f"{name}: no more stock than the best baseline for the fill held"] = kept["days held"] <= least
    found[f"{name}: safety stock within 8.3 %, pooled"] = abs(kept["safety pooled"]) <= 0.083
    return found


def main() -> None:
    """Measure the sets asked for, or all that are there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("DEMAND_DIR") or os.environ.get("STOCKBOOK_DATA") or BESIDE
    parser.add_argument("sets", nargs="*", metavar="SET", choices=[*SETS, []])
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--series", type=int, default=0, help="so many series of each set, evenly spread")
    parser.add_argument("--peers", default="classic,trees,online", help="groups of peers, or nothing")
    asked = parser.parse_args()
    said = {}
    console.print(metrics.__doc__, replenish.__doc__)
    console.print("Experts, features and settings were chosen on the windows before those judged here.\n")
    for name in asked.sets or SETS:
        try:
            panel = some(load(asked.data, name), asked.series)
        except DataAbsent as absent:
            console.print(f"{name}: skipped, {absent}")
            continue
        steps = one_step(panel, [group for group in asked.peers.split(",") if group])
        stock = replenished(panel, TRADES[name])
        met = aims(name, steps, stock)
        told("")
        shown(f"{name}: one period ahead, {len(panel.series):,} series", steps, (*COLUMNS, "us"))
        shown(
            f"{name}: {asdict(TRADES[name])}", stock, tuple(dict.fromkeys(key for row in stock.values() for key in row))
        )
        for aim, kept in met.items():
            console.print(f"{'✔' if kept else '[red]✘[/red]'} {aim}")
        said[name] = {"one step": steps, "stock": stock, "aims": met}
        written(said)
    said["known law"] = known_law(asked.series or 40)
    shown("Safety stock where the law is known", {"blend": said["known law"]}, tuple(said["known law"]))
    written(said)


def written(said: dict) -> None:
    """Write what was measured so far."""
    Path("build").mkdir(exist_ok=True)
    Path("build/bench_demand.json").write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
