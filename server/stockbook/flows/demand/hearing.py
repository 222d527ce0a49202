"""What a learner hears of the outside: influences and their points, kept in memory and read as of a sale.

A sale hears what was recorded in transactions before its own. Rows of the
stream are read only when every transaction below theirs has ended, so which
points come before a row never changes, whenever and how often it is learnt.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from stockbook.domain.demand.features import INFLUENCE
from stockbook.domain.demand.influence import BEFORE, Heard, Influence, Point, hear, known
from stockbook.domain.demand.kind import Kind
from stockbook.domain.demand.learner import LEVELS
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.plan import UNPLANNED, Plan
from stockbook.domain.demand.retirement import Retirement, over
from stockbook.domain.demand.shelf import Turn, empty_share
from stockbook.domain.demand.threshold import Terms
from stockbook.flows.demand.book import DemandBook
from stockbook.flows.demand.lesson import SeriesKey
from stockbook.flows.demand.news import Guest, Reach, Stir, Termed

RIVAL, LACK = f"{INFLUENCE}rival", f"{INFLUENCE}lack"
SLACK = timedelta(days=30)
KEPT = BEFORE + SLACK
"""How long before the clock points are kept in memory; they are looked through once in a `SLACK`."""
TREES = ("e:trees", *(f"e:trees:{level}" for level in LEVELS))
"""Under which names learners know the figures of a guest."""
NOTHING = Heard(UNPLANNED)
_USUAL = Terms()


class Hearing:
    """The influences, as one learner holds them; `partitions` are those whose guests it hears."""

    def __init__(self, book: DemandBook, partitions: Sequence[int] = ()) -> None:
        self._book, self._partitions = book, tuple(partitions)
        self._guests: dict[SeriesKey, list[Guest]] = {}
        self._since = 0
        self._forgot: datetime | None = None
        self._influences: dict[int, Influence] = {}
        self._retirements: dict[int, list[Retirement]] = {}
        self._points: dict[tuple[int, int], list[Point]] = {}
        self._reach: dict[SeriesKey, Reach] = {}
        self._known: dict[tuple[int, int], tuple[int, list[Point]]] = {}
        self._turns: dict[SeriesKey, list[Turn]] = {}
        """When shelves ran empty and were filled, as it was recorded."""
        self.stirred: list[tuple[int, int]] = []
        """Influences of which points or an end came since somebody last looked, and of which item (0: of all)."""
        self.turned: list[SeriesKey] = []
        """Shelves that ran empty or were filled since then."""
        self.termed: list[Termed] = []
        """Terms that were recorded since then."""

    @property
    def silent(self) -> bool:
        """Whether nothing comes from outside at all, as far as was met."""
        return not self._influences and not any(reach.lacking for reach in self._reach.values())

    async def listen(self, clock: datetime | None) -> None:
        """Take up what was recorded since the last time."""
        news = await self._book.news(self._since, clock - KEPT if clock else None, self._partitions)
        first, self._since = self._since == 0, news.until
        self._influences |= {each.id: each for each in news.influences}
        for each in news.points:
            points = self._points.setdefault((each.influence, each.item), [])
            insort(points, each.point, key=lambda point: point.recorded)
        for influence, retirement in news.retirements:
            self._retirements.setdefault(influence, []).append(retirement)
        for key, turn in news.turns:
            insort(self._turns.setdefault(key, []), turn, key=lambda each: each.recorded)
        for guest in news.guests:
            self._guests.setdefault(guest.key, []).append(guest)
        if clock is not None and (self._forgot is None or clock - self._forgot >= SLACK):
            self._forget(clock)
        if news.changed:
            self._reach.clear()
        if not first:
            self.stirred += [(each.influence, each.item) for each in news.points]
            self.stirred += [(influence, 0) for influence, _ in news.retirements]
            self.turned += [key for key, _ in news.turns]
            self.termed += news.terms

    def stir(self) -> Stir:
        """Return what has come since the last time that somebody asked: forecasts are to be revised for it."""
        stir = Stir(tuple(sorted(set(self.stirred))), tuple(sorted(set(self.turned))), tuple(self.termed))
        self.stirred, self.turned, self.termed = [], [], []
        return stir

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
        guests = self._guests_of(key, period, index, before) if self._guests else ()
        if reach is None or not (reach.influences or reach.rivals or reach.lacking):
            return NOTHING._replace(plan=UNPLANNED._replace(guests=guests)) if guests else NOTHING
        heard = self._hear(reach.influences, key.item, period, index, now, before)
        kin = self._kin(key, reach, period, index, now, before)
        if not (kin or guests):
            return heard
        plan = heard.plan._replace(influences=(*heard.plan.influences, *kin), guests=guests)
        return heard._replace(plan=plan)

    def peaks(self, key: SeriesKey, heard: Heard, period: Period, indexes: range, now: datetime, before: int) -> Heard:
        """Return what was heard with the highest peak of further periods: what is ordered now is for them too."""
        reach = self._reach.get(key)
        peaks = [each for each in reach.influences if self._influences[each].kind is Kind.PEAK] if reach else []
        if not peaks:
            return heard
        later = (self._hear(peaks, key.item, period, index, now, before) for index in indexes)
        highest = max((heard, *later), key=lambda each: each.peak)
        return heard._replace(
            peak=highest.peak,
            used=tuple(sorted({*heard.used, *highest.used})),
            ordering=tuple(sorted({*heard.ordering, *highest.ordering})),
        )

    def further(
        self, key: SeriesKey, heard: Heard, period: Period, indexes: range, now: datetime, before: int
    ) -> tuple[int, ...]:
        """Return whom forecasts of further periods use too, beside those that the open one does."""
        reach = self._reach.get(key)
        if reach is None or not reach.influences:
            return heard.used
        several = (self._hear(reach.influences, key.item, period, index, now, before) for index in indexes)
        return tuple(sorted({*heard.used, *(each for later in several for each in later.used)}))

    def _kin(
        self, key: SeriesKey, reach: Reach, period: Period, index: int, now: datetime, before: int
    ) -> tuple[tuple[str, float], ...]:
        """Return what similar items do: how strongly one is promoted, for how much of the period there are none."""
        rival = 0.0
        for item in reach.rivals:
            other = self._reach.get(key._replace(item=item))
            if other is not None:
                heard = self._hear(other.influences, item, period, index, now, before)
                rival = max(rival, heard.plan.promoted)
        lack = max(
            (self.empty(key._replace(item=item), period, index, now, before) for item in reach.lacking), default=0
        )
        return tuple((name, said) for name, said in ((RIVAL, rival), (LACK, lack)) if said)

    def _guests_of(self, key: SeriesKey, period: Period, index: int, before: int) -> tuple[tuple[str, float], ...]:
        starts = period.start(index)
        for guest in self._guests.get(key, ()):
            if guest.starts_at == starts and guest.recorded < before:
                return tuple(zip(TREES, guest.figures, strict=True))
        return ()

    def turned_ever(self, key: SeriesKey) -> bool:
        """Tell whether a shelf is known to have been empty at some time."""
        return key in self._turns

    def empty(self, key: SeriesKey, period: Period, index: int, now: datetime, before: int) -> float:
        """Return for which part of a period a shelf is empty; one that is empty now is so until the period ends.

        Of later periods nothing is known: by then it may have been filled.
        """
        turns = self._turns.get(key)
        if not turns or index > period.number(now):
            return 0.0
        known = sorted(turns[: bisect_left(turns, before, key=lambda turn: turn.recorded)])
        return empty_share(known, period.start(index), period.start(index + 1)) if known else 0.0

    def alike(self, key: SeriesKey) -> tuple[tuple[int, float], ...]:
        """Return the items that a series begins like."""
        reach = self._reach.get(key)
        return reach.alike if reach is not None else ()

    def category(self, key: SeriesKey) -> str:
        """Return the category of a series' item."""
        reach = self._reach.get(key)
        return reach.category if reach is not None else ""

    def plan(self, key: SeriesKey, period: Period, index: int, now: datetime, before: int) -> Plan:
        """Return what `hear` hears, without from whom."""
        return self.hear(key, period, index, now, before).plan

    def _hear(
        self, influences: Sequence[int], item: int, period: Period, index: int, now: datetime, before: int
    ) -> Heard:
        """Return what influences tell; those that are over tell nothing, and are named a while if they ever did."""
        moment, ended = max(now, period.start(index)), dict[int, datetime]()
        for each in influences if self._retirements else ():
            since = over(self._retirements.get(each, ()), before, moment)
            if since is not None:
                ended[each] = since
        heard = hear(self._series([one for one in influences if one not in ended], item, before), period, index, now)
        if not ended:
            return heard
        late = (each for each, since in sorted(ended.items()) if now - since <= BEFORE)
        told = (each for each in late if self._of(each, 0, before) or self._of(each, item, before))
        return heard._replace(retired=tuple(told))

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

    def _forget(self, clock: datetime) -> None:
        """Let go of what is too old to be read again; of a shelf the last turn stays."""
        self._forgot = clock
        for series, guests in self._guests.items():
            self._guests[series] = [guest for guest in guests if guest.starts_at >= clock - KEPT]
        for shelf, turns in self._turns.items():
            self._turns[shelf] = [turn for turn in turns[:-1] if turn.at >= clock - KEPT] + turns[-1:]
        for key, points in list(self._points.items()):
            left = [point for point in points if point.at >= clock - KEPT]
            if len(left) < len(points):
                self._points[key] = left
                self._known.pop(key, None)
