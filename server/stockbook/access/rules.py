"""The policy files as plain rules, read and checked.

::

    policies/roles.csv     g, role, inherits
    policies/fields.csv    p, role, Type.field | Type.* | *, RELATION | *, allow | deny
    policies/actions.csv   p, role, action | *, allow | deny
    policies/topics.csv    p, role, topic | *, allow | deny
    policies/*.conf        Casbin's models of the three

Casbin decides what these mean; `policies` expands the same meaning into masks.
So the expansion knows exactly these models, and a folder with another is
refused rather than misread.
"""

import configparser
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stockbook.access.masks import ALL, Relation

SHARED = "shared"
SCOPES = (SHARED, "network", "private")
DEPTH_MAX = 8
"""How many steps a role may inherit; Casbin itself stops looking after ten, so a deeper one would be two truths."""

_EFFECT = "some(where (p.eft == allow)) && !some(where (p.eft == deny))"
_MODEL_OF_FIELDS = {
    "request_definition": {"r": "sub, obj, act"},
    "policy_definition": {"p": "sub, obj, act, eft"},
    "role_definition": {"g": "_, _"},
    "policy_effect": {"e": _EFFECT},
    "matchers": {"m": 'g(r.sub, p.sub) && keyMatch(r.obj, p.obj) && (p.act == "*" || r.act == p.act)'},
}
_MODEL_OF_NAMES = {
    "request_definition": {"r": "sub, obj"},
    "policy_definition": {"p": "sub, obj, eft"},
    "role_definition": {"g": "_, _"},
    "policy_effect": {"e": _EFFECT},
    "matchers": {"m": 'g(r.sub, p.sub) && (p.obj == "*" || r.obj == p.obj)'},
}


class PolicyError(Exception):
    """The policy files say something that can't be meant; names the file and line."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line: `role` is allowed or denied `name` (a field or its pattern, an action, a topic)."""

    role: str
    name: str
    relations: Relation
    allow: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """A folder of policies."""

    parents: Mapping[str, tuple[str, ...]]
    fields: Sequence[Rule]
    actions: Sequence[Rule]
    topics: Sequence[Rule]

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that any line names, in order."""
        named = {rule.role for rules in (self.fields, self.actions, self.topics) for rule in rules}
        inherited = {parent for parents in self.parents.values() for parent in parents}
        return tuple(sorted(named | inherited | set(self.parents)))

    def closure(self, roles: frozenset[str]) -> frozenset[str]:
        """Return the roles with all that they inherit, however deep."""
        reached: set[str] = set()
        waiting = list(roles)
        while waiting:
            role = waiting.pop()
            if role not in reached:
                reached.add(role)
                waiting.extend(self.parents.get(role, ()))
        return frozenset(reached)


def read(folder: Path) -> Rules:
    """Return the rules of a folder, or raise `PolicyError`."""
    _check_model(folder / "fields.conf", _MODEL_OF_FIELDS)
    _check_model(folder / "actions.conf", _MODEL_OF_NAMES)
    _check_model(folder / "topics.conf", _MODEL_OF_NAMES)
    parents: dict[str, tuple[str, ...]] = {}
    for where, (role, parent) in _lines(folder / "roles.csv", "g", 2):
        if role == parent:
            raise PolicyError(f"{where}: {role} inherits itself")
        parents[role] = (*parents.get(role, ()), parent)
    for role in parents:
        _check_depth(parents, role)
    fields = [
        Rule(role, name, _relations(relation, where), _allows(effect, where))
        for where, (role, name, relation, effect) in _lines(folder / "fields.csv", "p", 4)
    ]
    return Rules(parents, fields, _names(folder / "actions.csv"), _names(folder / "topics.csv"))


def check(rules: Rules, fields: Mapping[str, str], actions: frozenset[str], topics: frozenset[str]) -> None:
    """Raise `PolicyError` when a rule names what does not exist: a rule that matches nothing is a typing error.

    `fields` maps each "Type.field" to its scope. Only shared types have relations.
    """
    types = {field.partition(".")[0]: scope for field, scope in fields.items()}
    for rule in rules.fields:
        type_name, _, field = rule.name.partition(".")
        if rule.name != "*" and rule.name not in fields and not (field == "*" and type_name in types):
            raise PolicyError(f"fields.csv: {rule.role}: there is no field {rule.name}")
        if rule.relations != ALL and types.get(type_name) != SHARED:
            raise PolicyError(f"fields.csv: {rule.role}: {rule.name} is not shared, so its relation must be *")
    for file, given, known in (("actions.csv", rules.actions, actions), ("topics.csv", rules.topics, topics)):
        for rule in given:
            if rule.name != "*" and rule.name not in known:
                raise PolicyError(f"{file}: {rule.role}: there is no {rule.name}")


def _check_depth(parents: Mapping[str, tuple[str, ...]], role: str) -> None:
    reached = {role}
    for _ in range(DEPTH_MAX):
        reached = {parent for each in reached for parent in parents.get(each, ())}
        if role in reached:
            raise PolicyError(f"roles.csv: {role} inherits itself")
    if any(parents.get(each) for each in reached):
        raise PolicyError(f"roles.csv: {role} inherits more than {DEPTH_MAX} steps deep")


def _names(path: Path) -> list[Rule]:
    return [Rule(role, name, ALL, _allows(effect, where)) for where, (role, name, effect) in _lines(path, "p", 3)]


def _lines(path: Path, kind: str, width: int) -> list[tuple[str, list[str]]]:
    """Read the lines of Casbin's own CSV form: a kind, then `width` values; # begins a remark."""
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, cells in enumerate(csv.reader(file, skipinitialspace=True), 1):
            values = [cell.strip() for cell in cells]
            if not values or values[0].startswith("#"):
                continue
            where = f"{path.name}:{number}"
            if values[0] != kind or len(values) != width + 1 or not all(values):
                raise PolicyError(f"{where}: a line here is {kind} and {width} values")
            if "*" in values[2] and not (values[2] == "*" or (values[2].endswith(".*") and values[2].count("*") == 1)):
                raise PolicyError(f"{where}: a pattern is *, Type.* or a whole name, not {values[2]}")
            found.append((where, values[1:]))
    return found


def _relations(word: str, where: str) -> Relation:
    if word == "*":
        return ALL
    if word not in Relation.__members__:
        raise PolicyError(f"{where}: there is no relation {word}")
    return Relation[word]


def _allows(word: str, where: str) -> bool:
    if word not in {"allow", "deny"}:
        raise PolicyError(f"{where}: the last value is allow or deny, not {word}")
    return word == "allow"


def _check_model(path: Path, known: dict[str, dict[str, str]]) -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(path.read_text(encoding="utf-8"))
    found = {section: dict(parser[section]) for section in parser.sections()}
    if found != known:
        raise PolicyError(f"{path.name}: the masks are expanded for another model than this one")
