"""Policies expanded into masks, so that deciding costs a request one look-up.

Casbin's `enforce` reads every rule at every question: one to two milliseconds a
field. Here a rule set is read once, its patterns are folded into bits (one pass
over the rules, then one over the fields), and equal masks are one object, so a
plan compiled for one serves every organisation that has it. A principal's roles
are unlike his relations: relations add up field by field in the statement, and
a `deny` for any of his roles holds, as in Casbin.

A new folder is read, checked and expanded aside and then swapped in by one
assignment: a reader sees the old policies or the new ones, never a mixture.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import count
from pathlib import Path

from stockbook.access import review
from stockbook.access.actions import ACTIONS, TOPICS
from stockbook.access.masks import ALL, NEVER, Mask, Relation
from stockbook.access.rules import Rule, Rules, check, read

_Content = tuple[frozenset[tuple[str, Relation]], frozenset[str], frozenset[str]]

ROLE_SETS_MAX = 4096
"""Sets of roles whose mask is kept; a set beyond them is expanded again when asked."""


class Policies:
    """The policies in force.

    >>> policies = Policies.load(Path("policies"))
    >>> board = policies.mask(frozenset({"board"}))
    >>> board.relations("Availability.sellableNow"), board.relations("Availability.held")
    (<Relation.SELLER|HOST: 24>, <Relation: 0>)
    >>> policies.mask(frozenset({"board", "no such role"})) is board
    True
    """

    def __init__(self, rules: Rules, fields: Mapping[str, str]) -> None:
        self._ids = count(1)
        self._expansion = _Expansion(rules, fields, {}, self._new_id)
        self._listeners: list[Callable[[], None]] = []

    @classmethod
    def load(cls, folder: Path, fields: Mapping[str, str] | None = None) -> "Policies":
        """Read a folder.

        `fields` maps "Type.field" to the type's scope. Left out, they are those
        reviewed in `expected.csv`: a field that nobody has reviewed shows to nobody.
        """
        return cls(*_read(folder, fields))

    def reload(self, folder: Path, fields: Mapping[str, str] | None = None) -> None:
        """Put another folder in force; when it can't be read the present one stays."""
        rules, universe = _read(folder, fields)
        self._expansion = _Expansion(rules, universe, self._expansion.interned, self._new_id)
        for listener in self._listeners:
            listener()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have `listener` called after every change: streams close, caches of scope are dropped."""
        self._listeners.append(listener)

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that any policy names."""
        return self._expansion.rules.roles

    @property
    def fields(self) -> Mapping[str, str]:
        """Every "Type.field" the masks speak of, with its scope."""
        return self._expansion.universe

    def mask(self, roles: frozenset[str]) -> Mask:
        """Return the mask of a set of roles; the same object for equal disclosure."""
        return self._expansion.mask(roles)

    def _new_id(self) -> int:
        return next(self._ids)


def _read(folder: Path, fields: Mapping[str, str] | None) -> tuple[Rules, Mapping[str, str]]:
    rules = read(folder)
    universe = dict(fields) if fields is not None else review.fields(folder)
    check(rules, universe, ACTIONS, TOPICS)
    return rules, universe


class _Expansion:
    """One generation of policies: never changed once made, apart from masks being remembered."""

    def __init__(
        self, rules: Rules, universe: Mapping[str, str], before: Mapping[_Content, Mask], new_id: Callable[[], int]
    ) -> None:
        self.rules = rules
        self.universe = universe
        self.interned: dict[_Content, Mask] = {}
        self._before = dict(before)
        self._new_id = new_id
        self._known = frozenset(rules.roles)
        self._masks: dict[frozenset[str], Mask] = {}
        self._by_role: dict[str, list[tuple[int, Rule]]] = {}
        for kind, lines in enumerate((rules.fields, rules.actions, rules.topics)):
            for rule in lines:
                self._by_role.setdefault(rule.role, []).append((kind, rule))

    def mask(self, roles: frozenset[str]) -> Mask:
        found = self._masks.get(roles)
        if found is None:
            known = roles & self._known
            found = self._masks.get(known) or self._expand(known)
            if len(self._masks) >= ROLE_SETS_MAX:
                self._masks.clear()
            self._masks[known] = found
        return found

    def _expand(self, roles: frozenset[str]) -> Mask:
        granted: tuple[dict[str, Relation], ...] = ({}, {}, {})
        withheld: tuple[dict[str, Relation], ...] = ({}, {}, {})
        for role in self.rules.closure(roles):
            for kind, rule in self._by_role.get(role, ()):
                side = (granted if rule.allow else withheld)[kind]
                side[rule.name] = side.get(rule.name, NEVER) | rule.relations
        fields = {}
        for field in self.universe:
            pattern = field.partition(".")[0] + ".*"
            shown = _bits(granted[0], field, pattern) & ~_bits(withheld[0], field, pattern) & ALL
            if shown:
                fields[field] = shown
        actions = _allowed(ACTIONS, granted[1], withheld[1])
        topics = _allowed(TOPICS, granted[2], withheld[2])
        content = (frozenset(fields.items()), actions, topics)
        mask = self.interned.get(content) or self._before.get(content) or Mask(self._new_id(), fields, actions, topics)
        return self.interned.setdefault(content, mask)


def _bits(rules: Mapping[str, Relation], field: str, pattern: str) -> Relation:
    return rules.get(field, NEVER) | rules.get(pattern, NEVER) | rules.get("*", NEVER)


def _allowed(names: Iterable[str], granted: Mapping[str, Relation], withheld: Mapping[str, Relation]) -> frozenset[str]:
    if "*" in withheld:
        return frozenset()
    return frozenset(name for name in names if ("*" in granted or name in granted) and name not in withheld)
