"""SQL that says codes in words: states, holds and the overlays that are derived."""

from stockbook.domain.demand.kind import Kind
from stockbook.domain.stock.overlays import BLOCKS, NEAR_EXPIRY_DAYS, OWN_BLOCKS, SET_SHIFT, Hold, Overlay
from stockbook.domain.stock.states import State
from stockbook.store.demand.retiring import HEARD

STATES = tuple(each.name for each in sorted(State) if each is not State.NONE)
"""In the order of their codes, which go from 1 without a gap."""
assert [State[name] for name in STATES] == list(range(1, len(STATES) + 1))

HOLDS = tuple((int(each), str(each.name)) for each in Hold)
"""The built-in overlays that block, with their bits."""

_NAMES = ", ".join(f"'{name}'" for name in STATES)
_OWN = f"case when s.organisation_id = {{me}} then s.name else (array[{_NAMES}])[s.base] end"
"""An organisation's own state is to everybody else the built-in one that it maps to."""


def state(code: str) -> str:
    """Return SQL for the name of a state: a built-in one by its code, another from the table; null for none."""
    known = " ".join(f"when {number} then '{name}'" for number, name in enumerate(STATES, 1))
    return f"(case {code} {known} when 0 then null else (select {_OWN} from state s where s.code = {code}) end)"


def told(code: str) -> str:
    """Return SQL for the name of a state as JSON text: quick for the built-in ones."""
    known = ", ".join(f"'\"{name}\"'" for name in STATES)
    other = f"(select to_json({_OWN})::text from state s where s.code = {code})"
    return f"coalesce((array[{known}])[{code}], case {code} when 0 then 'null' else {other} end)"


def holds(laid: str) -> str:
    """Return SQL for the names of what blocks as a JSON list: built-in ones, then one's own."""
    return f"(case {laid} & {BLOCKS} when 0 then '[]' else {_list(_held(laid, blocking=True))} end)"


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
    held = _held(f"{position}.holds", blocking=False)
    listed = _list(f"nullif(concat_ws(',', {held}, {names}), '')")
    return f"coalesce({listed}, '[]')"


_PROMOTION = f"""
select 1 from influence i join rights r on r.id = {{p}}.rights_id
where i.kind = '{Kind.PROMOTION.value}' and (i.network or i.organisation_id = {{me}} and r.seller_id = {{me}})
  and (i.site_id is null or i.site_id = {{p}}.site_id) and (i.item_id is null or i.item_id = {{p}}.item_id)
  and (i.category is null or i.category = (select t.category from item t where t.id = {{p}}.item_id))
  and {HEARD.format(i="i")}
  and (select x.value from influence_point x where x.influence_id = i.id and x.item_id in (0, {{p}}.item_id)
       and x.at >= current_date and x.at < current_date + 1 order by x.id desc limit 1) > 0 offset 0
"""


def _held(laid: str, *, blocking: bool) -> str:
    """Return SQL for the names of what was laid over goods: others' own blocking ones are FROZEN, the rest not told."""
    lying = f"from overlay_set z join overlay o on o.id = any(z.overlays) where z.number = {laid} >> {SET_SHIFT}"
    veiled = f"{laid} & {OWN_BLOCKS} <> 0 and exists (select 1 {lying} and o.blocks and o.organisation_id <> {{me}})"
    bits = {name: f"{laid} & {bit} <> 0" for bit, name in HOLDS}
    bits[Hold.FROZEN.name or ""] += f" or {veiled}"
    known = ", ".join(f"(case when {lies} then '{name}' end)" for name, lies in bits.items())
    mine = f"o.organisation_id = {{me}}{' and o.blocks' if blocking else ''}"
    own = f"(select string_agg(o.name, ',' order by o.name) {lying} and {mine})"
    return f"nullif(concat_ws(',', {known}, case when {laid} > {BLOCKS} then {own} end), '')"


def _list(names: str) -> str:
    """Return SQL that makes a JSON list of names with commas between; null stays null."""
    return f"'[\"' || replace({names}, ',', '\",\"') || '\"]'"
