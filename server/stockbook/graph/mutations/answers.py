"""What a mutation answers: expected refusals are data in it, never errors beside it."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from stockbook.domain.refusal import Code, Refusal
from stockbook.flows.author import Verdicts
from stockbook.flows.ports import Outcome
from stockbook.graph.declare import ID_PREFIX
from stockbook.graph.resolve import rows

if TYPE_CHECKING:
    from stockbook.graph.history import Movement

RefusalCode = Enum("RefusalCode", {code.name: code.name for code in Code}, module=__name__)  # type: ignore[misc]
strawberry.enum(
    RefusalCode, description="Why something was refused; of several reasons the first of this list is given."
)
_CODES = {code: RefusalCode[code.name] for code in Code}


@strawberry.enum(description="What became of a line.")
class LineOutcome(Enum):
    """POSTED now, DUPLICATE of one posted before under the same key, or REFUSED."""

    POSTED = "POSTED"
    DUPLICATE = "DUPLICATE"
    REFUSED = "REFUSED"


@strawberry.enum(description="What became of an entry.")
class EntryOutcome(Enum):
    """REGISTERED now, KNOWN since before with the same words, or REFUSED."""

    REGISTERED = "REGISTERED"
    KNOWN = "KNOWN"
    REFUSED = "REFUSED"


@strawberry.type(description="One reason why something was refused.")
class UserError:
    """Made from a refusal; the figures are those that its code promises."""

    code: RefusalCode = strawberry.field(description="The reason, for programs.")
    message: str = strawberry.field(description="The reason, for people.")
    path: list[str] = strawberry.field(description="Where in the input.")
    requested: Decimal | None = strawberry.field(default=None, description="The quantity asked for.")
    available: Decimal | None = strawberry.field(default=None, description="The quantity there was.")
    expected: Decimal | None = strawberry.field(default=None, description="The quantity the asker had seen.")
    actual: Decimal | None = strawberry.field(default=None, description="The quantity in the books.")


@strawberry.type(description="What became of one line of a posting.")
class PostingResult:
    """One line's answer; `movement` is read in one statement for all lines of the payload."""

    line: int = strawberry.field(description="Its number in the input, from 0.")
    outcome: LineOutcome = strawberry.field(description="Whether it is in the books.")
    claims: list[strawberry.ID] = strawberry.field(description="Claims that it made, in order.")
    code: RefusalCode | None = strawberry.field(default=None, description="Why it was refused.")
    transient: bool | None = strawberry.field(
        default=None, description="Whether the same line could succeed later, when it was refused."
    )
    posted: strawberry.Private[int | None] = None
    readings: strawberry.Private["Readings | None"] = None

    @strawberry.field(description="What was posted.")  # type: ignore[untyped-decorator]
    async def movement(
        self, info: Info[Any, Any]
    ) -> Annotated["Movement", strawberry.lazy("stockbook.graph.history")] | None:
        """Read the movement, together with those of the other lines."""
        if self.posted is None or self.readings is None:
            return None
        found: Movement | None = await self.readings.row(info, self.posted)
        return found


class Readings:
    """The movements of one payload, read in one statement however many lines ask for them."""

    def __init__(self, movements: Sequence[int]) -> None:
        self._movements = list(dict.fromkeys(movements))
        self._waiting: dict[str, asyncio.Task[dict[int, Any]]] = {}

    async def row(self, info: Info[Any, Any], movement: int) -> Any:
        """Return a row of what the field at `info` selects."""
        key = str(info.path.key)
        if key not in self._waiting:
            self._waiting[key] = asyncio.ensure_future(self._read(info))
        return (await self._waiting[key]).get(movement)

    async def _read(self, info: Info[Any, Any]) -> dict[int, Any]:
        found = await rows(info, "Movement", self._movements)
        return dict(zip(self._movements, found, strict=True))


@strawberry.type(description="What became of a posting.")
class PostingPayload:
    """`errors` are the refusals in the order of the lines; `results` one a line."""

    errors: list[UserError] = strawberry.field(description="Why lines, or all of them, were refused.")
    results: list[PostingResult] = strawberry.field(description="One a line; none when the request itself was refused.")


@strawberry.type(description="What became of one registered entry.")
class RegistrationResult:
    """One entry's answer."""

    line: int = strawberry.field(description="Its number in the input, from 0.")
    outcome: EntryOutcome = strawberry.field(description="Whether it is registered.")
    id: strawberry.ID | None = strawberry.field(default=None, description="Its global id.")
    code: RefusalCode | None = strawberry.field(default=None, description="Why it was refused.")
    transient: bool | None = strawberry.field(
        default=None, description="Whether the same entry could succeed later, when it was refused."
    )


@strawberry.type(description="What became of a registration: all of its entries or none are registered.")
class RegistrationPayload:
    """`errors` are the refusals in the order of the entries; `results` one an entry."""

    errors: list[UserError] = strawberry.field(description="Why entries, or all of them, were refused.")
    results: list[RegistrationResult] = strawberry.field(
        description="One an entry; none when the request itself was refused."
    )


def explain(refusal: Refusal, *before: str) -> UserError:
    """Return a refusal as the payload says it, its path below `before`."""
    figures: dict[str, Any] = {name: _figure(value) for name, value in refusal.figures.items() if name in FIGURES}
    return UserError(
        code=_CODES[refusal.code], message=refusal.message, path=[*before, *map(str, refusal.path)], **figures
    )


FIGURES = ("requested", "available", "expected", "actual")


def _figure(value: str) -> Decimal | None:
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def posting(outcomes: Sequence[Outcome]) -> PostingPayload:
    """Return the payload of a posting.

    Lines that fell with another have CHAIN_FAILED in their result; among the
    errors stand only the reasons.
    """
    readings = Readings([each.movement for each in outcomes if each.movement is not None])
    results = []
    errors = []
    for line, outcome in enumerate(outcomes):
        refusal = outcome.refusal
        if refusal is None:
            state = LineOutcome.DUPLICATE if outcome.duplicate else LineOutcome.POSTED
            claims = [strawberry.ID(f"{ID_PREFIX}Claim/{claim}") for claim in outcome.claims]
            result = PostingResult(line=line, outcome=state, claims=claims, posted=outcome.movement, readings=readings)
        else:
            result = PostingResult(
                line=line,
                outcome=LineOutcome.REFUSED,
                claims=[],
                code=_CODES[refusal.code],
                transient=refusal.code.transient,
            )
            if refusal.code is not Code.CHAIN_FAILED:
                errors.append(explain(refusal, "input"))
        results.append(result)
    return PostingPayload(errors=errors or _fallen(outcomes), results=results)


def _fallen(outcomes: Sequence[Outcome]) -> list[UserError]:
    """Return why lines fell when nobody gave a reason of his own."""
    return [explain(each.refusal, "input") for each in outcomes if each.refusal is not None][:1]


def registration(type_name: str, verdicts: Verdicts) -> RegistrationPayload:
    """Return the payload of a registration of things of `type_name`."""
    results = []
    errors = []
    for line, verdict in enumerate(verdicts):
        if isinstance(verdict, Refusal):
            code = _CODES[verdict.code]
            results.append(
                RegistrationResult(line=line, outcome=EntryOutcome.REFUSED, code=code, transient=verdict.code.transient)
            )
            if verdict.code is not Code.CHAIN_FAILED:
                errors.append(explain(verdict, "input"))
        else:
            number, known = verdict
            outcome = EntryOutcome.KNOWN if known else EntryOutcome.REGISTERED
            results.append(
                RegistrationResult(line=line, outcome=outcome, id=strawberry.ID(f"{ID_PREFIX}{type_name}/{number}"))
            )
    return RegistrationPayload(errors=errors, results=results)
