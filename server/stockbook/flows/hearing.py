"""What a learner hears of the outside: influences and their points, kept in memory and read as of a sale.

A sale hears what was recorded in transactions before its own. Rows of the
stream are read only when every transaction below theirs has ended, so which
points come before a row never changes, whenever and how often it is learnt.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from stockbook.domain.demand.influence import BEFORE, Heard, Influence, Point, hear, known
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.series import INFLUENCE, UNPLANNED, Plan
from stockbook.domain.demand.threshold import Terms
from stockbook.flows.demand_book import DemandBook, Reach, Said, SeriesKey

RIVAL = f"{INFLUENCE}rival"
KEPT = BEFORE + timedelta(days=30)
"""How long before the clock points are kept in memory."""
NOTHING = Heard(UNPLANNED)
_USUAL = Terms()


class Hearing:
    """The influences, as one learner holds them."""

    def __init__(self, book: DemandBook) -> None:
        self._book = book
        self._since = 0
        self._influences: dict[int, Influence] = {}
        self._points: dict[tuple[int, int], list[Point]] = {}
        self._reach: dict[SeriesKey, Reach] = {}
        self._known: dict[tuple[int, int], tuple[int, list[Point]]] = {}
        self.stirred: list[Said] = []
        """Points that came since somebody last looked."""

    @property
    def silent(self) -> bool:
        """Whether nothing comes from outside at all."""
        return not self._influences

    async def listen(self, clock: datetime | None) -> None:
        """Take up what was recorded since the last time."""
        news = await self._book.news(self._since, clock - KEPT if clock else None)
        first, self._since = self._since == 0, news.until
        self._influences |= {each.id: each for each in news.influences}
        for each in news.points:
            points = self._points.setdefault((each.influence, each.item), [])
            insort(points, each.point, key=lambda point: point.recorded)
        if news.changed:
            self._reach.clear()
        if not first:
            self.stirred += news.points

    async def meet(self, keys: Iterable[SeriesKey]) -> None:
        """Learn what these series hear, and on which terms their items are bought."""
        unknown = [key for key in sorted(keys) if key not in self._reach]
        if not unknown:
            return
        found = await self._book.reach(unknown)
        rivals = [key._replace(item=rival) for key, reach in found.items() for rival in reach.rivals]
        strange = sorted({key for key in rivals if key not in self._reach and key not in found})
        self._reach |= await self._book.reach(strange) if strange else {}
        self._reach |= found

    def terms(self, key: SeriesKey) -> Terms:
        """Return the terms on which a series' item is bought."""
        reach = self._reach.get(key)
        return reach.terms if reach is not None else _USUAL

    def hear(self, key: SeriesKey, period: Period, index: int, now: datetime, before: int) -> Heard:
        """Return what is known of a period of a series, of what was recorded in transactions below `before`."""
        reach = self._reach.get(key)
        if reach is None or not (reach.influences or reach.rivals):
            return NOTHING
        heard = hear(self._series(reach.influences, key.item, before), period, index, now)
        rival = 0.0
        for item in reach.rivals:
            other = self._reach.get(key._replace(item=item))
            if other is not None:
                series = self._series(other.influences, item, before)
                rival = max(rival, hear(series, period, index, now).plan.promoted)
        if not rival:
            return heard
        plan = heard.plan._replace(influences=(*heard.plan.influences, (RIVAL, rival)))
        return heard._replace(plan=plan)

    def plan(self, key: SeriesKey, period: Period, index: int, now: datetime, before: int) -> Plan:
        """Return what `hear` hears, without from whom."""
        return self.hear(key, period, index, now, before).plan

    def _series(self, influences: Sequence[int], item: int, before: int) -> list[tuple[Influence, Sequence[Point]]]:
        found: list[tuple[Influence, Sequence[Point]]] = []
        for each in influences:
            general, own = self._of(each, 0, before), self._of(each, item, before)
            points = general if not own else own if not general else sorted([*general, *own])
            found.append((self._influences[each], points))
        return found

    def _of(self, influence: int, item: int, before: int) -> list[Point]:
        key = influence, item
        points = self._points.get(key)
        if not points:
            return []
        count = bisect_left(points, before, key=lambda point: point.recorded)
        kept = self._known.get(key)
        if kept is None or kept[0] != count:
            kept = self._known[key] = (count, known(points[:count], before))
        return kept[1]

    def forget(self, clock: datetime) -> None:
        """Let go of points too old to be read again."""
        for key, points in list(self._points.items()):
            left = [point for point in points if point.at >= clock - KEPT]
            if len(left) < len(points):
                self._points[key] = left
                self._known.pop(key, None)
