"""stockEvents: every movement once, in order, resumable from anywhere."""

import asyncio
import time

from stockbook.graph import hub
from tests.serving import market, served
from tests.streams.client import Client, events


async def test_T8_each_verb_is_told_once_to_an_organisation(serving, trade):
    async with Client(serving, trade.shop) as client:
        stream = await client.subscribe(events())
        item, at = trade.items[0], {"item": trade.items[0], "quantity": "1"}
        shelf = {"place": trade.shelf}
        await serving.post("receive", trade.shop, {"item": item, "quantity": "20", "place": trade.site})
        await serving.post(
            "putAway", trade.shop, {"item": item, "quantity": "20", "source": trade.site, "place": trade.shelf}
        )
        (promised,) = await serving.post("reserve", trade.shop, {**at, "site": trade.site})
        (claim,) = promised["claims"]
        await serving.post("commit", trade.shop, {"claim": claim})
        await serving.post("release", trade.shop, {"claim": claim})
        (sold,) = await serving.post("sell", trade.shop, {**at, **shelf})
        await serving.post("reverse", trade.shop, {"movement": sold["movement"]["id"]})
        await serving.post("hold", trade.shop, {"overlay": "FROZEN", **at, **shelf})
        await serving.post("unhold", trade.shop, {"overlay": "FROZEN", **at, **shelf})
        await serving.post("count", trade.shop, {"item": item, **shelf, "counted": "19", "expected": "20"})
        await serving.post("changeState", trade.shop, {**at, **shelf, "fromState": "SELLABLE", "toState": "DAMAGED"})
        await serving.post("dispose", trade.shop, {**at, **shelf, "state": "DAMAGED"})
        verbs = ["RECEIVE", "PUT_AWAY", "RESERVE", "COMMIT", "RELEASE", "SELL", "REVERSE"]
        verbs += ["HOLD", "UNHOLD", "COUNT", "CHANGE_STATE", "DISPOSE"]
        told = [await stream.next() for _ in verbs]
        assert [each["movement"]["verb"] for each in told] == verbs
        assert len({each["movement"]["id"] for each in told}) == len(verbs)
        assert [each["previous"] for each in told[1:]] == [each["sequence"] for each in told[:-1]]
        assert not any(each["gap"] for each in told)
        assert {each["topic"] for each in told} == {"MOVED"}
        assert await stream.silent()


async def test_T8_less_than_was_promised_is_told_beside_what_moved(serving, trade):
    await trade.bring(trade.items[2], "10")
    at = {"item": trade.items[2], "place": trade.shelf}
    await serving.post("reserve", trade.shop, {"item": trade.items[2], "quantity": "8", "site": trade.site})
    first = await trade.count()
    async with Client(serving, trade.shop) as client:
        stream = await client.subscribe(events())
        (held,) = await serving.post("hold", trade.shop, {"overlay": "FROZEN", "quantity": "5", **at})
        await serving.post("unhold", trade.shop, {"overlay": "FROZEN", "quantity": "5", **at})
        told = [await stream.next() for _ in range(3)]
        assert [(each["topic"], each["movement"]["verb"]) for each in told] == [
            ("MOVED", "HOLD"),
            ("SHORTFALL", "HOLD"),
            ("MOVED", "UNHOLD"),
        ]
        assert {each["movement"]["id"] for each in told[:2]} == {held["movement"]["id"]}
        assert [each["sequence"] for each in told] == [first + 1, first + 2, first + 3], "every number is told"
        assert [each["previous"] for each in told] == [first, first + 1, first + 2]
        assert await stream.silent(0.3)
        again = await client.subscribe(events(first))
        assert [await again.next() for _ in range(3)] == told, "the same when resumed"
        assert (await (await client.subscribe(events(first + 1))).next())["topic"] == "SHORTFALL"


async def test_a_retried_posting_is_not_told_again(serving, trade):
    async with Client(serving, trade.shop) as client:
        stream = await client.subscribe(events())
        for _ in range(3):
            await serving.post(
                "receive", trade.shop, {"item": trade.items[1], "quantity": "2", "place": trade.site}, key="once"
            )
        await stream.next()
        assert await stream.silent()


async def test_every_cursor_gives_the_same_rest(serving, trade):
    first = await trade.count()
    await asyncio.gather(*(trade.bring(item) for item in trade.items * 4))
    last = await trade.count()
    assert last - first == 2 * 4 * len(trade.items)
    async with Client(serving, trade.shop) as client:
        stream = await client.subscribe(events(after=0))
        whole = await stream.until(lambda event: event["sequence"] == last)
        assert [event["sequence"] for event in whole] == list(range(1, last + 1)), "no number twice, none left out"
        for cursor in range(first, last):
            rest = await (await client.subscribe(events(cursor))).until(lambda event: event["sequence"] == last)
            assert rest == whole[cursor:]
        assert await (await client.subscribe(events(last))).silent(0.2)


async def test_resuming_while_events_pour_in_loses_none(serving, trade):
    start = await trade.count()

    async def pour():
        for _ in range(10):
            await asyncio.gather(*(trade.bring(item, "1") for item in trade.items))

    pouring = asyncio.create_task(pour())
    heard = [start]
    while heard[-1] < start + 60:
        async with Client(serving, trade.shop) as client:  # a client that can't keep a connection
            stream = await client.subscribe(events(heard[-1]))
            for _ in range(min(7, start + 60 - heard[-1])):
                event = await stream.next()
                assert event["previous"] <= heard[-1] < event["sequence"]
                heard.append(event["sequence"])
    await pouring
    assert heard == list(range(start, start + 61))


async def test_a_cursor_of_another_world_is_answered_by_a_gap(serving, trade):
    last = await trade.count()
    async with Client(serving, trade.shop) as client:
        stream = await client.subscribe(events(last + 1000))
        gap = await stream.next()
        assert gap == {"sequence": last, "previous": last + 1000, "gap": True, "topic": "MOVED", "movement": None}
        await trade.sell(trade.items[1])
        assert (await stream.next())["previous"] == last


async def test_a_role_limited_to_a_site_sees_by_previous_that_nothing_is_lost(serving, trade):
    await serving.register(
        "registerPlaces",
        {"externalReference": "YARD", "organisation": "SHOP", "name": "Yard", "kind": "SITE", "strict": True},
    )
    site = await serving.app.parts.beside.fetchval("select id from place where external_reference = 'SITE'")
    async with Client(serving, trade.shop, "storekeeper", sites=(site,)) as client:
        stream = await client.subscribe(events())
        before = await trade.count()
        here = {"item": trade.items[2], "quantity": "1"}
        await serving.post("receive", trade.shop, {**here, "place": "YARD"})
        await serving.post("receive", trade.shop, {**here, "place": "SITE"})
        event = await stream.next()
        assert (event["previous"], event["sequence"]) == (before, before + 2)
        assert await stream.silent(0.3)


async def test_heartbeats_carry_the_latest_sequence(fresh):
    async with served(await fresh(), heartbeat_seconds=0.2) as serving:
        trade = await market(serving)
        async with Client(serving, trade.shop) as client:
            await client.subscribe(events())
            await trade.bring()
            last = await trade.count()
            async with asyncio.timeout(60):
                while str(last) not in client.beats:
                    await asyncio.sleep(0.05)
            # a server that stands still hears nobody: that is no silence of its clients
            asyncio.get_running_loop().call_soon(time.sleep, 1.5)
            await trade.bring()
            last = await trade.count()
            async with asyncio.timeout(60):
                while str(last) not in client.beats:
                    await asyncio.sleep(0.05)


async def test_a_role_follows_its_topics_only(serving, trade):
    async with Client(serving, trade.shop, "supplier") as client:
        stream = await client.ask('subscription { sellableNow(site: "SITE") { availability { id } } }')
        kind, errors = await stream.raw()
        assert kind == "error"
        assert (errors[0]["extensions"]["code"], "sellableNow" in errors[0]["message"]) == ("FORBIDDEN", True)
        await client.subscribe(events())


async def test_who_joins_while_the_hub_asks_how_far_the_streams_are_silences_nobody(serving, trade, monkeypatch):
    asking, go_on, heads = asyncio.Event(), asyncio.Event(), hub.streams.heads

    async def slowly(db, organisations):
        found = await heads(db, organisations)
        if isinstance(organisations, set):  # it is the hub that asks, for all whom somebody follows
            asking.set()
            await go_on.wait()
        return found

    farm = {"externalReference": "FARM", "organisation": "GROWER", "name": "Farm", "kind": "SITE"}
    await serving.register("registerPlaces", farm)
    async with Client(serving, trade.shop) as first, Client(serving, trade.grower) as second:
        one = await first.subscribe(events())
        monkeypatch.setattr(hub.streams, "heads", slowly)
        await asyncio.wait_for(asking.wait(), 60)
        other = await second.subscribe(events())
        go_on.set()
        await trade.bring(trade.items[0], "3")
        assert (await one.next())["movement"]["verb"] == "RECEIVE"
        await serving.post("receive", trade.grower, {"item": trade.items[0], "quantity": "1", "place": "FARM"})
        assert (await other.next())["movement"]["verb"] == "RECEIVE"
