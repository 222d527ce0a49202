"""What subscriptions carry: changes of what may be promised, what is proposed, and everything that moved.

The hub reads a stream once for everybody who asks the same; here one statement
makes the payloads of many events, and each is put around its row without
looking into it.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import strawberry
from graphql import FieldNode, OperationType, VariableNode

from stockbook.access.masks import Mask
from stockbook.access.principal import Principal
from stockbook.graph.declare import SHAPES
from stockbook.graph.demand.proposals import Proposal
from stockbook.graph.history import Movement
from stockbook.graph.pages import arguments
from stockbook.graph.planner import Refused, Rows
from stockbook.graph.planner.compiler import Compiler, Path
from stockbook.graph.planner.document import Operation, coerced
from stockbook.graph.planner.filters import identified
from stockbook.graph.planner.given import Slot, Values
from stockbook.graph.planner.plan import rows, used
from stockbook.graph.scalars import Long
from stockbook.graph.stock import Availability

if TYPE_CHECKING:
    from stockbook.graph.execute import Graph, Request

Piece = bytes | str | int
"""Of a payload: its own text, the name of something the event says, or the number of a selection."""


@strawberry.type(description="What may be promised of an item at a site has changed; only the latest state is told.")
class SellableChange:
    """What may be promised of an item at a site has changed; only the latest state is told."""

    availability: Availability | None = strawberry.field(description="As it is now.")


@strawberry.type(
    description="A proposal was opened or decided, or another took its place; only its latest state is told."
)
class ProposalChange:
    """A proposal was opened or decided, or another took its place; only its latest state is told."""

    proposal: Proposal | None = strawberry.field(description="As it is now.")


@strawberry.enum(description="What an event tells.")
class StreamTopic(Enum):
    """MOVED: the movement itself, once. SHORTFALL: it left your shelf less than you promised of it."""

    MOVED = strawberry.enum_value("MOVED", description="Something moved: told once to each party.")
    SHORTFALL = strawberry.enum_value(
        "SHORTFALL", description="What moved, or was held, left less at your shelf than you promised of it."
    )


@strawberry.type(description="Something happened to goods to which your organisation is party.")
class StockEvent:
    """Something happened to goods to which your organisation is party."""

    sequence: Long = strawberry.field(description="Its number in your organisation's stream; give it as `after`.")
    previous: Long = strawberry.field(description="The number of the event you were sent before it.")
    gap: bool = strawberry.field(description="Whether events between these two are lost to you; there is no movement.")
    topic: StreamTopic = strawberry.field(description="What it tells; of a gap it says nothing.")
    movement: Movement | None = strawberry.field(description="What moved.")


@strawberry.type(description="What is told as it happens.")
class Subscription:
    """What is told as it happens."""

    sellable_now: SellableChange = strawberry.field(
        description="What may be promised at a site: first all of it, then each change. A slow reader is told"
        " only the latest state of what changed meanwhile."
    )
    proposals: ProposalChange = strawberry.field(
        description="What forecasts propose to order: first all that is open, then each change. A slow reader is told"
        " only the latest state of what changed meanwhile."
    )
    stock_events: StockEvent = strawberry.field(
        description="Everything that moves or falls short and concerns you, in order, none left out; a slow reader is"
        " closed and resumes with `after`."
    )


for _field in Subscription.__strawberry_definition__.fields:  # type: ignore[attr-defined]
    if _field.python_name == "sellable_now":
        _field.arguments = arguments(("site", strawberry.ID, "Global id or external reference of the site."))
    elif _field.python_name == "stock_events":
        _field.arguments = arguments(
            ("after", str | None, "The `sequence` of the last event you have; without it, from now on.")
        )


class Event(NamedTuple):
    """An event of a stream as the hub knows it; `row` is the id of the movement, the shelf or the proposal."""

    row: int | None
    sequence: int = 0
    previous: int = 0
    gap: bool = False
    topic: str = "MOVED"


@dataclass(frozen=True, slots=True)
class _Topic:
    """What a subscription sends: the type around the row, its field, and the row's type."""

    around: str
    field: str
    kind: str


_TOPICS = {
    "sellableNow": _Topic("SellableChange", "availability", "Availability"),
    "proposals": _Topic("ProposalChange", "proposal", "Proposal"),
    "stockEvents": _Topic("StockEvent", "movement", "Movement"),
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A subscription, ready to be told.

    Attributes
    ----------
    arguments
        `site`: the site's id. `after`: as it was given.
    errors
        Entries that go with every payload, for fields that the roles never see.
    key
        Who has the same key is told the same: same document, arguments, disclosure and sites.
    """

    graph: "Graph"
    topic: str
    arguments: dict[str, Any]
    errors: tuple[dict[str, Any], ...]
    key: Hashable
    plan: Rows
    values: Mapping[str, Any]
    pieces: tuple[Piece, ...]

    async def payloads(self, principal: Principal, events: Sequence[Event]) -> list[bytes | None]:
        """Return each event's whole result; None where its row isn't visible. One statement for all."""
        ids = list(dict.fromkeys(event.row for event in events if event.row is not None))
        rows = await self.graph.rows(self.plan, self.values, principal, ids) if ids else {}
        return [self._payload(event, rows) for event in events]

    def _payload(self, event: Event, rows: Mapping[int, tuple[bytes, ...]]) -> bytes | None:
        if event.row is None:
            texts: tuple[bytes, ...] = (b"null",) * sum(isinstance(piece, int) for piece in self.pieces)
        elif event.row in rows:
            texts = rows[event.row]
        else:
            return None
        told = {
            "sequence": b"%d" % event.sequence,
            "previous": b"%d" % event.previous,
            "gap": b"true" if event.gap else b"false",
            "topic": b'"%s"' % event.topic.encode(),
        }
        return b"".join(
            piece if isinstance(piece, bytes) else told[piece] if isinstance(piece, str) else texts[piece]
            for piece in self.pieces
        )


class Streams:
    """Prepares subscriptions."""

    def __init__(self, graph: "Graph") -> None:
        self._graph = graph

    async def prepare(self, request: "Request", principal: Principal, mask: Mask) -> Prepared:
        """Return a subscription, or raise `Refused`."""
        graph = self._graph
        operation = graph.planner.documents.operation(request.document, request.operation)
        if operation.kind is not OperationType.SUBSCRIPTION:
            raise Refused("BAD_USER_INPUT", "this is not a subscription")
        values = Values(coerced(graph.core, operation, request.variables))
        compiler = graph.planner.compiler(operation, values, mask, limited=bool(principal.sites), python=False)
        asked = compiler.collect([operation.node], "Subscription")  # directives may have left nothing
        key, nodes = next(iter(asked.items()), ("", []))
        topic = nodes[0].name.value if nodes else ""
        if topic not in _TOPICS:
            raise Refused("BAD_USER_INPUT", "a subscription needs a stream")
        given = compiler.arguments(nodes[0], "Subscription")
        pieces, selections = _around(compiler, _TOPICS[topic], nodes, (key,))
        plan = rows(compiler, _TOPICS[topic].kind, selections)
        errors = tuple(each.entry() for each in plan.errors)
        end = b"}" if not errors else b',"errors":' + orjson.dumps(errors) + b"}"
        named = await self._named(operation, values, given, principal, mask)
        who = (principal.organisation, principal.sites, principal.id if compiler.personal else 0)
        seen = tuple(look(Slot(path).read(values.values)) for path, look in values.looks)
        bound = tuple(sorted((name, repr(each)) for name, each in values.values.items() if name not in _ways(nodes)))
        return Prepared(
            graph=graph,
            topic=topic,
            arguments=named,
            errors=errors,
            key=(operation.name, mask.id, *who, named.get("site"), seen, bound),
            plan=plan,
            values=values.values,
            pieces=(b'{"data":{', orjson.dumps(key), b":", *pieces, b"}", end),
        )

    async def _named(
        self, operation: Operation, values: Values, given: Mapping[str, Slot | None], principal: Principal, mask: Mask
    ) -> dict[str, Any]:
        """Return what the arguments name: the visible site, and where to resume."""
        found: dict[str, Any] = {}
        after, site = given.get("after"), given.get("site")
        if "after" in given:
            found["after"] = after.read(values.values) if after else None
        if site is not None:
            graph = self._graph
            compiler = graph.planner.compiler(operation, values, mask, limited=bool(principal.sites), python=False)
            place = SHAPES["Place"]
            wanted = [f"p.id = {identified(compiler, place, site)}", "p.kind = 'SITE'"]
            conditions = [*wanted, *compiler.scope(place, "p")]
            viewer = await graph.viewers.of(principal)
            found_sql = f"select p.id from {compiler.source(place, 'p')} where {' and '.join(conditions)}"
            sql, binds = used(compiler.statement(found_sql), compiler.binds)
            row = await graph.ask(sql, *(bind(values.values, viewer) for bind in binds))
            if row is None:  # silence for ever would tell nobody that he mistyped
                raise Refused("NOT_FOUND", "there is no such site")
            found["site"] = row[0]
        return found


def _ways(nodes: Sequence[FieldNode]) -> set[str]:
    """Return the variables that say only where to begin; readers of one stream may differ in them."""
    return {
        argument.value.name.value for argument in nodes[0].arguments or () if isinstance(argument.value, VariableNode)
    }


def _around(
    compiler: Compiler, topic: _Topic, nodes: list[FieldNode], path: Path
) -> tuple[list[Piece], list[tuple[Path, list[FieldNode]]]]:
    """Return the pieces of a payload around its row, and the selections on the row."""
    pieces: list[Piece] = [b"{"]
    selections: list[tuple[Path, list[FieldNode]]] = []
    for number, (name, same) in enumerate(compiler.collect(nodes, topic.around).items()):
        pieces.append((b"," if number else b"") + orjson.dumps(name) + b":")
        field = same[0].name.value
        if field == "__typename":
            pieces.append(orjson.dumps(topic.around))
        elif field == topic.field:
            pieces.append(len(selections))
            selections.append(((*path, name), same))
        else:
            pieces.append(field)
    return [*pieces, b"}"], selections
