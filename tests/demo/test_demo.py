"""The demo in small, from an empty folder to green books: three shops, seven weeks, everything over HTTP."""

import os
import re
import signal
import subprocess
import sys

import pytest

from stockbook.store.embedded import running


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("d")


@pytest.fixture(scope="module")
def start(home):
    def start(*words, shops=3, **environment):
        return subprocess.Popen(
            [sys.executable, "-m", "stockbook", "demo", *words, "--shops", str(shops), "--weeks", "7"],
            env={
                **os.environ,
                "PYTHONPATH": "server",
                "STOCKBOOK_HOME": str(home),
                "STOCKBOOK_PORT": "0",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


@pytest.fixture(scope="module")
def first(start):
    """What it prints from an empty folder to the end, and its exit status."""
    demo = start("--once", LANG="C.UTF-8", COLUMNS="400")
    said, _ = demo.communicate(timeout=240)
    return said, demo.returncode


def test_it_ends_well(first, home):
    said, status = first
    assert status == 0, said
    assert "✘" not in said
    assert re.search(r"✔ organisations party to a movement: (\d+) of \1\b", said)
    assert "✔ states that occurred: 12 of 12" in said
    assert "✔ rights that passed: 4 of 4" in said
    assert "✔ refused: 0" in said
    assert "✔ The books are right" in said
    assert running(home) is None, "nothing is left running"


def test_it_shows_an_address_and_a_token_for_each_role(first):
    said, _ = first
    assert re.search(r"^http://127\.0\.0\.1:\d+/graphql", said, re.MULTILINE)
    roles = re.findall(r"^(\w+) +[A-Z0-9-]+ +eyJ[\w-]+\.[\w-]+\.[\w-]+ *$", said, re.MULTILINE)
    assert {"network_admin", "org_admin", "shop_staff", "storekeeper", "carrier_driver", "producer", "board"} <= {
        *roles
    }
    assert len(roles) == len(set(roles)) == 12


def test_a_demo_of_another_size_is_not_mixed_with_it(first, start, home):
    assert first[1] == 0
    demo = start("--once", shops=4, LANG="C.UTF-8", COLUMNS="400")
    said, _ = demo.communicate(timeout=120)
    assert (demo.returncode, said.count("✘")) == (1, 1), said
    assert "another demo (DEMO 3 x 7, not DEMO 4 x 7)" in said
    assert "STOCKBOOK_HOME" in said
    assert running(home) is None


def test_a_rerun_takes_up_where_it_stopped_and_serves_until_it_is_told_to_stop(first, start, home):
    assert first[1] == 0
    demo = start(LANG="zh_CN.UTF-8", COLUMNS="400")
    said = []
    for line in demo.stdout:
        said.append(line)
        if "Ctrl-C" in line:
            break
    demo.send_signal(signal.SIGINT)
    rest, _ = demo.communicate(timeout=60)
    assert demo.returncode == 0, "".join(said) + rest
    assert any("继续" in line for line in said), "it says from which day it goes on"
    assert not [line for line in said if "✘" in line]
    assert running(home) is None, "PostgreSQL was stopped too"
