"""The floor: bare Starlette routes with SQL written by hand, one for each read; no token, no mask, no scope.

Each gives the same bytes as Stockbook; what Stockbook says besides the data
(its constant tail) is handed in. The address of the database and the tails are
environment variables, so that uvicorn runs it as it runs Stockbook.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stockbook.store.database import Database

_STATE = """(array['EXPECTED', 'IN_TRANSIT', 'RECEIVED', 'IN_INSPECTION', 'AWAITING_PUTAWAY', 'AWAITING_PROCESSING',
  'IN_PROCESSING', 'SELLABLE', 'QUARANTINED', 'DAMAGED', 'RETURNED', 'EXPIRED'])[p.state]"""

Q1 = """
select convert_to(concat('{"data":{"availabilities":{"nodes":[', string_agg(concat(
    '{"sellableNow":"', trim_scale(a.on_hand + a.inbound - a.reserved),
    '","item":{"name":', to_json(i.name), ',"gtin":', coalesce(to_json(i.gtin)::text, 'null'),
    '},"site":{"name":', site.name, '}}'), ',' order by a.item_id, a.id), ']}}', $2::text), 'UTF8')
from (select * from availability where site_id = $1 order by item_id, id limit 50) a
join item i on i.id = a.item_id
cross join (select to_json(name) as name from place where id = $1) site
"""

Q2 = f"""
select convert_to(concat('{{"data":{{"item":{{"name":', to_json(i.name),
  ',"gtin":', coalesce(to_json(i.gtin)::text, 'null'),
  ',"positions":{{"nodes":[', (
    select string_agg(concat('{{"quantity":"', trim_scale(p.quantity), '","state":"', {_STATE},
      '","place":{{"name":', to_json(l.name), ',"organisation":{{"name":', to_json(o.name),
      '}}}}}}'), ',' order by p.id)
    from (select * from position where item_id = i.id and quantity > 0 order by id limit 100) p
    join place l on l.id = p.place_id join organisation o on o.id = l.organisation_id),
  ']}}}}}}', $2::text), 'UTF8')
from item i where i.id = $1
"""

Q3 = """
with page as materialized (
  select movement_id, occurred_at, row_number() over () as n,
    encode(convert_to(occurred_at::text || chr(31) || movement_id, 'UTF8'), 'hex') as cursor
  from (select movement_id, occurred_at from movement_party where organisation_id = $1 and topic = 'MOVED'
        order by occurred_at desc, movement_id desc limit 101) w),
mine as materialized (
  select array_agg(id) as rights from rights where $1 in (owner_id, custodian_id, disposer_id, seller_id))
select convert_to(concat('{"data":{"movements":{"edges":[', (
    select string_agg(concat('{"cursor":"', $3::text, w.cursor, '","node":{"verb":"', m.verb,
      '","occurredAt":', to_json(w.occurred_at),
      ',"actor":', case when m.organisation_id = $1 then concat('{"name":', to_json(c.name), '}') else 'null' end,
      ',"legs":[', (
        select string_agg(concat('{"quantity":"', trim_scale(l.quantity),
          '","item":{"name":', to_json(i.name), ',"gtin":', coalesce(to_json(i.gtin)::text, 'null'), '},"source":',
          case when l.source_host_id = $1 or l.source_rights_id = any (mine.rights)
            then concat('{"place":{"name":', to_json(a.name), '}}') else 'null' end, ',"target":',
          case when l.target_host_id = $1 or l.target_rights_id = any (mine.rights)
            then concat('{"place":{"name":', to_json(b.name), '}}') else 'null' end, '}'), ',' order by l.number)
        from leg l join item i on i.id = l.item_id
        join place a on a.id = l.source_place_id join place b on b.id = l.target_place_id
        where l.movement_id = w.movement_id),
      ']}}'), ',' order by w.n)
    from page w join movement m on m.id = w.movement_id join principal c on c.id = m.actor_id
    where w.n <= 100),
  '],"pageInfo":{"hasNextPage":', case when (select count(*) from page) > 100 then 'true' else 'false' end,
  ',"endCursor":"', $3::text, (select cursor from page where n <= 100 order by n desc limit 1), '"}}}',
  $2::text), 'UTF8')
from mine
"""


def build(dsn: str, tails: dict[str, str], mark: str) -> Starlette:
    """Return the app; `mark` is what Stockbook's cursors of Q3 begin with."""
    db: list[Database] = []

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        db.append(await Database.open(dsn, size=8))
        yield
        await db[0].close()

    async def ready(_: Request) -> Response:
        return Response(b"{}")

    async def q1(request: Request) -> Response:
        answer = await db[0].fetchval(Q1, int(request.path_params["what"]), tails["Q1"])
        return Response(answer, media_type="application/json")

    async def q2(request: Request) -> Response:
        answer = await db[0].fetchval(Q2, int(request.path_params["what"]), tails["Q2"])
        return Response(answer, media_type="application/json")

    async def q3(request: Request) -> Response:
        answer = await db[0].fetchval(Q3, int(request.path_params["who"]), tails["Q3"], mark)
        return Response(answer, media_type="application/json")

    routes = [Route("/readyz", ready), Route("/Q1/{who}/{what}", q1), Route("/Q2/{who}/{what}", q2),
              Route("/Q3/{who}/{what}", q3)]  # fmt: skip
    return Starlette(routes=routes, lifespan=lifespan)


def main() -> None:
    """Serve."""
    tails = {name: os.environ[f"BARE_{name}"] for name in ("Q1", "Q2", "Q3")}
    app = build(os.environ["BARE_DSN"], tails, os.environ["BARE_MARK"])
    config = uvicorn.Config(app, port=int(os.environ["BARE_PORT"]), loop="uvloop", http="httptools",
                            access_log=False, log_level="warning")  # fmt: skip
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
