"""The fast door for mutations.

A document is parsed, validated and taken apart once; each request then coerces
its variables by compiled functions, runs the flows one after another, and is
answered by a compiled shape. What the door doesn't cover (directives,
variables inside a literal input), and everything that is wrong with a document
or its variables, goes to the ordinary executor, whose resolvers run the same
flows: a property test holds both equal.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
import structlog
from graphql import GraphQLError, GraphQLSchema, Undefined, parse, validate
from graphql.language import FieldNode, OperationDefinitionNode, OperationType, VariableNode
from graphql.utilities import coerce_input_literal

from stockbook.access.masks import Mask, Relation
from stockbook.access.principal import Principal
from stockbook.flows.ports import Fault
from stockbook.graph.declare import ID_PREFIX
from stockbook.graph.mutations.coercion import Coerce, MisfitError, Variables
from stockbook.graph.mutations.root import MUTATIONS, Mutating, Services
from stockbook.graph.mutations.selection import NotCoveredError, Parts, Reading, Selection, below
from stockbook.settings import Settings

LOG = structlog.get_logger()
Given = Callable[[Mapping[str, Any]], Any]


class Asked(Protocol):
    """A GraphQL request."""

    @property
    def document(self) -> str:
        """Its text."""
        ...

    @property
    def operation(self) -> str | None:
        """Which operation of the document, when there are several."""
        ...

    @property
    def variables(self) -> dict[str, Any] | None:
        """Their values as JSON said them."""
        ...


class Executor(Protocol):
    """What answers whole requests: reads by plan, and all that the door leaves."""

    async def execute(self, request: Any, principal: Principal, mask: Mask) -> bytes:
        """Return the answer."""
        ...


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

    variables: Variables
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """A request of the door's own, for what a posting's answer needs of movements."""

    document: str
    variables: dict[str, Any] | None
    operation: str | None = "Posted"


class Door:
    """Answers requests: mutations here, everything else by `executor`."""

    def __init__(self, schema: GraphQLSchema, executor: Executor, services: Services, settings: Settings) -> None:
        self._schema = schema
        self._executor = executor
        self._services = services
        self._settings = settings
        self._coercers: dict[str, Coerce] = {}
        self._prepared: OrderedDict[tuple[bytes, str | None], Prepared | None] = OrderedDict()

    async def execute(self, request: Asked, principal: Principal, mask: Mask) -> bytes:
        """Return the answer to a request."""
        prepared = self._find(request) if "mutation" in request.document else None
        if prepared is None:
            return await self._executor.execute(request, principal, mask)
        try:
            variables = prepared.variables.coerce(request.variables or {})
        except MisfitError:
            return await self._executor.execute(request, principal, mask)
        return await self._run(prepared, request, variables, principal, mask)

    def _find(self, request: Asked) -> Prepared | None:
        text = request.document.encode("utf-8", "surrogatepass")
        name = (hashlib.blake2b(text, digest_size=16).digest(), request.operation)
        if name in self._prepared:
            self._prepared.move_to_end(name)
            return self._prepared[name]
        try:
            prepared = self.prepare(request.document, request.operation)
        except (NotCoveredError, GraphQLError, RecursionError):
            prepared = None
        self._prepared[name] = prepared
        if len(self._prepared) > self._settings.plans_max:
            self._prepared.popitem(last=False)
        return prepared

    def prepare(self, text: str, operation_name: str | None) -> Prepared:
        """Take a document apart, or raise `NotCoveredError` or what is wrong with it."""
        document = parse(text, max_tokens=self._settings.tokens_max)
        operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
        chosen = [
            each for each in operations if operation_name is None or (each.name and each.name.value == operation_name)
        ]
        if len(chosen) != 1 or chosen[0].operation is not OperationType.MUTATION or self._over_limits(document):
            raise NotCoveredError
        if chosen[0].directives or validate(self._schema, document, max_errors=1):
            raise NotCoveredError
        parts = Parts(document, chosen[0])
        steps = []
        for key, nodes in parts.collect("Mutation", [chosen[0]]).items():
            name = nodes[0].name.value
            if name not in MUTATIONS:
                raise NotCoveredError  # __typename
            mutating = MUTATIONS[name]
            answer = mutating.answer.__name__
            quick, thorough = (Selection(parts, answer, nodes, quick=each) for each in (True, False))
            steps.append(Step(key, mutating, self._given(nodes[0]), quick, thorough))
        return Prepared(Variables(self._schema, chosen[0], self._coercers), tuple(steps))

    def _over_limits(self, document: Any) -> bool:
        """Return whether the ordinary executor has to refuse it; roughly, in its favour."""
        aliases = sum(1 for node in below(document) if isinstance(node, FieldNode) and node.alias is not None)
        return aliases > self._settings.aliases_max

    def _given(self, node: FieldNode) -> Given:
        """Return where the input of a root field comes from."""
        (argument,) = node.arguments or ()
        if isinstance(argument.value, VariableNode):
            name = argument.value.name.value
            return lambda variables: variables.get(name)
        if any(isinstance(each, VariableNode) for each in below(argument.value)):
            raise NotCoveredError
        mutation: Any = self._schema.mutation_type
        type_ = mutation.fields[node.name.value].args["input"].type
        value = coerce_input_literal(argument.value, type_)
        if value is Undefined:
            raise NotCoveredError
        return lambda _variables: value

    async def _run(
        self, prepared: Prepared, request: Asked, variables: dict[str, Any], principal: Principal, mask: Mask
    ) -> bytes:
        """Run the steps in order; one that fails ends the request, what was posted before stays posted."""
        data: dict[str, Any] = {}
        errors: list[dict[str, Any]] = []
        for step in prepared.steps:
            try:
                given = step.mutating.build(step.given(variables))
                payload = await step.mutating.run(self._services, principal, mask, given)
            except Exception as error:  # every failure of the world becomes one entry, without its words
                errors.append(failure(error, [step.key]))
                return orjson.dumps({"data": None, "errors": errors})
            selection = step.selection(mask)
            data[step.key] = shaped = selection.shape(payload)
            for reading in selection.readings:
                errors += await self._read(step, reading, shaped, request, principal, mask)
        return orjson.dumps({"data": data, **({"errors": errors} if errors else {})})

    async def _read(
        self, step: Step, reading: Reading, shaped: dict[str, Any], request: Asked, principal: Principal, mask: Mask
    ) -> list[dict[str, Any]]:
        """Put the movements that a payload asks for in their places."""
        results, key = reading.path
        ids = list(dict.fromkeys(each[key] for each in shaped[results] if each[key] is not None))
        if not ids:
            return []
        given = {name: value for name, value in (request.variables or {}).items() if name in reading.variables}
        given["_ids"] = [f"{ID_PREFIX}Movement/{each}" for each in ids]
        answer = orjson.loads(await self._executor.execute(Read(reading.text, given), principal, mask))
        nodes = (answer.get("data") or {}).get("nodes") or [None] * len(ids)
        found = dict(zip(ids, nodes, strict=True))
        for each in shaped[results]:
            each[key] = None if each[key] is None else found[each[key]]
        errors: list[dict[str, Any]] = answer.get("errors") or []
        for error in errors:
            error.pop("locations", None)
            error["path"] = [step.key, results, key, *(p for p in error.get("path", [])[1:] if isinstance(p, str))]
        return errors


def failure(error: Exception, path: list[str | int]) -> dict[str, Any]:
    """Return the entry of a failure: what to do about it, never what happened inside."""
    if isinstance(error, Fault):
        LOG.warning("mutation_fault", error=str(error))
        message, code = "the books can't be reached at the moment; send the same request again", "UNAVAILABLE"
    else:
        LOG.error("mutation_failed", exc_info=error)
        message, code = "something went wrong on our side", "INTERNAL"
    return {"message": message, "path": path, "extensions": {"code": code}}
