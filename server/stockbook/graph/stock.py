"""What lies where, what may be promised of it, and what was promised."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from strawberry import ID

from stockbook.access.masks import Relation
from stockbook.graph import words
from stockbook.graph.catalogue import Item, Lot, Organisation, Place
from stockbook.graph.declare import HOLDERS, Node, Scope, column, each, identity, one, shape
from stockbook.graph.history import Document

if TYPE_CHECKING:
    from stockbook.graph.demand.substitutes import Substitute

_RIGHTS = ("rights", "join rights {v} on {v}.id = {p}.rights_id")
_HELD = "(select r.{}_id from rights r where r.id = {{p}}.rights_id)"


@shape(
    scope=Scope.SHARED,
    table="position",
    visible={HOLDERS: "{p}.rights_id {of_rights}", Relation.HOST: "{p}.host_id = {me}"},
    where="{p}.quantity > 0",
    sites="{p}.site_id = any({sites})",
    roots=("position", "positions"),
)
class Position(Node):
    """A quantity that lies somewhere in one state, under one set of holds and rights."""

    id: ID = identity()
    item: Item | None = one("{p}.item_id", "What lies here.", group=True)
    lot: Lot | None = one("{p}.lot_id", "Of which lot, when it is kept by lot.", implied=True, group=True)
    category: str | None = column(
        "(select t.category from item t where t.id = {p}.item_id)",
        "The category its item is traded in.",
        null=True,
        sort=True,
        group=True,
    )
    expiry: date | None = column(
        "(select o.expiry from lot o where o.id = {p}.lot_id)",
        "Until when its lot may be sold (GS1 AI 17).",
        null=True,
        sort=True,
        group=True,
    )
    place: Place | None = one("{p}.place_id", "Where it lies.", implied=True, group=True)
    site: Place | None = one(
        "{p}.site_id", "The site that counts it: the one it is bound for, else the one it is at.", group=True
    )
    state: str | None = column(
        words.state("{p}.state"),
        "SELLABLE, IN_TRANSIT, QUARANTINED, ...",
        null=True,
        group=True,
        told=words.told("{p}.state"),
    )
    holds: list[str] | None = column(words.holds("{p}.holds"), "What blocks it: FROZEN, RECALLED, ...", json=True)
    overlays: list[str] | None = column(
        words.overlays("{p}"),
        "All that lies over its state: what blocks it, and NEAR_EXPIRY, PROMOTED, RESERVED, which block nothing.",
        json=True,
        filter=False,
    )
    quantity: Decimal | None = column(
        "{p}.quantity", "How much lies here, in the item's base unit.", sort=True, sum=True
    )
    claimed: Decimal | None = column("{p}.claimed", "How much of it is promised from this very place.", sum=True)
    owner: Organisation | None = one("{v}.owner_id", "Whose it is.", via=_RIGHTS, key=_HELD.format("owner"), group=True)
    custodian: Organisation | None = one(
        "{v}.custodian_id", "Who keeps it.", via=_RIGHTS, key=_HELD.format("custodian"), group=True
    )
    disposer: Organisation | None = one(
        "{v}.disposer_id", "Who may use it up.", via=_RIGHTS, key=_HELD.format("disposer"), group=True
    )
    seller: Organisation | None = one(
        "{v}.seller_id", "Who may sell it.", via=_RIGHTS, key=_HELD.format("seller"), group=True
    )
    host: Organisation | None = one("{p}.host_id", "Whose place it lies in.")


@shape(
    scope=Scope.SHARED,
    table="availability",
    visible={
        Relation.SELLER: "{p}.seller_id = {me}",
        Relation.HOST: "{p}.host_id = {me}",
        Relation.VIEWER: "{p}.seller_id = any({givers})",
    },
    sites="{p}.site_id = any({sites})",
    order=("item",),
    roots=("availability", "availabilities"),
)
class Availability(Node):
    """What one seller may promise of one item at one site."""

    id: ID = identity()
    seller: Organisation | None = one("{p}.seller_id", "Who sells it.", group=True)
    site: Place | None = one("{p}.site_id", "The site that it is counted for.", implied=True, group=True)
    item: Item | None = one("{p}.item_id", "What it is.", group=True)
    on_hand: Decimal | None = column("{p}.on_hand", "There, in a state that sells, and not held.", sort=True, sum=True)
    inbound: Decimal | None = column("{p}.inbound", "On its way, or promised by a process.", sort=True, sum=True)
    held: Decimal | None = column("{p}.held", "There, but held back from sale.", sort=True, sum=True)
    reserved: Decimal | None = column("{p}.reserved", "Promised already.", sort=True, sum=True)
    sellable: Decimal | None = column("({p}.on_hand - {p}.reserved)", "What may be promised from the shelf.",
                                      sort=True, sum=True)  # fmt: skip
    sellable_now: Decimal | None = column(
        "({p}.on_hand + {p}.inbound - {p}.reserved)",
        "What may be promised counting goods on their way.",
        sort=True,
        sum=True,
    )
    changed_at: datetime | None = column("{p}.changed_at", "When any of these last changed.", sort=True)
    substitutes: "list[Substitute] | None" = each(
        "{c}.shelf_id = {p}.id",
        "What may stand for it, where that is: for when it is short, or a promise of it is refused.",
        order="{c}.near desc, {c}.covers desc, {c}.id",
    )


@shape(
    scope=Scope.SHARED,
    table="claim",
    visible={
        Relation.SELLER: "{p}.seller_id = {me}",
        Relation.HOST: "exists (select 1 from place s where s.id = {p}.site_id and s.organisation_id = {me})",
        Relation.VIEWER: "exists (select 1 from document d where d.id = {p}.document_id"
        " and {me} in (d.organisation_id, d.counterparty_id))",
    },
    roots=("claim", "claims"),
)
class Claim(Node):
    """A promise of a quantity: soft on a shelf, hard on what lies at one place."""

    id: ID = identity()
    document: Document | None = one("{p}.document_id", "The order it serves.")
    seller: Organisation | None = one("{p}.seller_id", "Who promised.")
    site: Place | None = one("{p}.site_id", "From where.")
    item: Item | None = one("{p}.item_id", "What.")
    position: Position | None = one("{p}.position_id", "The very goods, when it is hard.")
    quantity: Decimal | None = column("{p}.quantity", "What is still promised.", sort=True, sum=True)
    state: str | None = column("{p}.state", "OPEN, COMMITTED, RELEASED, EXPIRED or FULFILLED.")
    expires_at: datetime | None = column("{p}.expires_at", "When it lapses by itself.", sort=True)
