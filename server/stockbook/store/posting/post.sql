-- Posting: lock, check, write. One call posts a batch whose every entry can stand.
--
-- The caller sums each row's changes over the batch and says how far its running
-- balance falls at the lowest (`least`, at most zero). Under lock the check is then
-- one comparison a row. When every row bears it, the whole batch is written by a few
-- set-based statements. Else nothing is: the caller locks the same rows with the same
-- functions, decides entry by entry on what it finds, and posts what can stand.
--
-- Locks are taken in one order everywhere: facts (shared), shelves by id, positions
-- by id, claims by id. Rows that are missing are made at zero first. We always wait.

drop schema if exists posting cascade;
create schema posting;

create type posting.shelf as (
  seller_id bigint, site_id bigint, item_id bigint, host_id bigint,
  on_hand numeric, inbound numeric, held numeric, reserved numeric,
  least numeric,          -- of on_hand - reserved, over all entries that lower it
  least_inbound numeric,  -- of on_hand + inbound - reserved, over those that promise it
  known boolean           -- the caller has seen the row: it need not be made
);

create type posting.position as (
  item_id bigint, lot_id bigint, place_id bigint, state int, holds int, rights_id bigint,
  host_id bigint, site_id bigint,
  quantity numeric, claimed numeric,
  least numeric,       -- of quantity
  least_free numeric,  -- of quantity - claimed, over all entries that lower it
  moved_at timestamptz,
  known boolean
);

create type posting.claim as (
  id bigint, quantity numeric, least numeric,
  live text,   -- state to take while something is left, null: as it is
  ended text,  -- state to take when nothing is left
  made jsonb   -- null: exists already
);

create type posting.entry as (
  id bigint, organisation_id bigint, verb text, key text, line int, digest bytea,
  occurred_at timestamptz, actor_id bigint, document_id bigint, reverses_id bigint, reason text
);

create type posting.party as (
  organisation_id bigint, movement_id bigint, topic text, relations int, occurred_at timestamptz
);

-- `made`: the row did not exist before this transaction.
create function posting.lock_shelves(shelves posting.shelf[])
returns table (ordinal bigint, id bigint, on_hand numeric, inbound numeric, reserved numeric, made boolean)
language plpgsql as $$
begin
  insert into availability (seller_id, site_id, item_id, host_id)
    select s.seller_id, s.site_id, s.item_id, s.host_id from unnest(shelves) s
    where not s.known order by s.seller_id, s.site_id, s.item_id
    on conflict do nothing;
  return query
    select s.ordinality, a.id, a.on_hand, a.inbound, a.reserved, a.xmin = pg_current_xact_id()::xid
    from unnest(shelves) with ordinality s
    join availability a on a.seller_id = s.seller_id and a.site_id = s.site_id and a.item_id = s.item_id
    order by a.id for no key update of a;
end $$;

create function posting.lock_positions(positions posting.position[])
returns table (ordinal bigint, id bigint, quantity numeric, claimed numeric, made boolean)
language plpgsql as $$
begin
  insert into position (item_id, lot_id, place_id, state, holds, rights_id, quantity, claimed, host_id, site_id, moved_at)
    select p.item_id, p.lot_id, p.place_id, p.state, p.holds, p.rights_id, 0, 0, p.host_id, p.site_id, p.moved_at
    from unnest(positions) p
    where not p.known order by p.item_id, p.lot_id, p.place_id, p.state, p.holds, p.rights_id
    on conflict do nothing;
  return query
    select p.ordinality, b.id, b.quantity, b.claimed, b.xmin = pg_current_xact_id()::xid
    from unnest(positions) with ordinality p
    join position b on b.item_id = p.item_id and b.lot_id = p.lot_id and b.place_id = p.place_id
      and b.state = p.state and b.holds = p.holds and b.rights_id = p.rights_id
    order by b.id for no key update of b;
end $$;

create function posting.lock_claims(claims posting.claim[])
returns table (ordinal bigint, quantity numeric, state text)
language sql as $$
  select c.ordinality, k.quantity, k.state
  from unnest(claims) with ordinality c join claim k on k.id = c.id
  where c.made is null
  order by k.id for no key update of k;
$$;

-- Raises SB000 with a word why when the batch can't be written as it is: so nothing of it stays.
create function posting.post(
  version_read bigint, entries posting.entry[], legs leg[], parties posting.party[],
  shelves posting.shelf[], positions posting.position[], claims posting.claim[]
) returns void
language plpgsql
-- Planned once a session, perhaps while the tables are still empty: then, too, by index, row by row.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  shelf_ids bigint[];
  position_ids bigint[];
  bears boolean;
begin
  perform pg_advisory_xact_lock_shared(5707102);
  if (select f.version from facts_version f) <> version_read then
    raise exception 'FACTS' using errcode = 'SB000';
  end if;

  if cardinality(shelves) > 0 then
    select array_agg(l.id order by l.ordinal),
      bool_and((s.least >= 0 or l.on_hand - l.reserved + s.least >= 0)
        and (s.least_inbound >= 0 or l.on_hand + l.inbound - l.reserved + s.least_inbound >= 0))
      into shelf_ids, bears
      from posting.lock_shelves(shelves) l join lateral (select (shelves[l.ordinal]).*) s on true;
    if not bears then
      raise exception 'SHELF' using errcode = 'SB000';
    end if;
  end if;

  if cardinality(positions) > 0 then
    select array_agg(l.id order by l.ordinal),
      bool_and((p.least >= 0 or l.quantity + p.least >= 0)
        and (p.least_free >= 0 or l.quantity - l.claimed + p.least_free >= 0))
      into position_ids, bears
      from posting.lock_positions(positions) l join lateral (select (positions[l.ordinal]).*) p on true;
    if not bears then
      raise exception 'POSITION' using errcode = 'SB000';
    end if;
  end if;

  if cardinality(claims) > 0 then
    select count(*) = (select count(*) from unnest(claims) c where c.made is null)
        and coalesce(bool_and(l.state in ('OPEN', 'COMMITTED') and l.quantity + c.least >= 0), true)
      into bears
      from posting.lock_claims(claims) l join lateral (select (claims[l.ordinal]).*) c on true;
    if not bears then
      raise exception 'CLAIM' using errcode = 'SB000';
    end if;
  end if;

  if exists (
    select from unnest(entries) e
    join movement m on m.organisation_id = e.organisation_id and m.key = e.key and m.line = e.line
  ) then
    raise exception 'KEY' using errcode = 'SB000';
  end if;
  if exists (select from unnest(entries) e join movement m on m.reverses_id = e.reverses_id) then
    raise exception 'REVERSED' using errcode = 'SB000';
  end if;
  if exists (
    select from unnest(entries) e join period_close c on c.organisation_id = e.organisation_id
    where e.occurred_at < c.closed_before
  ) then
    raise exception 'PERIOD' using errcode = 'SB000';
  end if;

  insert into movement (id, organisation_id, verb, key, line, digest, occurred_at, recorded_at, actor_id, document_id,
      reverses_id, reason)
    overriding system value
    select e.id, e.organisation_id, e.verb, e.key, e.line, e.digest, e.occurred_at, now(), e.actor_id,
      e.document_id, e.reverses_id, e.reason
    from unnest(entries) e;
  insert into leg select l.* from unnest(legs) l;
  insert into movement_party (organisation_id, movement_id, topic, relations, occurred_at)
    select p.organisation_id, p.movement_id, p.topic, p.relations, p.occurred_at from unnest(parties) p;
  update availability a
    set on_hand = a.on_hand + s.on_hand, inbound = a.inbound + s.inbound, held = a.held + s.held,
      reserved = a.reserved + s.reserved, changed_at = now()
    from rows from (unnest(shelf_ids), unnest(shelves)) as
      s(id, seller_id, site_id, item_id, host_id, on_hand, inbound, held, reserved, least, least_inbound, known)
    where a.id = s.id;
  update position b
    set quantity = b.quantity + p.quantity, claimed = b.claimed + p.claimed, moved_at = greatest(b.moved_at, p.moved_at)
    from rows from (unnest(position_ids), unnest(positions)) as
      p(id, item_id, lot_id, place_id, state, holds, rights_id, host_id, site_id, quantity, claimed, least, least_free,
        moved_at, known)
    where b.id = p.id;
  if cardinality(claims) > 0 then
    insert into claim (id, document_id, seller_id, site_id, item_id, position_id, quantity, state, expires_at, made_by_id)
      overriding system value
      select c.id, m.document_id, m.seller_id, m.site_id, m.item_id, m.position_id, c.quantity,
        case when c.quantity = 0 then c.ended else coalesce(c.live, 'OPEN') end, m.expires_at, m.made_by_id
      from unnest(claims) c join lateral (
        select n.*, position_ids[n.position_ordinal] as position_id
        from jsonb_to_record(c.made) as n(document_id bigint, seller_id bigint, site_id bigint, item_id bigint,
          position_ordinal int, expires_at timestamptz, made_by_id bigint)
      ) m on true
      where c.made is not null;
    update claim k
      set quantity = k.quantity + c.quantity,
        state = case when k.quantity + c.quantity = 0 then c.ended else coalesce(c.live, k.state) end
      from unnest(claims) c where c.made is null and k.id = c.id;
  end if;
end $$;
