"""What moved, why, and what came of it: movements and their legs, documents, inspections."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from strawberry import ID

from stockbook.access.masks import ALL, Relation
from stockbook.domain.stock.verbs import Verb
from stockbook.graph import words
from stockbook.graph.catalogue import Item, Lot, Organisation, Place
from stockbook.graph.declare import (
    HOLDERS,
    Connection,
    Node,
    Scope,
    column,
    each,
    identity,
    many,
    one,
    part,
    shape,
)

if TYPE_CHECKING:
    from stockbook.graph.access import Principal
    from stockbook.graph.rights import Charge
    from stockbook.graph.stock import Claim

_OF_LOT = (
    "select 1 from position x where x.item_id = {p}.item_id and x.lot_id = {p}.lot_id"
    " and ({p}.lot_id <> 0 or x.place_id = {p}.place_id)"
)
_RIGHTS = ("rights", "join rights {v} on {v}.id = {p}_rights_id")


@shape(
    scope=Scope.SHARED,
    table="movement",
    source="(select w.movement_id as id, w.occurred_at, w.relations, m.organisation_id, m.verb, m.key, m.line,"
    " m.recorded_at, m.actor_id, m.document_id, m.reverses_id, m.reason from movement_party w"
    " left join movement m on m.id = w.movement_id where w.organisation_id = {me} and w.topic = 'MOVED')",
    visible={ALL: "{p}.relations & {bits} <> 0"},
    sites="exists (select 1 from leg l join place y on y.id in (l.source_place_id, l.target_place_id)"
    " where l.movement_id = {p}.id and coalesce(y.bound_for_id, y.site_id) = any({sites}) offset 0)",
    order=("-occurredAt",),
    roots=("movement", "movements"),
)
class Movement(Node):
    """One thing that was done. Whoever was party to either end at the time sees it for good."""

    id: ID = identity()
    verb: Verb | None = column("{p}.verb", "What was done.", null=False)
    occurred_at: datetime | None = column("{p}.occurred_at", "When it was done.", null=False, sort=True)
    recorded_at: datetime | None = column("{p}.recorded_at", "When it was posted.", null=False)
    organisation: Organisation | None = one("{p}.organisation_id", "Who posted it.")
    actor: "Principal | None" = one("{p}.actor_id", "Who did it, when that is one of yours.")
    document: "Document | None" = one("{p}.document_id", "The document it belongs to.")
    reverses: "Movement | None" = one("{p}.reverses_id", "The movement that it takes back.")
    reason: str | None = column("{p}.reason", "Why, in somebody's words.", null=False)
    key: str | None = column("{p}.key", "The idempotency key it was posted under.", null=False)
    legs: "list[Leg] | None" = each("{c}.movement_id = {p}.id", "What went from where to where.", order="{c}.number")


@shape(
    scope=Scope.SHARED,
    table="leg",
    visible={
        HOLDERS: "({p}.source_rights_id {of_rights} or {p}.target_rights_id {of_rights})",
        Relation.HOST: "({p}.source_host_id = {me} or {p}.target_host_id = {me})",
    },
    present="{p}.movement_id",
    locate="{p}.movement_id = {first}::bigint and {p}.number::text = {rest}",
)
class Leg(Node):
    """A quantity that went from one position to another. An end to which you are no party is withheld."""

    id: ID = identity("concat({p}.movement_id, '-', {p}.number)")
    item: Item | None = one("{p}.item_id", "What went.")
    lot: Lot | None = one("{p}.lot_id", "Of which lot.", implied=True)
    quantity: Decimal | None = column("{p}.quantity", "How much, in the item's base unit.")
    source: "LegEnd | None" = part("source", "Where it came from.")
    target: "LegEnd | None" = part("target", "Where it went.")


@shape(
    scope=Scope.SHARED,
    table=None,
    visible={HOLDERS: "{p}_rights_id {of_rights}", Relation.HOST: "{p}_host_id = {me}"},
    fetch=False,
)
class LegEnd:
    """One end of a leg, as it was at the time."""

    place: Place | None = one("{p}_place_id", "Where.", implied=True)
    state: str | None = column(
        words.state("{p}_state"), "In which state; none at a virtual place.", null=True, told=words.told("{p}_state")
    )
    holds: list[str] | None = column(words.holds("{p}_holds"), "What blocked it.", json=True)
    owner: Organisation | None = one("{v}.owner_id", "Whose it was.", via=_RIGHTS)
    custodian: Organisation | None = one("{v}.custodian_id", "Who kept it.", via=_RIGHTS)
    disposer: Organisation | None = one("{v}.disposer_id", "Who might use it up.", via=_RIGHTS)
    seller: Organisation | None = one("{v}.seller_id", "Who might sell it.", via=_RIGHTS)


@shape(
    scope=Scope.SHARED,
    table="document",
    visible={Relation.POSTER: "{p}.organisation_id = {me}", Relation.VIEWER: "{p}.counterparty_id = {me}"},
    roots=("document", "documents"),
    reference="(select r.id from document r where r.external_reference = {ref} and r.organisation_id = {me})",
)
class Document(Node):
    """An order, delivery, receipt, count or production order."""

    id: ID = identity()
    external_reference: str | None = column("{p}.external_reference", "What its organisation calls it.", sort=True)
    kind: str | None = column("{p}.kind", "ORDER, DELIVERY, RECEIPT, COUNT, PRODUCTION, ...", sort=True)
    organisation: Organisation | None = one("{p}.organisation_id", "Whose document it is.")
    counterparty: Organisation | None = one("{p}.counterparty_id", "The other party.")
    created_at: datetime | None = column("{p}.created_at", "When it was opened.", sort=True)
    ordered_at: datetime | None = column("{p}.ordered_at", "When what it asks for was ordered.", sort=True)
    due_at: datetime | None = column("{p}.due_at", "When that was promised.", sort=True)
    movements: "Connection[Movement] | None" = many("{c}.document_id = {p}.id", "What was done for it.")
    claims: "Connection[Claim] | None" = many("{c}.document_id = {p}.id", "What was promised for it.")
    charges: "Connection[Charge] | None" = many(
        "{c}.movement_id in (select m.id from movement m where m.document_id = {p}.id)", "What it leaves to settle."
    )


@shape(
    scope=Scope.SHARED,
    table="inspection",
    visible={
        Relation.OWNER: "exists (select 1 from lot l where l.id = {p}.lot_id and l.producer_id = {me})",
        HOLDERS: f"exists ({_OF_LOT} and x.rights_id = any({{rights}}) offset 0)",
        Relation.HOST: f"exists ({_OF_LOT} and x.host_id = {{me}} offset 0)",
    },
)
class Inspection(Node):
    """What an inspection of a lot found."""

    id: ID = identity()
    item: Item | None = one("{p}.item_id", "What was inspected.")
    lot: Lot | None = one("{p}.lot_id", "Of which lot.")
    place: Place | None = one("{p}.place_id", "Where.")
    passed: bool | None = column("{p}.passed", "Whether it passed.")
    movement: Movement | None = one("{p}.movement_id", "The movement that recorded it.")
