"""The sandbox: figures on data whose answer is known, nothing live touched, and the gate before go-live."""

import asyncio
import contextlib
import hashlib
import os
import random
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import pytest_asyncio

from stockbook import worker
from stockbook.domain.demand.backtest import History, Panel
from stockbook.domain.demand.course import Policy, Verdict
from stockbook.domain.demand.period import Period
from stockbook.domain.demand.sandbox import judge
from stockbook.flows.trials import charts
from stockbook.flows.trials.figures import FIGURES
from stockbook.flows.trials.gate import passes
from stockbook.flows.trials.report import Heading, page
from stockbook.store.demand import past
from tests.demand_live.shop import SITE, TOMATO, Shop, said, week

WEEKS = 40
TRIAL = """query T($id: ID!) { trial(id: $id) { state problem english: problem(language: EN) series metrics
  falseAlarms missedAlarms passed report clearances {
    passed reason actor { name } madeAt revokedAt revokedBy { name } revocationReason } } }"""
LIVE = (
    "series", "forecast", "threshold", "learner_state", "stream_offset", "position", "availability", "movement",
    "leg", "movement_party", "claim", "influence", "influence_point", "stream", "stock_out", "proposal",
)  # fmt: skip


def panel(*rows: tuple[float, ...], since: int = 40) -> Panel:
    series = {f"s{n}": History(f"s{n}", 0, row) for n, row in enumerate(rows)}
    return Panel("known", Period.WEEK, season=1, window=13, since=since, series=series)


def test_on_demand_that_never_changes_every_alarm_is_right():
    """Ten a week: over two weeks twenty, so an order is needed, and advised, where less than twenty is there."""
    found = judge(panel((10.0,) * 60, (4.0,) * 60), "last_value")
    assert found.metrics["missed_alarms"] == 0.0 and found.metrics["false_positive_rate"] == 0.0
    assert found.metrics["false_alarms"] == 0.0
    rng = random.Random(7)
    drawn = [rng.uniform(0, 3) for _ in range(2) for _ in range(20)]
    judged = [times < 1 for at, times in enumerate(drawn) if at % 20 < 19]
    assert found.metrics["need_rate"] == sum(judged) / len(judged)
    assert found.metrics["fill_rate"] == 1.0 and found.metrics["safety_stock_error"] is None


def test_rates_are_what_a_count_by_hand_gives():
    """Nothing sells before the window, so the learner advises next to nothing; then ten sell each week."""
    found = judge(panel((0.0,) * 40 + (10.0,) * 4), "last_value", Policy(seed=1))
    (course,) = found.courses
    needed = advised = right = spare = 0
    for at in range(3):
        level, usual = course.alarm[at], course.usual[at]
        # two weeks ahead are known for three origins; the position lies between 0 and 3 times the usual
        lower = sum(course.actual[at : at + 2]) > 3 * usual
        needed += lower
        advised += level >= 3 * usual
        right += lower and level >= 3 * usual
        spare += not lower
    assert needed == 3 and found.metrics["need_rate"] == 1.0
    assert found.metrics["missed_alarms"] == pytest.approx(1 - right / needed, abs=1 / 3)
    assert found.metrics["false_positive_rate"] is None and spare == 0


def test_stock_balances_in_the_closed_loop():
    rows = tuple(float((n * 7) % 11) for n in range(70))
    (course,) = judge(panel(rows), "moving_average").courses
    assert all(filled <= demand for filled, demand in zip(course.filled, course.actual, strict=True))
    assert min(course.stock) >= 0
    short = [at for at, filled in enumerate(course.filled) if filled < course.actual[at]]
    assert all(course.stock[at] == pytest.approx(course.filled[at] / 2) for at in short), "nothing is left when short"


def test_the_gate_wants_both_rates_and_a_rate_that_is_not_known_passes_nothing():
    assert passes({"false_alarms": 0.149, "missed_alarms": 0.149})
    for bad in ({"false_alarms": 0.15}, {"missed_alarms": 0.15}, {"false_alarms": None}, {"missed_alarms": None}):
        assert not passes({"false_alarms": 0.1, "missed_alarms": 0.1, **bad})


def test_the_report_stands_alone_and_prints_every_definition():
    rows = tuple(float(5 + n % 7) for n in range(60))
    tried, plain = (judge(panel(rows, rows[::-1]), each) for each in ("tsb", "moving_average"))
    heading = Heading("<SHOP>", None, "FRUIT & MORE", "2024-01-01", "2024-04-01")
    html = page(heading, tried, plain, Policy(), Period.WEEK)
    assert html.count("<svg") >= 8 and "&lt;SHOP&gt;" in html and "<SHOP>" not in html
    assert not re.search(r"(src|href)=|url\(|@import|https?://", html), "it needs nothing from elsewhere"
    for figure in FIGURES:
        if figure.name in tried.metrics:
            assert figure.zh in html and figure.en in html and figure.definition_zh in html


def test_figures_over_bars_leave_room_for_each_other():
    rates = ("false_alarms", "missed_alarms", "false_positive_rate")
    tried, plain = (Verdict(name, dict.fromkeys(rates, 0.128), ()) for name in ("adaptive", "moving_average"))
    over = [float(x) for x in re.findall(r'<text x="([\d.]+)"[^>]*>12\.8 %<', charts.alarms(tried, plain))]
    assert len(over) == 6 and min(later - earlier for earlier, later in pairwise(over)) > 38


@pytest_asyncio.fixture(scope="module")
async def sold(shop: Shop) -> Shop:
    await shop.told(
        "registerInfluences",
        {"externalReference": "PROMO", "name": "Promotions", "kind": "PROMOTION", "site": SITE},
    )
    await shop.promote(0, WEEKS + 1)
    await shop.weeks(0, WEEKS)
    await shop.learn()
    return shop


async def bytes_of(shop: Shop) -> dict[str, str]:
    """Return a digest of every row of every table that lives."""
    db = shop.trade.parts.beside
    found = {}
    for table in LIVE:
        rows = await db.fetch(f"select t::text from {table} t order by 1")
        found[table] = hashlib.sha256("\n".join(row[0] for row in rows).encode()).hexdigest()
    return found


async def run_trials(shop: Shop, number: str) -> dict:
    running = asyncio.create_task(worker._try(shop.trade.parts))
    try:
        async with asyncio.timeout(120):
            while True:
                asked = await shop.trade.ask(TRIAL, {"id": number}, "SHOP", "buyer")
                if asked["data"]["trial"]["state"] in {"DONE", "FAILED"}:
                    return asked["data"]["trial"]
                await asyncio.sleep(0.1)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def test_a_trial_replays_history_and_touches_nothing_that_lives(sold: Shop):
    before = await bytes_of(sold)
    (number,) = await sold.told("tryForecasts", {"since": said(week(WEEKS - 16)), "until": said(week(WEEKS))})
    again = await sold.tell("tryForecasts", {"since": said(week(WEEKS - 16)), "until": said(week(WEEKS))})
    assert [(each["outcome"], each["id"]) for each in again["results"]] == [("KNOWN", number)]
    trial = await run_trials(sold, number)
    assert trial["state"] == "DONE", trial["problem"]
    assert trial["series"] == 1 and trial["metrics"]["RMSSE"] < trial["metrics"]["plain"]["RMSSE"]
    assert trial["falseAlarms"] == trial["metrics"]["false_alarms"] is not None
    (row,) = trial["metrics"]["items"]
    assert row["series"] == "Tomato" and row["turnover_days"] > 0 and {"safety_stock_error", "fill_rate"} <= {*row}
    assert "Forecast sandbox" in trial["report"] and "Tomato" in trial["report"]
    assert await bytes_of(sold) == before, "the live bytes are what they were"
    seen = await sold.trade.ask(TRIAL, {"id": number}, "SHOP-2", "buyer")
    assert seen["data"]["trial"] is None


async def test_a_trial_of_nothing_says_so(sold: Shop):
    (number,) = await sold.told("tryForecasts", {"category": "MADE"})
    trial = await run_trials(sold, number)
    assert (trial["state"], trial["passed"]) == ("FAILED", None)
    assert trial["problem"].endswith("也没有。")
    assert trial["english"].startswith("Nothing was sold before 20")
    (early,) = await sold.told("tryForecasts", {"since": said(week(-4)), "until": said(week(1))})
    trial = await run_trials(sold, early)
    assert trial["problem"] == "2023-12-04 之前没有销售：首笔销售在 2024-01-01 开始的一周。"
    assert trial["english"] == "Nothing was sold before 2023-12-04: sales begin in the week of 2024-01-01."
    payload = await sold.tell("clearForecasts", {"trial": number}, role="org_admin")
    assert [each["code"] for each in payload["errors"]] == ["GUARD_NOT_MET"]


async def test_bad_trials_are_refused(sold: Shop):
    for line, code in (
        ({"variant": "oracle"}, "BAD_INPUT"),
        ({"since": said(week(9)), "until": said(week(8))}, "BAD_TIME"),
        ({"until": said(datetime.now(UTC) + timedelta(days=7))}, "BAD_TIME"),
        ({"site": "SHOP-2/SITE"}, "PLACE_UNKNOWN"),
        ({"category": "None such"}, "BAD_INPUT"),
    ):
        payload = await sold.tell("tryForecasts", line)
        assert [each["code"] for each in payload["errors"]] == [code], payload


async def test_go_live_wants_a_passed_trial_or_a_reason_that_is_kept(sold: Shop):
    assert not (await sold.forecast())["cleared"]
    (number,) = await sold.told("tryForecasts", {"since": said(week(WEEKS - 4)), "until": said(week(WEEKS))})
    trial = await run_trials(sold, number)
    db = sold.trade.parts.beside
    await db.execute("update trial set passed = false where id = $1", int(number.rpartition("/")[2]))
    denied = await sold.tell("clearForecasts", {"trial": number})
    assert [each["code"] for each in denied["errors"]] == ["ACTION_DENIED"], "a buyer does not clear himself"
    payload = await sold.tell("clearForecasts", {"trial": number}, role="org_admin")
    assert [(each["code"], each["path"][-1]) for each in payload["errors"]] == [("GUARD_NOT_MET", "reason")]
    assert not (await sold.forecast())["cleared"]
    line = {"trial": number, "reason": "The season ends on Friday"}
    (cleared,) = await sold.told("clearForecasts", line, role="org_admin")
    assert (await sold.forecast())["cleared"]
    again = await sold.tell("clearForecasts", line, role="org_admin")
    assert [(each["outcome"], each["id"]) for each in again["results"]] == [("KNOWN", cleared)]
    asked = await sold.trade.ask(TRIAL, {"id": number}, "SHOP", "buyer")
    (audit,) = asked["data"]["trial"]["clearances"]
    assert (audit["passed"], audit["reason"], audit["actor"]) == (False, "The season ends on Friday", {"name": "Boss"})
    await sold.told("clearForecasts", {"trial": number, "revoke": True, "reason": "It is over"}, role="org_admin")
    assert not (await sold.forecast())["cleared"]
    (audit,) = (await sold.trade.ask(TRIAL, {"id": number}, "SHOP", "buyer"))["data"]["trial"]["clearances"]
    assert audit["reason"] == "The season ends on Friday" and audit["revokedAt"]
    assert (audit["revokedBy"], audit["revocationReason"]) == ({"name": "Boss"}, "It is over")
    assert trial["metrics"]["need_rate"] is not None


async def test_a_trial_of_a_lucky_month_clears_nothing_without_a_reason(sold: Shop):
    db = sold.trade.parts.beside
    for weeks, passed in ((4, False), (13, True)):
        given = {"since": said(week(WEEKS - weeks)), "until": said(week(WEEKS))}
        (number,) = await sold.told("tryForecasts", given)
        await run_trials(sold, number)
        await db.execute("update trial set passed = true where id = $1", int(number.rpartition("/")[2]))
        line = {"trial": number}
        if not passed:
            payload = await sold.tell("clearForecasts", line, role="org_admin")
            assert [(each["code"], each["path"][-1]) for each in payload["errors"]] == [("GUARD_NOT_MET", "reason")]
            assert "13" in payload["errors"][0]["message"]
            line["reason"] = "There is no more history"
        await sold.told("clearForecasts", line, role="org_admin")
        asked = await sold.trade.ask(TRIAL, {"id": number}, "SHOP", "buyer")
        assert [each["passed"] for each in asked["data"]["trial"]["clearances"]] == [passed]
        await sold.told("clearForecasts", {"trial": number, "revoke": True}, role="org_admin")


async def test_a_variant_that_does_not_run_cannot_be_cleared(sold: Shop):
    (number,) = await sold.told("tryForecasts", {"variant": "ses", "site": SITE})
    await run_trials(sold, number)
    payload = await sold.tell("clearForecasts", {"trial": number, "reason": "Why not"}, role="org_admin")
    assert [(each["code"], each["path"][-1]) for each in payload["errors"]] == [("GUARD_NOT_MET", "trial")]
    assert "adaptive is what runs" in payload["errors"][0]["message"]
    assert not (await sold.forecast())["cleared"]


async def test_a_trial_cut_off_by_the_end_of_its_worker_is_run_again(sold: Shop):
    (number,) = await sold.told("tryForecasts", {"since": said(week(WEEKS - 9)), "until": said(week(WEEKS - 1))})
    db = sold.trade.parts.beside
    await db.execute("update trial set state = 'RUNNING' where id = $1", int(number.rpartition("/")[2]))
    assert (await run_trials(sold, number))["state"] == "DONE"


async def test_what_was_heard_late_helps_no_trial(sold: Shop):
    """A promotion told of after the fact is not among what the replay knew."""
    lines = [{"influence": "PROMO", "at": said(week(WEEKS - 2) + timedelta(days=day)), "text": "S"} for day in range(7)]
    given = {"since": said(week(WEEKS - 10)), "until": said(week(WEEKS))}
    (first,) = await sold.told("tryForecasts", given)
    before = await run_trials(sold, first)
    await sold.told("recordInfluences", *lines)
    (second,) = await sold.told("tryForecasts", given)
    assert first != second and (await run_trials(sold, second))["metrics"] == before["metrics"]
    assert TOMATO


async def typed(shop: Shop, *words: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "stockbook", "backtest", "live", "--organisation", "SHOP", *words),
        env={**os.environ, "DATABASE_URL": shop.trade.parts.dsn},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = (each.decode() for each in await process.communicate())
    assert process.returncode is not None
    return process.returncode, out, errors


async def test_the_command_line_replays_the_live_history_and_writes_the_report(sold: Shop, tmp_path):
    before = await bytes_of(sold)
    report = tmp_path / "report.html"
    code, out, errors = await typed(sold, "--weeks", "12", "--report", str(report))
    assert code == 0, errors
    for figure in FIGURES[:9]:
        assert figure.name in out and figure.definition_en in out
    assert "15%" in out and "Forecast sandbox" in report.read_text(encoding="utf-8")
    assert await bytes_of(sold) == before


async def test_the_command_line_tries_every_learner_that_is_named_on_any_weeks_there_are(sold: Shop):
    told = await typed(sold, "--weeks", "4", "--until", f"{week(20):%Y-%m-%d}", "--learner", "tsb", "--learner", "ses")
    assert told[0] == 0, told[2]
    assert [line.split()[0] for line in told[1].splitlines() if "moving average" in line] == ["tsb", "ses"]
    code, _, errors = await typed(sold, "--weeks", "4", "--until", f"{week(2):%Y-%m-%d}")
    assert code and "before 2023-12-18: sales begin in the week of 2024-01-01" in errors and "--weeks" in errors


async def test_a_replay_hears_which_shelves_ran_empty_and_touches_nothing(sold: Shop):
    """Soup sells twelve a week; in two of ten weeks it has run out by Wednesday night."""
    first = WEEKS - 10
    for number in range(first, WEEKS):
        short = number - first in {5, 7}
        await sold.fill("6" if short else "12", "SOUP", said(week(number)))
        for day in (0, 1) if short else (0, 1, 3, 5):
            await sold.sell(3, week(number) + timedelta(days=day, hours=23), "SOUP")
    before = await bytes_of(sold)
    asked = past.Asked(sold.trade.ids["SHOP"], None, "MADE", week(WEEKS - 2), week(WEEKS))
    panel = await past.panel(sold.trade.parts.beside, asked)
    (history,) = panel.series.values()
    assert sum(history.quantities) == 8 * 12 + 2 * 6
    dry = {number - history.first: round(share, 2) for number, share in history.empty.items() if share > 0.2}
    assert dry == {5: pytest.approx(0.72, abs=0.02), 7: pytest.approx(0.72, abs=0.02)}
    (told,), (untold,) = (
        judge(replace(panel, series={"s": each}), "adaptive").courses for each in (history, replace(history, empty={}))
    )
    assert told.mean[0] > untold.mean[0], "what nobody could buy does not lower what is expected"
    assert await bytes_of(sold) == before, "the live bytes are what they were"
