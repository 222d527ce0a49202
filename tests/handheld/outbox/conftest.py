"""A journal whose clocks a test turns."""

import pytest

from tests.handheld.outbox.desk import Clocks, opened


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def journal(tmp_path, clocks):
    journal = opened(tmp_path, clocks=clocks)
    yield journal
    journal.close()
