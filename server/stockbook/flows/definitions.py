"""What an organisation defines for itself: states, overlays and guards, by a name of its own within each kind.

A state and an overlay stay what they were defined as, since goods have been in
them; their labels may change. A guard defined anew replaces what it was.
"""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from decimal import Decimal

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.conditions import NUMBERED, WORDED, Condition, GuardFact, GuardMatch
from stockbook.domain.stock.overlays import Overlay
from stockbook.domain.stock.references import OrganisationRef
from stockbook.domain.stock.states import CUSTOM_FROM, State

NAME = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
NUMBER_MAX = 32_767
CONDITIONS_MAX = 10
BUILT_IN = {state.name: int(state) for state in State if state}


@dataclass(frozen=True, slots=True)
class StateEntry:
    """A state of one's own, with the traits of `base`; what it `mayBecome` may come later in the same request.

    Its own number, `code`, is from 100; left out it is the next one free.
    """

    name: str
    base: str
    code: int | None = None
    may_become: tuple[str, ...] = ()
    label_en: str = ""
    label_zh: str = ""
    organisation: OrganisationRef | None = None


@dataclass(frozen=True, slots=True)
class OverlayEntry:
    """An overlay of one's own: whether it blocks, and which built-in states it may meet (left out: all)."""

    name: str
    blocks: bool
    meets: tuple[str, ...] = ()
    label_en: str = ""
    label_zh: str = ""
    organisation: OrganisationRef | None = None


@dataclass(frozen=True, slots=True)
class ConditionEntry:
    """One thing that a guard asks for: days, or a quantity in base units, are the `number`, a kind the `text`."""

    fact: GuardFact
    number: Decimal | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class GuardEntry:
    """A guard of one's own, besides the built-in ones: what must be so before goods come into `to_state`.

    From `from_state`, or from any and from outside when it is left out. A guard on
    a built-in state is asked for one's own that map to it as well. `withdrawn`: it
    asks nothing any more.
    """

    name: str
    to_state: str
    conditions: tuple[ConditionEntry, ...] = ()
    from_state: str | None = None
    match: GuardMatch = GuardMatch.ALL
    withdrawn: bool = False
    label_en: str = ""
    label_zh: str = ""
    organisation: OrganisationRef | None = None


def unfit_state(entry: StateEntry) -> Refusal | None:
    """Return why there can't be such a state, or None.

    >>> unfit_state(StateEntry("RIPENING", base="QUARANTINED"))
    >>> unfit_state(StateEntry("SELLABLE", base="SELLABLE")).message
    'a name is in capitals, digits and underscores, and no built-in one'
    """
    if no := _unnamed(entry.name, State.__members__):
        return no
    if entry.base not in BUILT_IN:
        return Refusal(Code.BAD_INPUT, "the base is one of the twelve built-in states", ("base",))
    if entry.code is not None and not CUSTOM_FROM <= entry.code <= NUMBER_MAX:
        return Refusal(Code.BAD_INPUT, f"a number of one's own is from {CUSTOM_FROM} to {NUMBER_MAX}", ("code",))
    return None


def unfit_overlay(entry: OverlayEntry) -> Refusal | None:
    """Return why there can't be such an overlay, or None."""
    if no := _unnamed(entry.name, Overlay.__members__):
        return no
    if not set(entry.meets) <= BUILT_IN.keys():
        return Refusal(Code.BAD_INPUT, "it meets built-in states, by name", ("meets",))
    return None


def meets(entry: OverlayEntry) -> tuple[int, ...]:
    """Return the built-in states that an overlay may lie over."""
    return tuple(sorted(BUILT_IN[name] for name in entry.meets)) or tuple(BUILT_IN.values())


def unfit_guard(entry: GuardEntry, states: Mapping[str, int]) -> Refusal | None:
    """Return why there can't be such a guard, or None; `states` are those its organisation knows, by name."""
    if no := _unnamed(entry.name, ()):
        return no
    for path, name in (("toState", entry.to_state), ("fromState", entry.from_state)):
        if name is not None and name not in states:
            return Refusal(Code.REFERENCE_UNKNOWN, "you have no such state", (path,))
    if not entry.withdrawn and not 1 <= len(entry.conditions) <= CONDITIONS_MAX:
        return Refusal(Code.BAD_INPUT, f"a guard has 1 to {CONDITIONS_MAX} conditions", ("conditions",))
    for number, condition in enumerate(entry.conditions):
        numbered, worded = condition.fact in NUMBERED, condition.fact in WORDED
        if (condition.number is not None) != numbered or (condition.number or 0) < 0:
            said = "takes a number, not below zero" if numbered else "takes no number"
            return Refusal(Code.BAD_INPUT, f"{condition.fact} {said}", ("conditions", str(number), "number"))
        if bool(condition.text) != worded:
            said = "takes a text" if worded else "takes no text"
            return Refusal(Code.BAD_INPUT, f"{condition.fact} {said}", ("conditions", str(number), "text"))
    return None


def conditions(entry: GuardEntry) -> tuple[Condition, ...]:
    """Return what a guard asks for."""
    return tuple(Condition(each.fact, each.number or Decimal(0), each.text or "") for each in entry.conditions)


def _unnamed(name: str, taken: Container[str]) -> Refusal | None:
    if NAME.fullmatch(name) and name not in taken:
        return None
    return Refusal(Code.BAD_INPUT, "a name is in capitals, digits and underscores, and no built-in one", ("name",))
