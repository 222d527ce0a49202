"""The door for devices: enrolling them, and taking what they scanned."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

import strawberry

from stockbook.access.actions import FOR_OTHERS, denied, verbs
from stockbook.access.masks import Mask
from stockbook.access.policies import Policies
from stockbook.access.principal import Principal
from stockbook.access.signing import Signer
from stockbook.access.tokens import Tokens
from stockbook.domain.capture import chain
from stockbook.domain.capture.clock import Moment
from stockbook.domain.capture.labels import Unknown
from stockbook.domain.capture.settings import below
from stockbook.domain.refusal import Code, Refusal
from stockbook.flows.capture import Batch, Capture
from stockbook.flows.devices import Fate, Flag
from stockbook.flows.enrolling import Enrolled, Enrolling
from stockbook.flows.proving import Answered
from stockbook.flows.registrations import Author
from stockbook.graph.declare import ID_PREFIX
from stockbook.graph.mutations import answers
from stockbook.graph.mutations.inputs import input_type
from stockbook.graph.mutations.postings import miscounted, said
from stockbook.graph.mutations.registrations import Registration, appointable
from stockbook.graph.mutations.text import unfit
from stockbook.graph.scalars import Long

ENROL, CAPTURE = "enrolDevices", "captureScans"
TOKEN_LIFETIME = timedelta(days=30)
"""How long a device's token is good; revoking its membership ends it at once."""
RENEWED_BEFORE = timedelta(days=10)
"""A token that ends sooner is replaced with the next answer."""

strawberry.enum(
    Fate,
    name="ScanOutcome",
    description="What became of a scan event; schema/events/README.md says what the device does about it.",
)
strawberry.enum(Flag, name="ScanFlag", description="What a person should know of a posted event.")
strawberry.enum(Unknown, name="UnknownLabels", description="What becomes of a label that is not in the table.")


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


@strawberry.type(description="A device that is enrolled: what it must keep, shown this once.")
class EnrolmentResult:
    """One device's answer; all but line, code and transient are null when it was refused."""

    line: int = strawberry.field(description="Its number in the input, from 0.")
    device: strawberry.ID | None = strawberry.field(default=None, description="Its global id.")
    reference: str | None = strawberry.field(default=None, description="What it is called.")
    epoch: int | None = strawberry.field(default=None, description="Which enrolment this is, from 1.")
    secret: str | None = strawberry.field(default=None, description="What it seals with: 32 bytes in base64.")
    token: str | None = strawberry.field(default=None, description="What it signs in with.")
    token_expires_at: datetime | None = strawberry.field(default=None, description="Until when the token is good.")
    model_key: str | None = strawberry.field(
        default=None, description="The Ed25519 key that models for recognition are verified by: 32 bytes in base64."
    )
    entries_max: int | None = strawberry.field(default=None, description="How many events it may keep.")
    hours_max: int | None = strawberry.field(default=None, description="How long it may be offline.")
    unknown_labels: Unknown | None = strawberry.field(
        default=None, description="Whether labels that are not in the table are kept or refused."
    )
    cache: bool | None = strawberry.field(default=None, description="Whether it may keep a replica.")
    below: list[str] | None = strawberry.field(
        default=None, description="What of it is older than it must be: SYSTEM, APP."
    )
    code: answers.RefusalCode | None = strawberry.field(default=None, description="Why it was refused.")
    transient: bool | None = strawberry.field(
        default=None, description="Whether the same could succeed later, when it was refused."
    )


@strawberry.type(description="What became of an enrolment: all of its devices or none are enrolled.")
class EnrolmentPayload:
    """`errors` are the refusals in the order of the entries; `results` one an entry."""

    errors: list[answers.UserError] = strawberry.field(description="Why entries, or all of them, were refused.")
    results: list[EnrolmentResult] = strawberry.field(
        description="One an entry; none when the request itself was refused."
    )


class Services(Protocol):
    """What the door needs."""

    @property
    def capture(self) -> Capture:
        """The flow of scans."""
        ...

    @property
    def enrolling(self) -> Enrolling:
        """Where devices are enrolled."""
        ...

    @property
    def policies(self) -> Policies:
        """The policies in force."""
        ...

    @property
    def tokens(self) -> Tokens:
        """What signs tokens."""
        ...

    @property
    def signer(self) -> Signer:
        """What signs models."""
        ...


async def enrol(services: Services, principal: Principal, mask: Mask, given: Registration) -> EnrolmentPayload:
    """Enrol devices, each with a token for its role, which may do no more than who enrols it."""
    refusal = denied(mask, ENROL) or unfit(given.lines, ("input", "lines")) or miscounted(given.lines)
    if refusal is not None:
        return EnrolmentPayload(errors=[answers.explain(refusal)], results=[])
    author = Author(
        organisation=principal.organisation,
        principal=principal.id,
        everywhere=FOR_OTHERS in mask.actions,
        roles=appointable(services.policies, mask),
        sites=principal.sites,
    )
    verdicts = await services.enrolling.enrol_devices(author, given.lines)
    refusals = [each for each in verdicts if isinstance(each, Refusal) and each.code is not Code.CHAIN_FAILED]
    return EnrolmentPayload(
        errors=[answers.explain(each, "input") for each in refusals],
        results=[
            _refused(line, each) if isinstance(each, Refusal) else _enrolled(line, each, services)
            for line, each in enumerate(verdicts)
        ],
    )


async def capture(services: Services, principal: Principal, mask: Mask, given: CaptureScans) -> CapturePayload:
    """Take what a device scanned; only the device itself sends it."""
    refusal = denied(mask, CAPTURE) or unfit((given.device, given.boot), ("input",))
    if refusal is not None:
        return CapturePayload(errors=[answers.explain(refusal)], results=[])
    captured = await services.capture.capture(principal.organisation, principal.id, verbs(mask), _batch(given))
    if isinstance(captured, Refusal):
        return CapturePayload(errors=[answers.explain(captured, "input")], results=[])
    token, expires_at = None, None
    now = datetime.now(UTC)
    if captured.enrolment.in_force and principal.expires_at - now < RENEWED_BEFORE:
        token, expires_at = _token(
            services.tokens, principal.id, principal.organisation, principal.roles, principal.sites, principal.epoch
        )
    return CapturePayload(
        errors=[],
        results=[_result(each) for each in captured.events],
        upto=Long(captured.upto),
        token=token,
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


def _refused(line: int, refusal: Refusal) -> EnrolmentResult:
    return EnrolmentResult(line=line, code=answers.RefusalCode[refusal.code.name], transient=refusal.code.transient)


def _enrolled(line: int, enrolled: Enrolled, services: Services) -> EnrolmentResult:
    enrolment, tokens = enrolled.enrolment, services.tokens
    settings = enrolment.settings
    secret = tokens.device_secret(enrolment.reference, enrolment.epoch, enrolment.salt)
    roles = frozenset({enrolment.role})
    token, expires_at = _token(
        tokens, enrolment.principal, enrolment.organisation, roles, enrolment.sites, enrolment.epoch
    )
    return EnrolmentResult(
        line=line,
        device=strawberry.ID(f"{ID_PREFIX}Device/{enrolment.device}"),
        reference=enrolment.reference,
        epoch=enrolment.epoch,
        secret=base64.b64encode(secret).decode(),
        token=token,
        token_expires_at=expires_at,
        model_key=services.signer.public,
        entries_max=settings.entries_max,
        hours_max=settings.hours_max,
        unknown_labels=settings.unknown_labels,
        cache=settings.cache,
        below=list(below(settings, enrolled.system, enrolled.system_version, enrolled.app_version)),
    )


def _token(
    tokens: Tokens, principal: int, organisation: int, roles: frozenset[str], sites: Sequence[int], epoch: int
) -> tuple[str, datetime]:
    token = tokens.issue(
        principal=principal,
        organisation=organisation,
        roles=roles,
        sites=tuple(sites),
        lifetime_seconds=TOKEN_LIFETIME.total_seconds(),
        epoch=epoch,
    )
    return token, datetime.now(UTC) + TOKEN_LIFETIME
