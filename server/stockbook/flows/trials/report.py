"""A trial as one HTML page: figures with their definitions, plots, and series one by one, in Chinese and English."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from stockbook.domain.demand.course import DAYS, Course, Policy, Verdict
from stockbook.domain.demand.period import Period
from stockbook.flows.trials import charts
from stockbook.flows.trials.figures import FIGURES, Metrics, told
from stockbook.flows.trials.gate import GATE, passes

SHOWN, LISTED = 6, 60
"""Series that are drawn, and that the table lists: those that sell most."""


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
        _card("告警", "Alarms", charts.alarms(tried, plain)),
        _card("满足与滞销", "Fill and slow-moving stock", charts.rates(tried, plain)),
        _card("周转", "Turnover", charts.turnover(tried, plain)),
        "</section>",
        f"<h2>预测与实际、库存与补货 <span>Forecast against actual, stock and orders</span></h2>{charts.LEGEND}",
        *(charts.course(course, period) for course in courses[:SHOWN]),
        _card("安全库存误差", "Safety-stock error", charts.errors(courses)),
        f"<h2>指标与定义 <span>Figures and definitions</span></h2>{_table(tried, plain)}",
        f"<p class=note>{_rules(policy)}</p>",
        f"<h2>单品 <span>Series</span></h2>{_series(courses, DAYS[period])}",
    ]
    return f"{_HEAD}<main>{''.join(body)}</main></html>\n"


def _verdict(metrics: Metrics) -> str:
    good = passes(metrics)
    zh, en = ("通过：可上线", "Passed: may go live") if good else ("未通过：不可上线", "Failed: may not go live")
    rates = "，".join(
        f"{name} {told(metrics.get(key), percent=True)}"
        for key, name in (("false_alarms", "误报 false"), ("missed_alarms", "漏报 missed"))
    )
    return f'<p class="verdict {"good" if good else "bad"}"><b>{zh} · {en}</b> {rates}（闸门 gate &lt; {GATE:.0%}）</p>'


def _card(zh: str, en: str, inside: str) -> str:
    return f"<article><h3>{zh} <span>{en}</span></h3>{inside}</article>"


def _table(tried: Verdict, plain: Verdict) -> str:
    rows = []
    for figure in FIGURES:
        if figure.name not in tried.metrics:
            continue
        cells = "".join(
            f"<td class=n>{told(metrics.get(figure.name), percent=figure.percent)}</td>"
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
        f"告警水平从 {policy.alarm:.0%} 起边走边学，随机种子 {policy.seed}。销量视作需求：缺货不可见。"
        f" Lead time {policy.lead}, review {policy.review} periods; service level {policy.service:.0%}, alarm level"
        f" {policy.alarm:.0%} at first, then learnt, seed {policy.seed}. Sales are taken for demand: what could not"
        " be sold is unseen."
    )


def _series(courses: Sequence[Course], days: int) -> str:
    rows = []
    for course in courses[:LISTED]:
        figures = course.figures(days)
        cells = [
            told(figures[name], percent=name in {"safety_stock_error", "fill_rate"})
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
.key span { white-space: nowrap; margin-right: 12px }
.key i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin: 0 5px -1px 0 }
.key i.dot { border-radius: 6px }
table { width: 100%; border-collapse: collapse; background: #fff; border-radius: 10px; overflow: hidden;
  font-size: 14px }
th, td { text-align: left; padding: 8px 12px; border-bottom: 1px solid #e4e9ef; vertical-align: top; font-weight: 400 }
tr:first-child th { color: #6b7a8c; font-size: 13px } td span, th span { font-size: 12.5px }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
</style>
"""
