"""A gateway as a shop runs it: a process of its own, asked over HTTP."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from uuid import uuid4

import httpx

ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(("server", "mobile"))}
COMMAND = (sys.executable, "-m", "handheld.gateway")
SECONDS_MAX = 120
"""For anything to come about: generous, since a machine may stall."""


def event(action="inbound", **labels):
    return {"id": str(uuid4()), "labels": {"action": action, **labels}}


STARTED = []
"""Processes, so that a test that fails leaves none behind."""


class Gateway:
    """The process; started anew over the same home it is the same gateway."""

    def __init__(self, home, *options):
        self.home, self.options = home, options
        self.token = subprocess.run(
            [*COMMAND, "--home", home, "--token"], env=ENVIRONMENT, capture_output=True, text=True, check=True
        ).stdout.strip()

    async def start(self, *more):
        self.log = (self.home / "log").open("a+")
        self.log.truncate(0)
        command = [*COMMAND, "--home", self.home, "--listen", "127.0.0.1:0", *self.options, *more]
        self.process = subprocess.Popen(command, env=ENVIRONMENT, stdout=self.log, stderr=self.log)
        STARTED.append(self.process)
        async with asyncio.timeout(SECONDS_MAX):
            while not (found := re.search(r"listens at ([\d.]+:\d+)", (self.home / "log").read_text())):
                assert self.process.poll() is None, (self.home / "log").read_text()
                await asyncio.sleep(0.05)
        self.http = httpx.AsyncClient(
            base_url=f"http://{found[1]}", headers={"authorization": f"Bearer {self.token}"}, timeout=SECONDS_MAX
        )

    async def end(self, how=signal.SIGTERM):
        """Have it end, or wait until it does by itself; return what it ended with."""
        await self.http.aclose()
        if how is not None:
            self.process.send_signal(how)
        code = await asyncio.to_thread(self.process.wait, SECONDS_MAX)
        self.log.close()
        return code

    async def tell(self, *events):
        """Send events; return what is answered to each, None when the connection broke."""
        try:
            answer = await self.http.post("/events", content=json.dumps({"events": events}))
        except httpx.TransportError:
            return None
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]

    async def look(self, path="/standing", **query):
        return (await self.http.get(path, params=query)).json()

    async def until(self, come):
        """Wait until how it stands is so; return that."""
        async with asyncio.timeout(SECONDS_MAX):
            while not come(standing := await self.look()):
                await asyncio.sleep(0.1)
        return standing
