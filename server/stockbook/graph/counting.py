"""How fast and how well people count: figures of count sheets, for whoever answers for the stock."""

from datetime import datetime
from decimal import Decimal

from strawberry import ID

from stockbook.graph.access import Principal
from stockbook.graph.catalogue import Item, Place
from stockbook.graph.declare import OWN, Node, Scope, column, identity, one, shape
from stockbook.graph.recognition import RUNS, ModelVersion
from stockbook.graph.work import Task

BREAK_SECONDS = 900
"""Whoever counts nothing for longer did something else."""
_SOURCE = f"""(
select f.*, case when f.paused <= {BREAK_SECONDS} then f.paused end as seconds
from (
  select l.id, l.task_id, t.organisation_id, l.item_id, coalesce(l.place_id, t.place_id) as place_id, y.site_id,
    l.first_by_id, l.first_at, l.counts, (l.first = l.counted) as held, (l.counted <> l.book) as differs,
    l.drafted, l.drafted_by, (l.drafted = l.counted) as stood,
    extract(epoch from l.first_at - lag(l.first_at) over (
      partition by t.organisation_id, l.first_by_id order by l.first_at, l.id)) as paused
  from task_line l join task t on t.id = l.task_id and t.kind = 'COUNT'
  left join place y on y.id = coalesce(l.place_id, t.place_id)
  where l.state = 'DONE' and l.first is not null
) f)"""


@shape(
    scope=Scope.PRIVATE,
    table="task_line",
    source=_SOURCE,
    visible=OWN,
    sites="{p}.site_id = any({sites})",
    order=("-firstAt",),
    roots=("countedLine", "countedLines"),
)
class CountedLine(Node):
    """A line of a count sheet that is in the books: how long it took, and whether the first figure was right.

    A figure is right when it is the one that stands after recounts and reviews.
    Sums of groups (by person, place, site or item, and the model that drafted) are
    what a dashboard shows.
    """

    id: ID = identity()
    task: Task | None = one("{p}.task_id", "The count that it is of.")
    item: Item | None = one("{p}.item_id", "What was counted.", group=True)
    place: Place | None = one("{p}.place_id", "Where.", group=True)
    site: Place | None = one("{p}.site_id", "At which site.", group=True)
    person: Principal | None = one("{p}.first_by_id", "Who counted it first.", group=True)
    first_at: datetime | None = column("{p}.first_at", "When it was counted first.", sort=True)
    counts: int | None = column("{p}.counts", "How often it was counted.", sum=True)
    seconds: Decimal | None = column(
        "round({p}.seconds, 3)",
        f"Since the same person's line before; null after a break of more than {BREAK_SECONDS // 60} minutes.",
        null=True,
        sum=True,
    )
    per_hour: Decimal | None = column(
        "round(3600 / nullif({p}.seconds, 0), 1)",
        "How many lines an hour that makes.",
        null=True,
        sum=True,
        total="round(3600 * count({p}.seconds) / nullif(sum({p}.seconds), 0), 1)",
    )
    first_right: Decimal | None = column(
        "{p}.held::int::numeric",
        "1 where the first figure is the one that stands, else 0. Of several: the share.",
        null=False,
        sum=True,
        total="round(avg({p}.held::int), 6)",
    )
    differences: int | None = column(
        "{p}.differs::int", "1 where what stands is not what the books said, else 0.", null=False, sum=True
    )
    located: Decimal | None = column(
        "case when {p}.differs then {p}.held::int::numeric end",
        "Where the books were wrong, 1 if the first figure told by how much, else 0. Of several: the share.",
        null=True,
        sum=True,
        total="round(avg({p}.held::int) filter (where {p}.differs), 6)",
    )
    drafted: Decimal | None = column(
        "{p}.drafted", "What recognition had counted before a person did; null where it had not.", sum=True
    )
    draft_stood: Decimal | None = column(
        "{p}.stood::int::numeric",
        "Where recognition drafted, 1 if its figure is the one that stands, else 0. Of several: the share.",
        null=True,
        sum=True,
        total="round(avg({p}.stood::int), 6)",
    )
    drafts: int | None = column(
        "({p}.drafted is not null)::int", "1 where recognition drafted, else 0.", null=False, sum=True
    )
    model: str | None = column("{p}.drafted_by", "The model that drafted it, by its sha256.", null=True, group=True)
    model_version: ModelVersion | None = one(
        RUNS.replace("SHA256", "drafted_by"),
        "Its version, where it was published here; not of the one that a device came with.",
        filter=False,
    )
