"""A trial as one HTML page: figures with their definitions, plots, and series one by one, in Chinese and English."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from stockbook.domain.demand.period import Period
from stockbook.domain.demand.sandbox import DAYS, SLOW_DAYS, Course, Policy, Verdict
from stockbook.flows.drawing import BLUE, GREEN, GREY, INK, ORANGE, RED, Plot
from stockbook.flows.trials import GATE, passes

SHOWN, LISTED = 6, 60
"""Series that are drawn, and that the table lists: those that sell most."""
Metrics = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric as the page tells it."""

    name: str
    zh: str
    en: str
    definition_zh: str
    definition_en: str
    percent: bool = True


FIGURES = (
    Figure("false_alarms", "误报率", "False alarms",
           "建议补货、但直到下一个订货周期结束也用不上的订单所占比例。",
           "Of the orders advised, those not needed even one cycle later (“cover”)."),
    Figure("missed_alarms", "漏报率", "Missed alarms",
           "在下一次到货前会缺货、却没有建议补货的情形所占比例。",
           "Of the times when goods ran out before the next order could come, those without advice."),
    Figure("false_positive_rate", "假阳性率（FPR）", "False positive rate",
           "提前期内并不缺货的情形中，仍建议补货的比例。",
           "Of the times when goods lasted, those with advice all the same."),
    Figure("need_rate", "应补货比例", "Need rate",
           "抽取的库存状态中确实需要补货的比例：库存在 0 至 3 倍常规需求之间均匀抽取，种子固定。",
           "Of the drawn stock positions, those that needed an order: drawn evenly from 0 to 3 times the usual demand,"
           " the seed fixed."),
    Figure("fill_rate", "满足率", "Fill rate",
           "闭环模拟中，实际满足的数量占需求数量的比例（缺货即流失）。",
           "In the closed loop, units sold of units asked for; what is not there is lost."),
    Figure("turnover_days", "周转天数", "Turnover days",
           "平均库存除以平均每日销量。", "Mean stock over mean daily sales.", percent=False),
    Figure("slow_moving_share", "滞销占比", "Slow-moving share",
           f"库存中可售天数超过 {SLOW_DAYS} 天的部分所占比例。",
           f"The part of the stock that lies in series whose stock lasts longer than {SLOW_DAYS} days."),
    Figure("safety_stock_error", "安全库存误差（合计）", "Safety-stock error, all together",
           "平均安全库存与事后最优值之差（各序列合计）。事后最优值：窗口内“需求减中位预测”的服务水平分位数。",
           "Mean safety stock against hindsight’s, summed over series. Hindsight: the service level’s quantile of"
           " demand less the median forecast, over the window."),
    Figure("safety_stock_error_of_a_series", "安全库存误差（单品中位）", "Safety-stock error of a series",
           "同上，取各序列绝对误差的中位数；三个月的真实数据上，事后值本身的不确定性就约为三成以上。",
           "The same, the median of the series’ absolute errors; on three months of real sales hindsight itself is"
           " uncertain by a third or more."),
    Figure("RMSSE", "RMSSE", "RMSSE", "均方根误差除以朴素预测的误差。",
           "Root mean squared error over the naive forecast’s.", percent=False),
    Figure("MASE", "MASE", "MASE", "平均绝对误差除以朴素预测的误差。",
           "Mean absolute error over the naive forecast’s.", percent=False),
    Figure("WAPE", "WAPE", "WAPE", "绝对误差合计除以销量合计。", "Absolute errors over what was sold."),
    Figure("PL95", "PL95", "PL95", "95 % 分位数的弹球损失（两倍，除以销量）。",
           "Pinball loss of the .95 quantile, twice, over what was sold.", percent=False),
    Figure("cov95", "95 % 覆盖率", "Coverage of .95", "实际值不超过 95 % 分位数的比例。",
           "How often what came did not exceed the .95 quantile."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heading:
    """What the page is about."""

    organisation: str
    site: str | None
    category: str | None
    since: str
    until: str


def page(heading: Heading, tried: Verdict, plain: Verdict, policy: Policy, period: Period) -> str:
    """Return the page; `plain` is the rule that it is compared with."""
    courses = sorted(tried.courses, key=lambda course: -sum(course.actual))
    scope = " · ".join(
        escape(each)
        for each in (heading.organisation, heading.site or "全部地点 all sites", heading.category or "")
        if each
    )
    body = [
        f"<header><p class=scope>{scope} · {heading.since} – {heading.until}</p>"
        f"<h1>预测沙盒报告 <span>Forecast sandbox</span></h1>{_verdict(tried.metrics)}</header>",
        "<section class=row>",
        _card("告警", "Alarms", _alarms(tried, plain)),
        _card("满足与滞销", "Fill and slow-moving stock", _rates(tried, plain)),
        _card("周转", "Turnover", _turnover(tried, plain)),
        "</section>",
        f"<h2>预测与实际、库存与补货 <span>Forecast against actual, stock and orders</span></h2>{_LEGEND}",
        *(_course(course, period) for course in courses[:SHOWN]),
        _card("安全库存误差", "Safety-stock error", _errors(courses)),
        f"<h2>指标与定义 <span>Figures and definitions</span></h2>{_table(tried, plain)}",
        f"<p class=note>{_rules(policy)}</p>",
        f"<h2>单品 <span>Series</span></h2>{_series(courses, DAYS[period])}",
    ]
    return f"{_HEAD}<main>{''.join(body)}</main></html>\n"


def _verdict(metrics: Metrics) -> str:
    good = passes(metrics)
    zh, en = ("通过：可上线", "Passed: may go live") if good else ("未通过：不可上线", "Failed: may not go live")
    rates = "，".join(
        f"{name} {_said(metrics.get(key), percent=True)}"
        for key, name in (("false_alarms", "误报 false"), ("missed_alarms", "漏报 missed"))
    )
    return f'<p class="verdict {"good" if good else "bad"}"><b>{zh} · {en}</b> {rates}（闸门 gate &lt; {GATE:.0%}）</p>'


def _card(zh: str, en: str, inside: str) -> str:
    return f"<article><h3>{zh} <span>{en}</span></h3>{inside}</article>"


def _said(value: float | None, *, percent: bool) -> str:
    if value is None:
        return "–"
    return f"{value * 100:.1f} %" if percent else f"{value:,.3g}" if value < 100 else f"{value:,.0f}"


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
    for at, (_, plain, tried) in enumerate(groups):
        for offset, value, colour in ((0.16, plain, GREY), (0.52, tried, BLUE)):
            if value is not None:
                plot.box((at + offset, at + offset + 0.32), (0, value), colour)
                plot.text(at + offset + 0.16, value, _said(value, percent=percent))
    if rule:
        plot.rule(GATE, RED, f"闸门 gate {GATE:.0%}")
    key = "".join(_swatch(colour, escape(name)) for colour, name in zip((GREY, BLUE), names, strict=True))
    return (
        plot.svg([(at + 0.5, name) for at, (name, *_) in enumerate(groups)], percent=percent)
        + f"<p class=key>{key}</p>"
    )


def _alarms(tried: Verdict, plain: Verdict) -> str:
    names = (("false_alarms", "误报 false"), ("missed_alarms", "漏报 missed"), ("false_positive_rate", "假阳性 FPR"))
    groups = [(words, plain.metrics.get(name), tried.metrics.get(name)) for name, words in names]
    return _bars(groups, (plain.variant, tried.variant), 460, percent=True, rule=True)


def _rates(tried: Verdict, plain: Verdict) -> str:
    names = (("fill_rate", "满足率 fill"), ("slow_moving_share", "滞销 slow-moving"))
    groups = [(words, plain.metrics.get(name), tried.metrics.get(name)) for name, words in names]
    return _bars(groups, (plain.variant, tried.variant), 340, percent=True, rule=False)


def _turnover(tried: Verdict, plain: Verdict) -> str:
    days = [("周转天数 days", plain.metrics.get("turnover_days"), tried.metrics.get("turnover_days"))]
    return _bars(days, (plain.variant, tried.variant), 230, percent=False, rule=False)


def _swatch(colour: str, words: str, more: str = "") -> str:
    return f'<i{more} style="background:{colour}"></i>{words} '


_DOT = " class=dot"
_LEGEND = "".join((
    "<p class=key>", _swatch(INK, "实际 actual"), _swatch(BLUE, "预测 forecast"),
    _swatch(f"{BLUE};opacity:.3", "50–90–95–99 %"), _swatch(GREEN, "库存 stock"),
    _swatch(ORANGE, "再订货点 reorder point"), _swatch(ORANGE, "下单 order", _DOT), _swatch(RED, "缺货 short", _DOT),
    "</p>",
))  # fmt: skip


def _course(course: Course, period: Period) -> str:
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


def _errors(courses: Sequence[Course]) -> str:
    """Draw how the series' safety stocks were off."""
    errors = [course.safety_error for course in courses]
    known = [min(max(error, -1.0), 2.0) for error in errors if error is not None]
    if not known:
        return "<p class=note>–</p>"
    width, first, count = 0.2, -1.0, 15
    bins = [0] * count
    for error in known:
        bins[min(int((error - first) / width), count - 1)] += 1
    plot = Plot(960, 220, (-1.0, 2.0), (0, max(bins) * 1.15), label="safety-stock error")
    for at, much in enumerate(bins):
        left = first + at * width
        if much:
            plot.box((left + 0.01, left + width - 0.01), (0, much), BLUE if abs(left + width / 2) < 0.5 else GREY)
            plot.text(left + width / 2, much, str(much))
    axis = [(value / 2, f"{value * 50:+d} %") for value in range(-2, 5)]
    words = "横轴：安全库存相对事后最优值的偏差；纵轴：序列数。 Across: how far off; up: how many series."
    return f"{plot.svg(axis)}<p class=note>{words}</p>"


def _table(tried: Verdict, plain: Verdict) -> str:
    rows = []
    for figure in FIGURES:
        if figure.name not in tried.metrics:
            continue
        cells = "".join(
            f"<td class=n>{_said(metrics.get(figure.name), percent=figure.percent)}</td>"
            for metrics in (plain.metrics, tried.metrics)
        )
        rows.append(
            f"<tr><th>{figure.zh}<br><span>{figure.en}</span></th>{cells}"
            f"<td>{figure.definition_zh}<br><span>{figure.definition_en}</span></td></tr>"
        )
    head = (
        f"<tr><th></th><th class=n>{escape(plain.variant)}</th><th class=n>{escape(tried.variant)}</th><th></th></tr>"
    )
    return f"<table>{head}{''.join(rows)}</table>"


def _rules(policy: Policy) -> str:
    return (
        f"提前期 {policy.lead}、盘查周期 {policy.review} 期；服务水平 {policy.service:.0%}，"
        f"告警水平 {policy.alarm:.0%}，随机种子 {policy.seed}。销量视作需求：缺货不可见。"
        f" Lead time {policy.lead}, review {policy.review} periods; service level {policy.service:.0%}, alarm level"
        f" {policy.alarm:.0%}, seed {policy.seed}. Sales are taken for demand: what could not be sold is unseen."
    )


def _series(courses: Sequence[Course], days: int) -> str:
    rows = []
    for course in courses[:LISTED]:
        told = course.figures(days)
        cells = [
            _said(told[name], percent=name in {"safety_stock_error", "fill_rate"})
            for name in (
                "sold",
                "safety_stock",
                "safety_stock_in_hindsight",
                "safety_stock_error",
                "fill_rate",
                "turnover_days",
            )
        ]
        name = escape(course.key.split("|")[-1])
        rows.append(f"<tr><th>{name}</th>{''.join(f'<td class=n>{cell}</td>' for cell in cells)}</tr>")
    heads = (
        "", "销量<br><span>sold</span>", "安全库存<br><span>safety stock</span>", "事后最优<br><span>hindsight</span>",
        "误差<br><span>error</span>", "满足率<br><span>fill</span>", "周转天数<br><span>turnover days</span>",
    )  # fmt: skip
    more = len(courses) - LISTED
    note = f"<p class=note>另有 {more} 个序列 · {more} more series</p>" if more > 0 else ""
    return f"<table><tr>{''.join(f'<th class=n>{head}</th>' for head in heads)}</tr>{''.join(rows)}</table>{note}"


_HEAD = """<!doctype html>
<html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>预测沙盒报告 Forecast sandbox</title>
<style>
:root { color: #1c2733; background: #f3f5f8; font: 15px/1.55 system-ui, "Noto Sans CJK SC", "PingFang SC", sans-serif }
main { max-width: 1040px; margin: 0 auto; padding: 28px 20px 60px }
h1 { font-size: 28px; margin: 2px 0 12px } h2 { font-size: 19px; margin: 34px 0 8px }
h3 { font-size: 15px; margin: 0 0 8px; font-weight: 600 }
span, .scope, .note { color: #6b7a8c; font-weight: 400 } .scope, .note { font-size: 13px; margin: 0 }
article { background: #fff; border: 1px solid #e4e9ef; border-radius: 10px; padding: 16px 18px; margin: 14px 0 }
.row { display: grid; grid-template-columns: 46fr 34fr 23fr; gap: 14px } .row article { margin: 14px 0 0 }
@media (max-width: 800px) { .row { grid-template-columns: 1fr } }
svg { width: 100%; height: auto; display: block; font-family: inherit }
.verdict { padding: 10px 14px; border-radius: 8px; margin: 0 }
.good { background: #e3f4ea; color: #1c6b3f } .bad { background: #fbe6e3; color: #96281b }
.key { font-size: 13px; color: #6b7a8c; margin: 6px 0 0 }
.key i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin: 0 5px -1px 12px }
.key i:first-child { margin-left: 0 } .key i.dot { border-radius: 6px }
table { width: 100%; border-collapse: collapse; background: #fff; border-radius: 10px; overflow: hidden;
  font-size: 14px }
th, td { text-align: left; padding: 8px 12px; border-bottom: 1px solid #e4e9ef; vertical-align: top; font-weight: 400 }
tr:first-child th { color: #6b7a8c; font-size: 13px } td span, th span { font-size: 12.5px }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
</style>
"""
