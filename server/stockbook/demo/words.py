"""What the screen says, in English and Chinese."""

import os
from collections.abc import Mapping

ENGLISH = {
    "opening": "Opening",
    "network": "{cooperatives} co-operatives, {kitchens} kitchens, {carriers} carriers, {shops} shops; {items} items",
    "address": "Address",
    "playground": "playground in a browser, GraphQL for programs",
    "role": "Role",
    "acts for": "acts for",
    "token": "Token",
    "movements": "movements",
    "a second": "a second",
    "sales": "sale lines",
    "of": "of",
    "forecasts": "forecasts moved",
    "signals": "signals delivered",
    "refused": "refused",
    "registering": "Registering the network",
    "replaying": "Replaying",
    "proving": "Looking at the books",
    "parties": "organisations party to a movement",
    "states": "states that occurred",
    "rights": "rights that passed",
    "verified": "verify",
    "green": "green",
    "red": "red",
    "serving": "Serving until Ctrl-C",
    "done": "Replayed in {time}",
    "resumed": "resumed from {day}",
    "another": "these are the books of another demo ({before}, not {now}): ask for that size, or name another folder,"
    " STOCKBOOK_HOME=build/another make demo",
}

CHINESE = {
    "opening": "启动",
    "network": "{cooperatives} 个合作社、{kitchens} 个加工厨房、{carriers} 家承运商、{shops} 家门店;{items} 种商品",
    "address": "地址",
    "playground": "浏览器中打开即为查询台,程序用 GraphQL",
    "role": "角色",
    "acts for": "所属组织",
    "token": "令牌",
    "movements": "库存变动",
    "a second": "每秒",
    "sales": "销售行",
    "of": "/",
    "forecasts": "预测更新",
    "signals": "已送达信号",
    "refused": "被拒绝",
    "registering": "登记网络",
    "replaying": "回放",
    "proving": "核对账目",
    "parties": "参与变动的组织",
    "states": "出现过的状态",
    "rights": "转移过的权利",
    "verified": "核验",
    "green": "通过",
    "red": "未通过",
    "serving": "服务中,按 Ctrl-C 结束",
    "done": "回放用时 {time}",
    "resumed": "从 {day} 继续",
    "another": "此目录存有另一规模的演示({before},而非 {now}):请用原规模,或另指定目录,"
    "STOCKBOOK_HOME=build/another make demo",
}


def words(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the words of the language asked for.

    >>> words({"LANG": "zh_CN.UTF-8"})["movements"], words({"STOCKBOOK_LANGUAGE": "en", "LANG": "zh_CN"})["movements"]
    ('库存变动', 'movements')
    """
    asked = environment.get("STOCKBOOK_LANGUAGE") or environment.get("LANG") or ""
    return CHINESE if asked.lower().startswith("zh") else ENGLISH
