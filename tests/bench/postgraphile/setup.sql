-- What PostGraphile needs to give the same answers under the same row scope: a role without rights,
-- row level security that says who sees what, the one computed column, and the relations that the journal
-- has without foreign keys.
do $$ begin
  if not exists (select 1 from pg_roles where rolname = 'peer') then create role peer login; end if;
end $$;
grant usage on schema public to peer;
grant select on all tables in schema public to peer;

create function seen_rights() returns bigint[] language sql stable as $$
  with me as (select current_setting('peer.me')::bigint as id),
  mine as (select id from me union select a.giver_id from agreement a join me on a.taker_id = me.id where a.views)
  select coalesce(array_agg(r.id), '{}') from rights r
  where r.owner_id in (select id from mine) or r.custodian_id in (select id from mine)
     or r.disposer_id in (select id from mine) or r.seller_id in (select id from mine)
$$;
create function seen_sellers() returns bigint[] language sql stable as $$
  select coalesce(array_agg(a.giver_id), '{}') || current_setting('peer.me')::bigint from agreement a
  where a.taker_id = current_setting('peer.me')::bigint and a.views
$$;
comment on function seen_rights() is '@behavior -*';
comment on function seen_sellers() is '@behavior -*';

alter table position enable row level security;
create policy seen on position for select to peer using (
  quantity > 0 and (rights_id = any ((select seen_rights())::bigint[])
                    or host_id = (select current_setting('peer.me')::bigint)));
alter table availability enable row level security;
create policy seen on availability for select to peer using (
  seller_id = any ((select seen_sellers())::bigint[]) or host_id = (select current_setting('peer.me')::bigint));
alter table movement_party enable row level security;
create policy seen on movement_party for select to peer using (
  organisation_id = (select current_setting('peer.me')::bigint) and topic = 'MOVED');
alter table principal enable row level security;
create policy seen on principal for select to peer using (exists (
  select 1 from membership m
  where m.principal_id = principal.id and m.organisation_id = (select current_setting('peer.me')::bigint)));

create function availability_sellable_now(a availability) returns numeric language sql stable as
  'select a.on_hand + a.inbound - a.reserved';

-- a leg's end to which one is no party is withheld
create view seen_leg as
  select movement_id, number, item_id, quantity,
    case when source_host_id = me.id or source_rights_id = any (me.rights) then source_place_id end as source_place_id,
    case when target_host_id = me.id or target_rights_id = any (me.rights) then target_place_id end as target_place_id
  from leg, (select current_setting('peer.me')::bigint as id, (select seen_rights()) as rights) me
  where source_host_id = me.id or target_host_id = me.id
     or source_rights_id = any (me.rights) or target_rights_id = any (me.rights);
grant select on seen_leg to peer;
comment on view seen_leg is E'@primaryKey movement_id,number\n@foreignKey (movement_id) references movement (id)\n@foreignKey (item_id) references item (id)\n@foreignKey (source_place_id) references place (id)|@fieldName source\n@foreignKey (target_place_id) references place (id)|@fieldName target';
comment on table movement_party is E'@foreignKey (movement_id) references movement (id)';
comment on table movement is E'@foreignKey (actor_id) references principal (id)';
