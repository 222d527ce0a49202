"""Templates: states, overlays and guards that an industry is used to, one file each in `stockbook/templates`."""

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib.resources import files
from typing import Any

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.conditions import GuardFact, GuardMatch
from stockbook.domain.stock.references import OrganisationRef
from stockbook.flows.definitions import ConditionEntry, GuardEntry, OverlayEntry, StateEntry

_FOLDER = files("stockbook") / "templates"
_END = ".toml"


@dataclass(frozen=True, slots=True)
class TemplateEntry:
    """A template that an organisation adopts, by name: it defines what is not defined yet, and so twice is once."""

    template: str
    organisation: OrganisationRef | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """What a template defines."""

    states: tuple[StateEntry, ...] = ()
    overlays: tuple[OverlayEntry, ...] = ()
    guards: tuple[GuardEntry, ...] = ()


def names() -> list[str]:
    """Return what templates there are.

    >>> "food" in names()
    True
    """
    return sorted(path.name.removesuffix(_END) for path in _FOLDER.iterdir() if path.name.endswith(_END))


def adopted(entry: TemplateEntry) -> Template | Refusal:
    """Return what an entry defines for its organisation.

    >>> [state.name for state in adopted(TemplateEntry("food")).states]
    ['RIPENING', 'RIPE', 'MARKED_DOWN']
    >>> adopted(TemplateEntry("../secrets")).message
    'there is no such template; there are: food'
    """
    there = names()
    if entry.template not in there:
        said = f"there is no such template; there are: {', '.join(there)}"
        return Refusal(Code.REFERENCE_UNKNOWN, said, ("template",))
    found = read((_FOLDER / f"{entry.template}{_END}").read_text(encoding="utf-8"))
    of = entry.organisation
    return Template(
        tuple(replace(each, organisation=of) for each in found.states),
        tuple(replace(each, organisation=of) for each in found.overlays),
        tuple(replace(each, organisation=of) for each in found.guards),
    )


def read(text: str) -> Template:
    r"""Return what a text defines; a word that means nothing in it is an error.

    >>> read('[[overlays]]\nname = "CUSTOMS"\nblocks = true').overlays[0].blocks
    True
    """
    tables: dict[str, list[dict[str, Any]]] = tomllib.loads(text)
    said = {kind: tuple(_ENTRIES[kind](**row) for row in rows) for kind, rows in tables.items()}
    return Template(**said)


def _state(may_become: list[str], **row: Any) -> StateEntry:
    return StateEntry(may_become=tuple(may_become), **row)


def _overlay(meets: Sequence[str] = (), **row: Any) -> OverlayEntry:
    return OverlayEntry(meets=tuple(meets), **row)


def _guard(conditions: list[dict[str, str]], match: str = "ALL", **row: Any) -> GuardEntry:
    asked = tuple(_condition(**each) for each in conditions)
    return GuardEntry(conditions=asked, match=GuardMatch(match), **row)


def _condition(fact: str, number: str | None = None, text: str | None = None) -> ConditionEntry:
    return ConditionEntry(GuardFact(fact), None if number is None else Decimal(number), text)


_ENTRIES: dict[str, Callable[..., Any]] = {"states": _state, "overlays": _overlay, "guards": _guard}
