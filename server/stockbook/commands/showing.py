"""demo: to see it at work."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import httpx
import typer

from stockbook.access.tokens import Tokens, secret
from stockbook.commands.saying import out, stop
from stockbook.demo.client import NotAnsweredError
from stockbook.demo.play import AnotherDemoError, Size, play
from stockbook.demo.words import words
from stockbook.settings import Settings

START_SECONDS_MAX = 120
LOG = "serve.log"
CLOCK_SECONDS = "3600"
"""The replay lives in the past and expires goods by its own clock: the server's begins when it is over."""
STOP_SECONDS_MAX = 60
INTERRUPTED = 130
LIFETIME_SECONDS = 7 * 24 * 3600

Shops = Annotated[int, typer.Option(help="How many of the 172 shops.", min=1, max=172, envvar="STOCKBOOK_DEMO_SHOPS")]
Weeks = Annotated[int, typer.Option(help="How many weeks.", min=1, max=53, envvar="STOCKBOOK_DEMO_WEEKS")]
Once = Annotated[bool, typer.Option("--once", help="End after the replay.", envvar="DEMO_ONCE")]


def demo(shops: Shops = 172, weeks: Weeks = 53, once: Once = False) -> None:
    """Replay a year of real sales through the public graph, and serve it until Ctrl-C."""
    settings = Settings()
    settings.home.mkdir(parents=True, exist_ok=True)
    port = free_port(settings.host, settings.port)
    tokens = Tokens(secret(settings.secret, settings.home))

    def issue(principal: int, organisation: int, role: str) -> str:
        return tokens.issue(
            principal=principal, organisation=organisation, roles={role}, lifetime_seconds=LIFETIME_SECONDS
        )

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us ends the server too
    with serving(settings, port) as address, beside(settings, "work"):
        try:
            good = asyncio.run(play(address, issue, Size(shops, weeks)))
            good = verified() and good
            if not once:
                out.print(words()["serving"])
                while True:
                    time.sleep(3600)
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED if once else 0) from None
        except AnotherDemoError as error:
            stop(str(error))
        except NotAnsweredError as error:
            stop(f"{error} (the server's log is {settings.home / LOG})")
    if not good:
        raise typer.Exit(1)


def verified() -> bool:
    """Let `stockbook verify` look at the books, as an operator would."""
    return subprocess.run([sys.executable, "-m", "stockbook", "verify"], check=False).returncode == 0


@contextmanager
def serving(settings: Settings, port: int) -> Iterator[str]:
    """Start `stockbook serve` as a process of its own, wait until it is ready, and stop it at the end."""
    address = f"http://{settings.host}:{port}"
    with beside(settings, "serve", "--port", str(port)) as server:
        await_ready(server, address, settings.home / LOG)
        yield address


@contextmanager
def beside(settings: Settings, *command: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command of ours as a process of its own until the end of the block; what it says is in the log."""
    with (settings.home / LOG).open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "stockbook", *command],
            env={**os.environ, "STOCKBOOK_CLOCK_SECONDS": CLOCK_SECONDS},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,  # Ctrl-C is for the demo, which stops its processes in order
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def await_ready(server: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    """Wait until the server says it is ready, or say its last words."""
    deadline = time.monotonic() + START_SECONDS_MAX
    with httpx.Client(base_url=address, timeout=2) as door:
        while time.monotonic() < deadline:
            if server.poll() is not None:
                last = log.read_text(errors="replace").splitlines()[-5:]
                stop("\n".join(["the server did not start:", *last]))
            try:
                if door.get("/readyz").status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
    stop(f"the server was not ready after {START_SECONDS_MAX} s; its log is {log}")


def free_port(host: str, wanted: int) -> int:
    """Return the port wanted, or another when somebody has it."""
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, wanted))
        except OSError:
            door.bind((host, 0))
        return int(door.getsockname()[1])
