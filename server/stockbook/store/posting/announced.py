"""Reads what orders have announced and not received, for receipts that name them."""

from collections.abc import Collection

import asyncpg

from stockbook.domain.stock.books import Announced
from stockbook.domain.stock.states import State
from stockbook.flows.ports import OrderedItem

_EXPECTED = f"coalesce((select base from state where code = {{}}), {{}}) = {int(State.EXPECTED)}"
ANNOUNCED = f"""
select a.task_id, a.document_id, a.item_id, x.place_id, sum(x.quantity) as quantity
from (
  select w.task_id, w.item_id, coalesce(nullif(w.document_id, 0), t.document_id) as document_id
  from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as w(document_id, task_id, item_id)
  left join task t on t.id = w.task_id
) a
join movement m on m.document_id = a.document_id
cross join lateral (
  select l.target_place_id as place_id, l.quantity from leg l
  where l.movement_id = m.id and l.item_id = a.item_id and {_EXPECTED.format(*["l.target_state"] * 2)}
  union all
  select l.source_place_id, -l.quantity from leg l
  where l.movement_id = m.id and l.item_id = a.item_id and {_EXPECTED.format(*["l.source_state"] * 2)}
) x
group by 1, 2, 3, 4 having sum(x.quantity) > 0 order by min(m.id), 4
"""


def announced(rows: Collection[asyncpg.Record]) -> Announced:
    """Return what rows of `ANNOUNCED` tell."""
    found = Announced()
    for task, document, item, place, quantity in rows:
        found.left[document, item, place] = quantity
        if task:
            found.of_tasks[task] = document
    return found


def arguments(items: Collection[OrderedItem]) -> list[list[int]]:
    """Return the arguments of `ANNOUNCED`."""
    return [list(column) for column in zip(*sorted(items), strict=True)]
