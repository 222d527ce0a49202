"""Which document is meant: a registered one by its hash, or a text by those who may send their own."""

import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import DocumentNode, FieldNode, GraphQLError, OperationType, Visitor, get_operation_ast, parse, visit

from stockbook.access.masks import Mask
from stockbook.api.refusing import Rejected
from stockbook.graph.execute import Request

TEXT_MAX = 200_000
KEPT_MAX = 2000
_NAMED = re.compile(r"^[ \t]*(?:query|mutation|subscription)[ \t]+([_A-Za-z]\w*)", re.MULTILINE | re.ASCII)
_NAMED_WITHIN = 2000
"""Letters in which the name of a document's operation is looked for."""
_ASKS_SCHEMA = re.compile(r"__(schema|type)\b")


@dataclass(frozen=True, slots=True)
class Text:
    """What the doors need to know of a document before it is executed."""

    introspects: bool
    kinds: Mapping[str | None, OperationType]
    """Kind of operation by name; None is the only one, when there is one."""

    def kind(self, operation: str | None) -> OperationType | None:
        """Return the kind of the operation meant; None when it can't be told."""
        return self.kinds.get(operation or None)


def look(text: str, tokens_max: int) -> Text:
    """Look at a document; one that can't be parsed says so when it is executed.

    >>> look("subscription s { stockEvents { sequence } }", 100).kind(None)
    <OperationType.SUBSCRIPTION: 'subscription'>
    >>> look("{ __typename }", 100).introspects, look("{ a: __schema { description } }", 100).introspects
    (False, True)
    """
    try:
        document = parse(text, no_location=True, max_tokens=tokens_max)
    except (GraphQLError, RecursionError):
        return Text(introspects=False, kinds={})
    names: list[str | None] = [None]
    names += [each.name.value for each in document.definitions if getattr(each, "operation", None) and each.name]  # type: ignore[attr-defined]
    found = {name: get_operation_ast(document, name) for name in names}
    kinds = {name: each.operation for name, each in found.items() if each is not None}
    return Text(introspects=bool(_ASKS_SCHEMA.search(text)) and _introspects(document), kinds=kinds)


def _introspects(document: DocumentNode) -> bool:
    asked = _Asked()
    visit(document, asked)
    return asked.schema


class _Asked(Visitor):
    """Whether any field asks for the schema."""

    def __init__(self) -> None:
        super().__init__()
        self.schema = False

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """Look at a field."""
        self.schema = self.schema or node.name.value in {"__schema", "__type"}


def called(request: Request) -> str | None:
    """Return what a request calls its operation; of a document with several the first, when it doesn't say.

    >>> called(Request("query Stock { me { id } }")), called(Request("{ me { id } }")), called(Request("...", "Mine"))
    ('Stock', None, 'Mine')
    """
    if request.operation:
        return request.operation
    found = _NAMED.search(request.document, 0, _NAMED_WITHIN)
    return found[1] if found else None


class Documents:
    """The registered documents, and what is known of the texts seen last."""

    def __init__(self, registered: Mapping[str, str], tokens_max: int = 4000) -> None:
        self.registered = dict(registered)
        self._own = frozenset(self.registered.values())
        self._tokens_max = tokens_max
        self._seen: OrderedDict[str, Text] = OrderedDict()

    @classmethod
    def load(cls, folder: Path, tokens_max: int = 4000) -> "Documents":
        """Read the published list beside the folder; where there is none, the folder itself."""
        published = folder.with_suffix(".json")
        if published.exists():
            return cls(json.loads(published.read_text(encoding="utf-8")), tokens_max)
        texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.graphql"))]
        return cls({f"sha256:{hashlib.sha256(text.encode()).hexdigest()}": text for text in texts}, tokens_max)

    def text(self, text: str) -> Text:
        """Return what a text is."""
        found = self._seen.get(text)
        if found is None:
            found = self._seen[text] = look(text, self._tokens_max)
            if len(self._seen) > KEPT_MAX:
                self._seen.popitem(last=False)
        return found

    def request(self, said: Any, mask: Mask) -> Request:
        """Return the request that a JSON object makes, or raise `Rejected`."""
        if not isinstance(said, dict):
            raise Rejected("BAD_USER_INPUT", "a request is one JSON object")
        text, operation, variables = said.get("query"), said.get("operationName"), said.get("variables")
        if said.get("documentId") is not None:
            text = self._registered(said["documentId"])
        elif not isinstance(text, str) or not text.strip():
            raise Rejected(
                "BAD_USER_INPUT", "send a document in `query`, or the hash of a registered one in `documentId`"
            )
        elif len(text) > TEXT_MAX:
            raise Rejected("COST_LIMIT", f"a document has at most {TEXT_MAX} characters", 413)
        elif "adhoc" not in mask.actions and text not in self._own:
            raise Rejected("FORBIDDEN", "your roles may send registered documents only: name one in `documentId`")
        if operation is not None and not isinstance(operation, str):
            raise Rejected("BAD_USER_INPUT", "operationName is a text")
        if variables is not None and not isinstance(variables, dict):
            raise Rejected("BAD_USER_INPUT", "variables are a JSON object")
        if "introspect" not in mask.actions and self.text(text).introspects:
            raise Rejected("FORBIDDEN", "your roles may not ask for the schema")
        return Request(text, operation or None, variables)

    def only(self, request: Request, *kinds: OperationType) -> None:
        """Raise `Rejected` when the operation that is meant can be told and is of no such kind: GET must not write."""
        kind = self.text(request.document).kind(request.operation)
        if kind is not None and kind not in kinds:
            raise Rejected("BAD_USER_INPUT", f"a {kind.value} is not sent by GET", 405, {"allow": "POST"})

    def _registered(self, name: Any) -> str:
        found = self.registered.get(name) if isinstance(name, str) else None
        if found is None:
            raise Rejected("NOT_FOUND", "no document is registered under this documentId")
        return found
