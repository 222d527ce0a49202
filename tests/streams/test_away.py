"""What must not be lost when parts go away: the database, the server, the right to look."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import asyncpg
import httpx
import pytest

from stockbook.access.tokens import Tokens
from stockbook.store.embedded import Server
from stockbook.store.migrate import migrate
from stockbook.worker import run
from tests.serving import SECRET, market, served
from tests.streams.client import Client, events, sellable

HEALED_SECONDS_MAX = 20


@pytest.fixture
def postgres():
    """A server of our own, to be killed."""
    with tempfile.TemporaryDirectory(prefix="sb", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o711)
        server = Server(Path(home))
        server.start({"shared_buffers": "128MB"})
        try:
            yield server
        finally:
            server.stop()


async def posted(trade, quantity):
    """Post as any client would: again and again under the same key until it is answered."""
    serving = trade.served
    line = {"item": trade.items[0], "quantity": quantity, "place": trade.site}
    text = "mutation($input: ReceiveInput!) { receive(input: $input) { errors { code } results { outcome } } }"
    body = {"query": text, "variables": {"input": {"key": f"again-{quantity}", "lines": [line]}}}
    async with asyncio.timeout(30):
        while True:
            answer = await serving.http.post("/graphql", json=body, headers=serving.bearer(trade.shop))
            if answer.status_code == 200:
                assert not answer.json()["data"]["receive"]["errors"]
                return
            assert answer.status_code == 503, answer.text
            assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
            assert "retry-after" in answer.headers or "data" in answer.json()
            await asyncio.sleep(0.05)


async def test_T7_streams_heal_after_the_database_was_killed(postgres):
    await migrate(postgres.dsn)
    async with served(postgres.dsn) as serving:
        trade = await market(serving)
        await trade.bring()
        async with Client(serving, trade.shop) as client:
            stream = await client.subscribe(events(after=0))
            board = await client.subscribe(sellable())
            before = [await stream.next() for _ in range(2)]
            assert (await board.next())["availability"]["onHand"] == "10"
            for round_ in (1, 2):
                killing = asyncio.create_task(asyncio.to_thread(postgres.kill))
                posting = asyncio.create_task(posted(trade, str(round_)))
                await killing
                assert (await serving.http.get("/healthz")).status_code == 200
                assert (await serving.http.get("/readyz")).status_code == 503
                await asyncio.to_thread(postgres.start, {"shared_buffers": "128MB"})
                began = asyncio.get_running_loop().time()
                await posting
                event = await stream.next(30)
                assert asyncio.get_running_loop().time() - began < HEALED_SECONDS_MAX
                assert event["previous"] == before[-1]["sequence"]
                before.append(event)
            await trade.sell(quantity="3")
            before.append(await stream.next())
            assert (await board.next())["availability"]["onHand"] == "7"
            assert [event["sequence"] for event in before] == [1, 2, 3, 4, 5]
            assert [event["movement"]["verb"] for event in before][2:] == ["RECEIVE", "RECEIVE", "SELL"]


async def test_T9_a_role_that_loses_access_is_closed_at_once(fresh, tmp_path):
    policies = tmp_path / "policies"
    shutil.copytree("policies", policies)
    async with served(await fresh(), policies=policies) as serving:
        trade = await market(serving)
        async with Client(serving, trade.shop, "supplier") as client:
            await client.subscribe(events())
            topics = policies / "topics.csv"
            kept = [line for line in topics.read_text().splitlines() if "supplier" not in line]
            topics.write_text("\n".join(kept) + "\n")
            began = asyncio.get_running_loop().time()
            code, reason = await client.closed(5)
            assert (code, "policies" in reason) == (4403, True)
            assert asyncio.get_running_loop().time() - began < 3
        assert not serving.app.hub.subscribers
        async with Client(serving, trade.shop, "supplier") as again:
            refused = await again.ask(events()["query"])
            kind, errors = await refused.raw()
            assert (kind, errors[0]["extensions"]["code"]) == ("error", "FORBIDDEN")


async def test_policies_that_cannot_be_read_leave_the_present_ones_in_force(fresh, tmp_path):
    policies = tmp_path / "policies"
    shutil.copytree("policies", policies)
    async with served(await fresh(), policies=policies, policies_seconds=0.05) as serving:
        trade = await market(serving)
        async with Client(serving, trade.shop, "supplier") as client:
            stream = await client.subscribe(events())
            (policies / "topics.csv").write_text("p, supplier, no such topic, allow\n")
            await asyncio.sleep(0.3)
            await trade.bring()
            assert (await stream.next())["movement"]["verb"] == "RECEIVE"


async def test_a_served_process_says_farewell_and_ends(fresh):
    """The whole program, ended as an operator ends it."""
    dsn, port = await fresh(), free_port()
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ,
            "DATABASE_URL": dsn,
            "STOCKBOOK_HOME": home,
            "STOCKBOOK_SECRET": SECRET,
            "STOCKBOOK_PORT": str(port),
            "PYTHONPATH": "server",
        }
        process = subprocess.Popen([sys.executable, "-m", "stockbook", "serve"], env=environment)
        try:
            address = f"http://127.0.0.1:{port}"
            async with httpx.AsyncClient(base_url=address) as http, asyncio.timeout(60):
                while True:
                    try:
                        if (await http.get("/readyz")).status_code == 200:
                            break
                    except httpx.TransportError:
                        await asyncio.sleep(0.1)
            running = _Running(address, Tokens(SECRET))
            async with Client(running, 1) as client:
                await client.say(type="subscribe", id="1", payload=events())
                await asyncio.sleep(0.5)
                process.send_signal(signal.SIGTERM)
                code, reason = await client.closed(10)
                assert (code, reason) == (1001, "the server stops")
            assert await asyncio.to_thread(process.wait, 20) in (0, -signal.SIGTERM)
        finally:
            process.kill()
            process.wait()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


class _Running:
    """A server in another process, as far as `Client` looks at it."""

    def __init__(self, address, tokens):
        self.socket = address.replace("http", "ws") + "/graphql"
        self._tokens = tokens

    def token(self, organisation):
        return self._tokens.issue(principal=1, organisation=organisation, roles={"network_admin"})


async def test_two_workers_number_once(fresh):
    """Another worker beside the one that serves: one of them numbers, the other takes over."""
    dsn = await fresh()
    async with served(dsn) as serving:
        trade = await market(serving)
        other = asyncio.create_task(run(serving.app.parts))
        await asyncio.gather(*(trade.bring(item) for item in trade.items * 3))
        last = await trade.count()
        rows = await serving.app.parts.beside.fetch(
            "select sequence from movement_party where organisation_id = $1 order by tx, id", trade.shop
        )
        assert [row[0] for row in rows] == list(range(1, last + 1)), "gapless, and in commit order"
        connection = await asyncpg.connect(dsn)
        try:
            ended = await connection.fetchval(
                "select pg_terminate_backend(l.pid) from pg_locks l join pg_database d on d.oid = l.database"
                " where l.locktype = 'advisory' and d.datname = current_database() and l.granted and l.objid = 5707103"
            )
            assert ended, "somebody was elected"
            await trade.sell()
            assert await trade.count() == last + 1
        finally:
            await connection.close()
            other.cancel()
            await asyncio.gather(other, return_exceptions=True)
