"""Keeps runs of the sandbox and what was cleared by them; reads history for a run and writes nothing else."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import orjson

from stockbook.domain.demand.learners.catalogue import LEARNERS
from stockbook.domain.demand.period import Period, whole_day
from stockbook.domain.refusal import Code
from stockbook.flows.author import Registered
from stockbook.flows.demand.insights import ClearanceEntry, TrialEntry
from stockbook.flows.trials.gate import GATE, JUDGED_WEEKS, LIVE, judged_until
from stockbook.flows.trials.problem import Facts
from stockbook.flows.trials.report import Heading
from stockbook.flows.trials.trying import Tried
from stockbook.store.catalogue import number_of
from stockbook.store.demand.influences import CATEGORY
from stockbook.store.demand.past import Asked
from stockbook.store.registering.desk import Desk, RefusedError

WAITING_MAX = 10
RUNNER = 5_707_112
"""Advisory lock of the one session that runs trials."""
CLEARED = (
    "exists (select 1 from clearance c where c.organisation_id = {p}.organisation_id and c.revoked_at is null"
    f" and c.variant = '{LIVE}' and (c.site_id is null or c.site_id = {{p}}.site_id) and (c.category is null"
    " or c.category = (select i.category from item i where i.id = {p}.item_id)) offset 0)"
)
"""Whether the forecasts of a row `{p}` of some organisation, site and item may drive proposals."""


async def trial(desk: Desk, entry: TrialEntry) -> Registered:
    """Ask for a run; the same that still waits is known."""
    variant = entry.variant or LIVE
    if variant not in LEARNERS:
        raise RefusedError(Code.BAD_INPUT, f"there are {', '.join(LEARNERS)}", "variant")
    site = await desk.site(entry.site, "site") if entry.site is not None else None
    if desk.author.sites and site is None:
        raise RefusedError(Code.ACTION_DENIED, "your role is limited to sites: name one", "site")
    if entry.category is not None and not await desk.connection.fetchval(CATEGORY, entry.category):
        raise RefusedError(Code.BAD_INPUT, "no item is of this category", "category")
    me = desk.author.organisation
    newest = await desk.connection.fetchval(
        "select max(occurred_at) from movement_party where organisation_id = $1 and topic = 'MOVED'", me
    )
    now, week = datetime.now(UTC), Period.WEEK
    until = whole_day(entry.until) if entry.until else judged_until(newest or now, now)
    since = whole_day(entry.since) if entry.since else until - timedelta(weeks=JUDGED_WEEKS)
    if week.number(until) > week.number(now):
        ended = week.start(week.number(now))
        raise RefusedError(Code.BAD_TIME, f"weeks are judged when they have ended: until {ended:%Y-%m-%d}", "until")
    if not since < until:
        raise RefusedError(Code.BAD_TIME, "it ends after it begins", "until")
    waiting = await desk.connection.fetch(
        "select id, variant, site_id, category, since, until from trial"
        " where organisation_id = $1 and state in ('WAITING', 'RUNNING')",
        me,
    )
    asked = variant, site, entry.category, since, until
    for row in waiting:
        if tuple(row)[1:] == asked:
            return row["id"], True
    if len(waiting) >= WAITING_MAX:
        raise RefusedError(Code.BAD_INPUT, f"{WAITING_MAX} trials wait already")
    made: int = await desk.connection.fetchval(
        "insert into trial (organisation_id, actor_id, variant, site_id, category, since, until, state)"
        " values ($1, $2, $3, $4, $5, $6, $7, 'WAITING') returning id",
        me,
        desk.author.principal,
        *asked,
    )
    return made, False


async def clearance(desk: Desk, entry: ClearanceEntry) -> Registered:
    """Clear what a trial tried, or revoke that; past the gate only with a reason."""
    number = number_of("Trial", entry.trial)
    row = await desk.connection.fetchrow(
        "select id, site_id, category, variant, state, passed, since, until from trial"
        " where id = $1 and organisation_id = $2 for no key update",
        number,
        desk.author.organisation,
    )
    if row is None or (desk.author.sites and row["site_id"] not in desk.author.sites):
        raise RefusedError(Code.REFERENCE_UNKNOWN, "you have no such trial", "trial")
    standing = await desk.connection.fetchval(
        "select id from clearance where trial_id = $1 and revoked_at is null", row["id"]
    )
    reason = (entry.reason or "").strip()
    if entry.revoke:
        if standing is None:
            raise RefusedError(Code.BAD_INPUT, "it is not cleared", "revoke")
        await desk.connection.execute(
            "update clearance set revoked_at = $2, revoked_by_id = $3, revocation_reason = $4 where id = $1",
            standing,
            datetime.now(UTC),
            desk.author.principal,
            reason or None,
        )
        return standing, False
    if standing is not None:
        return standing, True
    if row["variant"] != LIVE:
        said = f"{row['variant']} was tried; {LIVE} is what runs, and what can be cleared"
        raise RefusedError(Code.GUARD_NOT_MET, said, "trial")
    if row["state"] != "DONE":
        raise RefusedError(Code.GUARD_NOT_MET, "the trial is not done", "trial")
    long = row["until"] - row["since"] >= timedelta(weeks=JUDGED_WEEKS)
    if not (row["passed"] and long) and not reason:
        failed = f"it failed the gate of {GATE:.0%} false and missed alarms"
        short = f"it judged fewer weeks than the {JUDGED_WEEKS} that the gate asks for"
        said = f"{short if row['passed'] else failed}: say why it may go live all the same"
        raise RefusedError(Code.GUARD_NOT_MET, said, "reason")
    made: int = await desk.connection.fetchval(
        "insert into clearance (organisation_id, site_id, category, variant, trial_id, passed, reason, actor_id)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
        desk.author.organisation,
        row["site_id"],
        row["category"],
        row["variant"],
        row["id"],
        row["passed"] and long,
        reason,
        desk.author.principal,
    )
    return made, False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A trial that is to be run."""

    id: int
    variant: str
    asked: Asked
    heading: Heading


_TAKE = """
update trial t set state = 'RUNNING' from organisation o
where t.id = (select id from trial where state = 'WAITING' order by id limit 1) and o.id = t.organisation_id
returning t.id, t.variant, t.organisation_id, t.site_id, t.category, t.since, t.until, o.external_reference,
  (select name from place where id = t.site_id) as site
"""


async def elected(connection: asyncpg.Connection) -> bool:
    """Become the one that runs trials; those of a runner that died wait again."""
    won: bool = await connection.fetchval("select pg_try_advisory_lock($1)", RUNNER)
    if won:
        await connection.execute("update trial set state = 'WAITING' where state = 'RUNNING'")
    return won


async def take(connection: asyncpg.Connection) -> Waiting | None:
    """Return the trial that has waited longest, running from now on."""
    row = await connection.fetchrow(_TAKE)
    if row is None:
        return None
    asked = Asked(row["organisation_id"], row["site_id"], row["category"], row["since"], row["until"])
    return Waiting(row["id"], row["variant"], asked, headed(asked, row["external_reference"], row["site"]))


def headed(asked: Asked, organisation: str, site: str | None) -> Heading:
    """Return what a report says that it is about."""
    return Heading(organisation, site, asked.category, f"{asked.since:%Y-%m-%d}", f"{asked.until:%Y-%m-%d}")


async def finish(connection: asyncpg.Connection, number: int, found: Tried) -> None:
    """Keep what a trial came to."""
    await connection.execute(
        "update trial set state = 'DONE', done_at = $2, series = $3, metrics = $4::text::jsonb, passed = $5,"
        " report = $6 where id = $1",
        number,
        datetime.now(UTC),
        found.series,
        orjson.dumps({**found.metrics, "plain": found.plain, "items": found.items}).decode(),
        found.passed,
        found.report,
    )


async def fail(connection: asyncpg.Connection, number: int, problem: Facts) -> None:
    """Keep why a trial came to nothing."""
    await connection.execute(
        "update trial set state = 'FAILED', done_at = $2, problem = $3::text::jsonb where id = $1",
        number,
        datetime.now(UTC),
        orjson.dumps(problem).decode(),
    )
