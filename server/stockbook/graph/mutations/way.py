"""Registering, whatever is registered and whoever keeps it: idempotent by an external reference, all or none."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from stockbook.access.actions import FOR_OTHERS, denied
from stockbook.access.masks import Mask
from stockbook.access.policies import Policies
from stockbook.access.principal import Principal
from stockbook.domain.refusal import Refusal
from stockbook.flows.author import Author, Verdicts
from stockbook.graph.mutations import answers
from stockbook.graph.mutations.postings import miscounted, said
from stockbook.graph.mutations.text import unfit

Room = TypeVar("Room")
"""The port that keeps what is registered."""


@dataclass(frozen=True, slots=True)
class Registration:
    """The input of a registration, whatever it registers."""

    lines: tuple[Any, ...] = field(
        metadata=said("What to register, 1 to 250 entries; all of them are registered or none.")
    )


@dataclass(frozen=True, slots=True)
class Way(Generic[Room]):
    """A registration mutation: its entries, the type whose ids it answers with, and the port's method."""

    entry: type[Any]
    type_name: str
    words: str
    register: Callable[[Room, Author, Sequence[Any]], Awaitable[Verdicts]]


async def register(
    way: Way[Room],
    room: Room,
    policies: Policies,
    principal: Principal,
    mask: Mask,
    name: str,
    given: Registration,
) -> answers.RegistrationPayload:
    """Run a registration mutation."""
    refusal = refused(mask, name, given)
    if refusal is not None:
        return answers.RegistrationPayload(errors=[answers.explain(refusal)], results=[])
    verdicts = await way.register(room, author(policies, principal, mask), given.lines)
    return answers.registration(way.type_name, verdicts)


def refused(mask: Mask, name: str, given: Registration) -> Refusal | None:
    """Return why a registration is refused as a whole, before anything is looked up."""
    return denied(mask, name) or unfit(given.lines, ("input", "lines")) or miscounted(given.lines)


def author(policies: Policies, principal: Principal, mask: Mask) -> Author:
    """Return who registers; he may appoint to the roles that may do no more than he."""
    return Author(
        organisation=principal.organisation,
        principal=principal.id,
        everywhere=FOR_OTHERS in mask.actions,
        roles=frozenset(role for role in policies.roles if policies.mask(frozenset({role})).actions <= mask.actions),
        sites=principal.sites,
    )
