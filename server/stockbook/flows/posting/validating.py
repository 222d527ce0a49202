"""Whether a command can be read at all, before anything is looked up."""

from datetime import datetime, timedelta

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.lines import LINES
from stockbook.flows.posting.command import LINES_MAX, Command

KEY_LENGTH_MAX = 200
REASON_LENGTH_MAX = 500
AHEAD_MAX = timedelta(days=1)
"""How far a clock may be ahead of ours."""
EARLIEST_YEAR = 2000


def unfit(command: Command, now: datetime) -> Refusal | None:
    """Return why a command can't be read, or None.

    >>> from stockbook.domain.stock.verbs import Verb
    >>> unfit(Command(7, 1, Verb.SELL, "key", ()), datetime(2026, 11, 25)).message
    'a request has 1 to 250 lines'
    """
    if len(command.lines) > LINES_MAX:
        return Refusal(Code.TOO_MANY_LINES, f"a request has 1 to {LINES_MAX} lines", ("lines",))
    if not command.lines:
        return Refusal(Code.BAD_INPUT, f"a request has 1 to {LINES_MAX} lines", ("lines",))
    if not command.key.strip() or len(command.key) > KEY_LENGTH_MAX or not command.key.isprintable():
        return Refusal(Code.BAD_INPUT, f"a key has 1 to {KEY_LENGTH_MAX} printable characters", ("key",))
    if len(command.reason) > REASON_LENGTH_MAX or not _writable(command.reason):
        return Refusal(Code.BAD_INPUT, f"a reason has at most {REASON_LENGTH_MAX} characters", ("reason",))
    kind = LINES[command.verb]
    for number, line in enumerate(command.lines):
        if type(line) is not kind:
            return Refusal(Code.BAD_INPUT, f"that is no line of {command.verb.value}", ("lines", str(number)))
    return _bad_time(command.occurred_at, now) if command.occurred_at is not None else None


def _bad_time(at: datetime, now: datetime) -> Refusal | None:
    if at.tzinfo is None:
        return Refusal(Code.BAD_TIME, "a time names its offset from UTC", ("occurredAt",))
    if at > now + AHEAD_MAX:
        return Refusal(Code.BAD_TIME, "that is more than a day ahead", ("occurredAt",))
    if at.year < EARLIEST_YEAR:
        return Refusal(Code.BAD_TIME, f"that is before {EARLIEST_YEAR}", ("occurredAt",))
    return None


def _writable(text: str) -> bool:
    """Return whether a text can be stored: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
