"""The policy files, read plainly: what a set of roles may see. Imports nothing of what it judges."""

import csv
from pathlib import Path

RELATIONS = ("OWNER", "CUSTODIAN", "DISPOSER", "SELLER", "HOST", "VIEWER", "POSTER")
ALL = frozenset(RELATIONS)


class Policy:
    """Which relations show a field to somebody with these roles: what is allowed and not denied, inherited or not."""

    def __init__(self, folder: Path, roles: set[str]) -> None:
        inherits = [(line[1], line[2]) for line in _lines(folder / "roles.csv")]
        held = set(roles)
        while True:
            more = {parent for child, parent in inherits if child in held} - held
            if not more:
                break
            held |= more
        self._rules = [line[2:] for line in _lines(folder / "fields.csv") if line[1] in held]
        self._known: dict[str, frozenset[str]] = {}

    def shows(self, field: str) -> frozenset[str]:
        if field not in self._known:
            kind = field.split(".", maxsplit=1)[0]
            hits = [rule for rule in self._rules if rule[0] in {field, kind + ".*", "*"}]
            allowed = {each for _, relation, effect in hits if effect == "allow" for each in _of(relation)}
            denied = {each for _, relation, effect in hits if effect == "deny" for each in _of(relation)}
            self._known[field] = frozenset(allowed - denied)
        return self._known[field]


def _of(relation: str) -> frozenset[str]:
    return ALL if relation == "*" else frozenset({relation})


def _lines(path: Path) -> list[list[str]]:
    with path.open() as file:
        lines = [[cell.strip() for cell in line] for line in csv.reader(file)]
    return [line for line in lines if line and not line[0].startswith("#") and line[0]]
