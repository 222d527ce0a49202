"""publish: the schema and the documents as partners get them, and whether anything breaks for them.

::

    schema/schema.graphql     generated from the graph
    schema/documents.json     generated from documents/*.graphql: hash -> text
    schema/events/scan.json   generated from the labels: what a device says of a scan
    schema/released.graphql   what partners were promised last
    schema/breaking.toml      breaks that were decided, each with its reason
"""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Annotated

import typer
from graphql import (
    GraphQLError,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    lexicographic_sort_schema,
    parse,
    print_schema,
    validate,
)

from stockbook.access.policies import Policies
from stockbook.commands.saying import out, stop, well
from stockbook.domain.capture.schema import schema as scan
from stockbook.graph.disclosure import described
from stockbook.graph.schema import core
from stockbook.settings import settings

Check = Annotated[bool, typer.Option("--check", help="Write nothing; fail when anything is stale or breaks.")]
Folder = Annotated[Path, typer.Option(help="Where the published files are.")]


def publish(check: Check = False, folder: Folder = Path("schema")) -> None:
    """Write the published files, or check that they are fresh and break nothing that was released."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted((folder / "documents").glob("*.graphql"))}
    if not texts:
        stop(f"there are no documents in {folder / 'documents'}: run it in the checkout, or name the folder (--folder)")
    wrong = [f"{path}: {error.message}" for path, text in texts.items() for error in _errors(text)]
    wrong += broken(folder, core)
    files = {
        folder / "schema.graphql": print_schema(lexicographic_sort_schema(_described())) + "\n",
        folder / "documents.json": persisted(texts),
        folder / "events/scan.json": json.dumps(scan(), indent=2, ensure_ascii=False) + "\n",
    }
    if check:
        wrong += [f"{path} is stale: run `stockbook publish`" for path, text in files.items() if stale(path, text)]
    for line in wrong:
        out.print(f"✘ {line}", style="red", soft_wrap=True)
    if wrong:
        stop(f"{len(wrong)} findings")
    if not check:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    well(f"{len(texts)} documents; the schema breaks nothing that was released")


def _errors(text: str) -> list[GraphQLError]:
    """Return what is wrong with a document."""
    try:
        return validate(core, parse(text))
    except GraphQLError as error:
        return [error]


def _described() -> GraphQLSchema:
    """Return the schema, each field with who sees it: the policies are part of what is published."""
    policies = Policies.load(settings().policies)
    return described(core, {role: policies.mask(frozenset({role})) for role in policies.roles})


def persisted(texts: dict[Path, str]) -> str:
    """Return the registered documents as JSON, by the hash that a client sends instead of the text.

    >>> print(persisted({Path("a.graphql"): "{ me { id } }"}), end="")
    {
      "sha256:c53d78fa4c9c65a93967d42316fcd207fd611c7cac40a103820a866c3e5dd8f5": "{ me { id } }"
    }
    """
    rows = {f"sha256:{hashlib.sha256(text.encode()).hexdigest()}": text for text in texts.values()}
    return json.dumps(rows, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def broken(folder: Path, current: GraphQLSchema) -> list[str]:
    """Return what breaks for somebody who relies on what was released, less what was decided."""
    released = folder / "released.graphql"
    if not released.exists():
        return []
    decided = folder / "breaking.toml"
    reasons: dict[str, str] = tomllib.loads(decided.read_text(encoding="utf-8")) if decided.exists() else {}
    promised = build_schema(released.read_text(encoding="utf-8"))
    found = (change.description for change in find_breaking_changes(promised, current))
    return [f"{released}: {change}" for change in found if change not in reasons]


def stale(path: Path, text: str) -> bool:
    """Return whether a generated file differs from what would be written."""
    return not path.exists() or path.read_text(encoding="utf-8") != text
