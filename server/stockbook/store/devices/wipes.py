"""Wipes in PostgreSQL: `flows.wiping.Wiping`, and what a device says when it has carried one out.

Each order is a row that stays: who had which enrolment wiped, why, when, when it
was done, and what the device then had not sent.
"""

from collections.abc import Callable, Sequence
from functools import partial

from stockbook.domain.capture.wipe import WipeMode, order
from stockbook.domain.refusal import Code
from stockbook.domain.stock.work import TaskKind
from stockbook.flows.author import Author, Registered, Verdicts
from stockbook.flows.devices.wiping import WipeEntry
from stockbook.flows.registrations import DeviceReportEntry
from stockbook.flows.tasks import Raised
from stockbook.store.database import Database
from stockbook.store.registering.desk import Desk, RefusedError, all_or_none
from stockbook.store.work.tasks import raise_task

Secret = Callable[[str, int, bytes], bytes]
"""Derives a device's secret from its reference, epoch and salt."""

_DEVICE = """
select p.external_reference as reference, d.epoch, e.salt, d.sequence, d.waiting
from device d join principal p on p.id = d.principal_id join enrolment e on e.device_id = d.id and e.epoch = d.epoch
where d.id = $1 for update of d
"""
_KNOWN = "select id, mode, reason, wiped_at from wipe where device_id = $1 and epoch = $2 order by id"
_ORDER = """
insert into wipe (organisation_id, device_id, epoch, mode, reason, seal, ordered_by_id, sequence, waiting)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id
"""
_DONE = """
update wipe w set wiped_at = now(), sequence = $4, waiting = $5
from device d
where d.id = w.device_id and d.principal_id = $1 and d.organisation_id = $2 and w.wiped_at is null
  and (w.device_id, w.epoch) = (select o.device_id, o.epoch from wipe o where o.seal = $3 and o.device_id = d.id)
returning w.id, w.device_id, w.epoch, w.seal = $3 as obeyed
"""
_BEFORE = """
select w.id from wipe w join device d on d.id = w.device_id
where w.seal = $3 and d.principal_id = $1 and d.organisation_id = $2 and w.wiped_at is not null
"""


class PostgresWiping:
    """Orders wipes; each call stands or falls whole. `secret` derives what an order is sealed with."""

    def __init__(self, db: Database, secret: Secret) -> None:
        self._db = db
        self._secret = secret

    async def wipe_devices(self, author: Author, entries: Sequence[WipeEntry]) -> Verdicts:
        """Order that devices be wiped; the same order again is known."""
        return await all_or_none(self._db, author, entries, partial(_ordered, self._secret))


async def _ordered(secret: Secret, desk: Desk, entry: WipeEntry) -> Registered:
    if not entry.reason.strip():
        raise RefusedError(Code.BAD_INPUT, "say why", "reason")
    device = await desk.device(entry.device, "device")
    row = await desk.connection.fetchrow(_DEVICE, device)
    known = await desk.connection.fetch(_KNOWN, device, row["epoch"])
    if any(each["wiped_at"] is not None for each in known):
        raise RefusedError(Code.ENROLMENT_ENDED, "the device was wiped; it is to be enrolled anew", "device")
    modes = {WipeMode(each["mode"]): each for each in known}
    if (same := modes.get(entry.mode)) is not None:
        if same["reason"] != entry.reason:
            raise RefusedError(Code.BAD_INPUT, "it is ordered already, for another reason", "reason")
        return same["id"], True
    if WipeMode.AT_ONCE in modes:
        raise RefusedError(Code.BAD_INPUT, "it is ordered to be wiped at once already", "mode")
    key = secret(row["reference"], row["epoch"], row["salt"])
    made = await desk.connection.fetchval(
        _ORDER,
        desk.author.organisation,
        device,
        row["epoch"],
        entry.mode.value,
        entry.reason,
        order(key, row["reference"], row["epoch"], entry.mode, entry.reason),
        desk.author.principal,
        row["sequence"],
        row["waiting"],
    )
    return made, False


async def carried_out(desk: Desk, entry: DeviceReportEntry) -> Registered:
    """Take down that the device that asks has erased itself; what it had not sent becomes a person's task."""
    who = (desk.author.principal, desk.author.organisation, entry.wiped)
    rows = await desk.connection.fetch(_DONE, *who, entry.sequence, entry.waiting)
    if not rows:
        known = await desk.connection.fetchval(_BEFORE, *who)
        if known is None:
            raise RefusedError(Code.REFERENCE_UNKNOWN, "nobody had this device wiped", "wiped")
        return known, True
    obeyed = next(row for row in rows if row["obeyed"])
    if entry.waiting:
        taken = await desk.connection.fetchval(
            "select upto from enrolment where device_id = $1 and epoch = $2", obeyed["device_id"], obeyed["epoch"]
        )
        last = f", the last of them number {entry.sequence}" if entry.sequence else ""
        note = f"the device was wiped with {entry.waiting} events unsent{last}: find out what was done"
        lost = Raised(TaskKind.REFUSED, note, obeyed["device_id"], obeyed["epoch"], taken + 1)
        await raise_task(desk.connection, desk.author.organisation, lost)
    return obeyed["id"], False
