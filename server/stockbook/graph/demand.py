"""How much will be wanted."""

from datetime import datetime

from strawberry import ID
from strawberry.scalars import JSON

from stockbook.graph.catalogue import Item, Place
from stockbook.graph.declare import OWN, Node, Scope, column, identity, one, shape


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
    item: Item | None = one("{p}.item_id", "What.")
    site: Place | None = one("{p}.site_id", "Where.")
    horizon: int | None = column("{p}.horizon", "Which period: 1 is the open one.", sort=True)
    starts_at: datetime | None = column("{p}.starts_at", "When the period begins.", sort=True)
    mean: float | None = column("{p}.mean", "What is expected on average.", sort=True)
    levels: list[float] | None = column("to_json({p}.levels)::text", "The levels of `quantiles`.", json=True)
    quantiles: list[float] | None = column(
        "to_json({p}.quantiles)::text", "What will not be exceeded, at each level.", json=True
    )
    past_error: float | None = column("{p}.past_error", "Its absolute error so far as a share of what was sold.")
    shares: JSON | None = column("{p}.shares::text", "What each input contributed.", json=True)
    revised_at: datetime | None = column("{p}.revised_at", "When it was last revised.", sort=True)
    age_seconds: int | None = column(
        "extract(epoch from now() - {p}.revised_at)::integer", "How old it is.", null=False, filter=False
    )
    learner: str | None = column("{p}.learner", "What made it.")
