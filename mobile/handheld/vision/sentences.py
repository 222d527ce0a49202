"""What recognition says of a picture, of goods and of a shelf, in Chinese and in English: drawn, and spoken.

Recorded for devices without a voice as the work's sentences are; names of goods
are spoken where there is a voice.
"""

from typing import Any

from handheld.vision.absent import TEXTS
from handheld.work.saying.refusals import Text
from handheld.work.saying.words import Language

SENTENCES: dict[str, Text] = {
    "filled": Text(
        "第一个很可能对，请确认",
        "The first is likely: confirm it",
        "很可能是 {item}，请确认",
        "Very likely {item}: confirm it",
    ),
    "choose": Text("请选一个", "Choose one"),
    "unknown": Text(
        "图库里没有这种商品",
        "Not in the catalogue of pictures",
        "图库里没有这种商品，请扫条码",
        "Not in the catalogue of pictures: scan the barcode",
    ),
    "alike": Text("有相似商品，请扫条码确认", "Look-alikes: scan the barcode to be sure"),
    "upside_down": Text("商品倒置，请摆正", "Upside down: turn it round"),
    "no_picture": Text("没有拍到图片，请再试", "No picture came: try again"),
    "broke": Text("识别出错，请扫条码", "Recognition failed: scan the code"),
    "saved": Text("已保存，共 {count} 张", "Saved: {count} pictures"),
    "goods": Text("{count} 种商品，{facings} 个面", "{count} items, {facings} facings"),
    "open": Text("{count} 个面待确认", "Facings to settle: {count}"),
    "looked_at": Text("都看清了", "All facings are known"),
    "missing": Text("缺 {count} 种", "{count} missing"),
    "date_none": Text("没有读到日期，请输入", "No date was read: type it"),
    "date_choose": Text("请选到期日", "Choose the expiry date"),
    "date_unread": Text("服务器不能识读日期，请输入", "The server reads no dates: type it"),
    "date_offline": Text("无法联网识读，请输入日期", "No network to read it by: type the date"),
}
SPOKEN = (*SENTENCES.values(), *TEXTS.values())
"""All that is recorded."""


def shown(code: str, language: Language, **values: Any) -> str:
    """Return a sentence as it is drawn.

    >>> shown("open", Language.ENGLISH, count=3), shown("filled", Language.CHINESE, item="牛奶")
    ('Facings to settle: 3', '第一个很可能对，请确认')
    """
    text = SENTENCES[code]
    return (text.zh if language is Language.CHINESE else text.en).format(**values)


def said(code: str, language: Language, **values: Any) -> str:
    """Return a sentence as the voice speaks it.

    >>> said("filled", Language.CHINESE, item="牛奶")
    '很可能是 牛奶，请确认'
    """
    text = SENTENCES[code]
    spoken = (text.say_zh or text.zh) if language is Language.CHINESE else (text.say_en or text.en)
    return spoken.format(**values)
