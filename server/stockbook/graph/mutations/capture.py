"""The door for devices: taking what they scanned."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

import strawberry

from stockbook.access.actions import denied, verbs
from stockbook.access.masks import Mask
from stockbook.access.principal import Principal
from stockbook.access.tokens import Tokens
from stockbook.domain.capture import chain
from stockbook.domain.capture.clock import Moment
from stockbook.domain.refusal import Code, Refusal
from stockbook.flows.devices.door import Fate, Flag
from stockbook.flows.devices.proving import Answered
from stockbook.flows.devices.taking import Batch, Capture
from stockbook.graph.declare import ID_PREFIX
from stockbook.graph.mutations import answers
from stockbook.graph.mutations.devices import token
from stockbook.graph.mutations.inputs import input_type
from stockbook.graph.mutations.postings import said
from stockbook.graph.mutations.text import unfit
from stockbook.graph.scalars import Long

CAPTURE = "captureScans"
RENEWED_BEFORE = timedelta(days=10)
"""A token that ends sooner is replaced with the next answer."""

strawberry.enum(
    Fate,
    name="ScanOutcome",
    description="What became of a scan event; schema/events/README.md says what the device does about it.",
)
strawberry.enum(Flag, name="ScanFlag", description="What a person should know of a posted event.")


@dataclass(frozen=True, slots=True)
class SealedScan:
    """An event as the device sealed it."""

    sequence: Long = field(metadata=said("Its number, from 1 without holes."))
    previous: str = field(metadata=said("The seal before it, 64 hex digits."))
    scan: str = field(metadata=said("The event's JSON, exactly as it was sealed."))
    seal: str = field(metadata=said("Its seal, 64 hex digits."))


input_type(SealedScan, "SealedScan")


@dataclass(frozen=True, slots=True)
class CaptureScans:
    """Events of a device, sealed."""

    device: str = field(metadata=said("The device's reference."))
    epoch: int = field(metadata=said("The enrolment they were sealed under."))
    sent_at: datetime = field(metadata=said("The device's wall clock now: by it the server knows how far it is off."))
    events: tuple[SealedScan, ...] = field(metadata=said("At most 250, in any order; none only asks for `upto`."))
    uptime: Long | None = field(default=None, metadata=said("Milliseconds since the device started, now."))
    boot: str | None = field(default=None, metadata=said("The id of that start."))
    more: bool = field(
        default=False,
        metadata=said("Whether the device has further events after these: a chain at their end waits for its rest."),
    )


@strawberry.type(description="What became of one scan event.")
class ScanResult:
    """One event's answer."""

    sequence: Long = strawberry.field(description="Its number.")
    outcome: Fate = strawberry.field(description="Its fate.")
    flags: list[Flag] = strawberry.field(description="What a person should know.")
    code: answers.RefusalCode | None = strawberry.field(default=None, description="Why it could not be posted.")
    message: str | None = strawberry.field(default=None, description="Why, for people.")
    transient: bool | None = strawberry.field(
        default=None, description="Whether the same could succeed later, when it was refused."
    )
    task: strawberry.ID | None = strawberry.field(default=None, description="The task that a person settles it by.")


@strawberry.type(description="What became of a batch of scan events.")
class CapturePayload:
    """`errors` refuse the batch as a whole; then nothing of it was taken."""

    errors: list[answers.UserError] = strawberry.field(description="Why the batch was refused as a whole.")
    results: list[ScanResult] = strawberry.field(description="One an event, in the order they were sent.")
    upto: Long | None = strawberry.field(default=None, description="The last sequence up to which all is taken.")
    token: str | None = strawberry.field(default=None, description="A new token, when the old one ends soon.")
    token_expires_at: datetime | None = strawberry.field(default=None, description="Until when the new one is good.")


class Services(Protocol):
    """What the door needs."""

    @property
    def capture(self) -> Capture:
        """The flow of scans."""
        ...

    @property
    def tokens(self) -> Tokens:
        """What signs tokens."""
        ...


async def capture(services: Services, principal: Principal, mask: Mask, given: CaptureScans) -> CapturePayload:
    """Take what a device scanned; only the device itself sends it."""
    refusal = denied(mask, CAPTURE) or unfit((given.device, given.boot), ("input",))
    if refusal is not None:
        return CapturePayload(errors=[answers.explain(refusal)], results=[])
    captured = await services.capture.capture(principal.organisation, principal.id, verbs(mask), _batch(given))
    if isinstance(captured, Refusal):
        return CapturePayload(errors=[answers.explain(captured, "input")], results=[])
    issued, expires_at = None, None
    now = datetime.now(UTC)
    if captured.enrolment.in_force and principal.expires_at - now < RENEWED_BEFORE:
        issued, expires_at = token(
            services.tokens, principal.id, principal.organisation, principal.roles, principal.sites, principal.epoch
        )
    return CapturePayload(
        errors=[],
        results=[_result(each) for each in captured.events],
        upto=Long(captured.upto),
        token=issued,
        token_expires_at=expires_at,
    )


def _batch(given: CaptureScans) -> Batch:
    events = tuple(chain.Sealed(each.sequence, each.previous, each.scan, each.seal) for each in given.events)
    return Batch(given.device, given.epoch, Moment(given.sent_at, given.uptime, given.boot), events, given.more)


def _result(answered: Answered) -> ScanResult:
    kept = answered.kept
    code = Code[kept.code] if kept.code is not None else None
    return ScanResult(
        sequence=Long(kept.sequence),
        outcome=answered.fate,
        flags=list(kept.flags),
        code=answers.RefusalCode[code.name] if code else None,
        message=kept.message,
        transient=code.transient if code else None,
        task=strawberry.ID(f"{ID_PREFIX}Task/{kept.task}") if kept.task is not None else None,
    )
