"""The twelve states as one table, and what each may become.

A position is in exactly one state. Each state says where the goods are (here,
coming, nowhere), whether it sells, and its disposition in GS1's Core Business
Vocabulary. An organisation adds states of its own (codes from 100); each maps
to a built-in one, whose traits and guards it has. To everybody else goods in it
are in that built-in one: so they see them, name them and handle them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import NamedTuple


class State(IntEnum):
    """Where in its life a quantity is; NONE is that of virtual places."""

    NONE = 0
    EXPECTED = 1
    IN_TRANSIT = 2
    RECEIVED = 3
    IN_INSPECTION = 4
    AWAITING_PUTAWAY = 5
    AWAITING_PROCESSING = 6
    IN_PROCESSING = 7
    SELLABLE = 8
    QUARANTINED = 9
    DAMAGED = 10
    RETURNED = 11
    EXPIRED = 12


class Presence(Enum):
    """Where goods in a state are."""

    NOWHERE = "nowhere"
    COMING = "coming"
    HERE = "here"


class Traits(NamedTuple):
    """What a state means for the figures, and its CBV disposition."""

    presence: Presence
    sells: bool
    disposition: str


TRAITS: dict[State, Traits] = {
    State.NONE: Traits(Presence.NOWHERE, False, "unknown"),
    State.EXPECTED: Traits(Presence.COMING, False, "encoded"),
    State.IN_TRANSIT: Traits(Presence.COMING, False, "in_transit"),
    State.RECEIVED: Traits(Presence.HERE, False, "in_progress"),
    State.IN_INSPECTION: Traits(Presence.HERE, False, "non_sellable_other"),
    State.AWAITING_PUTAWAY: Traits(Presence.HERE, False, "sellable_not_accessible"),
    State.AWAITING_PROCESSING: Traits(Presence.HERE, False, "container_open"),
    State.IN_PROCESSING: Traits(Presence.HERE, False, "in_progress"),
    State.SELLABLE: Traits(Presence.HERE, True, "sellable_accessible"),
    State.QUARANTINED: Traits(Presence.HERE, False, "needs_replacement"),
    State.DAMAGED: Traits(Presence.HERE, False, "damaged"),
    State.RETURNED: Traits(Presence.HERE, False, "returned"),
    State.EXPIRED: Traits(Presence.HERE, False, "expired"),
}


class Guard(Enum):
    """What must hold of the lot before a transition; `deciding.guards` has the predicates."""

    NONE = "nothing"
    INSPECTED = "its inspection has passed"
    FRESH = "its expiry has not passed"
    INSPECTED_AND_FRESH = "its inspection has passed and its expiry has not"
    OVERDUE = "its expiry has passed"


_TROUBLE = {State.QUARANTINED: Guard.NONE, State.DAMAGED: Guard.NONE, State.EXPIRED: Guard.OVERDUE}
_READY = {State.SELLABLE: Guard.INSPECTED_AND_FRESH, State.AWAITING_PROCESSING: Guard.INSPECTED_AND_FRESH}

MAY_BECOME: dict[State, dict[State, Guard]] = {
    State.EXPECTED: {State.IN_TRANSIT: Guard.NONE, State.RECEIVED: Guard.NONE},
    State.IN_TRANSIT: {State.RECEIVED: Guard.NONE},
    State.RECEIVED: {
        State.IN_INSPECTION: Guard.NONE,
        State.AWAITING_PUTAWAY: Guard.INSPECTED,
        **_READY,
        **_TROUBLE,
    },
    State.IN_INSPECTION: {State.AWAITING_PUTAWAY: Guard.INSPECTED, **_TROUBLE},
    State.AWAITING_PUTAWAY: {State.IN_INSPECTION: Guard.NONE, State.IN_TRANSIT: Guard.FRESH, **_READY, **_TROUBLE},
    State.AWAITING_PROCESSING: {
        State.IN_PROCESSING: Guard.FRESH,
        State.SELLABLE: Guard.INSPECTED_AND_FRESH,
        State.IN_TRANSIT: Guard.FRESH,
        **_TROUBLE,
    },
    State.IN_PROCESSING: {State.AWAITING_PROCESSING: Guard.NONE, **_TROUBLE},
    State.SELLABLE: {
        State.IN_INSPECTION: Guard.NONE,
        State.AWAITING_PROCESSING: Guard.NONE,
        State.IN_TRANSIT: Guard.FRESH,
        **_TROUBLE,
    },
    State.QUARANTINED: {State.IN_INSPECTION: Guard.NONE, State.DAMAGED: Guard.NONE, State.EXPIRED: Guard.OVERDUE},
    State.DAMAGED: {State.IN_INSPECTION: Guard.NONE, State.EXPIRED: Guard.OVERDUE},
    State.RETURNED: {State.IN_INSPECTION: Guard.NONE, **_READY, **_TROUBLE},
    State.EXPIRED: {},
}
"""Each pair with the guard that must hold; a pair that is not here is refused."""

CUSTOM_FROM = 100


def required(before: State, after: State) -> Guard:
    """Return what must hold for a state that maps to `before` to become one that maps to `after`."""
    return MAY_BECOME.get(before, {}).get(after, _READY.get(after, Guard.NONE))


@dataclass(frozen=True, slots=True)
class CustomState:
    """A state that an organisation added: traits and guards are those of `base`, successors its own."""

    code: int
    name: str
    base: int
    may_become: tuple[int, ...] = ()
    organisation: int = 0


class States:
    """The built-in states and the added ones.

    >>> ripening = CustomState(100, "RIPENING", base=State.QUARANTINED, may_become=(State.SELLABLE,), organisation=7)
    >>> states = States([ripening])
    >>> states.guard(State.RECEIVED, 100), states.guard(100, State.SELLABLE), states.guard(100, State.DAMAGED)
    (<Guard.NONE: 'nothing'>, <Guard.INSPECTED_AND_FRESH: ...>, None)
    >>> states.traits(100).sells, states.code("RIPENING", 7), states.code("RIPENING", 8)
    (False, 100, None)
    >>> states.seen(100, 7), states.seen(100, 8)
    (100, <State.QUARANTINED: 9>)
    """

    def __init__(self, added: Iterable[CustomState] = ()) -> None:
        self._added = {state.code: state for state in added}
        self._codes = {state.name: int(state) for state in State if state}
        self._own = {(state.organisation, state.name): code for code, state in self._added.items()}
        self._names = {code: name for name, code in self._codes.items()}
        self._names |= {code: state.name for code, state in self._added.items()}
        self._traits: dict[int, Traits] = {int(state): traits for state, traits in TRAITS.items()}
        self._traits |= {code: TRAITS[State(state.base)] for code, state in self._added.items()}

    def code(self, name: str, organisation: int) -> int | None:
        """Return the code of the state that an organisation calls so."""
        return self._codes.get(name) or self._own.get((organisation, name))

    def seen(self, code: int, organisation: int) -> int:
        """Return the state that goods are in for an organisation: another's own one is its built-in one."""
        if code < CUSTOM_FROM:
            return code
        added = self._added[code]
        return code if added.organisation == organisation else State(added.base)

    def name(self, code: int) -> str:
        """Return the name of a state, for people."""
        return self._names.get(code, "NONE")

    def traits(self, code: int) -> Traits:
        """Return what a state means."""
        return self._traits[code]

    def base(self, code: int) -> State:
        """Return the built-in state whose traits it has."""
        added = self._added.get(code)
        return State(added.base if added else code)

    def guard(self, source: int, target: int) -> Guard | None:
        """Return what must hold for `source` to become `target`, or None when it never may."""
        if source < CUSTOM_FROM and target < CUSTOM_FROM:
            return MAY_BECOME[State(source)].get(State(target)) if source else None
        before, after = self.base(source), self.base(target)
        added = self._added.get(source)
        if added is not None and target not in added.may_become:
            return None
        if added is None and before != after and after not in MAY_BECOME.get(before, {}):
            return None
        return required(before, after)
