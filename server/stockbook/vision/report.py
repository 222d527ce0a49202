"""A version as one HTML page: figures, confusions, calibration, open set and few shots, in Chinese and English."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from stockbook.flows.trials.drawing import BLUE, GREEN, GREY, INK, ORANGE, RED, Plot
from stockbook.vision.calibration import bins
from stockbook.vision.comparison import Verdict
from stockbook.vision.crossing import Crossed
from stockbook.vision.evaluation import Evaluation
from stockbook.vision.judging import confusions
from stockbook.vision.strangers import roc

NAMES = {
    "top1": ("首选正确率", "First proposal right"),
    "top3": ("前三命中", "Among the first three"),
    "top5": ("前五命中", "Among the first five"),
    "cartons_top1": ("包装商品：首选正确率", "Cartons: first proposal right"),
    "cartons_top3": ("包装商品：前三命中", "Cartons: among the first three"),
    "cartons_top5": ("包装商品：前五命中", "Cartons: among the first five"),
    "calibration_error": ("校准误差（ECE）", "Expected calibration error"),
    "filled_in": ("自动填入比例", "Filled in without being asked"),
    "filled_in_right": ("其中正确", "Of these, right"),
    "open_set_auroc": ("未知商品识别 AUROC", "Open set, AUROC"),
    "accepted_unknowns": ("接受 95 % 已知时放过的未知", "Strangers let through where 95 % of the known are"),
    "orientation_whole": ("整图倒置识别", "Upside down, the whole picture turned"),
    "orientation": ("仅商品倒置识别", "Upside down, the goods alone"),
    "orientation_hits": ("仅商品倒置：达阈值检出", "The same, found at the threshold"),
    "orientation_false": ("正放被误报", "Upright goods called upside down"),
}
OF_NEW = {
    f"new_{what}few_shot_{shots}": (f"新{zh} {shots} 张照片", f"New {en}, {shots} photographs")
    for what, zh, en in (("", "商品", "goods"), ("cartons_", "包装商品", "cartons"))
    for shots in (1, 5, 10)
}


def page(
    title: str,
    names: Sequence[str],
    evaluation: Evaluation,
    before: Evaluation | None = None,
    crossed: Crossed | None = None,
    verdict: Verdict | None = None,
) -> str:
    """Return the page; `names` are those of the items, in their order."""
    body = [
        f"<h1>商品识别报告 <span>Recognition</span></h1><p class=note>{escape(title)}</p>",
        f'<p class="verdict {"good" if verdict.better else "bad"}">{escape(str(verdict))}</p>' if verdict else "",
        _heading("指标", "Figures"),
        _table(evaluation, before, crossed),
        "<section>",
        _card("校准", "Calibration, held back", _calibration(evaluation)),
        _card("未知商品", "Open set", _open_set(evaluation, crossed)),
        _card("少量照片", "Few photographs", _few(evaluation, crossed)),
        "</section>",
        _heading("混淆", "Confusions, held back"),
        _confusions(evaluation, names),
        _NOTE,
    ]
    return f"{_HEAD}<main>{''.join(body)}</main></html>\n"


def _heading(zh: str, en: str) -> str:
    return f"<h2>{zh} <span>{en}</span></h2>"


def _card(zh: str, en: str, inside: str) -> str:
    return f"<article><h3>{zh} <span>{en}</span></h3>{inside}</article>"


def _said(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.1f} %"


def _table(evaluation: Evaluation, before: Evaluation | None, crossed: Crossed | None) -> str:
    columns: list[tuple[str, Mapping[str, float]]] = [("留出集 held back", evaluation.figures)]
    if before:
        columns.append(("上一版 last version", before.figures))
    if crossed:
        columns.append(("交叉验证 cross-validated", crossed.figures))
    rows = []
    for name, (zh, en) in (NAMES | OF_NEW).items():
        if any(name in there for _, there in columns):
            cells = "".join(f"<td>{_said(there.get(name))}</td>" for _, there in columns)
            rows.append(f"<tr><th>{zh} <span>{en}</span></th>{cells}</tr>")
    head = "".join(f"<th>{name}</th>" for name, _ in columns)
    return f"<table><tr><th></th>{head}</tr>{''.join(rows)}</table>"


def _key(*entries: tuple[str, str]) -> str:
    return (
        "<p class=key>" + " ".join(f'<i style="background:{colour}"></i>{words}' for colour, words in entries) + "</p>"
    )


def _plot(label: str, across: tuple[float, float] = (0, 1)) -> Plot:
    return Plot(440, 300, across, (0, 1), label=label)


TENTHS = [(at / 5, f"{at * 20} %") for at in range(6)]


def _calibration(evaluation: Evaluation) -> str:
    plot = _plot("calibration")
    found = bins(evaluation.confidence, evaluation.right, 10)
    most = max((each.pictures for each in found), default=1)
    for each in found:
        plot.box((each.confidence - 0.02, each.confidence + 0.02), (0, 0.25 * each.pictures / most), "#e4e9ef")
    plot.line([(0, 0), (1, 1)], GREY, width=1, dash="4 4")
    plot.line([(each.confidence, each.right) for each in found], BLUE)
    plot.dots([(each.confidence, each.right) for each in found], BLUE, 3.5)
    return plot.svg(TENTHS, percent=True) + _key(
        (BLUE, "正确 right"), (GREY, "自信 as sure"), ("#e4e9ef", "数量 how many")
    )


def _open_set(evaluation: Evaluation, crossed: Crossed | None) -> str:
    plot = _plot("open set")
    plot.line([(0, 0), (1, 1)], GREY, width=1, dash="4 4")
    entries = []
    if len(evaluation.known) and len(evaluation.strange):
        plot.line([(x, y) for x, y in roc(evaluation.known, evaluation.strange)], BLUE)
        entries.append((BLUE, "未录入 left out of the gallery, held back"))
    if crossed:
        plot.line([(x, y) for x, y in roc(crossed.known, crossed.strange)], ORANGE)
        entries.append((ORANGE, "从未学过 never learnt, cross-validated"))
    return plot.svg(TENTHS, percent=True) + _key(*entries)


def _few(evaluation: Evaluation, crossed: Crossed | None) -> str:
    curves = [(evaluation.few, BLUE, "全部重新录入 all enrolled anew, held back")]
    if crossed:
        curves.append((crossed.few["all"], ORANGE, "新商品 new goods"))
        curves.append((crossed.few["cartons"], GREEN, "新包装商品 new cartons"))
    plot = _plot("few photographs", (0, 10))
    for curve, colour, _ in curves:
        plot.line(list(curve.items()), colour)
        plot.dots(list(curve.items()), colour, 3.5)
    marks = [(float(shots), str(shots)) for shots in evaluation.few]
    return plot.svg(marks, percent=True) + _key(*((colour, words) for _, colour, words in curves))


def _confusions(evaluation: Evaluation, names: Sequence[str]) -> str:
    found = confusions(evaluation.said, names)
    if not found:
        return "<p class=note>没有混淆 none</p>"
    most = found[0][2]
    rows = [
        f"<tr><th>{escape(was)}</th><td>→ {escape(said)}</td>"
        f'<td class=bar><b style="width:{160 * count / most:.0f}px"></b>{count}</td></tr>'
        for was, said, count in found
    ]
    wrong = int(np.sum(~evaluation.right))
    counted = f"{wrong} / {len(evaluation.right)} 张错误 wrong; 最常见的 {len(found)} 对 the commonest pairs"
    heads = "".join(f"<th>{head}</th>" for head in ("实际 it was", "识别为 was taken for", "张数 pictures"))
    return f"<p class=note>{counted}</p><table><tr>{heads}</tr>{''.join(rows)}</table>"


_NOTE = (
    "<p class=note>交叉验证：询问在别处拍摄的照片（若无，则每种商品的一段连续照片），"
    "并整组去掉三分之一的商品；阈值由此拟合。留出集只用于比较。"
    " Cross-validation: a fold asks about pictures taken elsewhere (else about a run of consecutive ones of every item)"
    " and leaves out a third of the items whole; the thresholds are fitted to it. Held-back pictures are for comparing"
    " alone.</p>"
)
_HEAD = f"""<!doctype html><html lang="zh"><meta charset="utf-8"><title>商品识别报告 Recognition</title><style>
body{{font:15px/1.5 system-ui,"Noto Sans SC",sans-serif;color:{INK};background:#f6f8fa;margin:0}}
main{{max-width:1180px;margin:auto;padding:24px}} h1 span,h2 span,h3 span,th span{{color:{GREY};font-weight:400}}
section{{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:16px}}
article,table{{background:#fff;border-radius:8px;padding:14px}} table{{border-spacing:0;width:100%}}
th,td{{text-align:left;padding:4px 10px;border-bottom:1px solid #e4e9ef;font-weight:400}}
td{{font-variant-numeric:tabular-nums}}
.note,.key{{color:{GREY};font-size:13px}} .key i{{display:inline-block;width:12px;height:12px;margin:0 4px 0 10px}}
.verdict{{padding:10px 14px;border-radius:8px;color:#fff}} .good{{background:{GREEN}}} .bad{{background:{RED}}}
.bar b{{display:inline-block;height:10px;margin-right:6px;background:{BLUE}}}
</style>"""
