"""What is to be done, by whom, how far it is, and what counts found."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from strawberry import ID

from stockbook.graph.catalogue import Item, Lot, Place
from stockbook.graph.declare import OWN, Connection, Node, Scope, column, each, identity, many, one, shape
from stockbook.graph.history import Document, Movement

if TYPE_CHECKING:
    from stockbook.graph.access import Principal
    from stockbook.graph.devices import Device

_AT_SITES = (
    "({p}.place_id is null or exists (select 1 from place y where y.id = {p}.place_id"
    " and coalesce(y.bound_for_id, y.site_id) = any({sites}) offset 0))"
)


@shape(
    scope=Scope.PRIVATE,
    table="task",
    visible=OWN,
    sites=_AT_SITES,
    roots=("task", "tasks"),
    reference="(select r.id from task r where r.external_reference = {ref} and r.organisation_id = {me})",
)
class Task(Node):
    """Work to be done at a place, or something that a person must settle."""

    id: ID = identity()
    external_reference: str | None = column("{p}.external_reference", "What who opened it calls it.", sort=True)
    kind: str | None = column(
        "{p}.kind",
        "RECEIVE, PUT_AWAY, PICK, TRANSFER, COUNT, QUALITY or HAND_OVER;"
        " to be settled: DISCREPANCY, SHORTFALL, REFUSED or CONFLICT.",
        sort=True,
    )
    step: str | None = column("{p}.step", "The business step, in the words of GS1's Core Business Vocabulary.")
    state: str | None = column("{p}.state", "OPEN, DOING, DONE or CANCELLED.", sort=True)
    place: Place | None = one("{p}.place_id", "The read point: where it is done.")
    document: Document | None = one("{p}.document_id", "The document it serves.")
    assignee: "Principal | None" = one("{p}.assignee_id", "Who does it.")
    tolerance: Decimal | None = column("{p}.tolerance", "The share of what is expected that may differ.")
    note: str | None = column("{p}.note", "What is to be known of it.")
    opened_at: datetime | None = column("{p}.opened_at", "When it was opened.", sort=True)
    movement: Movement | None = one("{p}.movement_id", "The movement that opened it.")
    saw: str | None = column("{p}.saw", "What the device saw: a quantity or a state.")
    said: str | None = column("{p}.said", "What the device said: a quantity, a state, or the labels of a scan.")
    books: str | None = column("{p}.books", "What the books said: a quantity or a state.")
    device: "Device | None" = one("{p}.device_id", "The device whose event opened it.")
    epoch: int | None = column("{p}.epoch", "The enrolment of the device whose event opened it.")
    sequence: int | None = column("{p}.sequence", "The number of the event that opened it.")
    closed_at: datetime | None = column("{p}.closed_at", "When it was settled or cancelled.", sort=True)
    settled_by: "Principal | None" = one("{p}.settled_by_id", "Who settled or cancelled it.")
    resolution: str | None = column("{p}.resolution", "How: COMPLETED, POSTED_ANYWAY, DROPPED, EXPLAINED or RECOUNT.")
    reason: str | None = column("{p}.reason", "Why it was settled so.")
    settled_with: Movement | None = one("{p}.settling_id", "The movement that settled it.")
    lines: "list[TaskLine] | None" = each("{c}.task_id = {p}.id", "What is expected.", order="{c}.number")
    movements: Connection[Movement] | None = many(
        "{c}.id in (select m.movement_id from task_movement m where m.task_id = {p}.id)", "What was done for it."
    )


@shape(
    scope=Scope.PRIVATE,
    table="task_line",
    source="(select l.*, t.organisation_id, t.place_id as read_point_id"
    " from task_line l join task t on t.id = l.task_id)",
    visible=OWN,
    sites=_AT_SITES.replace("{p}.place_id", "{p}.read_point_id"),
)
class TaskLine(Node):
    """A quantity that is expected. What a count found, and what the books say, is for who reviews it."""

    id: ID = identity()
    number: int | None = column("{p}.number", "Its place in the list, from 1.")
    item: Item | None = one("{p}.item_id", "What.")
    lot: Lot | None = one("{p}.lot_id", "Of which lot, when that matters.")
    quantity: Decimal | None = column("{p}.quantity", "How much, in the item's base unit; of a count never told.")
    unit: str | None = column("nullif({p}.unit, '')", "The unit it was asked for in.", null=True)
    source: Place | None = one("{p}.source_id", "From where.")
    place: Place | None = one("{p}.place_id", "To where; of a count, where.")
    done: Decimal | None = column("{p}.done", "How much of it is posted.")
    state: str | None = column("{p}.state", "OPEN or DONE; of a count also RECOUNT or REVIEW.")
    counts: int | None = column("{p}.counts", "How often it was counted.")
    counted: Decimal | None = column("{p}.counted", "What was counted last.")
    earlier: Decimal | None = column("{p}.earlier", "What was counted before that.")
    book: Decimal | None = column("{p}.book", "What the books said when it was counted last.")
    difference: Decimal | None = column("({p}.counted - {p}.book)", "How far the count is from the books.")
    counted_by: "Principal | None" = one("{p}.counted_by_id", "Who counted last.")
    counted_at: datetime | None = column("{p}.counted_at", "When it was counted last.")


@shape(
    scope=Scope.PRIVATE,
    table="counted",
    visible=OWN,
    sites="{p}.site_id = any({sites})",
    order=("-occurredAt",),
    roots=("count", "counts"),
)
class Count(Node):
    """What a count found that is in the books, beside what they said before."""

    id: ID = identity()
    movement: Movement | None = one("{p}.movement_id", "The movement that it is.")
    item: Item | None = one("{p}.item_id", "What was counted.", group=True)
    lot: Lot | None = one("{p}.lot_id", "Of which lot.")
    place: Place | None = one("{p}.place_id", "Where.", group=True)
    site: Place | None = one("{p}.site_id", "At which site.", group=True)
    occurred_at: datetime | None = column("{p}.occurred_at", "When it was counted.", sort=True)
    book: Decimal | None = column("{p}.book", "What the books said.", sum=True)
    counted: Decimal | None = column("{p}.counted", "What was counted.", sum=True)
    deviation: Decimal | None = column("abs({p}.counted - {p}.book)", "How far apart.", null=False, sum=True)
    difference_rate: Decimal | None = column(
        "round(abs({p}.counted - {p}.book) / nullif({p}.book, 0), 6)",
        "The book-to-physical difference rate: what was off, as a share of what the books said.",
        null=True,
        sum=True,
        total="round(sum(abs({p}.counted - {p}.book)) / nullif(sum({p}.book), 0), 6)",
    )
