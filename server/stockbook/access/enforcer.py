"""Casbin itself over the policy files: what decides, and too slow to ask at a request.

`stockbook policies check` and the tests put to it every question that a mask
answers.
"""

from collections.abc import Iterable
from pathlib import Path

import casbin


class Judge:
    """Casbin's answers for a folder of policies.

    >>> judge = Judge(Path("policies"), "topics")
    >>> judge.allows({"board"}, "sellableNow")
    True
    """

    def __init__(self, folder: Path, kind: str) -> None:
        self._enforcer = casbin.Enforcer(str(folder / f"{kind}.conf"), str(folder / f"{kind}.csv"))
        for line in (folder / "roles.csv").read_text(encoding="utf-8").splitlines():
            cells = [cell.strip() for cell in line.split(",")]
            if cells[0] == "g":
                self._enforcer.add_named_grouping_policy("g", cells[1], cells[2])
        self._sets: dict[frozenset[str], str] = {}

    def allows(self, roles: Iterable[str], *question: str) -> bool:
        """Return whether somebody with these roles may: (field, relation), (action) or (topic)."""
        return bool(self._enforcer.enforce(self._subject(frozenset(roles)), *question))

    def _subject(self, roles: frozenset[str]) -> str:
        if roles not in self._sets:
            subject = f"somebody with {sorted(roles)}".replace(",", " and")
            for role in roles:
                self._enforcer.add_named_grouping_policy("g", subject, role)
            self._sets[roles] = subject
        return self._sets[roles]
