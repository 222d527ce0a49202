"""What organisations define for themselves, in dictionaries: states, overlays and guards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.conditions import OwnGuard
from stockbook.domain.stock.overlays import CustomOverlay
from stockbook.domain.stock.states import CUSTOM_FROM, CustomState
from stockbook.flows.author import Author, Registered
from stockbook.flows.definitions import (
    BUILT_IN,
    GuardEntry,
    OverlayEntry,
    StateEntry,
    conditions,
    meets,
    unfit_guard,
    unfit_overlay,
    unfit_state,
)
from stockbook.flows.templates import TemplateEntry, adopted
from stockbook.store.memory.store import MemoryStore

_UNKNOWN = Refusal(Code.REFERENCE_UNKNOWN, "you have no such state to become", ("mayBecome",))
_DENIED = Refusal(Code.ACTION_DENIED, "that is another organisation's to define", ("organisation",))


@dataclass(slots=True)
class Definitions:
    """Defines into a `MemoryStore`; labels are not the ledger's matter."""

    store: MemoryStore

    def states(self, entries: Sequence[StateEntry]) -> Callable[[Author, StateEntry], Registered | Refusal]:
        """Return how each of some states is defined; each has its code before the first is made."""
        first = 1 + max((state.code for state in self.store.added_states), default=CUSTOM_FROM - 1)
        given = {(each.organisation, each.name): first + number for number, each in enumerate(entries)}
        return lambda author, entry: self._state(author, entry, given)

    def _state(
        self, author: Author, entry: StateEntry, given: dict[tuple[str | None, str], int]
    ) -> Registered | Refusal:
        """Define a state; known by its name, it stays what it was."""
        me = self._own(author, entry.organisation)
        if isinstance(no := unfit_state(entry) or me, Refusal):
            return no
        mine = [state for state in self.store.added_states if state.organisation == me]
        numbers = self.store.state_numbers
        known = next((state for state in mine if state.name == entry.name), None)
        taken = {numbers[state.code] for state in mine}
        number = entry.code or (numbers[known.code] if known else max(taken, default=CUSTOM_FROM - 1) + 1)
        beside = {name: code for (of, name), code in given.items() if of == entry.organisation}
        codes = beside | BUILT_IN | {state.name: state.code for state in mine}
        if not set(entry.may_become) <= codes.keys():
            return _UNKNOWN
        assert isinstance(me, int)
        code, may_become = codes[entry.name], tuple(codes[each] for each in entry.may_become)
        made = CustomState(code, entry.name, BUILT_IN[entry.base], may_become, me)
        if known is not None:
            return (code, True) if (known, numbers[code]) == (made, number) else _other("state")
        if number in taken:
            return Refusal(Code.BAD_INPUT, "another state of yours has this number", ("code",))
        self.store.added_states = (*self.store.added_states, made)
        self.store.state_numbers = {**numbers, code: number}
        return code, False

    def overlay(self, author: Author, entry: OverlayEntry) -> Registered | Refusal:
        """Define an overlay."""
        me = self._own(author, entry.organisation)
        if isinstance(no := unfit_overlay(entry) or me, Refusal):
            return no
        assert isinstance(me, int)
        added = self.store.added_overlays
        known = next((each for each in added if (each.organisation, each.name) == (me, entry.name)), None)
        made = CustomOverlay(known.id if known else len(added) + 1, me, entry.name, entry.blocks, meets(entry))
        if known is not None:
            return (known.id, True) if known == made else _other("overlay")
        self.store.added_overlays = (*added, made)
        return made.id, False

    def guard(self, author: Author, entry: GuardEntry) -> Registered | Refusal:
        """Define a guard, define it anew, or withdraw it."""
        me = self._own(author, entry.organisation)
        if isinstance(me, Refusal):
            return me
        states = BUILT_IN | {state.name: state.code for state in self.store.added_states if state.organisation == me}
        if no := unfit_guard(entry, states):
            return no
        added = self.store.added_guards
        known = next((each for each in added if (each.organisation, each.name) == (me, entry.name)), None)
        id_ = known.id if known else self.store.fresh()
        if entry.withdrawn:
            if known is None:
                return Refusal(Code.REFERENCE_UNKNOWN, "you have no such guard", ("name",))
            self.store.added_guards = tuple(each for each in added if each is not known)
            return id_, False
        source = states[entry.from_state] if entry.from_state else 0
        made = OwnGuard(me, entry.name, source, states[entry.to_state], entry.match, conditions(entry), id_)
        if known == made:
            return id_, True
        kept = tuple(each for each in added if each is not known)
        self.store.added_guards = (*kept, made)
        return id_, False

    def template(self, author: Author, entry: TemplateEntry) -> Registered | Refusal:
        """Define what a template defines; a guard that its organisation has under that name stays as it is."""
        given, me = adopted(entry), self._own(author, entry.organisation)
        if isinstance(given, Refusal):
            return given
        if isinstance(me, Refusal):
            return me
        define = self.states(given.states)
        guarded = {each.name for each in self.store.added_guards if each.organisation == me}
        verdicts = [
            *(define(author, each) for each in given.states),
            *(self.overlay(author, each) for each in given.overlays),
            *(self.guard(author, each) for each in given.guards if each.name not in guarded),
        ]
        unfit = next((each for each in verdicts if isinstance(each, Refusal)), None)
        return unfit or (me, all(each[1] for each in verdicts if isinstance(each, tuple)))

    def _own(self, author: Author, reference: str | None) -> int | Refusal:
        if reference is None:
            return author.organisation
        found = self.store.references.get("Organisation", {}).get(reference)
        return found if found is not None and (author.everywhere or found == author.organisation) else _DENIED


def _other(kind: str) -> Refusal:
    return Refusal(Code.BAD_INPUT, f"one {kind} of this name is defined already, otherwise", ("name",))
