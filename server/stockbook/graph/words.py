"""SQL that says codes in words: states, holds and the overlays that are derived."""

from stockbook.domain.demand.influence import Kind
from stockbook.domain.stock.overlays import NEAR_EXPIRY_DAYS, Hold, Overlay
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
    return f"(case {bits} when 0 then '[]' else {_list(_held(bits))} end)"


def overlays(position: str) -> str:
    """Return SQL for the names of all that lies over a position as a JSON list: holds, then what is derived.

    PROMOTED is what `{me}` sells under a promotion that it, or the network, has recorded for today.
    """
    near = (
        f"{position}.state <> {State.EXPIRED.value} and exists (select 1 from lot l where l.id = {position}.lot_id"
        f" and l.expiry between current_date and current_date + {NEAR_EXPIRY_DAYS})"
    )
    promoted = f"{position}.state = {State.SELLABLE.value} and exists ({_PROMOTION.format(p=position, me='{me}')})"
    derived = ((near, Overlay.NEAR_EXPIRY), (promoted, Overlay.PROMOTED), (f"{position}.claimed > 0", Overlay.RESERVED))
    names = ", ".join(f"case when {lies} then '{name.value}' end" for lies, name in derived)
    held = _held(f"{position}.holds")
    listed = _list(f"nullif(concat_ws(',', {held}, {names}), '')")
    return f"coalesce({listed}, '[]')"


_PROMOTION = f"""
select 1 from influence i join rights r on r.id = {{p}}.rights_id
where i.kind = '{Kind.PROMOTION.value}' and (i.network or i.organisation_id = {{me}} and r.seller_id = {{me}})
  and (i.site_id is null or i.site_id = {{p}}.site_id) and (i.item_id is null or i.item_id = {{p}}.item_id)
  and (i.category is null or i.category = (select t.category from item t where t.id = {{p}}.item_id))
  and (select x.value from influence_point x where x.influence_id = i.id and x.item_id in (0, {{p}}.item_id)
       and x.at >= current_date and x.at < current_date + 1 order by x.id desc limit 1) > 0 offset 0
"""


def _held(bits: str) -> str:
    known = ", ".join(f"(case when {bits} & {bit} <> 0 then '{name}' end)" for bit, name in HOLDS)
    added = f"(select string_agg('HOLD_' || b, ',') from generate_series(4, 30) b where {bits} & (1 << b) <> 0)"
    return f"nullif(concat_ws(',', {known}, case when {bits} > 15 then {added} end), '')"


def _list(names: str) -> str:
    """Return SQL that makes a JSON list of names with commas between; null stays null."""
    return f"'[\"' || replace({names}, ',', '\",\"') || '\"]'"
