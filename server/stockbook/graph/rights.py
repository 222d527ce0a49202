"""Whose to keep, to use up, to sell: agreements, and what they leave to settle."""

from datetime import datetime
from decimal import Decimal

from strawberry import ID

from stockbook.access.masks import Relation
from stockbook.domain.rights.holders import Right
from stockbook.domain.stock.verbs import Verb
from stockbook.graph.catalogue import Item, Lot, Organisation, Place
from stockbook.graph.declare import Node, Scope, column, identity, one, shape
from stockbook.graph.history import Movement


@shape(
    scope=Scope.SHARED,
    table="agreement",
    visible={Relation.OWNER: "{p}.giver_id = {me}", Relation.VIEWER: "{p}.taker_id = {me}"},
    roots=("agreement", "agreements"),
)
class Agreement(Node):
    """Says which right passes to whom when, or who may view whose goods."""

    id: ID = identity()
    giver: Organisation | None = one("{p}.giver_id", "Whose right passes, or whose goods are viewed.")
    taker: Organisation | None = one("{p}.taker_id", "To whom.")
    verb: Verb | None = column("{p}.verb", "When: on this verb.")
    right: Right | None = column("{p}.right", "Which right.")
    views: bool | None = column("{p}.views", "Whether the taker may view the giver's goods.")
    charges: bool | None = column("{p}.charges", "Whether passing ownership leaves a charge to settle.")
    item: Item | None = one("{p}.item_id", "Only for this item.")
    category: str | None = column("{p}.category", "Only for this category.")
    place: Place | None = one("{p}.place_id", "Only at this place or in it.")
    since: datetime | None = column("{p}.since", "From when on.")
    until: datetime | None = column("{p}.until", "Until when.")


@shape(
    scope=Scope.SHARED,
    table="charge",
    visible={Relation.OWNER: "{p}.creditor_id = {me}", Relation.VIEWER: "{p}.debtor_id = {me}"},
    roots=("charge", "charges"),
)
class Charge(Node):
    """What a passing of ownership leaves to settle."""

    id: ID = identity()
    movement: Movement | None = one("{p}.movement_id", "The movement that made it.")
    occurred_at: datetime | None = column(
        "(select m.occurred_at from movement m where m.id = {p}.movement_id)", "When it passed.", null=False, sort=True
    )
    agreement: Agreement | None = one("{p}.agreement_id", "The agreement it follows from.")
    item: Item | None = one("{p}.item_id", "What passed.")
    lot: Lot | None = one("{p}.lot_id", "Of which lot.")
    quantity: Decimal | None = column("{p}.quantity", "How much passed.", sort=True, sum=True)
    debtor: Organisation | None = one("{p}.debtor_id", "Who owes.", group=True)
    creditor: Organisation | None = one("{p}.creditor_id", "Who is owed.", group=True)
