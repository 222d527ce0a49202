"""The checklist of unique device identification: what each medical device lacks, computed from items and movements."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from strawberry import ID

from stockbook.domain.capture.udi import OBLIGED_FROM
from stockbook.graph.declare import OWN, Node, Scope, column, identity, one, shape
from stockbook.graph.planner.text import quote

if TYPE_CHECKING:
    from stockbook.graph.catalogue import Item

_DATES = " ".join(f"when {quote(each.value)} then date {quote(day.isoformat())}" for each, day in OBLIGED_FROM.items())
_SOURCE = f"""(
  select i.id, {{me}}::bigint as organisation_id, i.name, i.risk_class,
    coalesce(i.udi_from, case i.risk_class {_DATES} end) as obliged_from,
    exists (select from item_code c where c.item_id = i.id and c.organisation_id in (0, {{me}})
      and (c.normal ~ '^[0-9]{{{{14}}}}$' or c.normal ~ '^[+]?[A-Z][A-Z0-9]{{{{3}}}}')) as di,
    r.receipts, r.identified, h.lying, h.bare, h.undated
  from item i
  cross join lateral (
    select count(*) as receipts, count(*) filter (where l.lot_id <> 0) as identified
    from leg l join movement m on m.id = l.movement_id
    where l.item_id = i.id and m.organisation_id = {{me}} and m.verb = 'RECEIVE' and l.number = 0
  ) r
  cross join lateral (
    select coalesce(sum(q.quantity), 0) as lying,
      coalesce(sum(q.quantity) filter (where q.lot_id = 0), 0) as bare,
      count(distinct q.lot_id) filter (where q.lot_id <> 0 and o.expiry is null) as undated
    from position q left join lot o on o.id = q.lot_id
    where q.item_id = i.id and q.host_id = {{me}} and q.quantity > 0
  ) h
  where i.udi and (r.receipts > 0 or h.lying > 0
    or exists (select from listing y where y.item_id = i.id and y.organisation_id = {{me}}))
)"""
_MISSING = {
    "DI": "not {p}.di",
    "CLASS": "{p}.risk_class is null",
    "OBLIGATION_DATE": "{p}.obliged_from is null and {p}.risk_class is distinct from 'I'",
    "PI_AT_RECEIPT": "{p}.identified < {p}.receipts",
    "PI_ON_HAND": "{p}.bare > 0",
    "EXPIRY": "{p}.undated > 0",
}
_LACKS = ", ".join(f"case when {when} then '{name}' end" for name, when in _MISSING.items())


@shape(scope=Scope.PRIVATE, table=None, source=_SOURCE, visible=OWN, order=("name",), roots=("udiCheck", "udiChecks"))
class UdiCheck(Node):
    """One medical device that you keep, received or list, and what of its identification is missing."""

    id: ID = identity()
    item: "Item | None" = one("{p}.id", "The device.")
    name: str | None = column("{p}.name", "What people call it.", null=False, sort=True)
    risk_class: str | None = column("{p}.risk_class", "I, II or III.", null=True)
    obliged_from: date | None = column("{p}.obliged_from", "Since when devices like it are made with a UDI.", null=True)
    obliged: bool | None = column("coalesce({p}.obliged_from <= current_date, false)", "Whether that has begun.",
                                  null=False)  # fmt: skip
    di: bool | None = column("{p}.di", "Whether a code of it is recorded that is a device identifier.", null=False)
    receipts: int | None = column("{p}.receipts", "How many receipts of it you posted.", null=False)
    receipts_with_pi: int | None = column("{p}.identified", "How many of them said lot or serial.", null=False)
    on_hand: Decimal | None = column("{p}.lying", "How much of it lies in your places.", null=False)
    on_hand_without_pi: Decimal | None = column("{p}.bare", "How much of that has neither lot nor serial.", null=False)
    lots_without_expiry: int | None = column("{p}.undated", "How many lots there have no expiry.", null=False)
    complete: bool | None = column(f"(cardinality(array_remove(array[{_LACKS}], null)) = 0)",
                                   "Whether nothing is missing.", null=False)  # fmt: skip
    missing: list[str] | None = column(
        f"array_to_json(array_remove(array[{_LACKS}], null))::text", f"What is: {', '.join(_MISSING)}.", json=True
    )
