"""The corrected time is the server's, carried on by uptime, and says when it is not sure."""

from datetime import UTC, datetime, timedelta

import pytest

from handheld.client.hour import Hour
from tests.handheld.outbox.desk import Clocks

NINE = datetime(2026, 11, 28, 9, tzinfo=UTC)


def date(at):
    return at.strftime("%a, %d %b %Y %H:%M:%S GMT")


@pytest.fixture
def clocks():
    return Clocks(wall_ms=int((NINE - timedelta(hours=2)).timestamp() * 1000))


@pytest.fixture
def hour(tmp_path, clocks):
    return Hour(tmp_path / "hour.json", clocks)


def now(hour):
    return hour.now().astimezone(UTC)


def test_before_the_server_was_heard_the_wall_clock_is_all_there_is(hour):
    assert (hour.sure, now(hour)) == (False, NINE - timedelta(hours=2))


def test_the_server_s_date_puts_it_right_and_the_wall_clock_may_be_set_as_anybody_likes(hour, clocks):
    hour.heard(date(NINE))
    assert hour.sure
    clocks.pass_(600)
    clocks.wall_ms -= 99_999_999
    assert now(hour) == NINE + timedelta(minutes=10, seconds=0.5)


def test_after_a_restart_it_goes_on_by_the_wall_clock_and_is_not_sure(hour, clocks, tmp_path):
    hour.heard(date(NINE))
    clocks.restart()
    clocks.wall_ms += 3_600_000
    again = Hour(tmp_path / "hour.json", clocks)
    assert (again.sure, now(again)) == (False, NINE + timedelta(hours=1, seconds=0.5))
    again.heard(date(NINE + timedelta(hours=1)))
    assert again.sure


def test_the_seconds_of_a_date_are_no_news(hour, clocks):
    hour.heard(date(NINE))
    before = now(hour)
    hour.heard(date(NINE + timedelta(seconds=1)))
    assert now(hour) == before
    hour.heard(date(NINE + timedelta(seconds=5)))
    assert now(hour) == NINE + timedelta(seconds=5.5)


@pytest.mark.parametrize("text", ["", "soon", "Sat, 28 Nov 2026 09:00:00", "Sat, 99 Nov 2026 09:00:00 GMT"])
def test_a_date_that_is_none_changes_nothing(hour, text):
    hour.heard(text)
    assert not hour.sure


def test_a_damaged_file_is_none(tmp_path, clocks):
    (tmp_path / "hour.json").write_text('["2026')
    assert not Hour(tmp_path / "hour.json", clocks).sure
