"""What forecasts propose to order, by which figures, and what people made of it."""

from datetime import datetime
from decimal import Decimal

from strawberry import ID

from stockbook.domain.language import Language
from stockbook.domain.supply.why import Reasons, why
from stockbook.graph.access import Principal
from stockbook.graph.catalogue import Item, Organisation, Place
from stockbook.graph.declare import OWN, Node, Scope, column, computed, each, identity, one, shape
from stockbook.graph.demand.forecasts import Forecast
from stockbook.graph.demand.overrides import ForecastOverride
from stockbook.graph.demand.substitutes import BEST_FIRST, Substitute
from stockbook.graph.demand.thresholds import Threshold
from stockbook.graph.history import Document, Movement
from stockbook.graph.work import Task
from stockbook.store.demand.trials import CLEARED

_REASONS = {
    "unit": "(select i.base_unit from item i where i.id = {p}.item_id)",
    **{
        name: f"{{p}}.{name}::float8"
        for name in ("position", "reorder_point", "ceiling", "needed", "quantity", "multiple", "minimum")
    },
    **{name: f"{{p}}.{name}" for name in ("order_unit", "moved")},
    "said": "(select o.reason from forecast_override o where o.id = {p}.override_id)",
}
_SHELF = "(x.organisation_id, x.site_id, x.item_id) = ({p}.organisation_id, {p}.site_id, {p}.item_id)"


@shape(
    scope=Scope.PRIVATE,
    table="proposal",
    visible=OWN,
    sites="{p}.site_id = any({sites})",
    order=("-openedAt",),
    roots=("proposal", "proposals"),
)
class Proposal(Node):
    """An order that a forecast proposes: open until somebody accepts or dismisses it, or the need moves on."""

    id: ID = identity()
    item: Item | None = one("{p}.item_id", "What.", group=True)
    site: Place | None = one("{p}.site_id", "For which site.", group=True)
    state: str | None = column("{p}.state", "OPEN, ACCEPTED, DISMISSED or SUPERSEDED.", sort=True, group=True)
    quantity: Decimal | None = column(
        "{p}.quantity", "How much is proposed: what is missing to the ceiling, in whole packs.", sort=True, sum=True
    )
    needed: Decimal | None = column("{p}.needed", "What is missing to the ceiling.", sum=True)
    over_ceiling: Decimal | None = column(
        "({p}.quantity - {p}.needed)", "How much of it lies above the ceiling, for the sake of packs.", sum=True
    )
    order_unit: str | None = column("nullif({p}.order_unit, '')", "The unit that one orders in.", null=True)
    order_multiple: Decimal | None = column(
        "nullif({p}.multiple, 0)", "One orders whole multiples of this, in the base unit.", null=True
    )
    minimum_order: Decimal | None = column(
        "nullif({p}.minimum, 0)", "One orders no less than this, in the base unit.", null=True
    )
    why: str | None = computed(
        _REASONS,
        lambda needs, language: why(Reasons(**needs), Language(language)),
        "Why so much, in words and numbers.",
        ("language", Language, "In which language.", Language.ZH),
    )
    position: Decimal | None = column("{p}.position", "What was there or coming, less what was promised.")
    horizon: float | None = column("{p}.horizon", "Lead time and review, in periods.")
    expected: float | None = column("{p}.expected", "The forecast over that time: its median.")
    service_level: float | None = column("{p}.service_level", "The quantile of demand that the reorder point is.")
    safety_stock: float | None = column("{p}.safety_stock", "What lies above the expected, against chance.")
    reorder_point: float | None = column("{p}.reorder_point", "Below this an order is proposed.")
    ceiling: float | None = column("{p}.ceiling", "Up to this.")
    moved: float | None = column(
        "{p}.moved", "By how much people moved what is expected, and with it reorder point and ceiling."
    )
    override: ForecastOverride | None = one("{p}.override_id", "What somebody said that moved it.")
    cleared: bool | None = column(
        CLEARED,
        "Whether the forecasts passed the gate there; else whoever accepts says why.",
        null=False,
        filter=False,
    )
    forecast: Forecast | None = one(
        f"(select x.id from forecast x where {_SHELF} and x.horizon = 1 limit 1)",
        "The forecast as it is now: its inputs, interval and past error.",
        filter=False,
    )
    threshold: Threshold | None = one(
        f"(select x.id from threshold x where {_SHELF} limit 1)", "The threshold as it is now.", filter=False
    )
    substitutes: list[Substitute] | None = each(
        "{c}.organisation_id = {p}.organisation_id and {c}.for_site_id = {p}.site_id and {c}.for_id = {p}.item_id",
        "What may stand for it meanwhile.",
        order=BEST_FIRST,
    )
    supplier: Organisation | None = one(
        "{p}.supplier_id", "Who delivered it most often; of an accepted one, whom it was ordered from.", group=True
    )
    opened_at: datetime | None = column("{p}.opened_at", "When it was proposed.", sort=True)
    decided_at: datetime | None = column("{p}.decided_at", "When it was decided, or overtaken.", sort=True)
    seconds_open: float | None = column(
        "extract(epoch from coalesce({p}.decided_at, now()) - {p}.opened_at)::float8",
        "How long it was open. Of several: the sum over `count` is the mean.",
        null=False,
        filter=False,
        sum=True,
    )
    actor: Principal | None = one("{p}.actor_id", "Who decided.")
    unattended: bool | None = column(
        "({p}.accepted is not null and {p}.actor_id is null)", "Whether the system accepted it by itself.", null=False
    )
    accepted: Decimal | None = column(
        "{p}.accepted", "How much was ordered; where it differs from `quantity`, `reason` says why.", sum=True
    )
    reason: str | None = column("{p}.reason", "What was said to it.")
    order: Document | None = one("{p}.document_id", "The order that it became.")
    place: Place | None = one("{p}.place_id", "Where its goods are expected: receive them from there.")
    movement: Movement | None = one("{p}.movement_id", "The posting that announced them.")
    withdrawal: Movement | None = one(
        "{p}.withdrawal_id", "Of an accepted one that was dismissed: the posting that took back what had not come."
    )
    task: Task | None = one(
        "(select l.task_id from task_line l where l.id = {p}.task_line_id)",
        "By which the goods are received.",
        filter=False,
    )
    superseded_by: "Proposal | None" = one("{p}.superseded_by_id", "What took its place.")
