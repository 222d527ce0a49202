"""Why a trial came to nothing, in Chinese and English."""

from collections.abc import Mapping
from datetime import datetime

from stockbook.domain.language import Language

Facts = Mapping[str, str | None]
"""`since`: before which nothing was sold, `began`: when sales begin, if they do by `until`; or a `fault` of ours."""


class NothingSold(Exception):
    """There is no history to judge: sales begin in the week that `began`, or did not until the end."""

    def __init__(self, since: datetime, until: datetime, began: datetime | None) -> None:
        self.facts: Facts = {
            "since": f"{since:%Y-%m-%d}",
            "until": f"{until:%Y-%m-%d}",
            "began": f"{began:%Y-%m-%d}" if began else None,
        }
        super().__init__(problem(self.facts, Language.EN))


def problem(facts: Facts, language: Language) -> str:
    """Say why a trial came to nothing.

    >>> problem({"since": "2026-01-05", "began": "2026-03-02"}, Language.EN)
    'Nothing was sold before 2026-01-05: sales begin in the week of 2026-03-02.'
    >>> problem({"since": "2026-01-05", "until": "2026-04-06", "began": None}, Language.ZH)
    '2026-01-05 之前没有销售，直到 2026-04-06 也没有。'
    >>> problem({"fault": "no weights"}, Language.ZH)
    '试算未能完成：no weights。'
    """
    kind = "fault" if "fault" in facts else "later" if facts["began"] else "never"
    return _WORDS[language][kind].format(**facts)


_WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.EN: {
        "later": "Nothing was sold before {since}: sales begin in the week of {began}.",
        "never": "Nothing was sold before {since}, and nothing until {until} either.",
        "fault": "The trial could not be run to its end: {fault}.",
    },
    Language.ZH: {
        "later": "{since} 之前没有销售：首笔销售在 {began} 开始的一周。",
        "never": "{since} 之前没有销售，直到 {until} 也没有。",
        "fault": "试算未能完成：{fault}。",
    },
}
