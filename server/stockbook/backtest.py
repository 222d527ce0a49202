"""Reads published sales and judges the learners on them: what `stockbook backtest` prints.

The sets are parquet files in folders named after them, read with pandas (the
`demo` extra). Where a set is absent the caller is told.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from stockbook.domain.demand.backtest import History, Panel, Report, Row, backtest
from stockbook.domain.demand.learners.catalogue import LEARNERS
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import Plan

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
        panel = replace(panel, series={key: panel.series[key] for key in chosen})
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
    """Return the panel of a set, prepared as `_panel` and its callers say."""
    if name not in SETS:
        raise ValueError(f"no set is named {name}; there are {', '.join(SETS)}")
    path = data / SETS[name][0]
    if not path.exists():
        raise DataAbsent(f"{name} is not in {data}: set STOCKBOOK_DATA to the folder that has {SETS[name][0]}")
    import pandas  # noqa: PLC0415 - heavy, and only the demo extra has it

    return SETS[name][1](pandas, path)


def _panel(
    name: str,
    frame: Any,
    period: Period,
    season: int,
    window: int,
    judged: int,
    before: int,
    closed: frozenset[int] = frozenset(),
) -> Panel:
    """Fill holes with nothing sold, keep series with `before` periods of history, judge on the last `judged`.

    Columns beside `key`, `index` and `qty`: `price` and `base_price`, which hold until the next
    one, and promotions named `promo` or `promo_NAME`.
    """
    last = int(frame["index"].max())
    open_periods = [at for at in range(int(frame["index"].min()), last + 1) if at not in closed]
    since = open_periods[-judged]
    promotions = [column for column in frame.columns if column.startswith("promo")]
    series: dict[str, History] = {}
    for key, group in frame.groupby("key", sort=True):
        first, end = int(group["index"].min()), int(group["index"].max())
        traded = sum(1 for at in range(first, end + 1) if at not in closed)
        if traded < judged + before or end < since:
            continue
        rows = {int(row["index"]): row for row in group.to_dict("records")}
        price = base = None
        plans = {}
        for at in range(first, end + 1):
            row = rows.get(at, {})
            if row.get("price") == row.get("price"):
                price, base = row.get("price", price), row.get("base_price", base)
            running = tuple((n.removeprefix("promo_"), float(row[n])) for n in promotions if row.get(n, 0) > 0)
            if price is not None or running:
                plans[at] = Plan(price, base, running)
        quantities = tuple(_sold(rows.get(at)) for at in range(first, end + 1))
        series[str(key)] = History(str(key).partition("|")[2], first, quantities, plans)
    return Panel(name, period, season, window, since, series, closed)


def _sold(row: Any) -> float:
    return float(row["qty"]) if row and row["qty"] == row["qty"] else 0.0


def _pasta(pandas: Any, path: Path) -> Panel:
    frame = pandas.read_parquet(path)
    frame = frame[frame["date"] >= "2015-01-01"].copy()
    frame["key"] = frame["location"].astype(str) + "|" + frame["sku"].astype(str)
    frame["index"] = (frame["date"] - pandas.Timestamp("1970-01-01")).dt.days
    return _panel("pasta", frame[["key", "index", "qty", "promo"]], Period.DAY, 7, 28, 92, 90)


def _complete_journey(pandas: Any, path: Path) -> Panel:
    """Weeks of the set's own calendar (they begin on Sunday), with the promotions that were planned for them."""
    frame = pandas.read_parquet(path)
    keys = ["location", "sku", "week"]
    weekly = frame.groupby(keys, as_index=False)["qty"].sum()
    weekly = weekly[weekly.groupby(["location", "sku"])["week"].transform("size") >= 10]
    calendar = pandas.read_parquet(path.parent / "promo_calendar.parquet")
    calendar = calendar[calendar["week"] <= weekly["week"].max()]
    known = weekly[["location", "sku"]].drop_duplicates()
    first = weekly.groupby(["location", "sku"], as_index=False)["week"].min().rename(columns={"week": "first"})
    calendar = calendar.merge(known).merge(first)
    calendar = calendar[calendar["week"] >= calendar["first"]].drop(columns="first")
    joined = weekly.merge(calendar, how="outer", on=keys)
    joined = joined.rename(columns={"display": "promo_display", "mailer": "promo_mailer"})
    joined[["qty", "promo_display", "promo_mailer"]] = joined[["qty", "promo_display", "promo_mailer"]].fillna(0)
    joined["key"] = joined["location"].astype(str) + "|" + joined["sku"].astype(str)
    joined["index"] = joined["week"] + _FIRST_WEEK
    columns = ["key", "index", "qty", "promo_display", "promo_mailer"]
    return _panel("complete_journey", _to_end(pandas, joined[columns]), Period.WEEK, 52, 13, 8, 13)


_FIRST_WEEK = 2451
"""The week before the first of 2017, counted as `Period.WEEK` counts."""


def _online_retail(pandas: Any, path: Path) -> Panel:
    """Days but Saturdays; prices as last seen, for a wholesaler's price of tomorrow is not known."""
    frame = pandas.read_parquet(path)
    frame = frame[(frame["kind"] == "sale") & ~frame["undone_24h"].astype(bool)].copy()
    frame = frame[frame.groupby("sku")["sku"].transform("size") >= 150]
    frame["key"] = frame["location"].astype(str) + "|" + frame["sku"].astype(str)
    frame["index"] = (frame["ts"] - pandas.Timestamp("1970-01-01")).dt.days
    daily = frame.groupby(["key", "index"], as_index=False).agg(qty=("qty", "sum"), price=("price", "median"))
    by_key = daily.groupby("key")
    daily["base_price"] = by_key["price"].transform(lambda prices: prices.rolling(40, min_periods=1).median())
    daily["price"], daily["base_price"] = by_key["price"].shift(1), daily.groupby("key")["base_price"].shift(1)
    daily = daily.dropna()
    saturdays = frozenset(range(2 + 7 * (int(daily["index"].min()) // 7 - 1), int(daily["index"].max()) + 1, 7))
    return _panel("online_retail", _to_end(pandas, daily), Period.DAY, 6, 28, 78, 90, saturdays)


def _carparts(pandas: Any, path: Path) -> Panel:
    frame = pandas.read_parquet(path)
    whole = frame.groupby("sku")["qty"].transform(lambda sold: sold.notna().all())
    frame = frame[whole].copy()
    months = {month: at for at, month in enumerate(sorted(frame["month"].unique()))}
    frame["index"] = frame["month"].map(months)
    # at least three sales before the last year, which is judged
    early = frame[frame["index"] < len(months) - 12].groupby("sku")["qty"].apply(lambda sold: (sold > 0).sum())
    frame = frame[frame["sku"].isin(early.index[early >= 3])].copy()
    frame["key"] = "network|" + frame["sku"].astype(str)
    # a month stands in for a week: what matters here is how seldom it sells
    return _panel("carparts", frame[["key", "index", "qty"]], Period.WEEK, 12, 12, 12, 12)


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
