"""The papers of unique device identification: a trace report and the checklist, as tables in Chinese and English.

The columns follow what the rules of 2019 (NMPA, No. 66) call DI and PI, and what
they are to tell of purchases and sales: which device, which lot or serial, made
and expiring when, from whom, to whom, when, how many. It is no form that the
regulator publishes.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from stockbook.domain.capture.udi import Traced

VERBS = {
    "EXPECT": ("预告", "Expected"), "RECEIVE": ("验收入库", "Received"), "INSPECT": ("检验", "Inspected"),
    "PUT_AWAY": ("上架", "Put away"), "MOVE": ("移库", "Moved"), "DISPATCH": ("发运", "Dispatched"),
    "ARRIVE": ("到货", "Arrived"), "TRANSFORM": ("加工", "Processed"), "SELL": ("销售出库", "Sold"),
    "RETURN": ("退货", "Returned"), "CHANGE_STATE": ("变更状态", "State changed"),
    "GRANT": ("转让权利", "Rights passed"), "EXPIRE": ("过期", "Expired"),
    "DISPOSE": ("报废", "Disposed of"), "COUNT": ("盘点", "Counted"),
    "HOLD": ("冻结", "Held"), "UNHOLD": ("解冻", "Released from hold"), "REVERSE": ("冲销", "Taken back"),
}  # fmt: skip
MISSING = {
    "DI": ("缺产品标识（DI）", "no device identifier"),
    "CLASS": ("未注明管理类别", "no risk class"),
    "OBLIGATION_DATE": ("未注明实施日期", "no date of obligation"),
    "PI_AT_RECEIPT": ("有入库未记生产标识（PI）", "received without production identifier"),
    "PI_ON_HAND": ("有库存缺批号和序列号", "on hand without lot or serial"),
    "EXPIRY": ("有批次缺失效日期", "lots without expiry"),
}
_WITHHELD = "（不可见 withheld）"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Paper:
    """A table with its title and what is to be known of it."""

    title: str
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def csv(self) -> str:
        r"""Return it as CSV, which spreadsheets open: no cell is taken for a formula.

        >>> Paper("T", (), ("a",), (("=1+1",),)).csv()
        "\ufeffa\r\n'=1+1\r\n"
        """
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(self.columns)
        writer.writerows([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row] for row in self.rows)
        return "\ufeff" + text.getvalue()

    def html(self) -> str:
        """Return it as a page that stands alone and prints."""
        head = "".join(f"<th>{escape(each)}</th>" for each in self.columns)
        body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in self.rows)
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return (
            f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>{escape(self.title)}</title>'
            f"<style>{_STYLE}</style><h1>{escape(self.title)}</h1>{notes}"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></html>"
        )


_STYLE = (
    "body{font:14px/1.5 'Noto Sans SC',sans-serif;margin:24px;color:#1a1a1a}h1{font-size:20px}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:4px 8px;text-align:left;"
    "vertical-align:top}th{background:#eee}p{color:#444;margin:4px 0}@media print{body{margin:0}}"
)
_OF_TRACE = (
    "日期 Date", "环节 Step", "医疗器械 Device", "产品标识 DI", "生产批号 Lot", "序列号 Serial", "生产日期 Made",
    "失效日期 Expiry", "来源 From", "去向 To", "数量 Quantity", "单位 Unit", "单据 Document", "过账方 Posted by",
)  # fmt: skip
_OF_CHECKS = (
    "编号 Reference", "医疗器械 Device", "产品标识 DI", "类别 Class", "实施日期 Obliged from", "已实施 In force",
    "入库次数 Receipts", "其中有PI With PI", "在库 On hand", "其中缺PI Without PI",
    "缺失效日期批次 Lots without expiry", "结论 Verdict", "缺项 Missing",
)  # fmt: skip


def trace(udi: str, of: Traced, movements: Iterable[Mapping[str, Any]]) -> Paper:
    """Return the trace report of a UDI from the nodes of `udi_trace.graphql`, oldest first."""
    rows = tuple(row for movement in movements for row in _traced(of, movement))
    notes = (
        f"UDI：{udi}",
        "从入库到去向，按时间排列；只含查询方有权看到的记录。"
        " From receipt to whoever got it, oldest first; only what the asker may see.",
        "栏目按《医疗器械唯一标识系统规则》的产品标识（DI）与生产标识（PI）编排，并非监管部门发布的表格。"
        " Columns follow DI and PI of the rules of 2019; this is no form that the regulator publishes.",
    )
    return Paper("医疗器械追溯报告 Trace report of a medical device", notes, _OF_TRACE, rows)


def _traced(of: Traced, movement: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    document = movement.get("document") or {}
    partner = (document.get("counterparty") or {}).get("name") or ""
    for leg in movement.get("legs") or ():
        item, lot = leg.get("item") or {}, leg.get("lot") or {}
        code = lot.get("code") or ""
        if not (code in of.lots or (of.within and code.startswith(of.within))):
            continue
        batch, serial = _split(code, of)
        yield (
            movement["occurredAt"], " ".join(VERBS.get(movement["verb"], (movement["verb"],))), item.get("name") or "",
            item.get("gtin") or of.device, batch, serial, lot.get("producedOn") or "", lot.get("expiry") or "",
            _where(leg.get("source"), partner), _where(leg.get("target"), partner), leg.get("quantity") or "",
            item.get("baseUnit") or "", document.get("externalReference") or "",
            (movement.get("organisation") or {}).get("name") or "",
        )  # fmt: skip


def _split(code: str, of: Traced) -> tuple[str, str]:
    """Return batch and serial of a lot's code: a serial is kept as a lot of one, within its batch if that is known."""
    batch, slash, serial = code.partition("/")
    if slash:
        return batch, serial
    return ("", code) if len(of.lots) > 1 and code == of.lots[1] else (code, "")


def _where(end: Mapping[str, Any] | None, partner: str) -> str:
    """Return whose place it was and which; a supplier or customer by name where a document says who."""
    place = (end or {}).get("place")
    if not place:
        return _WITHHELD
    if place.get("kind") in {"SUPPLIER", "CUSTOMER"} and partner:
        return partner
    host = (place.get("organisation") or {}).get("name") or ""
    return " · ".join(part for part in (host, place.get("name") or "") if part)


def checklist(checks: Sequence[Mapping[str, Any]]) -> Paper:
    """Return the checklist from the nodes of `udi_checks.graphql`."""
    wanting = sum(not each["complete"] for each in checks)
    notes = (
        f"{len(checks)} 个医疗器械，{wanting} 个有缺项。 {len(checks)} medical devices, {wanting} lack something.",
        "由本组织的商品、入库和库存算出。实施日期以商品登记为准；未登记时三类按 2022-06-01、"
        "二类按 2026-01-01 计，请自行核对。"
        " Computed from your items, receipts and stock. The date of obligation is the item's own; where it has none,"
        " 2022-06-01 for class III and 2026-01-01 for class II: check it against the rule that holds for you.",
    )
    return Paper("UDI 合规检查表 UDI checklist", notes, _OF_CHECKS, tuple(map(_checked, checks)))


def _checked(check: Mapping[str, Any]) -> tuple[str, ...]:
    item = check.get("item") or {}
    di = (item.get("gtin") or "有 yes") if check["di"] else "缺 none"
    missing = check.get("missing") or ()
    return (
        item.get("externalReference") or "", check["name"], di, check.get("riskClass") or "",
        check.get("obligedFrom") or "", "是 yes" if check["obliged"] else "否 no",
        str(check["receipts"]), str(check["receiptsWithPi"]), check["onHand"], check["onHandWithoutPi"],
        str(check["lotsWithoutExpiry"]), "合格 complete" if check["complete"] else "待补 to be completed",
        "；".join(" ".join(MISSING[each]) for each in missing),
    )  # fmt: skip
