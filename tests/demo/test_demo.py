"""The demo in small, from an empty folder to green books: three shops, seven weeks, everything over HTTP."""

import os
import re
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    home = tmp_path_factory.mktemp("d")

    def run(**environment):
        command = [sys.executable, "-m", "stockbook", "demo", "--once", "--shops", "3", "--weeks", "7"]
        return subprocess.run(
            command,
            env={
                **os.environ,
                "PYTHONPATH": "server",
                "STOCKBOOK_HOME": str(home),
                "STOCKBOOK_PORT": "0",
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def first(run):
    return run(LANG="C.UTF-8", COLUMNS="400")


def test_it_ends_well(first):
    assert first.returncode == 0, first.stdout + first.stderr
    assert "✘" not in first.stdout
    assert re.search(r"✔ organisations party to a movement: (\d+) of \1\b", first.stdout)
    assert "✔ states that occurred: 12 of 12" in first.stdout
    assert "✔ rights that passed: 4 of 4" in first.stdout
    assert "✔ The books are right" in first.stdout


def test_it_shows_an_address_and_a_token_for_each_role(first):
    assert re.search(r"^http://127\.0\.0\.1:\d+/graphql", first.stdout, re.MULTILINE)
    roles = re.findall(r"^(\w+) +[A-Z0-9-]+ +eyJ[\w-]+\.[\w-]+\.[\w-]+ *$", first.stdout, re.MULTILINE)
    assert {"network_admin", "org_admin", "shop_staff", "storekeeper", "carrier_driver", "producer", "board"} <= {
        *roles
    }
    assert len(roles) == len(set(roles)) == 12


def test_a_rerun_takes_up_where_it_stopped_and_posts_nothing_twice(first, run):
    assert first.returncode == 0
    again = run(LANG="zh_CN.UTF-8")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "继续" in again.stdout, "it says from which day it goes on"
    assert "核验" in again.stdout or "The books are right" in again.stdout
