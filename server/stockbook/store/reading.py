"""Reads the books of a batch in one statement."""

from collections.abc import Iterable
from typing import Any

from stockbook.domain.rights.holders import Right, Rights
from stockbook.domain.stock.books import Books, Later, Recorded
from stockbook.domain.stock.facts import Claim, Lot
from stockbook.domain.stock.movement import (
    Charge,
    ClaimChange,
    End,
    Entry,
    Inspection,
    Leg,
    Position,
    Shelf,
    Tally,
)
from stockbook.domain.stock.verbs import Verb
from stockbook.flows.ports import Want

_POSITION = "b.item_id, b.lot_id, b.place_id, b.state, b.holds, r.owner_id, r.custodian_id, r.disposer_id, r.seller_id"

BOOKS = f"""
with recursive
want as (select * from unnest($1::bigint[], $2::bigint[]) as w(item_id, place_id)),
inside as (
  select w.place_id as asked, w.place_id as id from want w
  join place p on p.id = w.place_id and p.kind not in ('SITE', 'BIN')
  union select i.asked, p.id from inside i join place p on p.parent_id = i.id
),
whole as (
  select w.id from unnest($3::bigint[]) as w(id)
  union select p.id from whole w join place p on p.parent_id = w.id
),
stock as materialized (
  select b.* from want w join position b on b.place_id = w.place_id and b.item_id = w.item_id
    where b.quantity > 0 or b.claimed > 0
  union select b.* from want w join inside i on i.asked = w.place_id and i.id <> w.place_id
    join position b on b.place_id = i.id and b.item_id = w.item_id where b.quantity > 0 or b.claimed > 0
  union select b.* from whole w join position b on b.place_id = w.id where b.quantity > 0 or b.claimed > 0
  union select b.* from claim k join position b on b.id = k.position_id where k.id = any($9::bigint[])
),
lots as materialized (
  select l.* from (select distinct lot_id from stock where lot_id <> 0) s join lot l on l.id = s.lot_id
  union select l.* from unnest($7::bigint[], $8::text[]) as w(item_id, code)
    join lot l on l.item_id = w.item_id and l.code = w.code where l.id <> 0
  union select l.* from leg g join lot l on l.id = g.lot_id where g.movement_id = any($10::bigint[]) and g.lot_id <> 0
)
select (select version from facts_version) as version,
  array(select row({_POSITION}, b.quantity, b.claimed, b.moved_at)
    from stock b join rights r on r.id = b.rights_id order by b.id) as positions,
  array(select row(a.seller_id, a.site_id, a.item_id, a.on_hand, a.inbound, a.held, a.reserved)
    from unnest($4::bigint[], $5::bigint[], $6::bigint[]) as s(seller_id, site_id, item_id)
    join availability a using (seller_id, site_id, item_id)) as shelves,
  array(select row(l.id, l.item_id, l.code, l.producer_id, l.expiry,
      (select n.passed from inspection n where n.lot_id = l.id order by n.id desc limit 1)) from lots l) as lots,
  array(select row(k.id, k.seller_id, k.site_id, k.item_id, k.quantity, k.state, coalesce(k.document_id, 0),
      k.expires_at, {_POSITION})
    from claim k left join position b on b.id = k.position_id left join rights r on r.id = b.rights_id
    where k.id = any($9)) as claims,
  array(select row(m.organisation_id, m.key, m.line, m.digest, m.id)
    from unnest($11::bigint[], $12::text[]) as w(organisation_id, key)
    join movement m using (organisation_id, key)) as keys,
  array(select row(g.place_id, g.lot_id, g."right", g.organisation_id) from "grant" g
    where g.place_id in (select place_id from stock) or g.lot_id in (select id from lots)) as grants,
  array(select row(c.organisation_id, c.closed_before) from period_close c) as closed
"""

RECORDED = """
select m.*, (select x.id from movement x where x.reverses_id = m.id) as reversed_by,
  array(select row(g.item_id, g.lot_id, g.quantity,
      g.source_place_id, g.source_state, g.source_holds, s.owner_id, s.custodian_id, s.disposer_id, s.seller_id,
      g.target_place_id, g.target_state, g.target_holds, t.owner_id, t.custodian_id, t.disposer_id, t.seller_id)
    from leg g join rights s on s.id = g.source_rights_id join rights t on t.id = g.target_rights_id
    where g.movement_id = m.id order by g.number) as legs,
  array(select row(n.item_id, n.lot_id, n.place_id, n.passed)
    from inspection n where n.movement_id = m.id) as inspections,
  array(select row(c.item_id, c.lot_id, c.quantity, c.debtor_id, c.creditor_id, c.agreement_id)
    from charge c where c.movement_id = m.id order by c.id) as charges,
  array(select row(k.id, k.seller_id, k.site_id, k.item_id, k.quantity, k.state, coalesce(k.document_id, 0),
      k.expires_at)
    from claim k where k.made_by_id = m.id order by k.id) as claims
from movement m where m.id = any($1)
"""

LATER = f"""
select {_POSITION}, b.occurred_at, b.quantity, b.verb = 'COUNT'
from unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) as w(item_id, place_id, moment)
join lateral (
  select g.item_id, g.lot_id, g.source_place_id as place_id, g.source_state as state, g.source_holds as holds,
    g.source_rights_id as rights_id, m.occurred_at, -g.quantity as quantity, m.verb, g.movement_id,
    g.number
  from leg g join movement m on m.id = g.movement_id
  where g.item_id = w.item_id and g.source_place_id = w.place_id and m.occurred_at > w.moment
  union all
  select g.item_id, g.lot_id, g.target_place_id, g.target_state, g.target_holds, g.target_rights_id, m.occurred_at,
    g.quantity, m.verb, g.movement_id, g.number
  from leg g join movement m on m.id = g.movement_id
  where g.item_id = w.item_id and g.target_place_id = w.place_id and m.occurred_at > w.moment
) b on true join rights r on r.id = b.rights_id
order by b.occurred_at, b.movement_id, b.number
"""


def columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Turn rows into columns, `width` of them even when there is no row.

    >>> columns([(1, "a"), (2, "b")], 2), columns([], 2)
    ([[1, 2], ['a', 'b']], [[], []])
    """
    turned = [list(column) for column in zip(*rows, strict=True)]
    return turned or [[] for _ in range(width)]


def arguments(want: Want) -> list[Any]:
    """Return the arguments of `BOOKS`."""
    return [
        *columns(sorted(want.stock), 2),
        sorted(want.whole),
        *columns(want.shelves, 3),
        *columns(want.lot_codes, 2),
        sorted(want.claims),
        sorted(want.movements),
        *columns(want.keys, 2),
    ]


def books_of(row: Any, version: int) -> Books:
    """Return the books that a row of `BOOKS` tells."""
    books = Books(version)
    for cells in row["positions"]:
        position = _position(cells)
        books.positions[position] = cells[9]
        if cells[10]:
            books.claimed[position] = cells[10]
        if cells[11] is not None:
            books.moved_at[position] = cells[11]
    for cells in row["shelves"]:
        books.tallies[Shelf(*cells[:3])] = Tally(*cells[3:])
    for cells in row["lots"]:
        lot = Lot(*cells)
        books.lots[lot.id] = lot
        books.lot_codes[lot.item, lot.code] = lot.id
    for cells in row["claims"]:
        hard = _position(cells[8:]) if cells[8] is not None else None
        books.claims[cells[0]] = Claim(cells[0], Shelf(*cells[1:4]), hard, *cells[4:8])
    for organisation, key, line, digest, movement in row["keys"]:
        books.keys[organisation, key, line] = (digest, movement)
    for place, lot_id, right, organisation in row["grants"]:
        books.grants[place, lot_id, Right(right)] = organisation
    books.closed_before.update(tuple(cells) for cells in row["closed"])
    return books


def recorded(row: Any) -> Recorded:
    """Return a movement that was posted before."""
    entry = Entry(
        organisation=row["organisation_id"],
        verb=Verb(row["verb"]),
        key=row["key"],
        line=row["line"],
        digest=row["digest"],
        chain=0,
        occurred_at=row["occurred_at"],
        actor=row["actor_id"],
        legs=tuple(_leg(cells) for cells in row["legs"]),
        document=row["document_id"] or 0,
        reason=row["reason"],
        reverses=row["reverses_id"] or 0,
        inspections=tuple(Inspection(*cells) for cells in row["inspections"]),
        charges=tuple(Charge(*cells) for cells in row["charges"]),
        claims=tuple(ClaimChange(cells[0], Shelf(*cells[1:4]), *cells[4:8]) for cells in row["claims"]),
    )
    return Recorded(row["id"], entry, row["reversed_by"])


def later(books: Books, rows: Iterable[Any]) -> None:
    """Note what moved after the moments that were asked for."""
    for cells in rows:
        books.later.setdefault(_position(cells), []).append(Later(cells[9], cells[10], cells[11]))


def _position(cells: Any) -> Position:
    item, lot, place, state, holds = cells[:5]
    return Position(item, lot, place, state, holds, Rights(*cells[5:9]))


def _leg(cells: Any) -> Leg:
    source = End(cells[3], cells[4], cells[5], Rights(*cells[6:10]))
    target = End(cells[10], cells[11], cells[12], Rights(*cells[13:17]))
    return Leg(cells[0], cells[1], cells[2], source, target)
