"""What may stand for goods that are short: declared substitutes that one sells oneself, where they are."""

from decimal import Decimal

from strawberry import ID

from stockbook.graph.catalogue import Item, Place
from stockbook.graph.declare import OWN, Node, Scope, column, identity, one, shape
from stockbook.graph.demand.thresholds import DAILY
from stockbook.store.demand.in_force import REORDER_POINT

# A declaration the other way round counts where it is said to hold both ways, unless that way has one of its own.
_WAYS = """
select s.organisation_id, s.item_id, s.substitute_id, s.ratio, 'F' as way from substitution s
union all
select s.organisation_id, s.substitute_id, s.item_id, 1 / s.ratio, 'B' from substitution s
where s.both_ways and not exists (
  select 1 from substitution o where o.organisation_id = s.organisation_id
    and o.item_id = s.substitute_id and o.substitute_id = s.item_id)
"""
_SOURCE = f"""(
select w.organisation_id, w.item_id as for_id, w.substitute_id as item_id, w.ratio, w.way, b.id as shelf_id,
  (b.id << 32) | a.id as id, b.site_id as for_site_id, a.site_id, a.on_hand - a.reserved as quantity,
  (a.site_id = b.site_id) as near,
  (b.on_hand - b.reserved < greatest(coalesce({REORDER_POINT.format(p="t")}, 0), 1e-9)) as short,
  ((a.on_hand - a.reserved)::float8 / w.ratio) as covers,
  ((a.on_hand - a.reserved)::float8 / w.ratio / nullif({DAILY.replace("{p}", "t")}, 0)) as cover_days
from ({_WAYS}) w
join availability b on b.seller_id = w.organisation_id and b.item_id = w.item_id
join availability a on a.seller_id = w.organisation_id and a.item_id = w.substitute_id
  and a.on_hand > a.reserved and (a.site_id = b.site_id or a.host_id = w.organisation_id)
left join threshold t on t.organisation_id = w.organisation_id and t.site_id = b.site_id and t.item_id = b.item_id
)"""
BEST_FIRST = "{c}.near desc, {c}.covers desc, {c}.id"


@shape(
    scope=Scope.PRIVATE,
    table="substitution",
    source=_SOURCE,
    visible=OWN,
    sites="{p}.site_id = any({sites})",
    order=("-covers",),
    roots=("substitute", "substitutes"),
)
class Substitute(Node):
    """Goods that may stand for others: there, yours to sell, promised to nobody, at the site or another of yours."""

    id: ID = identity()
    for_item: Item | None = one("{p}.for_id", "What they stand for.")
    for_site: Place | None = one("{p}.for_site_id", "The site where it is wanted.")
    item: Item | None = one("{p}.item_id", "What stands for it.")
    site: Place | None = one("{p}.site_id", "Where that is.")
    near: bool | None = column("{p}.near", "Whether it is at the very site.", null=False)
    ratio: float | None = column("{p}.ratio", "How many units of it stand for one.", null=False)
    direction: str | None = column(
        "case {p}.way when 'F' then 'FORWARD' else 'BACKWARD' end",
        "FORWARD: declared so. BACKWARD: declared the other way round, to hold both ways.",
        null=False,
    )
    quantity: Decimal | None = column("{p}.quantity", "How much of it may be promised from its shelf.", null=False)
    covers: float | None = column(
        "{p}.covers", "For how many units of what is wanted that lasts.", null=False, sort=True
    )
    cover_days: float | None = column(
        "{p}.cover_days", "For how many days of what is wanted; null where nothing is forecast.", null=True
    )
    short: bool | None = column(
        "{p}.short",
        "Whether less of what is wanted may be promised than the reorder point that counts (`Threshold.inForce`), or"
        " nothing.",
        null=False,
    )
