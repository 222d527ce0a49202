"""What an organisation defines for itself, beside what is built in: states, their transitions, overlays, guards."""

from decimal import Decimal
from typing import TYPE_CHECKING

from strawberry import ID

from stockbook.access.masks import ALL
from stockbook.domain.stock.conditions import GuardFact, GuardMatch
from stockbook.domain.stock.states import TRAITS, required
from stockbook.domain.stock.states import Guard as BuiltIn
from stockbook.domain.stock.states import State as Built
from stockbook.graph.declare import OWN, Node, Scope, column, each, identity, one, shape

if TYPE_CHECKING:
    from stockbook.graph.catalogue import Organisation

_SEEN = {ALL: "{p}.organisation_id in (0, {me})"}
"""Built-in ones, and one's own."""
_STATES = [state for state in Built if state]
_TRANSITIONS = """(select s.code as source_code, s.base as source_base, t.code as target_code, t.base as target_base,
  greatest(s.organisation_id, t.organisation_id) as organisation_id
from state s join state t on t.code = any(s.may_become) or s.organisation_id = 0 and t.organisation_id <> 0
  and (t.base = s.code or t.base = any(s.may_become)))"""


def _trait(values: dict[Built, str]) -> str:
    """Return SQL for a trait of the built-in state that a state maps to."""
    return f"(case {{p}}.base {' '.join(f'when {int(state)} then {value}' for state, value in values.items())} end)"


def _required() -> str:
    """Return SQL for what everybody must meet on a transition, null for nothing."""
    pairs: dict[BuiltIn, list[str]] = {}
    for before in _STATES:
        for after in _STATES:
            pairs.setdefault(required(before, after), []).append(f"({int(before)}, {int(after)})")
    del pairs[BuiltIn.NONE]
    cases = (f"when ({{p}}.source_base, {{p}}.target_base) in ({', '.join(of)}) then '{guard.name}'"
             for guard, of in pairs.items())  # fmt: skip
    return f"(case {' '.join(cases)} end)"


@shape(
    scope=Scope.PRIVATE,
    table="state",
    source="(select s.code as id, s.* from state s)",
    visible=_SEEN,
    roots=("state", "states"),
)
class State(Node):
    """A state that goods can be in: built in, or your own, which maps to a built-in one."""

    id: ID = identity()
    name: str | None = column("{p}.name", "What postings and filters call it.", sort=True)
    label_en: str | None = column("{p}.label_en", "What people call it, in English.")
    label_zh: str | None = column("{p}.label_zh", "What people call it, in Chinese.")
    code: int | None = column("{p}.number", "Its number: 1 to 12 are built in, yours are from 100.", sort=True)
    own: bool | None = column("({p}.organisation_id <> 0)", "Whether your organisation defined it.", null=False)
    base: "State | None" = one("{p}.base", "The built-in state whose traits and guards it has; others see goods in it.")
    presence: str | None = column(
        _trait({state: f"'{TRAITS[state].presence.name}'" for state in _STATES}), "HERE, COMING or NOWHERE.", null=False
    )
    sells: bool | None = column(
        _trait({state: str(TRAITS[state].sells).lower() for state in _STATES}), "Whether goods in it sell.", null=False
    )
    disposition: str | None = column(
        _trait({state: f"'{TRAITS[state].disposition}'" for state in _STATES}),
        "Its disposition in GS1's Core Business Vocabulary.",
        null=False,
    )
    transitions: "list[Transition] | None" = each(
        "{c}.source_code = {p}.id", "What it may become.", order="{c}.target_code"
    )


@shape(
    scope=Scope.PRIVATE,
    table=None,
    source=_TRANSITIONS,
    visible=_SEEN,
    present="{p}.source_code",
    locate="{p}.source_code = {first}::bigint and {p}.target_code::text = {rest}",
)
class Transition(Node):
    """What a state may become, and what must hold then."""

    id: ID = identity("concat({p}.source_code, '-', {p}.target_code)")
    source: State | None = one("{p}.source_code", "From this state.", implied=True)
    target: State | None = one("{p}.target_code", "To this one.", implied=True)
    required: str | None = column(
        _required(),
        "What everybody must meet: INSPECTED, FRESH, INSPECTED_AND_FRESH or OVERDUE; null for nothing.",
        null=True,
    )
    guards: "list[Guard] | None" = each(
        "{c}.organisation_id = {me} and {c}.target in ({p}.target_code, {p}.target_base)"
        " and {c}.source in (0, {p}.source_code, {p}.source_base)",
        "What your organisation asks besides.",
        order="{c}.name",
    )


@shape(scope=Scope.PRIVATE, table="overlay", visible=OWN, roots=("overlay", "overlays"))
class Overlay(Node):
    """An overlay of your own: what can lie over goods besides the built-in ones."""

    id: ID = identity()
    name: str | None = column("{p}.name", "What postings call it.", sort=True)
    label_en: str | None = column("{p}.label_en", "What people call it, in English.")
    label_zh: str | None = column("{p}.label_zh", "What people call it, in Chinese.")
    blocks: bool | None = column("{p}.blocks", "Whether goods under it are held back from sale.")
    meets: list[State] | None = each("{c}.id = any({p}.meets)", "The states that it may lie over.", order="{c}.id")
    organisation: "Organisation | None" = one("{p}.organisation_id", "Whose it is.")


@shape(scope=Scope.PRIVATE, table="guard", visible=OWN, roots=("guard", "guards"))
class Guard(Node):
    """A guard of your own: what must hold, besides what everybody must meet, before goods come into a state."""

    id: ID = identity()
    name: str | None = column("{p}.name", "What a refusal calls it.", sort=True)
    label_en: str | None = column("{p}.label_en", "What people call it, in English.")
    label_zh: str | None = column("{p}.label_zh", "What people call it, in Chinese.")
    source: State | None = one("nullif({p}.source, 0)", "From this state only; from any, and from outside, when null.")
    target: State | None = one("{p}.target", "Into this state, or one of yours that maps to it.")
    match: GuardMatch | None = column("{p}.match", "Whether all conditions must be met, or any.")
    conditions: "list[GuardCondition] | None" = each("{c}.guard_id = {p}.id", "What it asks for.", order="{c}.line")


@shape(
    scope=Scope.PRIVATE,
    table="guard_condition",
    visible={ALL: "exists (select 1 from guard g where g.id = {p}.guard_id and g.organisation_id = {me} offset 0)"},
    present="{p}.guard_id",
    locate="{p}.guard_id = {first}::bigint and {p}.line::text = {rest}",
)
class GuardCondition(Node):
    """One thing that a guard asks for."""

    id: ID = identity("concat({p}.guard_id, '-', {p}.line)")
    fact: GuardFact | None = column("{p}.fact", "What must be so.")
    number: Decimal | None = column("{p}.number", "Days, or a quantity in the item's base unit.", null=True)
    text: str | None = column("nullif({p}.text, '')", "A kind of document.", null=True)
