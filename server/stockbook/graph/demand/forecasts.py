"""How much will be wanted, and why."""

import dataclasses
from datetime import date, datetime
from typing import Any

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from stockbook.domain.demand.explain import Facts, explain
from stockbook.domain.demand.kind import ORDERING
from stockbook.domain.demand.learners.sparse import Sparse
from stockbook.domain.language import Language
from stockbook.graph.catalogue import Item, Place
from stockbook.graph.declare import OWN, Node, Scope, column, computed, each, identity, one, shape
from stockbook.graph.demand.influences import Influence
from stockbook.graph.demand.overrides import ForecastOverride
from stockbook.graph.demand.thresholds import IN_FORCE, Threshold, counts
from stockbook.store.demand.in_force import OPENS
from stockbook.store.demand.retiring import HEARD
from stockbook.store.demand.trials import CLEARED


def _override(what: str) -> str:
    """Return the SQL for what a person says of the open period."""
    return (
        f"(select o.{what} from forecast_override o where o.organisation_id = {{p}}.organisation_id"
        " and o.site_id = {p}.site_id and o.item_id = {p}.item_id and o.ended_at is null"
        f" and o.since <= {OPENS} and o.until > {OPENS} and {{p}}.horizon = 1 order by o.id desc limit 1)"
    )


_NAMES = "(select coalesce(json_agg(i.name order by i.id), '[]') from influence i where i.id = any({{p}}.{of}))"
_DEAF = f"""({{p}}.learner = '{Sparse.name}' and exists (
  select from influence i where (i.organisation_id = {{p}}.organisation_id or i.network)
    and (i.site_id is null or i.site_id = {{p}}.site_id) and (i.item_id is null or i.item_id = {{p}}.item_id)
    and (i.category is null or i.category = (select t.category from item t where t.id = {{p}}.item_id))
    and {HEARD.format(i="i")} and i.kind not in ({", ".join(f"'{kind}'" for kind in sorted(ORDERING))})))"""
_ORDERS = ", ".join(f"'{name}', {sql.format(p='t')}" for name, sql in IN_FORCE.items())
_NEEDS = {
    "mean": "{p}.mean",
    "horizon": "{p}.horizon",
    "period": "(select s.period from series s where s.id = {p}.series_id)",
    "begins": f"({OPENS} at time zone 'UTC')::date",
    "unit": "(select i.base_unit from item i where i.id = {p}.item_id)",
    "levels": "{p}.levels",
    "quantiles": "{p}.quantiles",
    "shares": "{p}.shares",
    "past_error": "{p}.past_error",
    "heard": _NAMES.format(of="heard"),
    "stale": _NAMES.format(of="stale"),
    "retired": _NAMES.format(of="retired"),
    "deaf": _DEAF,
    "said": _override("quantity"),
    "reason": _override("reason"),
    "orders": f"(select json_build_object({_ORDERS}) from threshold t where t.id = {{p}}.series_id)",
}

strawberry.enum(Language, description="In which language something is said.")


@strawberry.type(description="What one kind of input makes of a forecast; the parts sum to it.")
class ExplanationPart:
    """One input's part."""

    input: str = strawberry.field(description="The kind of input, for programs.")
    words: str = strawberry.field(description="The kind of input, for people.")
    share: float = strawberry.field(description="Its part of the mean; below 0 where it lowers it.")
    quantity: float = strawberry.field(description="The same in the item's base unit.")


@strawberry.type(description="Why a forecast is what it is, in words and numbers.")
class Explanation:
    """A forecast explained."""

    text: str = strawberry.field(description="All of it: how much, made of what, how far off before.")
    parts: list[ExplanationPart] = strawberry.field(description="What each input makes of it.")
    changes: list[str] = strawberry.field(description="What would change it, and to what.")


def _explained(needs: dict[str, Any], language: Any) -> Explanation:
    """Explain a row."""
    begins = date.fromisoformat(needs.pop("begins"))
    orders = needs.pop("orders")
    if orders is not None:
        now = counts(orders)
        needs["orders"] = (now.figures.reorder_point, orders["reorder_point"]) if now.override is not None else None
    found = explain(Facts(**{**needs, "period": needs["period"] or "WEEK"}, begins=begins), Language(language))
    return Explanation(
        text=found.text,
        parts=[ExplanationPart(**dataclasses.asdict(part)) for part in found.parts],
        changes=list(found.changes),
    )


@shape(
    scope=Scope.PRIVATE,
    table="forecast",
    visible=OWN,
    sites="{p}.site_id = any({sites})",
    roots=("forecast", "forecasts"),
)
class Forecast(Node):
    """How much of an item a site will want in one period, with how sure that is."""

    id: ID = identity()
    item: Item | None = one("{p}.item_id", "What.", group=True)
    category: str | None = column(
        "(select i.category from item i where i.id = {p}.item_id)", "Of which category.", null=True, group=True
    )
    site: Place | None = one("{p}.site_id", "Where.", group=True)
    horizon: int | None = column("{p}.horizon", "How many periods together; 1 is the open one.", sort=True)
    starts_at: datetime | None = column(OPENS, "When the period begins.", sort=True)
    mean: float | None = column("{p}.mean", "What is expected on average.", sort=True)
    levels: list[float] | None = column("to_json({p}.levels)::text", "The levels of `quantiles`.", json=True)
    quantiles: list[float] | None = column(
        "to_json({p}.quantiles)::text", "What will not be exceeded, at each level.", json=True
    )
    past_error: float | None = column(
        "{p}.past_error",
        "Its absolute error so far as a share of what was sold. Of several, of one horizon: weighed by their means.",
        sum=True,
        total="(sum({p}.past_error * {p}.mean) / nullif(sum({p}.mean) filter (where {p}.past_error is not null), 0))",
    )
    drifted_at: datetime | None = column(
        "{p}.drifted_at", "When its errors last showed that demand had changed; it learns faster for a while then."
    )
    drift: str | None = column(
        "case {p}.drift when 1 then 'UP' when -1 then 'DOWN' end", "Which way demand went: UP or DOWN.", null=True
    )
    shares: JSON | None = column(
        "{p}.shares::text", "Which part of the mean each kind of input makes; together 1.", json=True
    )
    explanation: Explanation | None = computed(
        _NEEDS,
        _explained,
        "Why it is what it is, in words and numbers.",
        ("language", Language, "In which language.", Language.ZH),
    )
    in_force: float | None = column(
        f"coalesce({_override('quantity')}, {{p}}.mean)",
        "What counts: what a person said, else the mean.",
        null=False,
        filter=False,
    )
    override: ForecastOverride | None = one(_override("id"), "What a person says of this period.", filter=False)
    influences: list[Influence] | None = each(
        "{c}.id = any({p}.heard)", "The series from outside that it used.", order="{c}.id"
    )
    stale_influences: list[Influence] | None = each(
        "{c}.id = any({p}.stale)", "Those it did without, because their points were too old.", order="{c}.id"
    )
    retired_influences: list[Influence] | None = each(
        "{c}.id = any({p}.retired)",
        "Those that ended in the nine weeks before, and that it does without.",
        order="{c}.id",
    )
    threshold: Threshold | None = one("{p}.series_id", "When to order, which follows from it.", filter=False)
    cleared: bool | None = column(
        CLEARED, "Whether it may drive proposals: a trial passed the gate.", null=False, filter=False
    )
    revised_at: datetime | None = column("{p}.revised_at", "When it was last revised.", sort=True)
    age_seconds: int | None = column(
        "extract(epoch from now() - {p}.revised_at)::integer", "How old it is.", null=False, filter=False
    )
    learner: str | None = column("{p}.learner", "What made it.")
