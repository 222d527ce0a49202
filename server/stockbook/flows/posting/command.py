"""A command: one verb, said once, with up to 250 lines; and what posts it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from stockbook.domain.stock.lines import Line
from stockbook.domain.stock.verbs import Basis, Verb
from stockbook.flows.ports import Outcome

LINES_MAX = 250


class ErrorPolicy(StrEnum):
    """What a refused line means for the others: REJECT_ALL makes the lines one chain."""

    REJECT_ALL = "REJECT_ALL"
    REJECT_FAILED = "REJECT_FAILED"


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody asks to be posted.

    Attributes
    ----------
    key
        Idempotency: (organisation, key, line) names each event for ever.
    occurred_at
        When it happened; None is now.
    document
        Reference of the document it belongs to.
    lines
        Instances of ``LINES[verb]``, references still as texts.
    basis
        What it stands on.
    digest
        Tells the same input from another under one key; empty, it is made of what the lines say.
    expiry
        Of a lot that a scan names and the books don't know.
    task
        Reference of the task that it belongs to.
    sites
        Those that who asks is limited to; none: not limited.
    first_line
        Where its lines are counted from, when several commands share a key.
    """

    organisation: int
    actor: int
    verb: Verb
    key: str
    lines: tuple[Line, ...]
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_ALL
    occurred_at: datetime | None = None
    document: str | None = None
    reason: str = ""
    basis: Basis = Basis.SAID
    digest: bytes = b""
    expiry: date | None = None
    first_line: int = 0
    task: str | None = None
    sites: tuple[int, ...] = ()


class Poster(Protocol):
    """The posting flow."""

    async def post(self, command: Command) -> list[Outcome]:
        """Decide and write a command; an outcome a line."""
        ...
