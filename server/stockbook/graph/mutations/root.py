"""`Mutation`: the root of writing, one field a verb and one a registration, generated from their tables."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, make_dataclass
from functools import partial
from typing import Any, Protocol

import strawberry
from strawberry.types import Info

from stockbook.access.actions import camel
from stockbook.access.masks import Mask
from stockbook.access.principal import Principal
from stockbook.domain.stock.lines import LINES
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.counting import Counting
from stockbook.flows.demand.insights import Insights
from stockbook.flows.demand.proposing import Proposing
from stockbook.flows.devices.enrolling import DeviceEntry
from stockbook.flows.devices.wiping import Wiping
from stockbook.flows.posting.command import Poster
from stockbook.flows.recognition.registrations import Recognition
from stockbook.flows.registrations import Registry
from stockbook.flows.tasks import TaskBook
from stockbook.graph.mutations import capture, devices, insights, postings, proposals, recognition, registrations, work
from stockbook.graph.mutations.answers import PostingPayload, RegistrationPayload
from stockbook.graph.mutations.inputs import builder, input_type
from stockbook.graph.mutations.way import Registration, Way, register


class Services(capture.Services, devices.Services, Protocol):
    """What mutations need; `app.py` chooses them."""

    @property
    def posting(self) -> Poster:
        """The posting flow."""
        ...

    @property
    def registry(self) -> Registry:
        """Where facts are registered."""
        ...

    @property
    def insights(self) -> Insights:
        """Where demand is told what sales alone don't say."""
        ...

    @property
    def proposing(self) -> Proposing:
        """Where it is decided what is ordered of what forecasts propose."""
        ...

    @property
    def recognition(self) -> Recognition:
        """Where models and samples are kept."""
        ...

    @property
    def tasks(self) -> TaskBook:
        """Where tasks are kept."""
        ...

    @property
    def counting(self) -> Counting:
        """The flow of counts."""
        ...

    @property
    def wiping(self) -> Wiping:
        """Where it is ordered that devices be wiped."""
        ...


ROOMS: Mapping[str, Mapping[str, Way[Any]]] = {
    "registry": registrations.WAYS,
    "insights": insights.WAYS,
    "proposing": proposals.WAYS,
    "recognition": recognition.WAYS,
    "tasks": work.WAYS,
    "wiping": devices.WAYS,
}
"""What is registered, by the service that keeps it."""
Run = Callable[[Services, Principal, Mask, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Mutating:
    """One mutation: the dataclass of its input, how it is built and run, and what it answers."""

    name: str
    input: type[Any]
    answer: type[Any]
    words: str
    run: Run
    build: Callable[[Any], Any]


def _mutations() -> dict[str, Mutating]:
    found = {}
    for verb, line in LINES.items():
        name = camel(verb)
        input_type(line, _capital(name) + "Line")
        kind = _with_lines(postings.Posting, name, line)
        words = (line.__doc__ or "").strip().partition("\n")[0]
        found[name] = Mutating(name, kind, PostingPayload, words, partial(_post, verb), builder(kind))
    for room, ways in ROOMS.items():
        for name, way in ways.items():
            kind = _with_lines(Registration, name, way.entry)
            run = partial(_register, name, way, room)
            found[name] = Mutating(name, kind, RegistrationPayload, way.words, run, builder(kind))
    for name, (entry, words) in work.COUNTS.items():
        kind = _with_lines(Registration, name, entry)
        found[name] = Mutating(name, kind, work.CountPayload, words, partial(_count, name), builder(kind))
    return found | _devices()


def _devices() -> dict[str, Mutating]:
    enrol, scans = _with_lines(Registration, devices.ENROL, DeviceEntry), capture.CaptureScans
    input_type(scans, _capital(capture.CAPTURE) + "Input")
    words = "Enrol devices, each under a new epoch with a secret of its own."
    return {
        devices.ENROL: Mutating(devices.ENROL, enrol, devices.EnrolmentPayload, words, devices.enrol, builder(enrol)),
        capture.CAPTURE: Mutating(
            capture.CAPTURE,
            scans,
            capture.CapturePayload,
            "Take what a device scanned, verified, in its order, each event once however often it is sent.",
            capture.capture,
            builder(scans),
        ),
    }


async def _post(verb: Verb, services: Services, principal: Principal, mask: Mask, given: Any) -> Any:
    return await postings.post(services.posting, principal, mask, verb, given)


async def _register(
    name: str, way: Way[Any], room: str, services: Services, principal: Principal, mask: Mask, given: Any
) -> Any:
    return await register(way, getattr(services, room), services.policies, principal, mask, name, given)


async def _count(name: str, services: Services, principal: Principal, mask: Mask, given: Any) -> Any:
    return await work.count(services.counting, services.policies, principal, mask, name, given)


def _with_lines(base: type[Any], name: str, line: type[Any]) -> type[Any]:
    """Return an input's dataclass with its own kind of lines."""
    words = base.__dataclass_fields__["lines"].metadata
    kind = make_dataclass(
        _capital(name) + "Input",
        [("lines", tuple[line, ...], field(metadata=words))],  # type: ignore[valid-type]
        bases=(base,),
        frozen=True,
        slots=True,
    )
    kind.__doc__ = base.__doc__
    return kind


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]


def _resolver(mutating: Mutating) -> Callable[..., Awaitable[Any]]:
    async def resolve(info: Info[Any, Any], input: Any) -> Any:  # noqa: A002
        context = info.context
        return await mutating.run(context.services, context.principal, context.mask, input)

    return resolve


def _root() -> type[Any]:
    body: dict[str, Any] = {"__annotations__": {}}
    for mutating in MUTATIONS.values():
        made = input_type(mutating.input, mutating.input.__name__)
        resolver = _resolver(mutating)
        resolver.__annotations__ = {"info": Info[Any, Any], "input": made, "return": mutating.answer}
        body[mutating.name] = strawberry.field(resolver=resolver, name=mutating.name, description=mutating.words)
    return strawberry.type(type("Mutation", (), body), description="Everything that may be done.")


MUTATIONS = _mutations()
Mutation = _root()
