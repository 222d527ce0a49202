"""Documents: parsed, limited and validated once."""

import hashlib
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    KnownFragmentNamesRule,
    NoFragmentCyclesRule,
    NoUndefinedVariablesRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from graphql.execution.values import get_variable_values

from stockbook.graph.mutations.coercion import Coerce, MisfitError, Variables
from stockbook.graph.planner import limits
from stockbook.graph.planner.given import Look
from stockbook.graph.planner.refused import Refused
from stockbook.settings import Settings

TEXT_MAX = 200_000
_ERRORS_MAX = 10
_TOO_MUCH = ("tokens", "nest")
"""What graphql-core's parser says when a document is too long or too deep."""
_TOO_DEEP = "Validation aborted."
"""What its validation says of fragments in fragments that no stack is deep enough for."""
_ENDING_RULES = (KnownFragmentNamesRule, NoFragmentCyclesRule, NoUndefinedVariablesRule)


@dataclass(slots=True)
class Operation:
    """One operation of a valid document. `looks` are those that its plans made so far."""

    name: str
    text: str
    document: DocumentNode
    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Variables
    looks: dict[tuple[tuple[str | int, ...], Look], None] = field(default_factory=dict)

    @property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.node.operation


def invalid(errors: list[GraphQLError], path: tuple[str, ...] = ()) -> Refused:
    """Return the refusal for graphql-core's errors."""
    shown = errors[:_ERRORS_MAX]
    places = [(place.line, place.column) for error in shown for place in error.locations or ()]
    return Refused("BAD_USER_INPUT", "; ".join(error.message for error in shown), path, places)


class Documents:
    """Keeps the newest documents by their text."""

    def __init__(self, schema: GraphQLSchema, settings: Settings) -> None:
        self.schema = schema
        self._settings = settings
        self._coercers: dict[str, Coerce] = {}
        self._kept: OrderedDict[tuple[str, str | None], Operation] = OrderedDict()

    def operation(self, text: str, name: str | None) -> Operation:
        """Return an operation of a document, or raise `Refused`."""
        key = (text, name)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._operation(text, name)
            while len(self._kept) > self._settings.plans_max:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found

    def _operation(self, text: str, name: str | None) -> Operation:
        if len(text) > TEXT_MAX:
            raise Refused("COST_LIMIT", f"a document has at most {TEXT_MAX} characters")
        try:
            document = parse(text, no_location=True, max_tokens=self._settings.tokens_max)
        except GraphQLError as error:
            if any(word in error.message for word in _TOO_MUCH):
                raise Refused("COST_LIMIT", error.message) from error
            raise invalid([error]) from error
        except RecursionError as error:
            raise Refused("COST_LIMIT", "the document is too deep") from error
        self._check(document, text)
        operations = {
            each.name.value if each.name else "": each
            for each in document.definitions
            if isinstance(each, OperationDefinitionNode)
        }
        if not operations or (name and name not in operations) or (not name and len(operations) > 1):
            raise Refused("BAD_USER_INPUT", "name an operation of the document in operationName")
        node = operations[name] if name else next(iter(operations.values()))
        fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        variables = Variables(self.schema, node, self._coercers)
        return Operation(f"{digest}/{name or ''}", text, document, node, fragments, variables)

    def _check(self, document: DocumentNode, text: str) -> None:
        try:
            # what limits walks must end, and merging overlapping fields takes long on what is over the limits
            if validate(self.schema, document, _ENDING_RULES):
                raise self._placed(text, _ENDING_RULES)
            limits.check(document, self._settings)
            if validate(self.schema, document, specified_rules):
                raise self._placed(text, specified_rules)
        except RecursionError as error:
            raise Refused("COST_LIMIT", "the document is too deep") from error

    def _placed(self, text: str, rules: Collection[type[ASTValidationRule]]) -> Refused:
        """Return what is wrong and where: places are left out of what is kept, so the text is parsed once more."""
        errors = validate(self.schema, parse(text, max_tokens=self._settings.tokens_max), rules)
        if any(error.message == _TOO_DEEP for error in errors):
            return Refused("COST_LIMIT", "the document is too deep")
        return invalid(errors)


def coerced(schema: GraphQLSchema, operation: Operation, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the variables as their types want them, or raise `Refused`."""
    try:
        return operation.variables.coerce(given or {})
    except MisfitError:
        pass  # graphql-core says what is wrong
    nodes = operation.node.variable_definitions or ()
    found = get_variable_values(schema, nodes, dict(given or {}), max_errors=_ERRORS_MAX)
    if isinstance(found, list):
        raise invalid(found)
    return found.coerced
