"""The embedded server: durable, kept over restarts, one owner a folder, up again after a crash."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import asyncpg
import pytest

from stockbook.store.database import Database
from stockbook.store.embedded import Server, embedded, running
from stockbook.store.folder import EmbeddedError, InUseError

SMALL = {"shared_buffers": "32MB"}
HOLD = """
import sys, time
from pathlib import Path
from stockbook.store.embedded import embedded
with embedded(Path(sys.argv[1]), {"shared_buffers": "32MB"}) as dsn:
    print(dsn, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def home():
    with tempfile.TemporaryDirectory(prefix="sbe", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def ask(dsn, statement, *args):
    async def asked():
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(statement, *args)
        finally:
            await connection.close()

    return asyncio.run(asked())


def held(home):
    """Another process that owns the folder; returns it and the address of its server."""
    owner = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": "server"},
    )
    return owner, owner.stdout.readline().strip()


def ended(owner):
    owner.kill()
    owner.wait()
    owner.stdout.close()


def test_data_stays_over_restarts_and_is_durable(home):
    with embedded(home, SMALL) as dsn:
        ask(dsn, "create table kept as select 1 as n")
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert ask(dsn, "select current_setting($1)", setting) == "on"
        assert ask(dsn, "select current_setting('jit')") == "off"
        assert running(home) == dsn
    assert running(home) is None
    with embedded(home, SMALL) as dsn:
        assert ask(dsn, "select n from kept") == 1


def test_a_server_that_would_lose_what_it_acknowledged_is_refused(home):
    with pytest.raises(EmbeddedError, match="fsync"), embedded(home, {**SMALL, "fsync": "off"}):
        pass
    assert running(home) is None


def test_a_second_process_is_told_who_has_the_folder(home):
    owner, dsn = held(home)
    with pytest.raises(InUseError, match=rf"process {owner.pid}\) uses .*STOCKBOOK_HOME"), embedded(home, SMALL):
        pass
    assert running(home) == dsn
    assert ask(dsn, "select 1") == 1
    ended(owner)
    os.kill(Server(home).pid(), signal.SIGQUIT)


def test_a_server_left_by_a_killed_owner_is_stopped_and_taken_over(home):
    owner, dsn = held(home)
    ask(dsn, "create table kept as select 1 as n")
    ended(owner)
    with embedded(home, SMALL) as again:
        assert ask(again, "select n from kept") == 1


def test_it_starts_again_after_a_power_cut(home):
    server = Server(home)
    server.start(SMALL)
    ask(server.dsn, "create table kept as select 1 as n")
    server.kill()
    pidfile = server.data / "postmaster.pid"
    assert pidfile.exists()
    lines = pidfile.read_text().split("\n")
    pidfile.write_text("\n".join([str(os.getpid()), *lines[1:]]))  # since then the number became another process's
    assert running(home) is None
    with embedded(home, SMALL) as dsn:
        assert ask(dsn, "select n from kept") == 1


def test_a_long_path_gets_a_short_socket(home):
    deep = home / ("a" * 60) / ("b" * 60)
    with embedded(deep, SMALL) as dsn:
        assert ask(dsn, "select 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")
def test_root_runs_it_as_an_account_without_rights(home):
    with embedded(home, SMALL):
        assert Path(f"/proc/{Server(home).pid()}").stat().st_uid != 0
        assert (home / "postgres").stat().st_mode & 0o777 == 0o700


async def test_a_transaction_is_ended_after_its_time(dsn):
    db = await Database.open(dsn, 1, cap_seconds=0.3)
    with pytest.raises(asyncpg.ConnectionDoesNotExistError, match="transaction timeout"):
        await db.fetchval("select pg_sleep(5)")
    assert await db.fetchval("select 1") == 1
    await db.close()


async def test_a_cancelled_statement_leaves_no_connection_in_the_middle(dsn):
    db = await Database.open(dsn, 1)
    task = asyncio.create_task(db.fetchval("select pg_sleep(0.5)"))
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [await db.fetchval("select $1::int", number) for number in range(3)] == [0, 1, 2]
    with pytest.raises(ZeroDivisionError):
        async with db.connection() as connection:
            await connection.execute("begin; create temp table half (n int)")
            raise ZeroDivisionError
    assert await db.fetchval("select to_regclass('half')") is None
    await db.close()


async def test_json_comes_as_bytes_and_times_as_utc(db):
    assert await db.fetchval("select json_build_object('a', 1)") == b'{"a" : 1}'
    assert await db.fetchval("select current_setting('timezone')") == "UTC"
