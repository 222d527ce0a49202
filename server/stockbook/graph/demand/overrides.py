"""What people expect instead of the model, and who was nearer."""

from datetime import datetime

from strawberry import ID

from stockbook.access.masks import ALL
from stockbook.graph.access import Principal
from stockbook.graph.catalogue import Item, Place
from stockbook.graph.declare import OWN, Node, Scope, column, each, identity, one, shape

_MINE = "exists (select 1 from forecast_override x where x.id = {p}.override_id and x.organisation_id = {me} offset 0)"


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
    visible={ALL: _MINE},
    sites=_MINE.replace(" offset 0", " and x.site_id = any({sites}) offset 0"),
    order=("-startsAt",),
)
class OverrideScore(Node):
    """What was said of a closed period, what the model had promised, and what came."""

    id: ID = identity()
    starts_at: datetime | None = column("{p}.starts_at", "When the period began.", sort=True)
    said: float | None = column("{p}.said", "What the person expected.")
    promised: float | None = column("{p}.promised", "What the model expected when the period began.")
    came: float | None = column("{p}.came", "What was sold.")
