"""Devices as their organisation has them: enrolled, each with what it must keep, and wiped."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import strawberry

from stockbook.access.masks import Mask
from stockbook.access.policies import Policies
from stockbook.access.principal import Principal
from stockbook.access.signing import Signer
from stockbook.access.tokens import Tokens
from stockbook.domain.capture.labels import Unknown
from stockbook.domain.capture.settings import below
from stockbook.domain.refusal import Code, Refusal
from stockbook.flows.devices.enrolling import Enrolled, Enrolling
from stockbook.flows.devices.wiping import WipeEntry, Wiping
from stockbook.graph.declare import ID_PREFIX
from stockbook.graph.mutations import answers
from stockbook.graph.mutations.way import Registration, Way, author, refused

ENROL = "enrolDevices"
TOKEN_LIFETIME = timedelta(days=30)
"""How long a device's token is good; revoking its membership ends it at once."""

strawberry.enum(Unknown, name="UnknownLabels", description="What becomes of a label that is not in the table.")

WAYS: dict[str, Way[Wiping]] = {
    "wipeDevices": Way(
        WipeEntry,
        "Wipe",
        "Have devices erase all they keep: after they have handed over what waits, or at once; they are told at their"
        " next exchange, and their tokens open nothing any more.",
        lambda wiping, author, entries: wiping.wipe_devices(author, entries),
    ),
}


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
    """What enrolling needs."""

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
    refusal = refused(mask, ENROL, given)
    if refusal is not None:
        return EnrolmentPayload(errors=[answers.explain(refusal)], results=[])
    who = author(services.policies, principal, mask)
    verdicts = await services.enrolling.enrol_devices(who, given.lines)
    refusals = [each for each in verdicts if isinstance(each, Refusal) and each.code is not Code.CHAIN_FAILED]
    return EnrolmentPayload(
        errors=[answers.explain(each, "input") for each in refusals],
        results=[
            _refused(line, each) if isinstance(each, Refusal) else _enrolled(line, each, services)
            for line, each in enumerate(verdicts)
        ],
    )


def _refused(line: int, refusal: Refusal) -> EnrolmentResult:
    return EnrolmentResult(line=line, code=answers.RefusalCode[refusal.code.name], transient=refusal.code.transient)


def _enrolled(line: int, enrolled: Enrolled, services: Services) -> EnrolmentResult:
    enrolment, tokens = enrolled.enrolment, services.tokens
    settings = enrolment.settings
    secret = tokens.device_secret(enrolment.reference, enrolment.epoch, enrolment.salt)
    roles = frozenset({enrolment.role})
    issued, expires_at = token(
        tokens, enrolment.principal, enrolment.organisation, roles, enrolment.sites, enrolment.epoch
    )
    return EnrolmentResult(
        line=line,
        device=strawberry.ID(f"{ID_PREFIX}Device/{enrolment.device}"),
        reference=enrolment.reference,
        epoch=enrolment.epoch,
        secret=base64.b64encode(secret).decode(),
        token=issued,
        token_expires_at=expires_at,
        model_key=services.signer.public,
        entries_max=settings.entries_max,
        hours_max=settings.hours_max,
        unknown_labels=settings.unknown_labels,
        cache=settings.cache,
        below=list(below(settings, enrolled.system, enrolled.system_version, enrolled.app_version)),
    )


def token(
    tokens: Tokens, principal: int, organisation: int, roles: frozenset[str], sites: Sequence[int], epoch: int
) -> tuple[str, datetime]:
    """Return a device's token, and until when it is good."""
    issued = tokens.issue(
        principal=principal,
        organisation=organisation,
        roles=roles,
        sites=tuple(sites),
        lifetime_seconds=TOKEN_LIFETIME.total_seconds(),
        epoch=epoch,
    )
    return issued, datetime.now(UTC) + TOKEN_LIFETIME
