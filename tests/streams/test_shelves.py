"""sellableNow: the latest state, all of it first; a slow reader is spared what is past."""

import asyncio

from stockbook.graph import hub
from stockbook.graph.subscriber import Slow, Subscriber
from tests.serving import market, served
from tests.streams.client import Client, events, sellable


async def state(stream, items, seconds=10):
    """Return the state that a stream tells, as soon as it tells of all items."""
    told = {}
    while set(told) != set(items):
        change = (await stream.next(seconds))["availability"]
        told[change["item"]["externalReference"]] = change["sellableNow"]
    return told


async def test_the_whole_state_comes_first_and_then_each_change(serving, trade):
    for number, item in enumerate(trade.items, 1):
        await trade.bring(item, str(10 * number))
    await trade.count()
    async with Client(serving, trade.shop, "org_admin") as client:
        stream = await client.subscribe(sellable())
        assert await state(stream, trade.items) == {"ITEM-0": "10", "ITEM-1": "20", "ITEM-2": "30"}
        await trade.sell("ITEM-1", "3")
        change = (await stream.next())["availability"]
        assert change == {"item": {"externalReference": "ITEM-1"}, "onHand": "17", "sellableNow": "17"}
        (promised,) = await serving.post(
            "reserve", trade.shop, {"item": "ITEM-2", "quantity": "30", "site": trade.site}
        )
        assert (await stream.next())["availability"]["sellableNow"] == "0"
        await serving.post("release", trade.shop, {"claim": promised["claims"][0]})
        assert (await stream.next())["availability"]["sellableNow"] == "30"


async def test_what_does_not_show_does_not_change(serving, trade):
    async with Client(serving, trade.shop) as client:
        stream = await client.subscribe(sellable(selection="id onHand"))
        while not await stream.silent(0.3):
            pass
        await serving.post("reserve", trade.shop, {"item": "ITEM-2", "quantity": "1", "site": trade.site})
        assert await stream.silent(), "the selection is the same as before"


async def test_equal_subscriptions_are_one_group(serving, trade):
    hub = serving.app.hub
    before = hub.groups
    async with Client(serving, trade.shop) as one, Client(serving, trade.shop) as two:
        streams = [await client.subscribe(sellable()) for client in (one, one, two)]
        assert (hub.groups - before, hub.subscribers >= 3) == (1, True)
        for stream in streams:
            await state(stream, trade.items)
        await trade.sell("ITEM-0")
        told = [await stream.next() for stream in streams]
        assert told[0] == told[1] == told[2]


async def test_nobody_sees_the_site_of_a_stranger(serving, trade):
    async with Client(serving, trade.grower) as client:
        stream = await client.subscribe(sellable())
        await trade.sell("ITEM-1")
        assert await stream.silent()


async def test_a_site_that_is_none_is_said_at_once(serving, trade):
    """Silence would be all that somebody hears who mistyped, or who names a bin."""
    async with Client(serving, trade.shop) as client:
        for site in ("NOWHERE", trade.shelf, "gid://stockbook/Item/1", "", "a\0b"):
            stream = await client.subscribe(sellable(site))
            kind, (error,) = await stream.raw()
            assert (kind, error["extensions"]["code"]) == (
                "error",
                "NOT_FOUND" if "\0" not in site else "BAD_USER_INPUT",
            )


async def test_a_subscription_of_which_nothing_is_left_is_refused(serving, trade):
    async with Client(serving, trade.shop) as client:
        for text in (
            "subscription { stockEvents @skip(if: true) { sequence } }",
            "subscription { ... @include(if: false) { stockEvents { sequence } } }",
            "subscription { __typename }",
        ):
            kind, (error,) = await (await client.ask(text)).raw()
            assert (kind, error["extensions"]["code"]) == ("error", "BAD_USER_INPUT"), text


async def test_leaving_without_a_word_leaks_nothing(serving, trade):
    hub, sockets = serving.app.hub, serving.app.sockets
    async with asyncio.timeout(60):
        while hub.subscribers:
            await asyncio.sleep(0.02)
    tasks = len(asyncio.all_tasks())
    for _ in range(5):
        client = Client(serving, trade.shop)
        await client.__aenter__()
        await client.subscribe(sellable())
        await client.subscribe(events())
        client.socket.transport.abort()  # the cable is cut: no close, no complete
        client._task.cancel()
    async with asyncio.timeout(60):
        while hub.subscribers or hub.groups or sockets.open:
            await asyncio.sleep(0.02)
        while len(asyncio.all_tasks()) > tasks:
            await asyncio.sleep(0.02)


def reader(takes, queue_max=3):
    """A subscriber whose client takes payloads while `takes()` is true."""
    sent, slow = [], []
    subscriber = Subscriber(lambda payload, _: takes() and (sent.append(payload) or True), slow.append, queue_max)
    return subscriber, sent, slow


async def test_all_sites_are_asked_for_at_once_and_each_is_told_its_own(serving, trade, monkeypatch):
    """One statement says which shelves moved, however many sites are followed; also for what has no legs."""
    annex = {"externalReference": "ANNEX", "organisation": "SHOP", "name": "Annex", "kind": "SITE", "strict": True}
    await serving.register("registerPlaces", annex)
    asked, shelves = [], hub.streams.shelves

    async def noted(db, readers):
        asked.append([(each.organisation, each.site) for each in readers])
        return await shelves(db, readers)

    async with Client(serving, trade.shop, "org_admin") as client:
        here = await client.subscribe(sellable())
        there = await client.subscribe(sellable("ANNEX"))
        while not await here.silent(0.3):
            pass
        monkeypatch.setattr(hub.streams, "shelves", noted)
        await serving.post("receive", trade.shop, {"item": "ITEM-0", "quantity": "5", "place": "ANNEX"})
        assert (await there.next())["availability"]["item"]["externalReference"] == "ITEM-0"
        await trade.sell("ITEM-1", "1")
        assert (await here.next())["availability"]["item"]["externalReference"] == "ITEM-1"
        await serving.post("reserve", trade.shop, {"item": "ITEM-1", "quantity": "1", "site": trade.site})
        assert (await here.next())["availability"]["item"]["externalReference"] == "ITEM-1"
        assert await there.silent() and await here.silent()
    followed = [readers for readers in asked if readers]
    assert followed and all(len(readers) == len(set(readers)) == 2 for readers in followed)


def test_T6_a_slow_reader_of_states_recovers_to_the_newest():
    open_ = [True]
    subscriber, sent, slow = reader(lambda: open_[0])
    subscriber.state(1, "a1")
    open_[0] = False
    for number in range(2, 1000):
        subscriber.state(number % 4, f"{number % 4}:{number}")
    assert subscriber.waiting == 4
    open_[0] = True
    subscriber.flush()
    assert sent[0] == "a1"
    assert sorted(sent[1:]) == ["0:996", "1:997", "2:998", "3:999"]
    assert not slow


def test_T6_a_slow_reader_of_events_is_told_where_to_resume():
    open_ = [True]
    subscriber, sent, slow = reader(lambda: open_[0])
    subscriber.event(5, "five")
    open_[0] = False
    for number in range(6, 12):
        subscriber.event(number, str(number))
    (why,) = slow
    assert isinstance(why, Slow)
    assert (why.after, sent, subscriber.waiting) == (5, ["five"], 0)


async def test_T6_over_the_wire(fresh):
    """A client stops reading: its events end with where to resume, its states skip to the newest."""
    async with served(await fresh(), queue_max=5) as serving:
        trade = await market(serving)
        await trade.bring(quantity="500")
        reason = "x" * 500  # large events fill the buffers of the kernel soon
        long = " ".join(f"r{number}: reason" for number in range(30))
        async with Client(serving, trade.shop) as client:
            heard = await client.subscribe(events(selection="sequence previous movement { id " + long + " } "))
            board = await client.subscribe(sellable())
            client._task.cancel()  # reads no more
            client.socket.transport.pause_reading()
            slow = serving.app.hub
            sold = 0
            async with asyncio.timeout(60):
                while slow.subscribers > 1:
                    lines = [{"item": "ITEM-0", "quantity": "0.001", "place": trade.shelf}] * 50
                    await serving.post("sell", trade.shop, *lines, reason=reason)
                    sold += 50
            last = await trade.count()
            client.socket.transport.resume_reading()
            client._task = asyncio.create_task(client._read())
            ended, told = None, []
            while ended is None:
                kind, payload = await heard.raw()
                if kind == "error":
                    ended = payload[0]["extensions"]
                else:
                    told.append(int(payload["data"]["stockEvents"]["sequence"]))
            assert ended["code"] == "TOO_SLOW"
            assert int(ended["resumeAfter"]) == told[-1]
            rest = await client.subscribe(events(told[-1]))
            told += [event["sequence"] for event in await rest.until(lambda event: event["sequence"] == last)]
            assert told == list(range(told[0], last + 1)), "resumed without a loss"
            left = f"{500 - sold / 1000:.3f}".rstrip("0").rstrip(".")
            states = await board.until(lambda change: change["availability"]["sellableNow"] == left)
            assert len(states) < sold, "what was past was not told"
