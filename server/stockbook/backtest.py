"""Reads published sales and judges the learners on them: what `stockbook backtest` prints.

The sets are those of `demand.md`: parquet files in folders named after them,
read with pandas (the `demo` extra). Where a set is absent the caller is told.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from stockbook.domain.demand.backtest import History, Panel, Report, Row, backtest
from stockbook.domain.demand.learners.catalogue import LEARNERS
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.series import Plan

COLUMNS = ("MASE", "RMSSE", "WRMSSE", "WAPE", "bias", "PL50", "PL90", "PL95", "PL99", "cov95", "cov99")


class DataAbsent(Exception):
    """The folder of published sales, or the set asked for, is not there."""


def run_backtest(
    data: Path, name: str, learners: Sequence[str] | None = None, report: Report | None = None, series: int = 0
) -> list[Row]:
    """Judge learners (all, when none are named) on a set; `series` above 0 takes so many, evenly spread."""
    panel = load(data, name)
    if 0 < series < len(panel.series):
        keys = sorted(panel.series)
        chosen = [keys[n * len(keys) // series] for n in range(series)]
        panel = Panel(
            panel.name,
            panel.period,
            panel.season,
            panel.window,
            panel.since,
            {key: panel.series[key] for key in chosen},
        )
    unknown = [learner for learner in learners or () if learner not in LEARNERS]
    if unknown:
        raise ValueError(f"no learner is named {', '.join(unknown)}; there are {', '.join(LEARNERS)}")
    return backtest(panel, tuple(learners or LEARNERS), report)


def as_text(rows: Sequence[Row]) -> str:
    """Return rows as a table of fixed width.

    >>> print(as_text([Row("ses", {name: 0.5 for name in COLUMNS}, 12.3)]))  # doctest: +NORMALIZE_WHITESPACE
    learner           MASE   RMSSE  WRMSSE    WAPE    bias    PL50    PL90    PL95    PL99   cov95   cov99  us/step
    ses              0.500   0.500   0.500   0.500   0.500   0.500   0.500   0.500   0.500   0.500   0.500       12
    """
    lines = ["learner         " + "".join(f"{name:>8}" for name in COLUMNS) + "  us/step"]
    for row in rows:
        figures = "".join(f"{row.metrics[name]:8.3f}" for name in COLUMNS)
        lines.append(f"{row.learner:16}{figures}{row.microseconds:9.0f}")
    return "\n".join(lines)


def load(data: Path, name: str) -> Panel:
    """Return the panel of a set, prepared as `demand.md` says."""
    if name not in SETS:
        raise ValueError(f"no set is named {name}; there are {', '.join(SETS)}")
    path = data / SETS[name][0]
    if not path.exists():
        raise DataAbsent(f"{name} is not in {data}: set STOCKBOOK_DATA to the folder that has {SETS[name][0]}")
    import pandas  # noqa: PLC0415 - heavy, and only the demo extra has it

    return SETS[name][1](pandas, path)


def _panel(
    pandas: Any, name: str, frame: Any, period: Period, season: int, window: int, judged: int, before: int
) -> Panel:
    """Fill holes with nothing sold, keep series with `before` periods of history, judge on the last `judged`."""
    series: dict[str, History] = {}
    last = int(frame["index"].max())
    least = judged + before
    for key, group in frame.groupby("key", sort=True):
        first, end = int(group["index"].min()), int(group["index"].max())
        if end - first + 1 < least or end <= last - judged:
            continue
        sold = dict(zip(group["index"], group["qty"], strict=True))
        plans = {}
        if "promo" in group:
            plans = {
                int(at): Plan(promotions=(("promo", float(promo)),))
                for at, promo in zip(group["index"], group["promo"], strict=True)
                if promo
            }
        quantities = tuple(float(sold.get(at, 0.0)) for at in range(first, end + 1))
        series[str(key)] = History(str(key).partition("|")[2], first, quantities, plans)
    return Panel(name, period, season, window, last - judged + 1, series)


def _pasta(pandas: Any, path: Path) -> Panel:
    frame = pandas.read_parquet(path)
    frame = frame[frame["date"] >= "2015-01-01"].copy()
    frame["key"] = frame["location"].astype(str) + "|" + frame["sku"].astype(str)
    frame["index"] = (frame["date"] - pandas.Timestamp("1970-01-01")).dt.days
    return _panel(pandas, "pasta", frame, Period.DAY, 7, 28, 92, 90)


def _complete_journey(pandas: Any, path: Path) -> Panel:
    frame = pandas.read_parquet(path)
    frame["key"] = frame["location"].astype(str) + "|" + frame["sku"].astype(str)
    frame["index"] = (frame["ts"] - pandas.Timestamp("1970-01-05")).dt.days // 7
    weekly = frame.groupby(["key", "index"], as_index=False)["qty"].sum()
    lines = weekly.groupby("key")["index"].transform("size")
    return _panel(pandas, "complete_journey", _to_end(pandas, weekly[lines >= 10]), Period.WEEK, 52, 13, 8, 13)


def _online_retail(pandas: Any, path: Path) -> Panel:
    frame = pandas.read_parquet(path)
    frame = frame[(frame["kind"] == "sale") & ~frame["undone_24h"].astype(bool)].copy()
    lines = frame.groupby("sku")["sku"].transform("size")
    frame = frame[lines >= 150]
    frame["key"] = frame["location"].astype(str) + "|" + frame["sku"].astype(str)
    frame["index"] = (frame["ts"] - pandas.Timestamp("1970-01-05")).dt.days // 7
    weekly = frame.groupby(["key", "index"], as_index=False)["qty"].sum()
    return _panel(pandas, "online_retail", _to_end(pandas, weekly), Period.WEEK, 52, 13, 8, 13)


def _carparts(pandas: Any, path: Path) -> Panel:
    frame = pandas.read_parquet(path)
    whole = frame.groupby("sku")["qty"].transform(lambda sold: sold.notna().all())
    frame = frame[whole].copy()
    months = {month: at for at, month in enumerate(sorted(frame["month"].unique()))}
    frame["index"] = frame["month"].map(months)
    # three sales at least before the last year, as demand.md counts them
    early = frame[frame["index"] < len(months) - 12].groupby("sku")["qty"].apply(lambda sold: (sold > 0).sum())
    frame = frame[frame["sku"].isin(early.index[early >= 3])].copy()
    frame["key"] = "network|" + frame["sku"].astype(str)
    # a month stands in for a week: what matters here is how seldom it sells
    return _panel(pandas, "carparts", frame, Period.WEEK, 12, 12, 12, 12)


def _to_end(pandas: Any, frame: Any) -> Any:
    """Let every series run to the last period: one that stopped selling sold nothing since."""
    last = frame["index"].max()
    ended = frame.groupby("key", as_index=False)["index"].max()
    ended = ended[ended["index"] < last].assign(index=last, qty=0.0)
    return pandas.concat([frame, ended], ignore_index=True)


SETS: dict[str, tuple[str, Callable[[Any, Path], Panel]]] = {
    "pasta": ("pasta/panel.parquet", _pasta),
    "complete_journey": ("complete_journey/events.parquet", _complete_journey),
    "online_retail": ("online_retail/events.parquet", _online_retail),
    "carparts": ("carparts/panel.parquet", _carparts),
}
