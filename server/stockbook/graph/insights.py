"""What forecasts hear, what people say against them, when to order, and what the sandbox showed."""

from datetime import datetime

from strawberry import ID
from strawberry.scalars import JSON

from stockbook.access.masks import ALL
from stockbook.domain.demand.influence import Kind
from stockbook.domain.demand.sandbox import SLOW_DAYS
from stockbook.graph.access import Principal
from stockbook.graph.catalogue import Item, Organisation, Place
from stockbook.graph.declare import OWN, Connection, Node, Scope, column, each, identity, many, one, shape

_ON_HAND = (
    "coalesce((select a.on_hand from availability a where a.seller_id = {p}.organisation_id"
    " and a.site_id = {p}.site_id and a.item_id = {p}.item_id), 0)::float8"
)
_DAILY = (
    "({p}.expected / {p}.horizon / (select case s.period when 'DAY' then 1 else 7 end from series s"
    " where s.id = {p}.id))"
)
_HEARD = "({p}.organisation_id = {me} or {p}.network)"
_POINTS = "select 1 from influence i where i.id = {p}.influence_id and (i.organisation_id = {me} or i.network) offset 0"
_LATEST = "(select max(x.at) from influence_point x where x.influence_id = {p}.id)"
_MINE = "exists (select 1 from {table} x where x.id = {{p}}.{of}_id and x.organisation_id = {{me}} offset 0)"


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
        f"coalesce(now() - {_LATEST} > make_interval(hours => {{p}}.fresh_hours), true)",
        "Whether its newest point is older than it may be; forecasts then do without it.",
        null=False,
        filter=False,
    )
    points: "Connection[InfluencePoint] | None" = many("{c}.influence_id = {p}.id", "Its points.")


@shape(
    scope=Scope.PRIVATE,
    table="influence_point",
    visible={ALL: f"exists ({_POINTS})"},
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


@shape(
    scope=Scope.PRIVATE,
    table="forecast_override",
    visible=OWN,
    sites="{p}.site_id = any({sites})",
    order=("-madeAt",),
    roots=("forecastOverride", "forecastOverrides"),
)
class ForecastOverride(Node):
    """What a person expects instead of the model, why, until when, and who was nearer."""

    id: ID = identity()
    item: Item | None = one("{p}.item_id", "Of what.")
    site: Place | None = one("{p}.site_id", "Where.")
    since: datetime | None = column("{p}.since", "When the first period it is for begins.", sort=True)
    until: datetime | None = column("{p}.until", "When it expires.", sort=True)
    quantity: float | None = column("{p}.quantity", "What is expected of each period.")
    reason: str | None = column("{p}.reason", "Why, in somebody's words.")
    actor: Principal | None = one("{p}.actor_id", "Who said it.")
    made_at: datetime | None = column("{p}.made_at", "When.", sort=True)
    ended_at: datetime | None = column("{p}.ended_at", "When it was withdrawn or another took its place.")
    model_mean: float | None = column("{p}.model_mean", "What the model expected of the open period at that time.")
    scores: "list[OverrideScore] | None" = each(
        "{c}.override_id = {p}.id", "Both judged, period by period.", order="{c}.starts_at"
    )
    own_error: float | None = column(
        "(select avg(abs(x.said - x.came)) from override_score x where x.override_id = {p}.id)",
        "How far it was off, on average; null before a period closed.",
        filter=False,
    )
    model_error: float | None = column(
        "(select avg(abs(x.promised - x.came)) from override_score x where x.override_id = {p}.id)",
        "How far the model was off in the same periods.",
        filter=False,
    )


@shape(
    scope=Scope.PRIVATE,
    table="override_score",
    visible={ALL: _MINE.format(table="forecast_override", of="override")},
    order=("-startsAt",),
)
class OverrideScore(Node):
    """What was said of a closed period, what the model had promised, and what came."""

    id: ID = identity()
    starts_at: datetime | None = column("{p}.starts_at", "When the period began.", sort=True)
    said: float | None = column("{p}.said", "What the person expected.")
    promised: float | None = column("{p}.promised", "What the model expected when the period began.")
    came: float | None = column("{p}.came", "What was sold.")


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


@shape(
    scope=Scope.PRIVATE,
    table="threshold",
    visible=OWN,
    sites="{p}.site_id = any({sites})",
    roots=("threshold", "thresholds"),
)
class Threshold(Node):
    """When to order and up to where: quantiles of demand over lead time and review, moved by every sale."""

    id: ID = identity()
    item: Item | None = one("{p}.item_id", "What.")
    site: Place | None = one("{p}.site_id", "Where.")
    horizon: float | None = column("{p}.horizon", "Lead time and review, in periods.")
    service_level: float | None = column("{p}.service_level", "How often demand must not exceed the reorder point.")
    expected: float | None = column("{p}.expected", "The demand over that time that half of such times exceed.")
    safety_stock: float | None = column("{p}.safety_stock", "What lies above the expected, against chance.", sort=True)
    reorder_point: float | None = column(
        "{p}.reorder_point", "Order when less than this is there or coming.", sort=True
    )
    ceiling: float | None = column("{p}.ceiling", "Order up to this.", sort=True)
    low: float | None = column("{p}.low", "The lowest reorder point of late.")
    high: float | None = column("{p}.high", "The highest reorder point of late.")
    on_hand: float | None = column(_ON_HAND, "What is there now.", null=False, filter=False, sum=True)
    daily_demand: float | None = column(
        _DAILY, "The demand of a day that half of such days exceed.", null=False, filter=False, sum=True
    )
    cover_days: float | None = column(
        f"({_ON_HAND} / nullif({_DAILY}, 0))",
        "For how many days what is there lasts. Of a site: the sum of `onHand` over the sum of `dailyDemand`.",
        null=True,
        filter=False,
    )
    slow_on_hand: float | None = column(
        f"(case when {_ON_HAND} > {SLOW_DAYS} * {_DAILY} then {_ON_HAND} else 0 end)",
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


@shape(
    scope=Scope.PRIVATE,
    table="trial",
    visible=OWN,
    sites="{p}.site_id = any({sites})",
    order=("-askedAt",),
    roots=("trial", "trials"),
)
class Trial(Node):
    """A run of the sandbox: your history replayed on copies, and what came of it."""

    id: ID = identity()
    variant: str | None = column("{p}.variant", "The learner that was tried.")
    site: Place | None = one("{p}.site_id", "Where; everywhere when null.")
    category: str | None = column("{p}.category", "Of which category; of all when null.")
    since: datetime | None = column("{p}.since", "When the stretch begins that is judged.")
    until: datetime | None = column("{p}.until", "When it ends.")
    state: str | None = column("{p}.state", "WAITING, RUNNING, DONE or FAILED.")
    actor: Principal | None = one("{p}.actor_id", "Who asked.")
    asked_at: datetime | None = column("{p}.asked_at", "When.", sort=True)
    done_at: datetime | None = column("{p}.done_at", "When it was done.")
    series: int | None = column("{p}.series", "How many series were judged.")
    metrics: JSON | None = column("{p}.metrics::text", "The figures, by name.", json=True)
    false_alarms: float | None = column(
        "({p}.metrics->>'false_alarms')::float8",
        "Of the orders that it would have advised, how many were not needed even one cycle later.",
        null=True,
        filter=False,
    )
    missed_alarms: float | None = column(
        "({p}.metrics->>'missed_alarms')::float8",
        "Of the times when goods ran out before the next order could come, how often it advised none.",
        null=True,
        filter=False,
    )
    passed: bool | None = column("{p}.passed", "Whether both are below 15 %.")
    problem: str | None = column("{p}.problem", "Why it failed.")
    report: str | None = column(
        "{p}.report",
        "All of it with plots, in Chinese and English: one HTML page that needs nothing else.",
        filter=False,
    )
    clearances: "list[Clearance] | None" = each("{c}.trial_id = {p}.id", "What was cleared by it.", order="{c}.id")


@shape(
    scope=Scope.PRIVATE,
    table="clearance",
    visible=OWN,
    sites="{p}.site_id = any({sites})",
    order=("-madeAt",),
    roots=("clearance", "clearances"),
)
class Clearance(Node):
    """Where forecasts may drive proposals, by which trial, and who said so."""

    id: ID = identity()
    site: Place | None = one("{p}.site_id", "Where; everywhere when null.")
    category: str | None = column("{p}.category", "Of which category; of all when null.")
    variant: str | None = column("{p}.variant", "Which learner's.")
    trial: Trial | None = one("{p}.trial_id", "The trial.")
    passed: bool | None = column("{p}.passed", "Whether it passed the gate; if not, somebody overrode it.")
    reason: str | None = column("{p}.reason", "Why, in somebody's words.")
    actor: Principal | None = one("{p}.actor_id", "Who cleared it.")
    made_at: datetime | None = column("{p}.made_at", "When.", sort=True)
    revoked_at: datetime | None = column("{p}.revoked_at", "When it was revoked.")
