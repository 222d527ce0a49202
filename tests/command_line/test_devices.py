"""Devices from the command line, against a running server: enrolled once, and again with another server; UDI papers."""

import asyncio
import csv
import io
import json
import os
import subprocess
import sys

from handheld.client.enrolment import FileKeystore, read
from tests.capture.phone import shop
from tests.serving import SECRET, served


async def typed(running, dsn, *words):
    """Type a command beside a server; return what it said."""
    environment = {**os.environ, "PYTHONPATH": "server", "DATABASE_URL": dsn, "STOCKBOOK_SECRET": SECRET}
    command = [sys.executable, "-m", "stockbook", *words, "--address", running.address]
    done = await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_a_desktop_handheld_is_enrolled_once_and_anew_with_a_server_that_does_not_know_it(fresh, tmp_path):
    home, one, other = tmp_path / "handheld", await fresh(), await fresh()
    enrol = ("enrol", "PDA-1", "--organisation", "SHOP", "--home", str(home))
    async with served(one) as running:
        await shop(running, "SHOP")
        await typed(running, one, *enrol)
        text = (home / "enrolment.txt").read_text()
        FileKeystore(home / "enrolment.json").save(read(text))  # as the handheld does when it opens
        (home / "enrolment.txt").unlink()
        await typed(running, one, *enrol)
        assert not (home / "enrolment.txt").exists(), "the server takes what it has"
    async with served(other) as running:
        await shop(running, "SHOP")
        await typed(running, other, *enrol)
    assert (home.with_name("handheld.1") / "enrolment.json").exists(), "nothing is thrown away"
    assert not (home / "enrolment.json").exists()
    fresh_one = json.loads((home / "enrolment.txt").read_text())
    assert (fresh_one["epoch"], fresh_one["secret"] != json.loads(text)["secret"]) == (1, True)


async def test_the_companys_authority_goes_into_the_code_and_udi_papers_are_written(fresh, tmp_path):
    dsn, pem = await fresh(), tmp_path / "ca.pem"
    pem.write_text("-----BEGIN CERTIFICATE-----\n")
    async with served(dsn) as running:
        store = await shop(running, "SHOP")
        said = await typed(running, dsn, "enrol", "PDA-2", "--organisation", "SHOP", "--authority", str(pem))
        assert json.loads(said)["authority"] == pem.read_text()
        item = {"externalReference": "VALVE", "name": "瓣膜 Valve", "baseUnit": "piece", "udi": True}
        await running.register("registerItems", {**item, "gtin": "06901234567892", "riskClass": "III"})
        goods = {"item": "VALVE", "quantity": "1", "lot": "L7", "expiry": "2028-10-31"}
        await running.post("receive", store.id, {**goods, "place": "SHOP/DOCK"})
        udi = ("udi", "trace", "(01)06901234567892(10)L7", "--organisation", "SHOP")
        [row] = csv.DictReader(io.StringIO((await typed(running, dsn, *udi)).removeprefix("\ufeff")))
        assert (row["产品标识 DI"], row["生产批号 Lot"], row["数量 Quantity"]) == ("06901234567892", "L7", "1")
        page = tmp_path / "checks.html"
        await typed(running, dsn, "udi", "checklist", "--organisation", "SHOP", "--write", str(page))
        assert "瓣膜 Valve" in page.read_text(encoding="utf-8") and "合格 complete" in page.read_text(encoding="utf-8")
