"""What a threshold needs to be put right by what people say, in SQL; `{p}` is a row of `threshold`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from stockbook.domain.demand.period import Period
from stockbook.domain.supply.in_force import Promise, Said

SAID = """(select json_agg(json_build_object('id', o.id, 'since', o.since, 'until', o.until, 'quantity', o.quantity)
  order by o.id) from forecast_override o where o.ended_at is null
  and (o.organisation_id, o.site_id, o.item_id) = ({p}.organisation_id, {p}.site_id, {p}.item_id))"""
"""What people say of a shelf; null where nobody does."""
PROMISE = """(select json_build_object('opens', greatest(n.starts_at, c.swept), 'at', n.revised_at,
  'period', s.period, 'near', n.mean,
  'later', greatest(w.mean - n.mean, 0) / (w.horizon - 1), 'sold',
    case when n.starts_at >= coalesce(c.swept, n.starts_at) then coalesce((n.shares->>'sold')::float8, 0) * n.mean
    else 0 end)
  from series s join forecast n on n.series_id = s.id and n.horizon = 1
  join forecast w on w.series_id = s.id and w.horizon > 1
  left join stream_offset c on c.reader = 'demand' and c.partition = s.partition
  where s.id = {p}.id order by w.horizon limit 1)"""
"""What the model expects of the open period and of later ones. Series that are idle are not closed every period, so
the open one is that to which their partition was swept."""


def promise(told: Mapping[str, Any] | None) -> Promise | None:
    """Read what `PROMISE` yields."""
    if told is None:
        return None
    opens, at = (datetime.fromisoformat(told[name]) for name in ("opens", "at"))
    return Promise(opens, Period(told["period"]), told["near"], told["later"], told["sold"], at)


def said(told: Sequence[Mapping[str, Any]] | None) -> list[Said]:
    """Read what `SAID` yields."""
    return [
        Said(datetime.fromisoformat(one["since"]), datetime.fromisoformat(one["until"]), one["quantity"], one["id"])
        for one in told or ()
    ]
