"""Posting: one mutation a verb, from its input to a command and from the outcomes to the payload."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stockbook.access.actions import camel, denied
from stockbook.access.masks import Mask
from stockbook.access.principal import Principal
from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.references import DocumentRef
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.posting.command import LINES_MAX, Command, ErrorPolicy, Poster
from stockbook.flows.tasks import TaskRef
from stockbook.graph.mutations import answers
from stockbook.graph.mutations.text import unfit

KEY_LENGTH_MAX = 200


def said(description: str) -> dict[str, str]:
    """Return a field's metadata with its description in the schema."""
    return {"description": description}


@dataclass(frozen=True, slots=True)
class Posting:
    """The input of a posting mutation, whatever its verb; each verb has lines of its own."""

    key: str = field(
        metadata=said("Names this posting: the same key with the same input posts once, however often it is sent.")
    )
    lines: tuple[Any, ...] = field(metadata=said("What to post, 1 to 250 lines."))
    error_policy: ErrorPolicy = field(
        default=ErrorPolicy.REJECT_ALL, metadata=said("What becomes of the good lines when one is refused.")
    )
    occurred_at: datetime | None = field(default=None, metadata=said("When it happened; left out it is now."))
    document: DocumentRef | None = field(
        default=None, metadata=said("The document it belongs to: a global id or an external reference.")
    )
    task: TaskRef | None = field(
        default=None, metadata=said("The task whose lines it brings further: a global id or an external reference.")
    )
    reason: str | None = field(default=None, metadata=said("Why, for people."))


async def post(
    poster: Poster, principal: Principal, mask: Mask, verb: Verb, posting: Posting
) -> answers.PostingPayload:
    """Run a posting mutation."""
    refusal = denied(mask, camel(verb)) or _unfit(posting)
    if refusal is not None:
        return answers.PostingPayload(errors=[answers.explain(refusal)], results=[])
    outcomes = await poster.post(
        Command(
            organisation=principal.organisation,
            actor=principal.id,
            verb=verb,
            key=posting.key,
            error_policy=posting.error_policy,
            occurred_at=posting.occurred_at,
            document=posting.document,
            reason=posting.reason or "",
            task=posting.task,
            sites=principal.sites,
            lines=posting.lines,
        )
    )
    return answers.posting(outcomes)


def _unfit(posting: Posting) -> Refusal | None:
    if not 0 < len(posting.key) <= KEY_LENGTH_MAX:
        return Refusal(Code.BAD_INPUT, f"a key has 1 to {KEY_LENGTH_MAX} characters", ("input", "key"))
    return unfit(posting, ("input",)) or miscounted(posting.lines)


def miscounted(lines: Sequence[Any]) -> Refusal | None:
    """Return the refusal of too many lines, or of none."""
    if not lines:
        return Refusal(Code.BAD_INPUT, "there is no line", ("input", "lines"))
    if len(lines) > LINES_MAX:
        return Refusal(Code.TOO_MANY_LINES, f"a request has at most {LINES_MAX} lines", ("input", "lines"))
    return None
