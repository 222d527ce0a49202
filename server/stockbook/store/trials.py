"""Keeps runs of the sandbox and what was cleared by them; reads history for a run and writes nothing else."""

from datetime import UTC, datetime, timedelta

from stockbook.domain.demand.learners.catalogue import LEARNERS
from stockbook.domain.demand.period import Period
from stockbook.domain.refusal import Code
from stockbook.flows.insights import ClearanceEntry, TrialEntry
from stockbook.flows.registrations import Registered
from stockbook.flows.trials import GATE, JUDGED_WEEKS, LIVE
from stockbook.store.catalogue import number_of
from stockbook.store.desk import Desk, RefusedError
from stockbook.store.influences import own_site

WAITING_MAX = 10


async def trial(desk: Desk, entry: TrialEntry) -> Registered:
    """Ask for a run; the same that still waits is known."""
    variant = entry.variant or LIVE
    if variant not in LEARNERS:
        raise RefusedError(Code.BAD_INPUT, f"there are {', '.join(LEARNERS)}", "variant")
    site = await own_site(desk, entry.site, "site") if entry.site is not None else None
    if desk.author.sites and site is None:
        raise RefusedError(Code.ACTION_DENIED, "your role is limited to sites: name one", "site")
    me = desk.author.organisation
    newest = await desk.connection.fetchval(
        "select max(occurred_at) from movement_party where organisation_id = $1 and topic = 'MOVED'", me
    )
    week = Period.WEEK
    until = entry.until or week.start(week.number(newest or datetime.now(UTC)) + 1)
    since = entry.since or until - timedelta(weeks=JUDGED_WEEKS)
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
        "insert into trial (organisation_id, actor_id, variant, site_id, category, since, until)"
        " values ($1, $2, $3, $4, $5, $6, $7) returning id",
        me,
        desk.author.principal,
        *asked,
    )
    return made, False


async def clearance(desk: Desk, entry: ClearanceEntry) -> Registered:
    """Clear what a trial tried, or revoke that; past the gate only with a reason."""
    number = number_of("Trial", entry.trial)
    row = await desk.connection.fetchrow(
        "select id, site_id, category, variant, state, passed, metrics from trial"
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
        await desk.connection.execute("update clearance set revoked_at = $2 where id = $1", standing, datetime.now(UTC))
        return standing, False
    if standing is not None:
        return standing, True
    if row["state"] != "DONE":
        raise RefusedError(Code.GUARD_NOT_MET, "the trial is not done", "trial")
    if not row["passed"] and not reason:
        said = f"it failed the gate of {GATE:.0%} false and missed alarms: say why it may go live all the same"
        raise RefusedError(Code.GUARD_NOT_MET, said, "reason")
    made: int = await desk.connection.fetchval(
        "insert into clearance (organisation_id, site_id, category, variant, trial_id, passed, reason, actor_id)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
        desk.author.organisation,
        row["site_id"],
        row["category"],
        row["variant"],
        row["id"],
        row["passed"],
        reason,
        desk.author.principal,
    )
    return made, False
