"""What a threshold needs to be put right by what people say, in SQL; `{p}` is a row of `threshold`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from stockbook.domain.demand.period import Period
from stockbook.domain.supply.in_force import WIDEST, Promise, Said

SAID = """(select json_agg(json_build_object('id', o.id, 'since', o.since, 'until', o.until, 'quantity', o.quantity)
  order by o.id) from forecast_override o where o.ended_at is null
  and (o.organisation_id, o.site_id, o.item_id) = ({p}.organisation_id, {p}.site_id, {p}.item_id))"""
"""What people say of a shelf; null where nobody does."""
OPENS = """(select greatest({p}.starts_at, c.swept) from series s
  left join stream_offset c on c.reader = 'demand' and c.partition = s.partition where s.id = {p}.series_id)"""
"""When the period begins that is open, of a row `{p}` of `forecast`. Series that are idle are not closed every period,
so the open one is that to which their partition was swept."""
PROMISE = """(select json_build_object('opens', greatest(n.starts_at, c.swept), 'at', n.revised_at,
  'period', s.period, 'near', n.mean,
  'later', greatest(w.mean - n.mean, 0) / (w.horizon - 1), 'sold',
    case when n.starts_at >= coalesce(c.swept, n.starts_at) then coalesce((n.shares->>'sold')::float8, 0) * n.mean
    else 0 end)
  from series s join forecast n on n.series_id = s.id and n.horizon = 1
  join forecast w on w.series_id = s.id and w.horizon > 1
  left join stream_offset c on c.reader = 'demand' and c.partition = s.partition
  where s.id = {p}.id order by w.horizon limit 1)"""
"""What the model expects of the open period and of later ones."""
REORDER_POINT = f"""(case when exists (
  select from forecast_override o where o.ended_at is null
    and (o.organisation_id, o.site_id, o.item_id) = ({{p}}.organisation_id, {{p}}.site_id, {{p}}.item_id))
then (
  select greatest({{p}}.expected + coalesce(f.moved, 0), 0) + {{p}}.safety_stock
    * sqrt(case when f.mean > 0 then least(greatest(f.mean + coalesce(f.moved, 0), 0) / f.mean, {WIDEST}) else 1 end)
  from (
    select sum(k.share * k.expects) as mean, sum(k.share * (greatest(said.quantity - k.sold, 0) - k.expects))
      filter (where said.quantity is not null) as moved
    from json_to_record({PROMISE}) as x(opens timestamptz, at timestamptz, period text, near float8, later float8,
      sold float8)
    cross join lateral (select case x.period when 'DAY' then 86400 else 604800 end as seconds) s
    cross join lateral (
      select 1 - least(greatest(extract(epoch from x.at - x.opens)::float8 / s.seconds, 0), 1) as rest) r
    cross join lateral (
      select x.opens + n * make_interval(secs => s.seconds) as starts, case n when 0 then x.sold else 0 end as sold,
        greatest(case n when 0 then x.near - x.sold else x.later end, 0) as expects,
        case n when 0 then case when r.rest > 0 then least({{p}}.horizon / r.rest, 1) else 0 end
          else least(greatest({{p}}.horizon - r.rest - (n - 1), 0), 1) end as share
      from generate_series(0, ceil({{p}}.horizon)::int + 1) n) k
    left join lateral (
      select o.quantity from forecast_override o
      where o.ended_at is null and o.since <= k.starts and o.until > k.starts
        and (o.organisation_id, o.site_id, o.item_id) = ({{p}}.organisation_id, {{p}}.site_id, {{p}}.item_id)
      order by o.id desc limit 1) said on true
  ) f
) else {{p}}.reorder_point end)"""
"""What `in_force` makes of a reorder point, where rows are chosen by it; a test holds the two together."""


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
