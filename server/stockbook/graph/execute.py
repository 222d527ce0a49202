"""Answers requests: by a plan where there is one, else by the ordinary executor."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
import strawberry
from graphql import ExecutionResult, FieldNode, GraphQLError, OperationType, SelectionSetNode, execute

from stockbook.access.masks import Mask
from stockbook.access.principal import Principal
from stockbook.flows.ports import Fault
from stockbook.graph.context import Context
from stockbook.graph.planner import Plan, Planner, Refused, Rows, Unplanned
from stockbook.graph.planner.document import Operation, coerced
from stockbook.graph.planner.plan import suffix
from stockbook.graph.viewer import Reads, Viewers
from stockbook.settings import Settings
from stockbook.store.faults import AWAY

_READS_MAX = 4
"""How often a read is repeated because rights passed meanwhile, before it is answered as it is."""

_STREAMED = "a subscription is told as events: accept text/event-stream, or use graphql-transport-ws"

_TOLD_MAX = 8
"""Questions for the schema whose answers are kept: each tool asks one, always the same."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    document: str
    operation: str | None = None
    variables: Mapping[str, Any] | None = None


class Graph:
    """The schema over one database.

    Parameters
    ----------
    services
        Handed to mutations as `info.context.services`.
    """

    def __init__(self, schema: strawberry.Schema, db: Reads, settings: Settings, services: Any = None) -> None:
        self.core = schema._schema
        self.db = db
        self.settings = settings
        self.services = services
        self.planner = Planner(self.core, settings)
        self.viewers = Viewers(db)
        self._told: OrderedDict[str, bytes] = OrderedDict()

    async def execute(self, request: Request, principal: Principal, mask: Mask) -> bytes:
        """Return the whole answer as JSON."""
        try:
            try:
                plan, values = self.planner.plan(
                    request.document,
                    request.operation,
                    request.variables,
                    mask,
                    limited=bool(principal.sites),
                    wide=self.viewers.wide(principal),
                )
            except Unplanned:
                return await self.ordinary(request, principal, mask)
            return await self.read(plan, values, principal) + plan.suffix
        except Refused as refused:
            return b'{"data":null,"errors":' + orjson.dumps([refused.entry()]) + b"}"

    async def read(self, plan: Plan, values: Mapping[str, Any], principal: Principal) -> bytes:
        """Run a plan; what it answers lacks the plan's suffix."""
        for _ in range(_READS_MAX):
            viewer = await self.viewers.of(principal)
            answer, newest, facts = await self.ask(plan.sql, *plan.bind(values, viewer))
            if self.viewers.current(viewer, (newest, facts)):
                break
        found: bytes = answer
        return found

    async def rows(
        self, plan: Rows, values: Mapping[str, Any], principal: Principal, ids: list[int]
    ) -> dict[int, tuple[bytes, ...]]:
        """Run a plan for rows by their ids; those that aren't visible are absent."""
        for _ in range(_READS_MAX):
            viewer = await self.viewers.of(principal)
            newest, facts, found, *texts = await self.ask(plan.sql, *plan.bind(values, viewer, ids))
            if self.viewers.current(viewer, (newest, facts)):
                break
        if not found:  # an aggregate of nothing is null
            return {}
        return dict(zip(found, zip(*texts, strict=True) if texts else ((),) * len(found), strict=True))

    async def ordinary(self, request: Request, principal: Principal, mask: Mask) -> bytes:
        """Answer by the ordinary executor, whose root resolvers ask the same compiler."""
        operation = self.planner.documents.operation(request.document, request.operation)
        if operation.kind is OperationType.SUBSCRIPTION:
            raise Refused("BAD_USER_INPUT", _STREAMED)
        values = coerced(self.core, operation, request.variables)
        if _asks_schema_alone(operation, operation.node.selection_set):
            return await self._schema(operation, values)
        context = Context(self, operation, values, principal, mask, self.services)
        result = await self._execute(operation, request, context)
        answer: dict[str, Any] = {"data": result.data}
        errors = [_entry(error) for error in result.errors or []]
        end = suffix((), context.cost, self.settings.cost_max)
        errors += [each.entry() for each in context.errors]
        if errors:
            answer["errors"] = errors
        return orjson.dumps(answer)[:-1] + end

    async def _schema(self, operation: Operation, values: Mapping[str, Any]) -> bytes:
        """Answer a question for the schema, which is the same for everybody: worked out once, beside the loop."""
        kept = None if values else self._told.get(operation.name)
        if kept is not None:
            self._told.move_to_end(operation.name)
            return kept
        answer = await asyncio.to_thread(self._introspected, operation, values)
        if not values:
            self._told[operation.name] = answer
            while len(self._told) > _TOLD_MAX:
                self._told.popitem(last=False)
        return answer

    def _introspected(self, operation: Operation, values: Mapping[str, Any]) -> bytes:
        result = execute(self.core, operation.document, variable_values=dict(values), operation_name=_name(operation))
        assert isinstance(result, ExecutionResult)
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [_entry(error) for error in result.errors]
        return orjson.dumps(answer)[:-1] + suffix((), 0, self.settings.cost_max)

    async def _execute(self, operation: Operation, request: Request, context: Context) -> ExecutionResult:
        result = execute(
            self.core,
            operation.document,
            context_value=context,
            variable_values=dict(request.variables or {}),
            operation_name=request.operation,
        )
        return result if isinstance(result, ExecutionResult) else await result

    async def ask(self, sql: str, *arguments: Any) -> Any:
        """Return the first row; what the database says no to is refused in our words."""
        try:
            return await self.db.fetchrow(sql, *arguments)
        except (asyncpg.DataError, UnicodeEncodeError) as error:
            raise Refused("BAD_USER_INPUT", "a value of the variables is out of its range") from error
        except (asyncpg.PostgresConnectionError, asyncpg.InvalidTransactionStateError) as error:
            if "transaction timeout" not in str(error):
                raise
            raise Refused("COST_LIMIT", "this takes longer than a read may; ask for less of it") from error


def _name(operation: Operation) -> str | None:
    return operation.node.name.value if operation.node.name else None


def _asks_schema_alone(operation: Operation, selections: SelectionSetNode) -> bool:
    """Return whether all that is selected of the root is introspection."""
    return all(
        each.name.value.startswith("__")
        if isinstance(each, FieldNode)
        else _asks_schema_alone(
            operation,
            getattr(each, "selection_set", None) or operation.fragments[each.name.value].selection_set,  # type: ignore[attr-defined]
        )
        for each in selections.selections
    )


def _entry(error: GraphQLError) -> dict[str, Any]:
    """Return the entry of an error; what nobody foresaw is answered without its words."""
    original = error.original_error
    if isinstance(original, Refused):
        said = original.entry()
    elif original is None:
        said = {"message": error.message, "extensions": {"code": "BAD_USER_INPUT", **(error.extensions or {})}}
    elif isinstance(original, (Fault, *AWAY)):
        said = {
            "message": "the books can't be reached at the moment; send the same request again",
            "extensions": {"code": "UNAVAILABLE"},
        }
    else:
        said = {"message": "something went wrong on our side", "extensions": {"code": "INTERNAL"}}
    if error.path:
        said["path"] = list(error.path)
    return said
