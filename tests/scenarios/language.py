"""Reads a scenario: prose, what is said (```trade blocks) and what is then so (tables).

::

    KITCHEN expects 20 kg TOMATO lot T at KITCHEN/DOCK owner FARM     one posting
    KITCHEN stores 20 kg TOMATO from A to B ! GUARD_NOT_MET           one that is refused
    KITCHEN works at KITCHEN/LINE                                     with in, out and lost lines

`on` names the document of a posting, `because` its reason (a word).

A table whose first column is `quantity` lists every position there is; `seller`
lists both sellable numbers; `debtor` every charge so far; `posted` what was posted
since the last such table, in order, and who was told of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

VERBS = {
    "expects": ("EXPECT", {}),
    "receives": ("RECEIVE", {}),
    "inspects": ("INSPECT", {}),
    "passes": ("INSPECT", {"passed": True}),
    "fails": ("INSPECT", {"passed": False}),
    "stores": ("PUT_AWAY", {}),
    "moves": ("MOVE", {}),
    "dispatches": ("DISPATCH", {}),
    "unloads": ("ARRIVE", {}),
    "works": ("TRANSFORM", {}),
    "reserves": ("RESERVE", {}),
    "commits": ("COMMIT", {}),
    "releases": ("RELEASE", {}),
    "sells": ("SELL", {}),
    "returns": ("RETURN", {}),
    "changes": ("CHANGE_STATE", {}),
    "lays": ("HOLD", {}),
    "lifts": ("UNHOLD", {}),
}
FIELDS = {
    "at": "place",
    "to": "place",
    "from": "source",
    "lot": "lot",
    "state": "state",
    "site": "site",
    "expiry": "expiry",
    "claim": "claim",
    "for": "document",
    "owner": "owner",
    "custodian": "custodian",
    "disposer": "disposer",
    "seller": "seller",
    "as": "as",
    "was": "from_state",
    "is": "to_state",
    "own": "own",
    "overlay": "overlay",
    "on": "on",
    "because": "because",
}
PARTS = {"in": "inputs", "out": "outputs", "lost": "losses"}


@dataclass
class Said:
    """One posting: who, verb, line, the refusal it meets, and the name its claim is given."""

    who: str
    verb: str
    line: dict
    refused: str | None = None
    claim: str | None = None


@dataclass
class Table:
    """What is so: rows of cells by the names of the columns."""

    columns: list[str]
    rows: list[dict[str, str]] = field(default_factory=list)


def read(text: str) -> Iterator[tuple[str, Said | Table | str]]:
    """Yield (heading, what is said or so) in order; lines of a ```setting block as they are."""
    heading, block, table, said = "", None, None, None
    for raw in text.splitlines():
        line = raw.rstrip()
        if said is not None and not (block == "trade" and line.startswith(" ")):
            yield heading, said
            said = None
        if line.startswith("```"):
            block = None if block else line.removeprefix("```")
        elif block == "setting" and line:
            yield heading, line
        elif block == "trade" and line.startswith(" "):
            word, *rest = line.split()
            said.line.setdefault(PARTS[word], []).append(_goods(rest))
        elif block == "trade" and line:
            said = sentence(line)
        elif line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if table is None:
                table = Table(cells)
            elif not set("".join(cells)) <= set("-: "):
                table.rows.append(dict(zip(table.columns, cells, strict=True)))
        elif table is not None:
            yield heading, table
            table = None
        if line.startswith("#"):
            heading = line.lstrip("# ")
    if table is not None:
        yield heading, table


def sentence(line: str) -> Said:
    line, _, refused = (part.strip() for part in line.partition("!"))
    who, word, *rest = line.split()
    verb, more = VERBS[word]
    fields = {**_goods(rest), **more}
    return Said(who, verb, fields, refused or None, fields.pop("as", None))


def _goods(words: list[str]) -> dict:
    fields = {}
    if words and re.fullmatch(r"[\d.]+", words[0]):
        fields = {"quantity": words[0], "unit": words[1], "item": words[2]}
        words = words[3:]
    for name, value in zip(words[::2], words[1::2], strict=True):
        fields[FIELDS[name]] = value
    return fields
