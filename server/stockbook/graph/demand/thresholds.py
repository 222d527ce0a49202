"""When to order and up to where: the terms, what follows from them, and what receipts and empty shelves taught."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry
from strawberry import ID

from stockbook.domain.demand.course import SLOW_DAYS
from stockbook.domain.supply.in_force import Figures, InForce, in_force
from stockbook.graph.catalogue import Item, Organisation, Place
from stockbook.graph.declare import OWN, Node, Scope, column, computed, identity, one, shape
from stockbook.store.demand.in_force import PROMISE, SAID, promise, said

_ON_HAND = (
    "coalesce((select a.on_hand from availability a where a.seller_id = {p}.organisation_id"
    " and a.site_id = {p}.site_id and a.item_id = {p}.item_id), 0)::float8"
)
DAILY = (
    "({p}.expected / {p}.horizon / (select case s.period when 'DAY' then 1 else 7 end from series s"
    " where s.id = {p}.id))"
)


@shape(scope=Scope.PRIVATE, table="replenishment", visible=OWN, roots=("replenishmentTerms", "replenishments"))
class Replenishment(Node):
    """The terms on which goods are replenished; what is null narrows nothing, the most specific counts."""

    id: ID = identity()
    site: Place | None = one("{p}.site_id", "Where.")
    item: Item | None = one("{p}.item_id", "What.")
    lead_time_hours: float | None = column("{p}.lead_time_hours", "From order to shelf.")
    lead_time_deviation_hours: float | None = column(
        "{p}.lead_time_deviation_hours", "How far that strays: its standard deviation."
    )
    review_hours: float | None = column("{p}.review_hours", "From one chance to order to the next.")
    service_level: float | None = column("{p}.service_level", "How often demand must not exceed the reorder point.")
    fill_rate: float | None = column(
        "{p}.fill_rate", "The share of what is asked for that shall be filled; the service level then follows it."
    )
    unattended: bool | None = column(
        "{p}.unattended", "Whether the system accepts what is proposed, where forecasts are cleared."
    )
    order_unit: str | None = column(
        "nullif({p}.order_unit, '')", "The unit that one orders in; null: the base unit.", null=True
    )
    order_multiple: Decimal | None = column(
        "{p}.order_multiple", "One orders whole multiples of so many; of a named unit, of one where nothing is said."
    )
    minimum_order: Decimal | None = column("{p}.minimum_order", "One orders no less than so many.")


_FIGURES = ("horizon", "lead_time_hours", "expected", "safety_stock", "reorder_point", "ceiling")
IN_FORCE = {**{name: f"{{p}}.{name}" for name in _FIGURES}, "promise": PROMISE, "said": SAID}
"""What `counts` needs of a row of `threshold`."""


def counts(needs: Mapping[str, Any]) -> InForce:
    """Return the thresholds that count, of a row's needs."""
    return in_force(Figures(*(needs[name] for name in _FIGURES)), promise(needs["promise"]), said(needs["said"]))


@strawberry.type(description="The thresholds that proposals go by: the model's, moved by what people say instead.")
class ThresholdInForce:
    """A threshold as it counts."""

    expected: float = strawberry.field(description="What is expected over lead time and review.")
    safety_stock: float = strawberry.field(description="What lies above that; as chance, it goes with its square root.")
    reorder_point: float = strawberry.field(description="Order when less than this is there or coming.")
    ceiling: float = strawberry.field(description="Order up to this.")
    moved: float = strawberry.field(description="By how much people moved what is expected; 0 where nobody does.")


def _in_force(needs: Mapping[str, Any]) -> ThresholdInForce:
    found = counts(needs)
    of = found.figures
    return ThresholdInForce(
        expected=of.expected,
        safety_stock=of.safety_stock,
        reorder_point=of.reorder_point,
        ceiling=of.ceiling,
        moved=found.moved,
    )


@shape(
    scope=Scope.PRIVATE,
    table="threshold",
    visible=OWN,
    sites="{p}.site_id = any({sites})",
    roots=("threshold", "thresholds"),
)
class Threshold(Node):
    """When to order and up to where: quantiles of demand over lead time and review, moved by every sale.

    That time begins now: what the open period has sold has left the shelf, and is no part of it. Its figures are the
    model's; `inForce` has those that count where people expect otherwise.
    """

    id: ID = identity()
    item: Item | None = one("{p}.item_id", "What.", group=True)
    site: Place | None = one("{p}.site_id", "Where.", group=True)
    horizon: float | None = column("{p}.horizon", "Lead time and review, in periods.")
    service_level: float | None = column("{p}.service_level", "How often demand must not exceed the reorder point.")
    expected: float | None = column("{p}.expected", "The demand over that time that half of such times exceed.")
    safety_stock: float | None = column("{p}.safety_stock", "What lies above the expected, against chance.", sort=True)
    reorder_point: float | None = column(
        "{p}.reorder_point", "Order when less than this is there or coming.", sort=True
    )
    ceiling: float | None = column("{p}.ceiling", "Order up to this.", sort=True)
    in_force: ThresholdInForce | None = computed(
        IN_FORCE, _in_force, "What counts: with what people say of the periods that it spans."
    )
    low: float | None = column("{p}.low", "The lowest reorder point of late.")
    high: float | None = column("{p}.high", "The highest reorder point of late.")
    on_hand: float | None = column(_ON_HAND, "What is there now.", null=False, filter=False, sum=True)
    daily_demand: float | None = column(
        DAILY, "The demand of a day that half of such days exceed.", null=False, filter=False, sum=True
    )
    cover_days: float | None = column(
        f"({_ON_HAND} / nullif({DAILY}, 0))",
        "For how many days what is there lasts. Of a site: the sum of `onHand` over the sum of `dailyDemand`.",
        null=True,
        filter=False,
    )
    slow_on_hand: float | None = column(
        f"(case when {_ON_HAND} > {SLOW_DAYS} * {DAILY} then {_ON_HAND} else 0 end)",
        f"`onHand` where it lasts longer than {SLOW_DAYS} days: over `onHand`, the slow-moving share.",
        null=False,
        filter=False,
        sum=True,
    )
    peak: float | None = column("{p}.peak", "The coefficient that the safety stock was multiplied by.")
    lead_time_hours: float | None = column(
        "{p}.lead_time_hours", "From order to shelf: as agreed, as receipts showed, or as heard of on the road."
    )
    lead_time_deviation_hours: float | None = column(
        "{p}.lead_time_deviation_hours", "How far that strays: its standard deviation."
    )
    fill_rate: float | None = column(
        "{p}.fill_rate", "The fill rate that the service level is moved to reach; null where the level is fixed."
    )
    revised_at: datetime | None = column("{p}.revised_at", "When it was last revised.", sort=True)


@shape(
    scope=Scope.PRIVATE,
    table="delivery_stability",
    visible=OWN,
    roots=("deliveryStability", "deliveryStabilities"),
)
class DeliveryStability(Node):
    """How long a supplier's deliveries of an item take and how far that strays, learnt from receipts for orders.

    Mean and deviation fade with some twenty receipts, counts do not.
    """

    id: ID = identity()
    supplier: Organisation | None = one("{p}.supplier_id", "Who delivers.", group=True)
    item: Item | None = one("{p}.item_id", "What.", group=True)
    receipts: int | None = column("{p}.receipts", "How often something came in for an order.", sort=True, sum=True)
    lead_time_hours: float | None = column("{p}.hours", "From order to receipt, on average.", sort=True)
    lead_time_deviation_hours: float | None = column(
        "sqrt({p}.variance)", "How far that strays: its standard deviation.", null=False, sort=True
    )
    promised: int | None = column("{p}.promised", "Receipts for which a time had been promised.", sum=True)
    on_time: int | None = column(
        "{p}.on_time", "Those that came by then. Of a supplier: the sum over that of `promised`.", sum=True
    )
    late_hours: float | None = column(
        "case when {p}.promised > 0 then {p}.late_hours end",
        "How much later than promised they came, on average; below 0 when earlier.",
        null=True,
    )
    received_at: datetime | None = column("{p}.received_at", "When the latest came.", sort=True)


@shape(scope=Scope.PRIVATE, table="service_level", visible=OWN, roots=("serviceLevel", "serviceLevels"))
class ServiceLevel(Node):
    """How safe a class of series is ordered so that its fill rate is met; moved once a period by what was filled.

    A class is the items of one partition that sell often, or those that sell
    seldom. What was not sold while a shelf was empty counts as asked for.
    """

    id: ID = identity()
    often: bool | None = column("{p}.often", "Whether of series that sell in most periods, else of the others.")
    fill_rate: float | None = column("{p}.fill_rate", "The share of what is asked for that shall be filled.", sort=True)
    score: float | None = column("{p}.score", "The level on the normal scale: 1.64 stands for 95 of 100.", sort=True)
    asked: float | None = column("{p}.asked", "What was asked for so far.", sum=True)
    filled: float | None = column(
        "{p}.filled", "What of it was filled. Over all: the sum over that of `asked`.", sum=True
    )
    achieved: float | None = column(
        "({p}.filled / nullif({p}.asked, 0))", "The share that was filled so far.", null=True, filter=False
    )
    revised_at: datetime | None = column("{p}.revised_at", "When it last learnt.", sort=True)
