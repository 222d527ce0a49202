"""The fast door for mutations.

A document is parsed, validated and taken apart once; each request then coerces
its variables by compiled functions, runs the flows one after another, and is
answered by a compiled shape. What the door doesn't cover (directives,
variables inside a literal input), and everything that is wrong with a document
or its variables, goes to the ordinary executor, whose resolvers run the same
flows: a property test holds both equal.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from graphql import OperationType, Undefined
from graphql.language import FieldNode, VariableNode
from graphql.utilities import coerce_input_literal

from stockbook.access.masks import Mask, Relation
from stockbook.access.principal import Principal
from stockbook.flows.ports import Fault
from stockbook.graph.execute import Graph, Request
from stockbook.graph.mutations.coercion import Coerce, MisfitError, Variables
from stockbook.graph.mutations.root import MUTATIONS, Mutating, Services
from stockbook.graph.mutations.selection import NotCoveredError, Parts, Reading, Selection, below
from stockbook.graph.planner.document import Operation
from stockbook.graph.planner.given import Values, reach
from stockbook.graph.planner.plan import Rows, suffix
from stockbook.graph.planner.plan import rows as plan_rows
from stockbook.graph.planner.refused import Refused
from stockbook.store.faults import AWAY

LOG = structlog.get_logger()
Given = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One root field: under which key, which mutation, where its input comes from, how it is answered."""

    key: str
    mutating: Mutating
    given: Given
    quick: Selection
    thorough: Selection

    def selection(self, mask: Mask) -> Selection:
        """Return how it is answered for somebody: who may see what he posted needs no look at the table."""
        return self.quick if Relation.POSTER in mask.relations("Movement.id") else self.thorough


@dataclass(frozen=True, slots=True)
class Prepared:
    """A mutation document, taken apart."""

    operation: Operation
    variables: Variables
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request at the door."""

    principal: Principal
    mask: Mask
    operation: Operation
    variables: Mapping[str, Any]


class Door:
    """Answers requests: mutations here, everything else by the graph."""

    def __init__(self, graph: Graph, services: Services) -> None:
        self._graph = graph
        self._services = services
        self._coercers: dict[str, Coerce] = {}
        self._prepared: OrderedDict[str, Prepared | None] = OrderedDict()
        self._plans: OrderedDict[Any, Rows] = OrderedDict()

    async def execute(self, request: Request, principal: Principal, mask: Mask) -> bytes:
        """Return the answer to a request."""
        try:
            prepared = self._find(request) if "mutation" in request.document else None
            if prepared is None:
                return await self._graph.execute(request, principal, mask)
            variables = prepared.variables.coerce(request.variables or {})
            asked = Asked(principal, mask, prepared.operation, variables)
            readings = self._readings(prepared, asked)
        except MisfitError:
            return await self._graph.execute(request, principal, mask)
        except Refused as refused:
            return b'{"data":null,"errors":' + orjson.dumps([refused.entry()]) + b"}"
        return await self._run(prepared, asked, readings)

    def _find(self, request: Request) -> Prepared | None:
        operation = self._graph.planner.documents.operation(request.document, request.operation)
        if operation.kind is not OperationType.MUTATION:
            return None
        if operation.name in self._prepared:
            self._prepared.move_to_end(operation.name)
            return self._prepared[operation.name]
        try:
            prepared = self._prepare(operation)
        except NotCoveredError:
            prepared = None
        _keep(self._prepared, operation.name, prepared, self._graph.settings.plans_max)
        return prepared

    def _prepare(self, operation: Operation) -> Prepared:
        """Take a valid document apart, or raise `NotCoveredError`."""
        if operation.node.directives:
            raise NotCoveredError
        parts = Parts(operation)
        steps = []
        for key, nodes in parts.collect("Mutation", [operation.node]).items():
            name = nodes[0].name.value
            if name not in MUTATIONS:
                raise NotCoveredError  # __typename
            mutating = MUTATIONS[name]
            answer = mutating.answer.__name__
            quick, thorough = (Selection(parts, answer, nodes, quick=each) for each in (True, False))
            steps.append(Step(key, mutating, self._given(nodes[0]), quick, thorough))
        return Prepared(operation, Variables(self._graph.core, operation.node, self._coercers), tuple(steps))

    def _given(self, node: FieldNode) -> Given:
        """Return where the input of a root field comes from."""
        (argument,) = node.arguments or ()
        if isinstance(argument.value, VariableNode):
            name = argument.value.name.value
            return lambda variables: variables.get(name)
        if any(isinstance(each, VariableNode) for each in below(argument.value)):
            raise NotCoveredError
        mutation: Any = self._graph.core.mutation_type
        value = coerce_input_literal(argument.value, mutation.fields[node.name.value].args["input"].type)
        if value is Undefined:
            raise NotCoveredError
        return lambda _variables: value

    def _readings(self, prepared: Prepared, asked: Asked) -> list[list[Rows]]:
        """Plan what will be read of movements, so that what can't be answered is refused before it is done."""
        return [
            [self._plan(step, reading, asked) for reading in step.selection(asked.mask).readings]
            for step in prepared.steps
        ]

    def _plan(self, step: Step, reading: Reading, asked: Asked) -> Rows:
        limited = bool(asked.principal.sites)
        path = (step.key, reading.results, reading.key)
        found = self._plans.get(self._name(path, asked, limited))
        if found is None:
            values = Values(dict(asked.variables))
            compiler = self._graph.planner.compiler(asked.operation, values, asked.mask, limited=limited, python=False)
            found = plan_rows(compiler, "Movement", [(path, reading.nodes)])
            asked.operation.looks.update(values.looks)
            name = self._name(path, asked, limited)
            _keep(self._plans, name, found, self._graph.settings.plans_max)
        return found

    def _name(self, path: tuple[str, ...], asked: Asked, limited: bool) -> Any:
        seen = tuple(look(reach(asked.variables, at)) for at, look in asked.operation.looks)
        return asked.operation.name, path, asked.mask.id, limited, seen

    async def _run(self, prepared: Prepared, asked: Asked, readings: list[list[Rows]]) -> bytes:
        """Run the steps in order; one that fails ends the request, what was posted before stays posted."""
        data: dict[str, Any] = {}
        errors: list[dict[str, Any]] = []
        for step, plans in zip(prepared.steps, readings, strict=True):
            try:
                given = step.mutating.build(step.given(asked.variables))
                payload = await step.mutating.run(self._services, asked.principal, asked.mask, given)
                selection = step.selection(asked.mask)
                data[step.key] = shaped = selection.shape(payload)
                for reading, plan in zip(selection.readings, plans, strict=True):
                    await self._read(reading, plan, shaped[reading.results], asked)
                    errors += [each.entry() for each in plan.errors]
            except Exception as error:  # every failure of the world becomes one entry, without its words
                return orjson.dumps({"data": None, "errors": [*errors, failure(error, [step.key])]})
        cost = sum(plan.cost for plans in readings for plan in plans)
        answer = orjson.dumps({"data": data, **({"errors": errors} if errors else {})})
        return answer[:-1] + suffix((), cost, self._graph.settings.cost_max)

    async def _read(self, reading: Reading, plan: Rows, results: list[dict[str, Any]], asked: Asked) -> None:
        """Put the movements that a payload asks for in their places: the database's own text."""
        ids = list(dict.fromkeys(each[reading.key] for each in results if each[reading.key] is not None))
        found = await self._graph.rows(plan, asked.variables, asked.principal, ids) if ids else {}
        for each in results:
            row = found.get(each[reading.key])
            each[reading.key] = orjson.Fragment(row[0]) if row is not None else None


def _keep(kept: OrderedDict[Any, Any], name: Any, value: Any, most: int) -> None:
    kept[name] = value
    while len(kept) > most:
        kept.popitem(last=False)


def failure(error: Exception, path: list[str | int]) -> dict[str, Any]:
    """Return the entry of a failure: what to do about it, never what happened inside."""
    if isinstance(error, (Fault, *AWAY)):
        LOG.warning("mutation_fault", error=str(error))
        message, code = "the books can't be reached at the moment; send the same request again", "UNAVAILABLE"
    else:
        LOG.error("mutation_failed", exc_info=error)
        message, code = "something went wrong on our side", "INTERNAL"
    return {"message": message, "path": path, "extensions": {"code": code}}
