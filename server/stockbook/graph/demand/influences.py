"""What forecasts hear of the world outside, and what may stand for what."""

from datetime import datetime

from strawberry import ID

from stockbook.access.masks import ALL
from stockbook.domain.demand.kind import Kind
from stockbook.graph.access import Principal
from stockbook.graph.catalogue import Item, Place
from stockbook.graph.declare import OWN, Connection, Node, Scope, column, identity, many, one, shape
from stockbook.store.demand.retiring import HEARD, LAST

_HEARD = "({p}.organisation_id = {me} or {p}.network)"
_POINTS = "select 1 from influence i where i.id = {p}.influence_id and (i.organisation_id = {me} or i.network) offset 0"
_AT_SITES = " and (i.site_id is null or i.site_id = any({sites})) offset 0"
_KEPT_UP = HEARD.format(i="{p}")
_RETIREMENT = {
    name: LAST.format(what=f"case when r.at is not null then r.{name} end").format(i="{p}")
    for name in ("at", "reason", "actor_id")
}
_LATEST = "(select max(x.at) from influence_point x where x.influence_id = {p}.id)"


@shape(
    scope=Scope.PRIVATE,
    table="influence",
    visible={ALL: _HEARD},
    sites="({p}.site_id is null or {p}.site_id = any({sites}))",
    roots=("influence", "influences"),
    reference="(select r.id from influence r where r.external_reference = {ref} and r.organisation_id = {me})",
)
class Influence(Node):
    """A series from outside that forecasts hear: yours, or the network's. What is null narrows nothing."""

    id: ID = identity()
    external_reference: str | None = column("{p}.external_reference", "What its own system calls it.", sort=True)
    name: str | None = column("{p}.name", "What people call it.", sort=True)
    kind: Kind | None = column("{p}.kind", "What it tells of.", null=False)
    scope: str | None = column(
        "case when {p}.item_id is not null then 'ITEM' when {p}.category is not null then 'CATEGORY'"
        " when {p}.site_id is not null then 'SITE' when {p}.network then 'NETWORK' else 'ORGANISATION' end",
        "ITEM, CATEGORY, SITE, ORGANISATION or NETWORK: the narrowest that it is about.",
        null=False,
    )
    network: bool | None = column("{p}.network", "Whether everybody's forecasts hear it.")
    site: Place | None = one("{p}.site_id", "The site it is about.")
    item: Item | None = one("{p}.item_id", "The item it is about.")
    category: str | None = column("{p}.category", "The category of items it is about.")
    unit: str | None = column("{p}.unit", "What its values are counted in.")
    ahead: bool | None = column("{p}.ahead", "Whether its points speak of the future; else of the week before.")
    fresh_hours: int | None = column("{p}.fresh_hours", "How old its newest point may be.")
    weight: float | None = column("{p}.weight", "How much it counts beside others of its kind.")
    region: str | None = column("{p}.region", "Of a calendar: whose public holidays it has.")
    latest_at: datetime | None = column(_LATEST, "The newest moment that it tells of.", filter=False)
    stale: bool | None = column(
        f"({_KEPT_UP} and coalesce(now() - {_LATEST} > make_interval(hours => {{p}}.fresh_hours), true))",
        "Whether its newest point is older than it may be; forecasts then do without it. Of a retired one nobody asks.",
        null=False,
        filter=False,
    )
    retired: bool | None = column(f"(not {_KEPT_UP})", "Whether forecasts do without it for good.", null=False)
    retired_at: datetime | None = column(
        _RETIREMENT["at"],
        "From when on they do, a moment to come where it was said ahead. Null while nobody said so.",
        null=True,
        filter=False,
    )
    retirement_reason: str | None = column(_RETIREMENT["reason"], "Why, in somebody's words.", null=True, filter=False)
    retired_by: Principal | None = one(_RETIREMENT["actor_id"], "Who said so.", filter=False)
    points: "Connection[InfluencePoint] | None" = many("{c}.influence_id = {p}.id", "Its points.")


@shape(
    scope=Scope.PRIVATE,
    table="influence_point",
    visible={ALL: f"exists ({_POINTS})"},
    sites=f"exists ({_POINTS.replace(' offset 0', _AT_SITES)})",
    order=("-at",),
)
class InfluencePoint(Node):
    """A value for a moment; the one recorded last counts from then on."""

    id: ID = identity()
    influence: Influence | None = one("{p}.influence_id", "The series.")
    item: Item | None = one("nullif({p}.item_id, 0)", "The item, where the series tells of several.")
    at: datetime | None = column("{p}.at", "The moment, or the day, that it is about.", sort=True)
    value: float | None = column("{p}.value", "The value.")
    text: str | None = column("{p}.text", "What was said: a grade, a holiday's name, a headline.")
    recorded_at: datetime | None = column("{p}.recorded_at", "When it was recorded.", sort=True)


@shape(scope=Scope.PRIVATE, table="substitution", visible=OWN, roots=("substitution", "substitutions"))
class Substitution(Node):
    """What may stand for what when there is none of it."""

    id: ID = identity()
    item: Item | None = one("{p}.item_id", "What is replaced.")
    substitute: Item | None = one("{p}.substitute_id", "What replaces it.")
    ratio: float | None = column("{p}.ratio", "How many units of the substitute stand for one of the item.")
    both_ways: bool | None = column("{p}.both_ways", "Whether the item may stand for the substitute as well.")
    rivals: bool | None = column("{p}.rivals", "Whether the substitute's promotions take sales from the item.")
    alike: bool | None = column("{p}.alike", "Whether the item, where it is new, begins as the substitute sells.")
