"""`policies/expected.csv`: what the policies come to, one line a field, one column a role.

It is generated and then read by a person: a change of policy shows there as the
cells that it changes. A test says that it equals the masks and what Casbin's
`enforce` answers to the same questions. It is also the list of reviewed fields:
one that is missing from it shows to nobody.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from stockbook.access.masks import ALL, NEVER, Mask, Relation
from stockbook.access.rules import SCOPES, PolicyError

FILE = "expected.csv"


def table(fields: Mapping[str, str], roles: Iterable[str], mask: Callable[[frozenset[str]], Mask]) -> str:
    """Return the text of the table.

    >>> print(table({"Item.id": "network"}, ["clerk"], lambda roles: Mask(1, {"Item.id": ALL}, frozenset())), end="")
    field,scope,clerk
    Item.id,network,all
    """
    columns = sorted(roles)
    masks = [mask(frozenset({role})) for role in columns]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["field", "scope", *columns])
    for field in sorted(fields):
        writer.writerow([field, fields[field], *(cell(each.relations(field)) for each in masks)])
    return text.getvalue()


def cell(relations: Relation) -> str:
    """Return relations in the words of the table.

    >>> cell(ALL), cell(NEVER), cell(Relation.OWNER | Relation.HOST)
    ('all', '-', 'OWNER HOST')
    """
    if relations == ALL:
        return "all"
    return " ".join(each.name for each in Relation if each in relations and each.name) if relations != NEVER else "-"


def fields(folder: Path) -> dict[str, str]:
    """Return the reviewed fields with the scope of their type."""
    found = {}
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row.get("scope") not in SCOPES:
                raise PolicyError(f"{FILE}: {row.get('field')}: there is no scope {row.get('scope')}")
            found[row["field"]] = row["scope"]
    return found
