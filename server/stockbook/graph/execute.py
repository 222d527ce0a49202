"""Answers requests: by a plan where there is one, else by the ordinary executor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
import strawberry
from graphql import ExecutionResult, GraphQLError, execute

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

    async def execute(self, request: Request, principal: Principal, mask: Mask) -> bytes:
        """Return the whole answer as JSON."""
        try:
            try:
                plan, values = self.planner.plan(
                    request.document, request.operation, request.variables, mask, limited=bool(principal.sites)
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
        values = coerced(self.core, operation, request.variables)
        context = Context(self, operation, values, principal, mask, self.services)
        result = await self._execute(operation, request, context)
        answer: dict[str, Any] = {"data": result.data}
        errors = [_entry(error) for error in result.errors or []]
        end = suffix((), context.cost, self.settings.cost_max)
        errors += [each.entry() for each in context.errors]
        if errors:
            answer["errors"] = errors
        return orjson.dumps(answer)[:-1] + end

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
