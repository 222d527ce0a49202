"""Ends series from outside that nobody keeps up any more, and brings them back; what they said stays."""

from datetime import UTC, datetime

import asyncpg

from stockbook.domain.demand.period import whole_day
from stockbook.domain.refusal import Code
from stockbook.flows.author import Registered
from stockbook.flows.demand.insights import RetirementEntry
from stockbook.store.catalogue import number_of
from stockbook.store.registering.desk import Desk, RefusedError

AHEAD_YEARS = 3
FIRST = datetime(1990, 1, 1, tzinfo=UTC)
LAST = "(select {what} from influence_retirement r where r.influence_id = {{i}}.id order by r.id desc limit 1)"
"""What was said last of the end of an influence `{i}`."""
HEARD = f"coalesce({LAST.format(what='r.at')} > now(), true)"
"""Whether forecasts hear an influence `{i}` at all: its end was never said, lies ahead, or was taken back."""

_INFLUENCE = """
select id, network, site_id from influence
where organisation_id = $1 and (id = $2 or external_reference = $3) for no key update
"""
_STANDING = "select at, reason from influence_retirement where influence_id = $1 order by id desc limit 1"
_SAID = "insert into influence_retirement (influence_id, at, reason, actor_id) values ($1, coalesce($2, now()), $3, $4)"
_BACK = "insert into influence_retirement (influence_id, at, reason, actor_id) values ($1, null, '', $2)"


async def retire(desk: Desk, entry: RetirementEntry) -> Registered:
    """Say from when on a series of one's own is not heard; what is to come can be said anew."""
    number = number_of("Influence", entry.influence)
    reference = entry.influence if number is None else None
    row = await desk.connection.fetchrow(_INFLUENCE, desk.author.organisation, number, reference)
    if row is None or (desk.author.sites and row["site_id"] not in {None, *desk.author.sites}):
        raise RefusedError(Code.REFERENCE_UNKNOWN, "you have no such influence", "influence")
    if row["network"] and not desk.author.everywhere:
        raise RefusedError(Code.ACTION_DENIED, "only the network's operator tells everybody", "influence")
    reason, now = entry.reason.strip(), datetime.now(UTC)
    if not reason:
        raise RefusedError(Code.BAD_INPUT, "say why", "reason")
    at = whole_day(entry.at) if entry.at is not None else None
    if at is not None and not FIRST <= at < now.replace(year=now.year + AHEAD_YEARS, day=1):
        raise RefusedError(Code.BAD_TIME, f"a moment from 1990 to {AHEAD_YEARS} years ahead", "at")
    standing = await desk.connection.fetchrow(_STANDING, row["id"])
    ends = standing and standing["at"]
    if ends is not None:
        over = ends <= now
        if standing["reason"] == reason and (ends == at or (over and at is None)):
            return row["id"], True
        if over:
            raise RefusedError(Code.INFLUENCE_RETIRED, f"it is retired since {ends:%Y-%m-%d}", "influence")
    await desk.connection.execute(_SAID, row["id"], at, reason, desk.author.principal)
    return row["id"], False


async def bring_back(desk: Desk, influence: int) -> bool:
    """Let a series that is registered again be heard again; tell whether it had been retired, or was about to be."""
    await desk.connection.execute("select from influence where id = $1 for no key update", influence)
    standing = await desk.connection.fetchrow(_STANDING, influence)
    if standing is None or standing["at"] is None:
        return False
    await desk.connection.execute(_BACK, influence, desk.author.principal)
    return True


async def refuse_retired(connection: asyncpg.Connection, influence: int) -> None:
    """Refuse to record what nobody would hear."""
    standing = await connection.fetchrow(_STANDING, influence)
    if standing is not None and standing["at"] is not None and standing["at"] <= datetime.now(UTC):
        said = f"the series is retired since {standing['at']:%Y-%m-%d}: registered again, it is heard again"
        raise RefusedError(Code.INFLUENCE_RETIRED, said, "influence")
