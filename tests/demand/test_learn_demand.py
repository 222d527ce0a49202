"""The live feed on PostgreSQL: every line once, whatever happens between any two statements."""

import contextlib
import itertools
from datetime import timedelta

import orjson
import pytest
import pytest_asyncio

from stockbook.flows.demand.book import Overtaken
from stockbook.flows.demand.learning import Learning
from stockbook.flows.demand.lesson import SeriesKey
from stockbook.store.database import Database
from stockbook.store.demand.book import STRETCH, PostgresDemand
from tests.demand.world import ITEMS, MONDAY, SELLERS, Sale, post, sales, settle

WEEKS = 14
OF = 2


class Killed(BaseException):
    """The process ended here."""


class Mortal(Database):
    """A database whose user is killed at the `fatal`th statement, before it is sent or after it was done."""

    fatal: int | None = None
    after = False
    statements = 0

    def _live(self, *, done: bool) -> None:
        if not done:
            self.statements += 1
        if self.statements == self.fatal and done == self.after:
            raise Killed

    @contextlib.asynccontextmanager
    async def connection(self):
        async with super().connection() as connection:
            yield _Proxy(self, connection)


class _Proxy:
    def __init__(self, mortal, connection):
        self._mortal, self._connection = mortal, connection

    def __getattr__(self, name):
        call = getattr(self._connection, name)

        async def counted(*args):
            self._mortal._live(done=False)
            answer = await call(*args)
            self._mortal._live(done=True)
            return answer

        return counted if name in {"execute", "fetch", "fetchrow", "fetchval"} else call


@pytest_asyncio.fixture(scope="module")
async def sold(db):
    await db.execute(
        "alter database " + await db.fetchval("select current_database()") + " set synchronous_commit = off"
    )
    await settle(db)
    lines = sales(WEEKS)
    await post(db, lines)
    return lines


async def forget(db) -> None:
    await db.execute("truncate series, forecast, learner_state, stream_offset restart identity cascade")


async def learn(db, *, partitions=range(OF), of=OF, **sizes) -> Learning:
    learning = Learning(PostgresDemand(db), partitions, of, **sizes)
    while await learning.step():
        pass
    return learning


async def learnt(db) -> list[list[tuple]]:
    """Everything that was learnt, but for the ids that rows happened to get."""
    return [
        [tuple(row) for row in await db.fetch(statement)]
        for statement in (
            "select seller_id, site_id, item_id, partition, period, due_at, state from series order by 1, 2, 3",
            "select organisation_id, site_id, item_id, horizon, starts_at, mean, levels, quantiles, past_error,"
            " shares, revised_at, learner from forecast order by 1, 2, 3, 4",
            "select partition, name, version, state from learner_state order by 1, 2",
            "select reader, partition, tx, position, clock, swept from stream_offset order by 1, 2",
        )
    ]


async def state(db, seller: int, item: int) -> dict:
    return orjson.loads(
        await db.fetchval("select state from series where seller_id = $1 and item_id = $2", seller, item)
    )


async def test_what_it_learns_is_what_was_sold(db, sold) -> None:
    """An independent count by week, with the written rule for late sales and returns."""
    await forget(db)
    await learn(db)
    for seller, item in itertools.product(SELLERS, ITEMS):
        weeks: dict[int, float] = {}
        clock = max(s.at for s in sold if s.item % OF == item % OF)
        for sale in sold:
            if (sale.seller, sale.item) != (seller, item):
                continue
            at = sold[sale.reverses - 1].at if sale.reverses else sale.at
            week = (at - MONDAY).days // 7
            if not weeks and sale.quantity < 0:
                continue
            first = min(weeks, default=week)
            if sale.quantity > 0:
                if week >= first:
                    weeks[week] = weeks.get(week, 0.0) + sale.quantity
                continue
            back = -sale.quantity
            for index in range(week, first - 1, -1):
                taken = min(back, weeks.get(index, 0.0))
                weeks[index] = weeks.get(index, 0.0) - taken
                back -= taken
        kept = await state(db, seller, item)
        opened = (clock - MONDAY).days // 7
        series = kept["series"]
        until = kept["opened"] - ((MONDAY.date().toordinal() - 719_163 - 4) // 7)
        expected = [weeks.get(index, 0.0) for index in range(min(weeks), until)]
        assert series["lags"] == expected, (seller, item)
        assert series["count"] == len(expected)
        assert kept["sold"] == weeks.get(until, 0.0)
        assert until <= opened


async def killed_and_continued(db, dsn, stride: int) -> int:
    """Kill a learner at every `stride`th statement, before it and after it, let another go on; return the kills."""
    await forget(db)
    counting = await Mortal.open(dsn, cap_seconds=None)
    counting.statements = 0
    await learn(counting, batch=30, together=4)
    expected = await learnt(db)
    await counting.close()
    kills = 0
    for fatal, after in zip(range(1, counting.statements + 1, stride), itertools.cycle((False, True)), strict=False):
        await forget(db)
        mortal = await Mortal.open(dsn, cap_seconds=None)
        mortal.fatal, mortal.after, mortal.statements = fatal, after, 0
        with pytest.raises(Killed):
            await learn(mortal, batch=30, together=4)
        await mortal.close()
        await learn(db, batch=60)
        assert await learnt(db) == expected, (fatal, after)
        kills += 1
    return kills


async def test_a_learner_killed_anywhere_goes_on_as_if_it_never_was(db, dsn, sold) -> None:
    # a stride that shares no divisor with the statements of a batch, so that every kind of statement is met
    assert await killed_and_continued(db, dsn, 13) > 10


@pytest.mark.slow
async def test_a_learner_killed_at_every_single_statement(db, dsn, sold) -> None:
    assert await killed_and_continued(db, dsn, 1) > 200


async def test_a_learner_that_survives_a_failure_goes_on(db, dsn, sold) -> None:
    """The same object, its memory forgotten, after an error in the middle."""
    await forget(db)
    await learn(db, batch=60)
    expected = await learnt(db)
    for fatal in (37, 71):
        await forget(db)
        mortal = await Mortal.open(dsn, cap_seconds=None)
        mortal.fatal = fatal
        learning = Learning(PostgresDemand(mortal), range(OF), OF, batch=60)
        with pytest.raises(Killed):
            while await learning.step():
                pass
        while await learning.step():
            pass
        await mortal.close()
        assert await learnt(db) == expected


@pytest.mark.parametrize(
    "sizes",
    [{"batch": 7}, {"batch": 5000}, {"batch": 5000, "together": 0}, {"batch": 3, "together": 1, "remember": 2}],
    ids=str,
)
async def test_nothing_depends_on_where_batches_are_cut(db, sold, sizes) -> None:
    await forget(db)
    await learn(db, batch=60)
    expected = await learnt(db)
    await forget(db)
    await learn(db, **sizes)
    assert await learnt(db) == expected


async def test_who_catches_up_saves_a_series_once_a_stretch_however_many_weeks_it_spans(db, sold) -> None:
    """Forecasts that would be written over unseen are neither made nor written."""
    await forget(db)
    learning = Learning(PostgresDemand(db), range(OF), OF, batch=5000)
    made = []
    look_ahead = learning._following.look_ahead
    learning._following.look_ahead = lambda key, *rest: (made.append(key), look_ahead(key, *rest))
    while await learning.step():
        pass
    series = await db.fetchval("select count(*) from series")
    assert learning.figures.swept > 5 * series, "weeks were closed"
    assert len(made) == len(set(made)) == series
    assert learning.figures.forecasts == 2 * series


async def test_stretches_grow_while_more_waits_and_only_then(db, sold) -> None:
    await forget(db)
    learning, read = Learning(PostgresDemand(db), range(OF), OF, batch=5), []
    while rows := await learning.step():
        read.append((rows, learning.behind))
    assert [rows for rows, _ in read[:5]] == [5, 10, 20, 40, 40] and read[0][1]
    assert not learning.behind and not read[-1][1]


async def test_a_learner_whose_last_lesson_was_lost_learns_it_again(db, sold) -> None:
    """Lessons wait for no disk: a database that ends at once may lose the last ones, whole, while the learner lives."""
    await forget(db)
    await learn(db)
    expected = await learnt(db)
    await forget(db)
    learning = Learning(PostgresDemand(db), range(OF), OF, batch=60)
    await learning.step()
    await forget(db)
    with pytest.raises(Overtaken):
        while await learning.step():
            pass
    while await learning.step():
        pass
    assert await learnt(db) == expected


async def test_partitions_learn_alone_as_together(db, sold) -> None:
    await forget(db)
    await learn(db)
    expected = await learnt(db)
    await forget(db)
    for partition in range(OF):
        await learn(db, partitions=[partition])
    assert await learnt(db) == expected
    # and one that comes to a partition left behind goes on with both from where each stood
    await forget(db)
    first = Learning(PostgresDemand(db), [1], OF, batch=60)
    await first.step()
    await learn(db, partitions=range(OF))
    assert await learnt(db) == expected


async def test_of_two_learners_only_one_writes(db, sold) -> None:
    await forget(db)
    await learn(db, batch=60)
    expected = await learnt(db)
    await forget(db)
    fast, slow = (Learning(PostgresDemand(db), range(OF), OF, batch=10) for _ in range(2))
    await fast.step()
    await slow.step()
    overtaken = 0
    for turn in range(400):
        learner = (fast, slow)[turn % 2]
        try:
            if not await learner.step() and overtaken:
                break
        except Overtaken:
            overtaken += 1
    assert overtaken > 2
    await learn(db, batch=60)
    assert await learnt(db) == expected


async def test_a_forecast_exists_from_the_first_sale_on(db, dsn, fresh) -> None:
    other = await Database.open(await fresh(), cap_seconds=None)
    await settle(other)
    learning = Learning(PostgresDemand(other), range(OF), OF)
    first = Sale(SELLERS[0], ITEMS[0], 2.0, MONDAY + timedelta(days=1))
    await post(other, [first])
    await learning.step()
    rows = await other.fetch("select * from forecast order by horizon")
    assert [row["horizon"] for row in rows] == [1, 4]
    assert rows[0]["mean"] >= 2.0 and rows[1]["mean"] > rows[0]["mean"]
    assert rows[0]["quantiles"] == sorted(rows[0]["quantiles"]) and len(rows[0]["quantiles"]) == 4
    assert rows[0]["past_error"] is None and rows[0]["revised_at"] == first.at
    # a second sale in the open week moves it at once
    await post(other, [Sale(SELLERS[0], ITEMS[0], 3.0, MONDAY + timedelta(days=2))], first=2)
    await learning.step()
    moved = await other.fetch("select * from forecast order by horizon")
    assert moved[0]["mean"] > rows[0]["mean"] + 2 and moved[0]["quantiles"][0] >= 5.0
    await other.close()


async def test_a_new_site_begins_with_what_others_sell(db, fresh) -> None:
    other = await Database.open(await fresh(), cap_seconds=None)
    await settle(other)
    often, seldom = ITEMS[0], ITEMS[2]  # the same partition
    history = [Sale(SELLERS[0], often, 8.0, MONDAY + timedelta(days=3 * n)) for n in range(20)]
    history += [Sale(SELLERS[0], seldom, 1.0, MONDAY + timedelta(days=30 * n, hours=1)) for n in range(2)]
    history.sort(key=lambda sale: sale.at)
    begin = MONDAY + timedelta(days=63)
    history += [Sale(SELLERS[1], item, 1.0, begin) for item in (often, seldom)]
    await post(other, history)
    await learn(other)
    means = {
        row["item_id"]: row["mean"]
        for row in await other.fetch("select * from forecast where organisation_id = $1 and horizon = 4", SELLERS[1])
    }
    assert means[often] > 3 * means[seldom]
    await other.close()


async def test_uncommitted_and_unsettled_rows_are_waited_for(db, dsn, fresh) -> None:
    """A movement that commits late is not skipped by one that began later and committed first."""
    other = await Database.open(await fresh(), cap_seconds=None)
    await settle(other)
    book = PostgresDemand(other)
    learning = Learning(book, range(OF), OF)
    async with other.connection() as slow:
        open_one = slow.transaction()
        await open_one.start()
        await slow.execute("select pg_current_xact_id()")
        await post(other, [Sale(SELLERS[0], ITEMS[0], 1.0, MONDAY)])
        assert await learning.step() == 0
        await open_one.commit()
    assert await book.waiting() == 2
    assert await learning.step() == 2
    assert await book.waiting() == 0
    kept = await book.series([SeriesKey(SELLERS[0], SELLERS[0] * 10, ITEMS[0])])
    assert orjson.loads(kept[0].state)["sold"] == 1.0
    await other.close()


async def test_a_row_of_the_stream_is_looked_up_by_numbers_however_few_places_there_are(db) -> None:
    """A planner that takes a small table for empty would go through all of it for each row."""

    def scans(node):
        yield node
        for each in node.get("Plans", ()):
            yield from scans(each)

    async with db.connection() as connection:
        await connection.execute("prepare stretch (xid8, bigint, int) as " + STRETCH)
        found = await connection.fetchval("explain (format json) execute stretch ('0', 0, 1000)")
        await connection.execute("deallocate stretch")
    looked = [node for node in scans(orjson.loads(found)[0]["Plan"]) if "Relation Name" in node]
    assert {node["Relation Name"] for node in looked} >= {"movement", "leg", "place", "rights", "document"}
    assert [node["Relation Name"] for node in looked if not {"Index Cond", "Recheck Cond"} & node.keys()] == []
