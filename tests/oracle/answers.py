"""The answer that the oracle expects to a query: rows, pages, totals, groups, and the fields that are refused."""

from collections.abc import Callable
from typing import Any

from tests.oracle.facts import TYPES
from tests.oracle.kinds import Few, Many, One, Part
from tests.oracle.oracle import GROUPS, PAGE, PREFIX, Oracle, Pick, Refused, said

Path = tuple[str, ...]


class Expected:
    """Works out one answer."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.errors: set[Path] = set()

    def query(self, picks: list[Pick]) -> dict[str, Any]:
        """Return the data of a query whose response keys are the fields' names."""
        for pick in picks:
            self._root(pick, static=True)
        return {pick.name: self._root(pick, static=False) for pick in picks}

    def _root(self, pick: Pick, *, static: bool) -> Any:
        path = (pick.name,)
        if pick.name == "node":
            kind, _, key = pick.args["id"].removeprefix(PREFIX).partition("/")
            return self._single(kind, lambda row: TYPES[kind].key(row) == key, pick, path, static)
        for kind, type_ in TYPES.items():
            if type_.roots and pick.name == type_.roots[0]:
                return self._single(kind, self._named(kind, pick.args["id"]), pick, path, static)
            if type_.roots and pick.name == type_.roots[1]:
                return self._page(kind, lambda _: True, pick, path, static)
        raise AssertionError(pick.name)

    def _named(self, kind: str, name: str) -> Callable[[Any], bool]:
        if name.startswith(PREFIX):
            return lambda row: f"{PREFIX}{kind}/{TYPES[kind].key(row)}" == name
        if not TYPES[kind].reference:
            return lambda row: False
        own = kind in {"Document", "Task", "Device", "Influence"}  # two organisations may give theirs one name
        return lambda row: self._reference(kind, row) == name and (not own or row["organisation_id"] == self.oracle.me)

    def _reference(self, kind: str, row: Any) -> Any:
        return TYPES[kind].fields["externalReference"].read(self.oracle.world, row)

    def _single(self, kind: str, wanted: Callable[[Any], bool], pick: Pick, path: Path, static: bool) -> Any:
        if self._closed(kind, path):
            return None
        if static:
            return self._check(kind, pick.below or [], path)
        found = [row for row in self.oracle.rows(kind) if wanted(row)]
        return self._object(kind, found[0], pick.below or []) if found else None

    def _closed(self, kind: str, path: Path) -> bool:
        if self.oracle.never(kind, "id"):
            self.errors.add(path)
            return True
        return False

    # what is refused, whatever the rows

    def _check(self, kind: str, picks: list[Pick], path: Path) -> None:
        for pick in picks:
            here = (*path, pick.name)
            if self.oracle.never(kind, pick.name):
                self.errors.add(here)
                continue
            if pick.name == "id":
                continue
            fact = TYPES[kind].fields[pick.name]
            if isinstance(fact, Many):
                self._page(fact.type, lambda _: True, pick, here, static=True)
            elif isinstance(fact, One | Few):
                if not self._closed(fact.type, here):
                    self._check(fact.type, pick.below or [], here)
            elif isinstance(fact, Part):
                self._check("LegEnd", pick.below or [], here)

    def _shown(self, kind: str, name: str) -> None:
        if self.oracle.never(kind, name):
            raise Refused(f"{kind}.{name}")

    def _check_filter(self, kind: str, given: dict[str, Any]) -> None:
        for name, inner in given.items():
            if name in {"and", "or"}:
                for each in inner:
                    self._check_filter(kind, each)
            elif name == "not":
                self._check_filter(kind, inner)
            else:
                self._shown(kind, name)

    # rows

    def _object(self, kind: str, row: Any, picks: list[Pick], relations: frozenset[str] | None = None) -> Any:
        relations = self.oracle.related(kind, row) if relations is None else relations
        return {pick.name: self._field(kind, row, pick, relations) for pick in picks}

    def _field(self, kind: str, row: Any, pick: Pick, relations: frozenset[str]) -> Any:
        oracle = self.oracle
        if not oracle.shows(kind, pick.name, relations):
            return None
        if pick.name == "id":
            return f"{PREFIX}{kind}/{TYPES[kind].key(row)}"
        fact = TYPES[kind].fields[pick.name]
        below = pick.below or []
        if isinstance(fact, One):
            found = None if oracle.never(fact.type, "id") else oracle.find(fact.type, fact.read(oracle.world, row))
            return None if found is None else self._object(fact.type, found, below)
        if isinstance(fact, Part):
            part = frozenset(oracle.of_end(row, fact.prefix))
            inner = {key.removeprefix(f"{fact.prefix}_"): value for key, value in row.items()}
            return self._object("LegEnd", inner, below, part) if part else None
        if isinstance(fact, Few):
            if oracle.never(fact.type, "id"):
                return None
            rows = [each for each in oracle.rows(fact.type) if fact.belongs(oracle.world, row, each)]
            return [self._object(fact.type, each, below) for each in sorted(rows, key=lambda each: each[fact.order])]
        if isinstance(fact, Many):
            return self._page(fact.type, lambda each: fact.belongs(oracle.world, row, each), pick, (), static=False)
        return said(fact.read(oracle.world, row))

    # pages

    def _page(self, kind: str, belongs: Callable[[Any], bool], pick: Pick, path: Path, static: bool) -> Any:
        if static:
            return self._check_page(kind, pick, path)
        if self.oracle.never(kind, "id"):
            return None
        rows = [row for row in self.oracle.rows(kind) if belongs(row)]
        if "filter" in pick.args:
            rows = [row for row in rows if self.holds(kind, row, pick.args["filter"]) is True]
        found: dict[str, Any] = {}
        for each in pick.below or []:
            if each.name == "totalCount":
                found[each.name] = len(rows)
            elif each.name == "nodes":
                size = pick.args.get("first", PAGE)
                ordered = self._sorted(kind, rows, pick.args.get("sort"))[:size]
                found[each.name] = [self._object(kind, row, each.below or []) for row in ordered]
            elif each.name == "aggregate":
                found[each.name] = self._totals(kind, rows, each.below or [])
            else:
                found[each.name] = self._groups(kind, rows, each)
        return found

    def _check_page(self, kind: str, pick: Pick, path: Path) -> None:
        if self._closed(kind, path):
            return
        self._check_filter(kind, pick.args.get("filter", {}))
        for key in pick.args.get("sort", []):
            self._shown(kind, key[0])
        for each in pick.below or []:
            here = (*path, each.name)
            if each.name == "nodes":
                self._check(kind, each.below or [], here)
            elif each.name == "aggregate":
                self._check_sums(kind, each.below or [], here)
            elif each.name == "groups":
                for name in each.args["by"]:
                    self._shown(kind, name)
                self._check_group(kind, each.below or [], here)

    def _check_group(self, kind: str, picks: list[Pick], path: Path) -> None:
        self._check_sums(kind, [each for each in picks if each.name in {"count", "sum"}], path)
        self._check(kind, [each for each in picks if each.name not in {"count", "sum"}], path)

    def _check_sums(self, kind: str, picks: list[Pick], path: Path) -> None:
        for pick in picks:
            for each in pick.below or []:
                if self.oracle.never(kind, each.name):
                    self.errors.add((*path, pick.name, each.name))

    def _sorted(self, kind: str, rows: list[Any], asked: list[tuple[str, bool]] | None) -> list[Any]:
        """Sort by the keys, nulls last either way, then by id the way of the last key."""
        if asked is None:
            words = TYPES[kind].order
            asked = [
                (w.removeprefix("-"), w.startswith("-")) for w in words if not self.oracle.never(kind, w.strip("-"))
            ]
        ordered = sorted(rows, key=lambda row: row["id"], reverse=bool(asked) and asked[-1][1])
        for name, descending in reversed(asked):
            values = {id(row): self.oracle.value(kind, row, name) for row in ordered}
            there = [row for row in ordered if values[id(row)] is not None]
            there.sort(key=lambda row: values[id(row)], reverse=descending)
            ordered = there + [row for row in ordered if values[id(row)] is None]
        return ordered

    def _totals(self, kind: str, rows: list[Any], picks: list[Pick]) -> dict[str, Any]:
        return {
            each.name: len(rows) if each.name == "count" else self._sums(kind, rows, each.below or []) for each in picks
        }

    def _sums(self, kind: str, rows: list[Any], picks: list[Pick]) -> dict[str, Any]:
        found = {}
        for each in picks:
            total = TYPES[kind].fields[each.name].total
            if total is not None:
                found[each.name] = None if self.oracle.never(kind, each.name) else said(total(rows))
                continue
            values = [self.oracle.value(kind, row, each.name) for row in rows]
            there = [value for value in values if value is not None]
            found[each.name] = said(sum(there[1:], there[0])) if there else None
        return found

    def _groups(self, kind: str, rows: list[Any], pick: Pick) -> list[Any]:
        by = list(dict.fromkeys(pick.args["by"]))
        groups: dict[tuple[Any, ...], list[Any]] = {}
        for row in rows:
            groups.setdefault(tuple(self.oracle.value(kind, row, name) for name in by), []).append(row)
        ordered = sorted(groups, key=lambda key: [(value is None, value) for value in key])
        return [self._group(kind, key, groups[key], by, pick.below or []) for key in ordered[:GROUPS]]

    def _group(self, kind: str, key: tuple[Any, ...], rows: list[Any], by: list[str], picks: list[Pick]) -> Any:
        found: dict[str, Any] = self._totals(kind, rows, [each for each in picks if each.name in {"count", "sum"}])
        for each in picks:
            if each.name in {"count", "sum"}:
                continue
            fact = TYPES[kind].fields[each.name]
            value = key[by.index(each.name)] if each.name in by and not self.oracle.never(kind, each.name) else None
            if isinstance(fact, One):
                row = None if self.oracle.never(fact.type, "id") else self.oracle.find(fact.type, value)
                found[each.name] = None if row is None else self._object(fact.type, row, each.below or [])
            else:
                found[each.name] = said(value)
        return {each.name: found[each.name] for each in picks}

    # filters, in SQL's three values

    def holds(self, kind: str, row: Any, given: dict[str, Any]) -> bool | None:
        verdicts = []
        for name, inner in given.items():
            if name == "and":
                verdicts.append(every([self.holds(kind, row, each) for each in inner]))
            elif name == "or":
                verdicts.append(some([self.holds(kind, row, each) for each in inner]))
            elif name == "not":
                held = self.holds(kind, row, inner)
                verdicts.append(None if held is None else not held)
            else:
                verdicts += [self._compare(kind, row, name, how, value) for how, value in inner.items()]
        return every(verdicts)

    def _compare(self, kind: str, row: Any, name: str, how: str, given: Any) -> bool | None:
        fact = TYPES[kind].fields[name]
        value = self.oracle.value(kind, row, name)
        if isinstance(fact, One):
            if how == "isNull":
                return (self.oracle.find(fact.type, value) is None) is given
            # what is named counts only when it is visible, so asking tells nothing of what isn't
            wanted = given if isinstance(given, list) else [given]
            meant = [row for each in wanted for row in self.oracle.rows(fact.type) if self._named(fact.type, each)(row)]
            if value is None and (meant or how == "eq"):
                return None
            return any(row["id"] == value for row in meant)
        if how == "isNull":
            return (value is None) is given
        if value is None:
            return None
        return {
            "eq": lambda: value == given,
            "in": lambda: value in given,
            "gt": lambda: value > given,
            "gte": lambda: value >= given,
            "lt": lambda: value < given,
            "lte": lambda: value <= given,
            "contains": lambda: given.lower() in value.lower(),
            "startsWith": lambda: value.startswith(given),
        }[how]()


def every(verdicts: list[bool | None]) -> bool | None:
    return False if False in verdicts else None if None in verdicts else True


def some(verdicts: list[bool | None]) -> bool | None:
    return True if True in verdicts else None if None in verdicts else False
