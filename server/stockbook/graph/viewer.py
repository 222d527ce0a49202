"""Who asks, as statements need it: the rights rows they may see, bound as arrays.

Rights rows are few, so the visible ones of an organisation are kept. Every read
answers, beside its JSON, the versions of what it bound of these (the newest
rights row, which are committed in the order of their ids, and the facts'
version); when they moved, the viewer is loaded again and the read repeated.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from stockbook.access.masks import Relation
from stockbook.access.principal import Principal

VIEWERS_MAX = 2000

NEWEST = "coalesce((select max(id) from rights), 0)"
FACTS = "coalesce((select version from facts_version where id = 1), 0)"
"""SQL of the versions of what viewers are made from: rights rows are read by both, givers by the second."""

_LOAD = f"""
with givers as (
  select distinct giver_id as id from agreement
  where taker_id = $1::bigint and views and giver_id <> 0
    and (since is null or since <= now()) and (until is null or until > now())
), mine as (
  select r.id, (case when owner_id = $1 then 1 else 0 end) + (case when custodian_id = $1 then 2 else 0 end)
    + (case when disposer_id = $1 then 4 else 0 end) + (case when seller_id = $1 then 8 else 0 end)
    + (case when exists (select 1 from givers g where g.id in (owner_id, custodian_id, disposer_id, seller_id))
       then 32 else 0 end) as bits
  from rights r where r.id <> 0
)
select {NEWEST}, {FACTS},
  coalesce((select array_agg(id order by id) from mine where bits <> 0), '{{}}'),
  coalesce((select array_agg(bits order by id) from mine where bits <> 0), '{{}}'),
  coalesce((select array_agg(id order by id) from givers), '{{}}'), (select count(*) from mine),
  (select extract(epoch from min(at)) from (
    select since as at from agreement where taker_id = $1 and views and since > now()
    union all select until from agreement where taker_id = $1 and views and until > now()) x)
"""

RUN_MIN = 8
"""Rights rows that must lie in a row, on average, for a sight to be told by ranges: one costs as much to read in."""

Version = tuple[int | None, int | None]
"""Of rights rows and of facts; None where a statement bound nothing that was made from them."""


class Reads(Protocol):
    """What is needed of a database."""

    async def fetchrow(self, sql: str, *arguments: Any) -> Any:
        """Return the first row of a statement."""
        ...


@dataclass(slots=True)
class Viewer:
    """An organisation, the principal who acts for it, and what they may see.

    `wide` is who sees most rights rows there are, so that ranges say it shorter than a list does.
    """

    organisation: int
    actor: int = 0
    sites: tuple[int, ...] = ()
    visible_rights: dict[int, Relation] = field(default_factory=dict)
    givers: list[int] = field(default_factory=list)
    version: Version = (0, 0)
    ends_at: float | None = None
    wide: bool = False
    _rights: dict[tuple[Relation, bool], str] = field(default_factory=dict)

    def rights(self, relations: Relation) -> str:
        """Return the rights rows that give one of these relations, as PostgreSQL reads an array.

        >>> Viewer(7, visible_rights={3: Relation.OWNER, 4: Relation.SELLER}).rights(Relation.SELLER)
        '{4}'
        """
        return self._said(relations, ranges=False)

    def ranges(self, relations: Relation) -> str:
        """Return the same as PostgreSQL reads a multirange.

        >>> Viewer(7, visible_rights=dict.fromkeys((3, 4, 5, 9), Relation.OWNER)).ranges(Relation.OWNER)
        '{[3,6),[9,10)}'
        """
        return self._said(relations, ranges=True)

    def _said(self, relations: Relation, *, ranges: bool) -> str:
        found = self._rights.get((relations, ranges))
        if found is None:
            ids = [each for each, bits in self.visible_rights.items() if bits & relations]
            said = [f"[{first},{end})" for first, end in runs(ids)] if ranges else map(str, ids)
            found = self._rights[relations, ranges] = f"{{{','.join(said)}}}"
        return found

    def acting(self, principal: Principal) -> "Viewer":
        """Return the same sight for one principal."""
        return Viewer(
            self.organisation,
            principal.id,
            principal.sites,
            self.visible_rights,
            self.givers,
            self.version,
            self.ends_at,
            self.wide,
            self._rights,
        )


def runs(ids: Iterable[int]) -> list[tuple[int, int]]:
    """Return ascending ids as runs without a gap: the first, and the one after the last.

    >>> runs([3, 4, 5, 9])
    [(3, 6), (9, 10)]
    """
    found: list[tuple[int, int]] = []
    for each in ids:
        first = found.pop()[0] if found and found[-1][1] == each else each
        found.append((first, each + 1))
    return found


class Viewers:
    """Keeps what organisations may see."""

    def __init__(self, reads: Reads, clock: Callable[[], float] = time.time) -> None:
        self._reads = reads
        self._clock = clock
        self._kept: OrderedDict[int, Viewer] = OrderedDict()

    async def of(self, principal: Principal) -> Viewer:
        """Return the viewer for a principal, loaded when it isn't known or may be out of date."""
        kept = self._kept.get(principal.organisation)
        now = self._clock()
        if kept is None or (kept.ends_at and kept.ends_at <= now):
            kept = await self._load(principal.organisation)
        return kept.acting(principal)

    def wide(self, principal: Principal) -> bool:
        """Return whether a principal is known to see most there is."""
        kept = self._kept.get(principal.organisation)
        return kept is not None and kept.wide

    def current(self, viewer: Viewer, version: Version) -> bool:
        """Return whether a viewer was made from this version; if not, it is forgotten."""
        if all(told is None or told == made for told, made in zip(version, viewer.version, strict=True)):
            return True
        self.forget((viewer.organisation,))
        return False

    def forget(self, organisations: Iterable[int] | None = None) -> None:
        """Load these organisations' sight again at their next read; all, when none are named."""
        if organisations is None:
            self._kept.clear()
        else:
            for each in organisations:
                self._kept.pop(each, None)

    async def _load(self, organisation: int) -> Viewer:
        newest, facts, ids, bits, givers, all_there_are, ends_at = await self._reads.fetchrow(_LOAD, organisation)
        viewer = Viewer(
            organisation,
            visible_rights={id_: Relation(bit) for id_, bit in zip(ids, bits, strict=True)},
            givers=list(givers),
            version=(newest, facts),
            ends_at=float(ends_at) if ends_at is not None else None,
            wide=2 * len(ids) > all_there_are and RUN_MIN * len(runs(ids)) <= len(ids),
        )
        self._kept[organisation] = viewer
        while len(self._kept) > VIEWERS_MAX:
            self._kept.popitem(last=False)
        return viewer
