"""The plots of a trial: alarms, fill and turnover beside the plain rule's, each series' course, safety stocks."""

from collections.abc import Sequence
from html import escape

from stockbook.domain.demand.course import Course, Verdict
from stockbook.domain.demand.period import Period
from stockbook.flows.trials.drawing import BLUE, GREEN, GREY, INK, ORANGE, RED, Plot
from stockbook.flows.trials.figures import told
from stockbook.flows.trials.gate import GATE


def _bars(
    groups: Sequence[tuple[str, float | None, float | None]],
    names: tuple[str, str],
    width: int,
    *,
    percent: bool,
    rule: bool,
) -> str:
    """Draw pairs of bars, the plain rule's beside the tried learner's."""
    most = max([value for _, *pair in groups for value in pair if value is not None] + ([GATE] if rule else [0.01]))
    across = (0, len(groups) + (0.9 if rule else 0))
    plot = Plot(width, 250, across, (0, most * 1.2), label=" / ".join(name for name, *_ in groups))
    bars = [
        (at + offset, value, colour)
        for at, (_, plain, tried) in enumerate(groups)
        for offset, value, colour in ((0.05, plain, GREY), (0.51, tried, BLUE))
        if value is not None
    ]
    for left, value, colour in bars:
        plot.box((left, left + 0.44), (0, value), colour)
    if rule:
        plot.rule(GATE, RED, f"闸门 gate {GATE:.0%}")
    for left, value, _ in bars:
        plot.text(left + 0.22, value, told(value, percent=percent))
    key = "".join(_swatch(colour, escape(name)) for colour, name in zip((GREY, BLUE), names, strict=True))
    return (
        plot.svg([(at + 0.5, name) for at, (name, *_) in enumerate(groups)], percent=percent)
        + f"<p class=key>{key}</p>"
    )


def alarms(tried: Verdict, plain: Verdict) -> str:
    """Draw the shares of alarms that were wrong, the gate across them."""
    names = (("false_alarms", "误报 false"), ("missed_alarms", "漏报 missed"), ("false_positive_rate", "假阳性 FPR"))
    groups = [(words, plain.metrics.get(name), tried.metrics.get(name)) for name, words in names]
    return _bars(groups, (plain.variant, tried.variant), 460, percent=True, rule=True)


def rates(tried: Verdict, plain: Verdict) -> str:
    """Draw what was filled, and what lay too long."""
    names = (("fill_rate", "满足率 fill"), ("slow_moving_share", "滞销 slow-moving"))
    groups = [(words, plain.metrics.get(name), tried.metrics.get(name)) for name, words in names]
    return _bars(groups, (plain.variant, tried.variant), 340, percent=True, rule=False)


def turnover(tried: Verdict, plain: Verdict) -> str:
    """Draw how many days the stock lasts."""
    days = [("周转天数 days", plain.metrics.get("turnover_days"), tried.metrics.get("turnover_days"))]
    return _bars(days, (plain.variant, tried.variant), 230, percent=False, rule=False)


def _swatch(colour: str, words: str, more: str = "") -> str:
    return f'<span><i{more} style="background:{colour}"></i>{words}</span> '


_DOT = " class=dot"
LEGEND = "".join((
    "<p class=key>", _swatch(INK, "实际 actual"), _swatch(BLUE, "预测 forecast"),
    _swatch(f"{BLUE};opacity:.3", "50–90–95–99 %"), _swatch(GREEN, "库存 stock"),
    _swatch(ORANGE, "再订货点 reorder point"), _swatch(ORANGE, "下单 order", _DOT), _swatch(RED, "缺货 short", _DOT),
    "</p>",
))  # fmt: skip


def course(course: Course, period: Period) -> str:
    """Draw one series: the fan against what came, and the stock below it."""
    count = len(course.periods)
    high = max(1e-9, *course.actual, *(q[-1] for q in course.quantiles))
    fan = Plot(960, 210, (0, max(count - 1, 1)), (0, high * 1.05), right=40, label=f"{course.key}: forecast and actual")
    levels = [list(enumerate(q[n] for q in course.quantiles)) for n in range(len(course.quantiles[0]))]
    for below, above, opacity in ((2, 3, 0.12), (1, 2, 0.2), (0, 1, 0.32)):
        fan.area(levels[below], levels[above], opacity)
    fan.line(list(enumerate(course.mean)), BLUE)
    fan.line(list(enumerate(course.actual)), INK, width=1.6)
    fan.dots(list(enumerate(course.actual)), INK)
    most = max(1e-9, *course.stock, *course.reorder)
    stock = Plot(960, 150, (0, max(count - 1, 1)), (0, most * 1.1), right=40, label=f"{course.key}: stock and orders")
    stock.line(list(enumerate(course.stock)), GREEN)
    stock.line(list(enumerate(course.reorder)), ORANGE, width=1.4, dash="4 3")
    stock.dots([(at, course.reorder[at]) for at, order in enumerate(course.ordered) if order], ORANGE, 3.2)
    short = [(at, 0.0) for at in range(count) if course.filled[at] < course.actual[at] - 1e-9]
    stock.dots(short, RED, 4)
    every = max(count // 7, 1)
    across = [(at, f"{period.start(course.periods[at]):%Y-%m-%d}") for at in range(0, count, every)]
    title = escape(course.key.split("|")[-1])
    return f"<article><h3>{title}</h3>{fan.svg(across)}{stock.svg([])}</article>"


def errors(courses: Sequence[Course]) -> str:
    """Draw how the series' safety stocks were off."""
    errors = [course.safety_error for course in courses]
    known = [min(max(error, -1.0), 2.0) for error in errors if error is not None]
    if not known:
        return "<p class=note>–</p>"
    width, first, count = 0.2, -1.0, 15
    bins = [0] * count
    for error in known:
        bins[min(int((error - first) / width), count - 1)] += 1
    plot = Plot(960, 220, (-1.0, 2.0), (0, max(bins) * 1.15), right=40, label="safety-stock error")
    for at, much in enumerate(bins):
        left = first + at * width
        if much:
            plot.box((left + 0.01, left + width - 0.01), (0, much), BLUE if abs(left + width / 2) < 0.5 else GREY)
            plot.text(left + width / 2, much, str(much))
    axis = [(value / 2, f"{value * 50:+d} %" if value else "0 %") for value in range(-2, 4)] + [(2.0, "≥ +200 %")]
    words = "横轴：安全库存相对事后最优值的偏差；纵轴：序列数。 Across: how far off; up: how many series."
    return f"{plot.svg(axis)}<p class=note>{words}</p>"
