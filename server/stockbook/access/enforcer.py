"""Casbin itself over the policy files: what decides, and too slow to ask at a request.

The tests put to it every question that a mask answers.
"""

from collections.abc import Iterable
from pathlib import Path

import casbin
from casbin.util import key_match


class Judge:
    """Casbin's answers for a folder of policies.

    >>> judge = Judge(Path("policies"), "topics")
    >>> judge.allows({"board"}, "sellableNow")
    True
    """

    def __init__(self, folder: Path, kind: str) -> None:
        self._model = str(folder / f"{kind}.conf")
        self._rules = casbin.Enforcer(self._model, str(folder / f"{kind}.csv")).get_policy()
        lines = (folder / "roles.csv").read_text(encoding="utf-8").splitlines()
        cells = [[cell.strip() for cell in line.split(",")] for line in lines]
        self._parents = [values[1:] for values in cells if values[0] == "g"]
        self._named: dict[str, casbin.Enforcer] = {}
        self._by_rules: dict[tuple[int, ...], casbin.Enforcer] = {}

    def allows(self, roles: Iterable[str], *question: str) -> bool:
        """Return whether somebody with these roles may: (field, relation), (action) or (topic)."""
        enforcer = self._named.get(question[0]) or self._naming(question[0])
        subject = f"somebody with {sorted(roles)}".replace(",", " and")
        for role in roles:
            enforcer.add_named_grouping_policy("g", subject, role)  # which adds nothing the second time
        return bool(enforcer.enforce(subject, *question))

    def _naming(self, name: str) -> casbin.Enforcer:
        """Return Casbin over the rules that name this, as Casbin itself matches: the others decide nothing, slowly."""
        numbers = tuple(number for number, rule in enumerate(self._rules) if key_match(name, rule[1]))
        if numbers not in self._by_rules:
            enforcer = self._by_rules[numbers] = casbin.Enforcer(self._model)
            enforcer.add_policies([self._rules[number] for number in numbers])
            enforcer.add_named_grouping_policies("g", self._parents)
        self._named[name] = self._by_rules[numbers]
        return self._named[name]
