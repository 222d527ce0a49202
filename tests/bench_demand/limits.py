"""Every figure that the benchmark is held to, with its limit and what it stands beside."""

from collections.abc import Iterable, Iterator, Mapping

from rich.console import Console
from rich.table import Table

from tests.bench.figures import Figure, number
from tests.bench_demand.measure import OURS, Rows
from tests.bench_demand.replenish import TARGET

MEASURES = ("RMSSE", "PL50", "PL90", "PL95", "PL99")
BEHIND, ALARMS, SAFETY, COVERED = 1.03, 0.15, 0.083, 2.0
BASELINES = ("textbook", "SES")


def of_set(name: str, parts: Mapping[str, Rows]) -> Iterator[Figure]:
    """Yield the figures of a set from its parts; one without peers has no figures beside them."""
    steps = {learner: row for what in OURS for learner, row in parts.get(what, {}).items()}
    trees, online, stock = parts.get("trees"), parts.get("online"), parts.get("lead")
    ours, aided = steps.get("blend"), steps.get("blend_trees")
    for measure in MEASURES:
        if ours and online:
            best, value = best_of(online, measure)
            yield Figure(f"{name}.online.{measure}", ours[measure], value, note=f"best online peer: {best}")
        if ours and aided and trees:
            best, value = best_of({**trees, "online alone": ours}, measure)
            yield Figure(f"{name}.with trees.{measure}", aided[measure], value, note=f"best of both: {best}")
    if ours and trees:
        best, value = best_of(trees, "RMSSE")
        yield Figure(f"{name}.online.RMSSE beside LightGBM", ours["RMSSE"] / value, BEHIND, "times", note=best)
    for said, row in (("online", ours), ("with trees", aided), ("lead time", stock and stock["blend"])):
        if row:
            off = 100 * (row["cov95"] - 0.95)
            yield Figure(f"{name}.{said}.95 % cover", abs(off), COVERED, "points off", note=f"{row['cov95']:.1%}")
    if stock:
        yield from _stock(name, stock)


def _stock(name: str, stock: Rows) -> Iterator[Figure]:
    ours = stock["blend"]
    yield Figure(f"{name}.alarms.missed", ours["miss"], ALARMS, "of needed", note="aim 0.08")
    yield Figure(f"{name}.alarms.needless", ours["cover"], ALARMS, "of raised", note="cover; aim 0.08")
    note = "missing 15 %, by whoever knew how often each series will sell how much, though not when"
    yield Figure(f"{name}.alarms.needless at best", ours["cover at best"], None, "of raised", note=note)
    yield Figure(f"{name}.alarms.FPR", ours["FPR"], None, "of not needed", note=f"need rate {ours['need rate']:.2f}")
    yield Figure(f"{name}.fill.held", ours["fill held"], TARGET, "of units", least=True, note="without hindsight")
    yield Figure(f"{name}.fill.poorest", ours["poorest"], None, "of units", note="any stretch as long, since the first")
    best, value = best_of({each: stock[each] for each in BASELINES}, "days at our fill in hindsight")
    note = f"{best}, its k chosen in hindsight for the same fill"
    yield Figure(f"{name}.stock.days", ours["days held"], value, "days", note=note)
    error, expected = ours["safety pooled"], ours["safety expected"]
    note = f"{error:+.1%}; were every forecast right, so short a window would say {expected:+.1%}"
    yield Figure(f"{name}.safety stock.pooled", abs(error), SAFETY, "off", note=note)
    error = ours["safety like for like"]
    yield Figure(f"{name}.safety stock.like for like", abs(error), SAFETY, "off", note=f"{error:+.1%}, that taken out")
    error = ours["safety of all"]
    yield Figure(f"{name}.safety stock.of all", abs(error), None, "off", note=f"{error:+.1%}; one quantile of all")
    note = f"the one in the middle; hindsight differs from itself by {ours['safety noise']:.0%}"
    yield Figure(f"{name}.safety stock.series", ours["safety series"], None, "off", note=note)


def of_law(rows: Rows) -> Iterator[Figure]:
    """Yield the figures of the known law."""
    ours = rows["blend"]
    yield Figure("known law.safety stock.pooled", abs(ours["pooled"]), SAFETY, "off")
    within = f"{ours['series within 8.3 %']:.0%} of series within; largest {ours['series, largest']:.1%}"
    yield Figure("known law.safety stock.series, mean", ours["series, mean"], SAFETY, "off", note=within)
    yield Figure("known law.safety stock.series, middle", ours["series, in the middle"], SAFETY, "off")


def best_of(rows: Rows, measure: str) -> tuple[str, float]:
    """Return who is lowest, and the value."""
    best = min(rows, key=lambda name: rows[name][measure])
    return best, rows[best][measure]


def shown(figures: Iterable[Figure], console: Console) -> None:
    """Print the table of figures, each with its limit and whether it is kept."""
    table = Table(title="Demand measured", title_justify="left", header_style="dim", pad_edge=False)
    for column in ("figure", "value", "limit", "", "unit", "beside"):
        table.add_column(column, justify="right" if column in {"value", "limit"} else "left")
    section = ""
    for each in figures:
        word = each.name.partition(".")[0]
        if section and word != section:
            table.add_section()
        section = word
        limit = "" if each.limit is None else f"{'≥' if each.least else '≤'} {number(each.limit)}"
        verdict = "" if each.limit is None else "[green]ok[/]" if each.ok else "[bold red]short[/]"
        table.add_row(each.name, number(each.value), limit, verdict, each.unit, each.note)
    console.print(table)
