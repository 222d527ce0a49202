"""Checks a live database against its own journal: whatever is projected must follow from what was posted.

Each check is one statement, so one moment, and selects what is wrong. It shares
nothing with the posting function but the tables.
"""

from dataclasses import dataclass

import asyncpg

from stockbook.domain.stock.overlays import BLOCKS
from stockbook.domain.stock.states import TRAITS, Presence
from stockbook.store.database import Database

SHOWN_MAX = 20
"""Findings told of one check; the first few say enough."""

_VIRTUAL = "('SUPPLIER', 'CUSTOMER', 'PROCESS', 'LOSS', 'DISCREPANCY')"


def _states(presence: Presence, sells: bool | None = None) -> str:
    chosen = [
        str(int(state))
        for state, traits in TRAITS.items()
        if traits.presence is presence and sells in (None, traits.sells)
    ]
    return f"({', '.join(chosen)})"


_REPLAYED = f"""
replayed as (
  select e.item_id, e.lot_id, e.place_id, e.state, e.holds, e.rights_id, sum(e.quantity) as quantity
  from (
    select item_id, lot_id, source_place_id as place_id, source_state as state, source_holds as holds,
      source_rights_id as rights_id, -quantity as quantity from leg
    union all
    select item_id, lot_id, target_place_id, target_state, target_holds, target_rights_id, quantity from leg
  ) e join place p on p.id = e.place_id and p.kind not in {_VIRTUAL}
  group by 1, 2, 3, 4, 5, 6
)"""

CHECKS = {
    "conservation": f"""
select format('leg %s of movement %s: %s', l.number, l.movement_id, case
    when l.quantity <= 0 then 'moves ' || l.quantity
    when m.id is null then 'has no movement'
    when l.lot_id <> 0 and o.item_id is distinct from l.item_id then 'its lot is of another item'
    when s.id is null or t.id is null then 'an end is nowhere'
    else 'an end has a state that its place can not have' end)
from leg l left join movement m on m.id = l.movement_id left join lot o on o.id = l.lot_id
left join place s on s.id = l.source_place_id left join place t on t.id = l.target_place_id
where l.quantity <= 0 or m.id is null or s.id is null or t.id is null
  or (l.lot_id <> 0 and o.item_id is distinct from l.item_id)
  or (l.source_state = 0) <> (s.kind in {_VIRTUAL}) or (l.target_state = 0) <> (t.kind in {_VIRTUAL})
union all
select format('item %s: %s came in, %s lies there', coalesce(c.item_id, b.item_id), c.quantity, b.quantity)
from (
  select l.item_id, coalesce(sum(l.quantity) filter (where s.kind in {_VIRTUAL} and t.kind not in {_VIRTUAL}), 0)
    - coalesce(sum(l.quantity) filter (where s.kind not in {_VIRTUAL} and t.kind in {_VIRTUAL}), 0) as quantity
  from leg l join place s on s.id = l.source_place_id join place t on t.id = l.target_place_id group by l.item_id
) c full join (select item_id, sum(quantity) as quantity from position group by item_id) b using (item_id)
where coalesce(c.quantity, 0) <> coalesce(b.quantity, 0)
""",
    "legs": """
select format('movement %s: its legs are numbered %s', movement_id, array_agg(number order by number))
from leg group by movement_id having count(*) <> max(number) + 1 or min(number) <> 0
""",
    "balances": f"""
with {_REPLAYED}
select format('item %s, lot %s, place %s, state %s, holds %s, rights %s: %s by the journal, %s lies there',
  item_id, lot_id, place_id, state, holds, rights_id, coalesce(r.quantity, 0), coalesce(b.quantity, 0))
from replayed r full join position b using (item_id, lot_id, place_id, state, holds, rights_id)
where coalesce(r.quantity, 0) <> coalesce(b.quantity, 0)
""",
    "availability": f"""
with {_REPLAYED}, counted as (
  select g.seller_id, p.site_id, p.bound_for_id, r.item_id, r.quantity, r.holds, coalesce(s.base, r.state) as state
  from replayed r join rights g on g.id = r.rights_id join place p on p.id = r.place_id
  left join state s on s.code = r.state where r.quantity <> 0 and g.seller_id <> 0
), shelves as (
  select seller_id, site_id, item_id, sum(on_hand) as on_hand, sum(inbound) as inbound, sum(held) as held from (
    select seller_id, site_id, item_id, 0 as inbound,
      case when state in {_states(Presence.HERE, True)} and holds & {BLOCKS} = 0 then quantity else 0 end as on_hand,
      case when state in {_states(Presence.HERE, True)} and holds & {BLOCKS} = 0 then 0 else quantity end as held
    from counted where state in {_states(Presence.HERE)} and site_id is not null
    union all
    select seller_id, bound_for_id, item_id, quantity, 0, 0
    from counted where state in {_states(Presence.COMING)} and holds & {BLOCKS} = 0 and bound_for_id is not null
  ) e group by 1, 2, 3
)
select format('seller %s, site %s, item %s: on hand, inbound, held %s by the journal, %s on the shelf',
  seller_id, site_id, item_id, row(s.on_hand, s.inbound, s.held), row(a.on_hand, a.inbound, a.held))
from shelves s full join availability a using (seller_id, site_id, item_id)
where (coalesce(s.on_hand, 0), coalesce(s.inbound, 0), coalesce(s.held, 0))
  <> (coalesce(a.on_hand, 0), coalesce(a.inbound, 0), coalesce(a.held, 0))
""",
    "reserved": """
select format('seller %s, site %s, item %s: claims of %s, %s reserved',
  seller_id, site_id, item_id, coalesce(c.quantity, 0), coalesce(a.reserved, 0))
from (select seller_id, site_id, item_id, sum(quantity) as quantity from claim group by 1, 2, 3) c
full join availability a using (seller_id, site_id, item_id)
where coalesce(c.quantity, 0) <> coalesce(a.reserved, 0)
union all
select format('position %s: claims of %s, %s claimed', b.id, coalesce(c.quantity, 0), b.claimed)
from position b left join (select position_id, sum(quantity) as quantity from claim group by 1) c
  on c.position_id = b.id
where coalesce(c.quantity, 0) <> b.claimed
""",
    "claims": """
select format('claim %s: %s and %s left', id, state, quantity) from claim
where quantity < 0 or (state in ('OPEN', 'COMMITTED')) <> (quantity > 0)
""",
    "negative": """
select format('position %s: %s lies there', id, quantity) from position where quantity < 0
""",
    "streams": """
select format('organisation %s: numbers %s to %s are %s, the head is %s',
  organisation_id, coalesce(p.first, 0), coalesce(p.last, 0), coalesce(p.many, 0), coalesce(s.head, 0))
from (
  select organisation_id, min(sequence) as first, max(sequence) as last, count(distinct sequence) as many,
    count(*) as rows
  from movement_party where sequence is not null group by organisation_id
) p full join stream s using (organisation_id)
where (p.first, p.last, p.many, p.rows) is distinct from (1::bigint, s.head, s.head, s.head)
  and coalesce(s.head, -1) <> 0
""",
    "parties": """
with ends as (
  select movement_id, source_rights_id as rights_id, source_host_id as host_id from leg
  union select movement_id, target_rights_id, target_host_id from leg
), due as (
  select m.id as movement_id, m.organisation_id, 64 as relation from movement m
  union all select movement_id, host_id, 16 from ends
  union all
  select e.movement_id, h.organisation_id, h.relation from ends e join rights r on r.id = e.rights_id
    cross join lateral (values (r.owner_id, 1), (r.custodian_id, 2), (r.disposer_id, 4), (r.seller_id, 8))
      as h(organisation_id, relation)
  union all select made_by_id, seller_id, 8 from claim
), owed as (
  select movement_id, organisation_id, bit_or(relation) as relations from due where organisation_id <> 0 group by 1, 2
)
select format('movement %s, organisation %s: is %s, was told as %s',
  movement_id, organisation_id, coalesce(o.relations, 0), coalesce(p.relations::text, 'nothing'))
from owed o full join (select * from movement_party where topic = 'MOVED') p using (movement_id, organisation_id)
where p.relations is null or p.relations & coalesce(o.relations, 0) <> coalesce(o.relations, 0)
  or (o.relations is null and not exists (select from movement m where m.id = movement_id))
""",
    "keys": """
select format('organisation %s, key %s, line %s: posted %s times', organisation_id, key, line, count(*))
from movement group by organisation_id, key, line having count(*) > 1
union all
select format('movement %s was reversed %s times', reverses_id, count(*))
from movement where reverses_id is not null group by reverses_id having count(*) > 1
union all
select format('movement %s reverses none', m.id) from movement m
where m.reverses_id is not null and not exists (select from movement r where r.id = m.reverses_id)
""",
    "places": """
select format('position %s: host and site are %s, of its place %s', b.id, row(b.host_id, b.site_id),
  row(p.organisation_id, coalesce(p.bound_for_id, p.site_id)))
from position b join place p on p.id = b.place_id
where (b.host_id, b.site_id) is distinct from (p.organisation_id, coalesce(p.bound_for_id, p.site_id))
union all
select format('leg %s of movement %s: its hosts are not those of its places', l.number, l.movement_id)
from leg l join place s on s.id = l.source_place_id join place t on t.id = l.target_place_id
where (l.source_host_id, l.target_host_id) <> (s.organisation_id, t.organisation_id)
""",
    "scans": """
with named as (
  select c.*, concat_ws(':', 'scan', p.external_reference, c.epoch, c.sequence) as key
  from captured c join device d on d.id = c.device_id join principal p on p.id = d.principal_id
  where c.outcome not in ('FORK', 'TAMPERED')
)
select format('scan %s: is POSTED and moved nothing', n.key) from named n
where n.outcome = 'POSTED' and strpos(n.scan, '"undoes"') = 0 and not exists (
  select from movement m where m.organisation_id = n.organisation_id and m.key = n.key)
union all
select format('scan %s: is %s and moved something', n.key, n.outcome) from named n
where n.outcome not in ('POSTED', 'HELD') and exists (
  select from movement m where m.organisation_id = n.organisation_id and m.key = n.key)
union all
select format('scan %s: is POSTED, but its chain has a gap before it that nobody gave up', n.key) from named n
where n.outcome = 'POSTED' and n.sequence > 1 and not 'OUT_OF_ORDER' = any(n.flags) and not exists (
  select from captured b where b.device_id = n.device_id and b.epoch = n.epoch and b.sequence = n.sequence - 1
    and b.outcome not in ('FORK', 'TAMPERED') and b.seal = n.previous)
union all
select format('device %s, epoch %s: is taken up to %s, and scan %s is held', e.device_id, e.epoch, e.upto, n.key)
from enrolment e join named n on n.device_id = e.device_id and n.epoch = e.epoch
where n.outcome = 'HELD' and n.sequence <= e.upto
union all
select format('device %s, epoch %s: is taken up to %s, and nothing is there', e.device_id, e.epoch, e.upto)
from enrolment e where e.upto > 0 and not exists (
  select from captured c where c.device_id = e.device_id and c.epoch = e.epoch and c.sequence = e.upto
    and c.outcome not in ('FORK', 'TAMPERED', 'HELD'))
""",
    "references": """
select format('movement %s: names an organisation, principal or document that does not exist', m.id)
from movement m
where not exists (select from organisation o where o.id = m.organisation_id)
  or not exists (select from principal p where p.id = m.actor_id)
  or (m.document_id is not null and not exists (select from document d where d.id = m.document_id))
""",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: the check that failed, and where."""

    check: str
    message: str


async def verify(db: Database) -> list[Finding]:
    """Return everything that is wrong, nothing when the books are in order."""
    async with db.connection() as connection:
        await connection.execute("set transaction_timeout = 0; set plan_cache_mode = auto; set enable_seqscan = on")
        try:
            return await check(connection)
        finally:
            await connection.execute("reset transaction_timeout; reset plan_cache_mode; reset enable_seqscan")


async def check(connection: asyncpg.Connection) -> list[Finding]:
    """Return the same, as a connection sees it: inside a transaction, with what it changed."""
    findings = []
    for name, statement in CHECKS.items():
        wrong = await connection.fetch(f"select * from ({statement}) w(message) limit {SHOWN_MAX}")
        findings += [Finding(name, row["message"]) for row in wrong]
    return findings
