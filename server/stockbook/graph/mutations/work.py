"""Work: tasks are opened, taken, settled and cancelled; counts are taken down and reviewed."""

from collections.abc import Sequence
from typing import Any

import strawberry

from stockbook.access.masks import Mask
from stockbook.access.policies import Policies
from stockbook.access.principal import Principal
from stockbook.domain.refusal import Refusal
from stockbook.domain.stock.count import Verdict
from stockbook.flows.counting import Counted, Counting
from stockbook.flows.tasks import (
    CancelEntry,
    CountEntry,
    ReviewEntry,
    SettleEntry,
    TakeEntry,
    TaskBook,
    TaskEntry,
)
from stockbook.graph.declare import ID_PREFIX
from stockbook.graph.mutations import answers
from stockbook.graph.mutations.way import Registration, Way, author, refused

strawberry.enum(
    Verdict,
    name="CountVerdict",
    description="What a figure of a count sheet leads to: AGREED (into the books), RECOUNT or REVIEW.",
)


@strawberry.type(description="What became of a figure of a count sheet.")
class CountResult:
    """One figure's answer: never how far it is from the books."""

    line: int = strawberry.field(description="Its number in the input, from 0.")
    verdict: Verdict | None = strawberry.field(default=None, description="What it leads to; none when refused.")
    count: int | None = strawberry.field(default=None, description="Which count of its line it was, from 1.")
    id: strawberry.ID | None = strawberry.field(default=None, description="Global id of its line.")
    code: answers.RefusalCode | None = strawberry.field(default=None, description="Why it was refused.")
    transient: bool | None = strawberry.field(
        default=None, description="Whether the same figure could succeed later, when it was refused."
    )


@strawberry.type(description="What became of figures of a count sheet; each stands or falls by itself.")
class CountPayload:
    """`errors` are the refusals in the order of the lines; `results` one a line."""

    errors: list[answers.UserError] = strawberry.field(description="Why figures, or all of them, were refused.")
    results: list[CountResult] = strawberry.field(description="One a line; none when the request itself was refused.")


WAYS: dict[str, Way[TaskBook]] = {
    "openTasks": Way(
        TaskEntry,
        "Task",
        "Open tasks: what is expected where. A COUNT without lines has them from what lies at its place, blind.",
        lambda book, author, entries: book.open_tasks(author, entries),
    ),
    "takeTask": Way(
        TakeEntry,
        "Task",
        "Take tasks, hand them on or give them back; of two who take one, the second is refused.",
        lambda book, author, entries: book.take_task(author, entries),
    ),
    "settleTask": Way(
        SettleEntry,
        "Task",
        "Settle tasks; a device whose event opened one learns of it by its replica.",
        lambda book, author, entries: book.settle_task(author, entries),
    ),
    "cancelTasks": Way(
        CancelEntry,
        "Task",
        "Cancel tasks that nobody is to do any more.",
        lambda book, author, entries: book.cancel_tasks(author, entries),
    ),
}
COUNTS: dict[str, tuple[type[Any], str]] = {
    "recordCounts": (CountEntry, "Take down what was counted for a COUNT task; what agrees goes into the books."),
    "reviewCounts": (ReviewEntry, "Accept counts that are far off the books, or have them counted again."),
}


async def count(
    counting: Counting, policies: Policies, principal: Principal, mask: Mask, name: str, given: Registration
) -> CountPayload:
    """Run a mutation of counts."""
    refusal = refused(mask, name, given)
    if refusal is not None:
        return CountPayload(errors=[answers.explain(refusal)], results=[])
    run = counting.count if name == "recordCounts" else counting.review
    return _told(await run(author(policies, principal, mask), given.lines))


def _told(outcomes: Sequence[Counted | Refusal]) -> CountPayload:
    payload = CountPayload(errors=[], results=[])
    for line, outcome in enumerate(outcomes):
        if isinstance(outcome, Refusal):
            error = answers.explain(outcome, "input")
            payload.errors.append(error)
            payload.results.append(CountResult(line=line, code=error.code, transient=outcome.code.transient))
        else:
            id_ = strawberry.ID(f"{ID_PREFIX}TaskLine/{outcome.line}")
            payload.results.append(CountResult(line=line, verdict=outcome.verdict, count=outcome.count, id=id_))
    return payload
