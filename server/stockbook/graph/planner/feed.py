"""The feed of replicas: what a handheld keeps, by cursor, in one statement a page.

A cursor says how far each kind of row has been told (`told`). Items, places and
tasks are told in the order of the transaction that changed them last, only
below the oldest one that still runs: one that commits late is never passed by.
Positions change all day, and an index on such a column would cost each of their
updates its speed. So they are read once by id, and from then on by the
organisation's stream of movements, from the number it had before the reading.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import FieldNode

from stockbook.access.masks import ALL
from stockbook.domain.stock.facts import VIRTUAL
from stockbook.graph.declare import ID_PREFIX, SHAPES, Shape
from stockbook.graph.planner import select, told
from stockbook.graph.planner.compiler import Compiler, Path
from stockbook.graph.planner.given import exactly
from stockbook.graph.planner.refused import Refused
from stockbook.graph.planner.text import Sql, concat, fields, quote
from stockbook.graph.viewer import Viewer

PAGE_DEFAULT = 500
PAGE_MAX = 1000
LISTS = {"items": "Item", "places": "Place", "lots": "Lot", "positions": "Position", "tasks": "Task"}
_RECENT = "({p}.state in ('OPEN', 'DOING') or {p}.closed_at > now() - interval '7 days')"
"""A task is told as long as it is open, and for a week after, so that devices learn how it was settled."""


def replica(compiler: Compiler, nodes: list[FieldNode], path: Path) -> list[str]:
    """Return the pieces of a page of the feed."""
    given = compiler.arguments(nodes[0], "Query")
    size = compiler.values.peek(given["first"], exactly) if given["first"] is not None else PAGE_DEFAULT
    if not 1 <= size <= PAGE_MAX:
        raise Refused("BAD_USER_INPUT", f"a page of a replica has between 1 and {PAGE_MAX} rows", path)
    rules = told.rules(compiler.mask)
    slot = given["after"]

    def sight(viewer: Viewer) -> str:
        return told.sight(rules, viewer.organisation, viewer.sites, tuple(viewer.givers))

    def figure(at: int) -> Callable[[Mapping[str, Any], Viewer], int]:
        return lambda values, viewer: told.read(slot.read(values) if slot else None, sight(viewer))[at]

    known = {
        name: compiler.bind(figure(at), "bigint", ("told", slot and slot.path, at))
        for at, name in enumerate(told.Told._fields)
    }
    known["sight"] = compiler.bind(lambda _, viewer: sight(viewer), "text", ("sight", rules))
    page = _Page(compiler, size, known)
    with compiler.repeated(max(size // 10, 1)):  # found by keys, one kind after another
        pairs = [(key, page.field(same, (*path, key))) for key, same in compiler.collect(nodes, "Replica").items()]
    compiler.spend(size // 10)
    return [page.whole(fields(pairs))]


class _Page:
    """Composes the fields of one page over the ids that it tells."""

    def __init__(self, compiler: Compiler, size: int, known: dict[str, str]) -> None:
        self.compiler = compiler
        self.size = size
        self.known = known

    def whole(self, pieces: list[str]) -> Sql:
        """Return the subselect of the page."""
        virtual = ", ".join(quote(kind) for kind in sorted(VIRTUAL))
        names = {**self.known, "size": str(self.size), "virtual": virtual}
        names |= {f"of_{kind.lower()}": self._scope(SHAPES[kind], "b") for kind in ("Position", "Task")}
        names["recent"] = _RECENT.format(p="b")
        return Sql(f"({self.compiler.sql(_PAGE, ALL, **names)} select {concat(pieces)} from h_, n_)")

    def field(self, nodes: list[FieldNode], path: Path) -> list[str]:
        """Return the pieces of a field."""
        name = nodes[0].name.value
        if name in LISTS:
            return self._list(SHAPES[LISTS[name]], name, nodes, path)
        match name:
            case "cursor":
                return ['"', Sql("n_.cursor"), '"']
            case "version":
                return ['"', Sql("n_.sequence"), '"']
            case "complete" | "restart":
                return [Sql(f"case when n_.{name} then 'true' else 'false' end")]
            case "actions":
                words = ",".join(f'"{each}"' for each in sorted(self.compiler.mask.actions))
                return [f"[{words}]"]
            case "gone":
                return self._gone()
            case "wipes":
                return self._wipes(nodes)
            case "device":
                return self._device(nodes, path)
            case _:
                return ['"Replica"']

    def _list(self, shape: Shape, name: str, nodes: list[FieldNode], path: Path) -> list[str]:
        compiler = self.compiler
        if select.closed(compiler, shape, path):
            return ["null"]
        row = select.row_of(compiler, shape)
        element = concat(select.row(compiler, row, nodes, path))
        where = [f"{row.alias}.id = w_.id", self._scope(shape, row.alias)]
        if name == "tasks":
            where.append(_RECENT.format(p=row.alias))
        found = f"select {row.alias}.* from {compiler.source(shape, row.alias)} where {' and '.join(where)} offset 0"
        return [
            "[",
            Sql(
                f"(select string_agg({element}, ',' order by {row.alias}.id) from (select distinct id from {name}_) w_"
                f" join lateral ({found}) {row.alias} on true {' '.join(row.joins)})"
            ),
            "]",
        ]

    def _device(self, nodes: list[FieldNode], path: Path) -> list[str]:
        compiler, shape = self.compiler, SHAPES["Device"]
        if select.closed(compiler, shape, path):
            return ["null"]
        row = select.row_of(compiler, shape)
        element = concat(select.row(compiler, row, nodes, path))
        source = f"{compiler.source(shape, row.alias)} {' '.join(row.joins)}"
        where = f"{row.alias}.principal_id = {compiler.viewer('actor')} and {self._scope(shape, row.alias)}"
        return [Sql(f"coalesce((select {element} from {source} where {where}), 'null')")]

    def _wipes(self, nodes: list[FieldNode]) -> list[str]:
        """Return the open orders for the device that asks: no policy keeps a device from hearing them."""
        pairs = [
            (key, ['"WipeOrder"' if same[0].name.value == "__typename" else Sql(f"to_json(w_.{same[0].name.value})")])
            for key, same in self.compiler.collect(nodes, "WipeOrder").items()
        ]
        source = "wipe w_ join device d_ on d_.id = w_.device_id"
        where = f"d_.principal_id = {self.compiler.viewer('actor')} and w_.wiped_at is null"
        orders = f"string_agg({concat(fields(pairs))}, ',' order by w_.mode, w_.id)"
        return ["[", Sql(f"(select {orders} from {source} where {where})"), "]"]

    def _scope(self, shape: Shape, alias: str) -> str:
        return " and ".join(self.compiler.scope(shape, alias)) or "true"

    def _gone(self) -> list[str]:
        """Return the ids of rows that were told and are to be told no more."""
        compiler, found = self.compiler, []
        for name, alive in (("positions", "b.quantity > 0"), ("tasks", _RECENT.format(p="b"))):
            shape = SHAPES[LISTS[name]]
            if not compiler.seen(shape):
                continue
            mine = compiler.related(shape, "b", compiler.seen(shape))
            sites = compiler.sql(shape.sites, p="b") if shape.sites and compiler.limited else "true"
            found.append(
                f"select '{shape.name}/' || b.id as name"
                f" from (select id, bool_or(placed) as placed from {name}_ group by id) w_"
                f' join lateral (select * from "{shape.table}" b where b.id = w_.id offset 0) b on true'
                f" where {mine} and (({sites}) is not true and w_.placed or ({sites}) and not ({alive}))"
            )
        if not found:
            return ["[]"]
        quoted = f"""'"{ID_PREFIX}' || g_.name || '"'"""
        return [
            "[",
            Sql(f"(select string_agg({quoted}, ',' order by g_.name) from ({' union all '.join(found)}) g_)"),
            "]",
        ]


_PAGE = """
with h_ as materialized (
  select pg_snapshot_xmin(pg_current_snapshot()) as x, pg_snapshot_xmax(pg_current_snapshot()) as xmax,
    coalesce((select s.head from stream s where s.organisation_id = {me}), 0) as head
),
items_ as materialized (
  select b.id, b.changed from item b
  where (b.changed, b.id) > ({item_tx}::text::xid8, {item}) and b.changed < (select x from h_) and b.id <> 0
  order by b.changed, b.id limit {size}
),
places_ as materialized (
  select b.id, b.changed from place b
  where b.organisation_id = {me} and (b.changed, b.id) > ({place_tx}::text::xid8, {place})
    and b.changed < (select x from h_) and b.kind not in ({virtual})
  order by b.changed, b.id limit {size} - (select count(*) from items_)
),
t_ as materialized (
  select b.id, b.changed from task b
  where b.organisation_id = {me} and (b.changed, b.id) > ({task_tx}::text::xid8, {task})
    and b.changed < (select x from h_) and ({loading} = 0 or ({recent} and {of_task}))
  order by b.changed, b.id limit {size} - (select count(*) from items_) - (select count(*) from places_)
),
l_ as materialized (
  select b.id from position b
  where {position} >= 0 and b.host_id = {me} and b.id > {position} and {of_position}
  order by b.id
  limit {size} - (select count(*) from items_) - (select count(*) from places_) - (select count(*) from t_)
),
m_ as materialized (
  select w.sequence, w.movement_id from movement_party w
  where {position} < 0 and w.organisation_id = {me} and w.sequence > {sequence}
  order by w.sequence
  limit {size} - (select count(*) from items_) - (select count(*) from places_) - (select count(*) from t_)
),
tasks_ as materialized (
  select t_.id, false as placed from t_
  union all select b.id, true from places_ w join lateral (
    select y.id from task y where y.place_id = w.id and y.state in ('OPEN', 'DOING') offset 0
  ) b on true where {loading} = 0
),
positions_ as materialized (
  select l_.id, false as placed from l_
  union all select b.id, false from m_ w join lateral (
    select p.id from leg g cross join lateral (values
        (g.source_place_id, g.source_state, g.source_holds, g.source_rights_id),
        (g.target_place_id, g.target_state, g.target_holds, g.target_rights_id)) e(place_id, state, holds, rights_id)
      join position p on p.item_id = g.item_id and p.lot_id = g.lot_id and p.place_id = e.place_id
        and p.state = e.state and p.holds = e.holds and p.rights_id = e.rights_id and p.host_id = {me}
    where g.movement_id = w.movement_id offset 0
  ) b on true
  union all select b.id, true from places_ w join lateral (
    select y.id from position y where y.place_id = w.id and y.host_id = {me} and y.quantity > 0 offset 0
  ) b on true where {position} <> 0
),
lots_ as materialized (
  select b.lot_id as id from positions_ w join position b on b.id = w.id where b.lot_id <> 0
  union select y.lot_id from tasks_ w join task_line y on y.task_id = w.id where y.lot_id <> 0
),
c_ as materialized (
  select (select count(*) from items_) + (select count(*) from places_) + (select count(*) from t_) as rest,
    (select count(*) from l_) as read, (select count(*) from m_) as moved,
    case when {sequence} < 0 then h_.head when {position} >= 0 then {sequence}
      else coalesce((select max(sequence) from m_), {sequence}) end as sequence
  from h_
),
n_ as materialized (
  select c_.sequence, {sequence} < 0 or lost.yes as restart,
    not lost.yes and c_.rest + c_.read + c_.moved < {size} and ({position} < 0 or c_.sequence = h_.head) as complete,
    case when lost.yes then '' else concat_ws('.', {sight},
      coalesce((select concat(changed, '.', id) from items_ order by changed desc, id desc limit 1),
        concat({item_tx}, '.', {item})),
      coalesce((select concat(changed, '.', id) from places_ order by changed desc, id desc limit 1),
        concat({place_tx}, '.', {place})),
      coalesce((select concat(changed, '.', id) from t_ order by changed desc, id desc limit 1),
        concat({task_tx}, '.', {task})),
      case when c_.rest < {size} then 0 else {loading} end, c_.sequence,
      case when {position} < 0 or c_.rest + c_.read < {size} then -1
        else coalesce((select max(id) from l_), {position}) end) end as cursor
  from c_, h_, lateral (
    select greatest({item_tx}, {place_tx}, {task_tx})::text::xid8 >= h_.xmax or {sequence} > h_.head as yes
  ) lost
)
"""
