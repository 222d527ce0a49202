"""SQL that says codes in words: states and holds."""

from stockbook.domain.stock.overlays import Hold
from stockbook.domain.stock.states import State

STATES = tuple(each.name for each in sorted(State) if each is not State.NONE)
"""In the order of their codes, which go from 1 without a gap."""
assert [State[name] for name in STATES] == list(range(1, len(STATES) + 1))

HOLDS = tuple((int(each), str(each.name)) for each in Hold)
"""The overlays that block, with their bits."""


def state(code: str) -> str:
    """Return SQL for the name of a state: a built-in one by its code, another from the table; null for none."""
    known = " ".join(f"when {number} then '{name}'" for number, name in enumerate(STATES, 1))
    return f"(case {code} {known} when 0 then null else (select s.name from state s where s.code = {code}) end)"


def told(code: str) -> str:
    """Return SQL for the name of a state as JSON text: quick for the built-in ones."""
    known = ", ".join(f"'\"{name}\"'" for name in STATES)
    other = f"(select to_json(s.name)::text from state s where s.code = {code})"
    return f"coalesce((array[{known}])[{code}], case {code} when 0 then 'null' else {other} end)"


def holds(bits: str) -> str:
    """Return SQL for the names of holds as a JSON list; an added one is called by its bit."""
    known = ", ".join(f"(case when {bits} & {bit} <> 0 then '{name}' end)" for bit, name in HOLDS)
    added = f"(select string_agg('HOLD_' || b, ',') from generate_series(4, 30) b where {bits} & (1 << b) <> 0)"
    names = f"concat_ws(',', {known}, case when {bits} > 15 then {added} end)"
    return f"(case {bits} when 0 then '[]' else '[\"' || replace({names}, ',', '\",\"') || '\"]' end)"
