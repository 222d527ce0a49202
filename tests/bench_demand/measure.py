"""What is measured of a set, in parts that can run beside each other; each gives rows of figures by name."""

import numpy as np

from stockbook.domain.demand.backtest import Panel, backtest, scales_of
from stockbook.domain.demand.learner import LEVELS
from stockbook.domain.demand.metrics import Scores
from stockbook.domain.demand.service import Service
from tests.bench_demand import alarms, replenish, tables, truth
from tests.bench_demand.replay import Ahead, ahead
from tests.bench_demand.safety import safety

Rows = dict[str, dict[str, float]]
TRADES = {
    "pasta": replenish.Trade(lead=6, cycle=7, days=1, window=28),
    "online_retail": replenish.Trade(lead=11, cycle=12, days=1, window=28),
    "carparts": replenish.Trade(lead=1, cycle=1, days=30.4, window=12),
    "complete_journey": replenish.Trade(lead=1, cycle=1, days=7, window=13),
}
OURS = {
    "simple": ("last_value", "seasonal_naive", "moving_average", "ses", "tsb", "adaptive"),
    "blend": ("blend",),
    "blend_trees": ("blend_trees",),
}
PEERS = ("classic", "trees", "online")
PARTS = ("online", "classic", "lead", "blend_trees", "blend", "simple", "trees")
"""The longest first."""


def part(panel: Panel, what: str) -> Rows:
    """Measure one part of a set."""
    if what == "lead":
        trade = TRADES[panel.name]
        return replenished(ahead(panel, trade.horizon), trade)
    if what in OURS:
        return {row.learner: row.metrics | {"us": row.microseconds} for row in backtest(panel, OURS[what])}
    return beside(panel, what)


def beside(panel: Panel, group: str) -> Rows:
    """Return a group of peers' metrics, one period ahead."""
    rows = tables.table(panel)
    scales, keys = scales_of(panel), sorted(panel.series)
    judged, found = rows["date"] >= panel.since, {}
    for name, (mean, tails) in tables.forecasts(rows, group).items():
        scores = Scores(scales)
        for at, (uid, sold) in enumerate(zip(rows["uid"][judged], rows["sold"][judged], strict=True)):
            scores.add(keys[uid], float(sold), float(mean[at]), [float(q) for q in tails[:, at]])
        found[name] = scores.table()
    return found


def replenished(run: Ahead, trade: replenish.Trade) -> Rows:
    """Return what ordering by the blends comes to, beside the rules of textbooks."""
    ways = {"blend": run.quantiles, "textbook": replenish.textbook(run, trade), "SES": replenish.smoothed(run, trade)}
    demand = run.sums(trade.horizon)
    live = np.isfinite(demand) & np.isfinite(run.mean)
    live[: run.since] = False
    found: Rows = {}
    best = alarms.at_best(run, trade)
    for name, quantiles in ways.items():
        row = found[name] = alarms.alarms(run, trade, quantiles) | {"cover at best": best}
        row |= {f"safety {key}": value for key, value in safety(run, quantiles).items()}
        for level in LEVELS:
            off = (demand - quantiles[level])[live]
            row[f"PL{level * 100:.0f}"] = float(
                2 * np.maximum(level * off, (level - 1) * off).sum() / demand[live].sum()
            )
        row["cov95"] = float((demand <= quantiles[0.95])[live].mean())
        kept = replenish.held(run, trade, quantiles, Service(target=replenish.TARGET))
        row |= {"fill held": kept.fill, "days held": kept.days, "poorest": kept.poorest}
        row["days at 99.2 % in hindsight"] = replenish.in_hindsight(run, trade, quantiles, replenish.TARGET).days
    fill = found["blend"]["fill held"]
    for name, quantiles in ways.items():
        found[name]["days at our fill in hindsight"] = replenish.in_hindsight(run, trade, quantiles, fill).days
    return found


def known_law(series: int) -> Rows:
    """Return the safety-stock error where the truth is known."""
    law = truth.generated(series)
    errors = truth.safety_errors(law, ahead(law.panel, 7))
    return {
        "blend": {
            "pooled": float(errors.mean()),
            "series, in the middle": float(np.median(np.abs(errors))),
            "series, mean": float(np.abs(errors).mean()),
            "series, largest": float(np.abs(errors).max()),
            "series within 8.3 %": float((np.abs(errors) <= 0.083).mean()),
        }
    }
