"""Reasons that a person gives: a closed list, and which of them need a word more (F17)."""

from typing import NamedTuple


class Reason(NamedTuple):
    """A reason by its code; its sentence is ``reason_`` and the code in small letters."""

    code: str
    commented: bool = False


FAILING = (
    Reason("DAMAGED"),
    Reason("CONTAMINATED"),
    Reason("TEMPERATURE"),
    Reason("WRONG_LABEL"),
    Reason("SHORT_LIFE"),
    Reason("OTHER", commented=True),
)
"""Why an inspection failed."""
FORCING = (
    Reason("AGREED_WITH_OFFICE"),
    Reason("NO_OTHER_STOCK"),
    Reason("LABEL_UNREADABLE"),
    Reason("PLACE_FULL"),
    Reason("OTHER", commented=True),
)
"""Why a scan is taken all the same."""

_ALL = {reason.code: reason for reason in (*FAILING, *FORCING)}


def lacks_comment(text: str) -> bool:
    """Return whether a reason needs a word more: ``OTHER`` alone doesn't say why.

    >>> lacks_comment("DAMAGED"), lacks_comment("OTHER"), lacks_comment("OTHER: fell off the lorry")
    (False, True, False)
    """
    code, _, comment = text.partition(":")
    reason = _ALL.get(code.strip())
    return reason is not None and reason.commented and not comment.strip()
