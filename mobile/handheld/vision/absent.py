"""Why nothing is proposed: the code scan then does the work, and the person is told the reason."""

from enum import Enum
from typing import NamedTuple

from handheld.work.saying.refusals import Text


class Why(Enum):
    """The reasons; the first that holds is told."""

    NO_MODEL = "no_model"
    BAD_MODEL = "bad_model"
    NO_RUNTIME = "no_runtime"
    BAD_PICTURE = "bad_picture"
    NOTHING_ENROLLED = "nothing_enrolled"
    TOO_MANY_PICTURES = "too_many_pictures"


TEXTS: dict[Why, Text] = {
    Why.NO_MODEL: Text("没有识别模型，请扫条码", "There is no model for recognition: scan the code"),
    Why.BAD_MODEL: Text("识别模型已损坏，请扫条码", "The model for recognition is damaged: scan the code"),
    Why.NO_RUNTIME: Text("本设备不能识别图片，请扫条码", "This device can't recognise pictures: scan the code"),
    Why.BAD_PICTURE: Text("图片无法读取，请重拍或扫条码", "The picture can't be read: take another, or scan the code"),
    Why.NOTHING_ENROLLED: Text("还没有录入商品图片，请扫条码", "No goods have been photographed yet: scan the code"),
    Why.TOO_MANY_PICTURES: Text("每种商品最多 10 张图片", "At most 10 photographs of an item"),
}


class Absent(NamedTuple):
    """No proposal, with its reason; `detail` is for the log, not for the storeman.

    >>> Absent(Why.NO_MODEL).text.en
    'There is no model for recognition: scan the code'
    """

    why: Why
    detail: str = ""

    @property
    def text(self) -> Text:
        """The reason in both languages."""
        return TEXTS[self.why]
