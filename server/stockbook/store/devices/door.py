"""Devices in PostgreSQL: who holds a session's lock on a device takes its events, and keeps them with that session.

So when the session is lost, so are the lock and what it was about to keep; what
was posted by then is found again under its keys when the device sends it anew.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

import asyncpg

from stockbook.domain.capture.labels import Unknown
from stockbook.domain.capture.settings import Settings
from stockbook.flows.devices.door import FORGED, Desk, Enrolment, Fate, Flag, Kept, Meant, Taken, Waiting
from stockbook.store.catalogue import GID
from stockbook.store.database import Database
from stockbook.store.faults import AWAY, faults
from stockbook.store.posting.reading import columns
from stockbook.store.registering import codes
from stockbook.store.work.tasks import raise_task

LOCK = 5_707_106
"""With a device's id: an advisory lock on what it sends."""
LOCK_SECONDS_MAX = 15
"""How long somebody waits for the desk of a device before he is told to come again."""
_END = 1 << 62
"""Beyond what a column takes."""
HELD_MAX = 1000
"""Held events that are looked at in one call."""

_DEVICE = """
select d.id from device d join principal p on p.id = d.principal_id
where d.organisation_id = $1 and d.principal_id = $2 and p.external_reference = $3
"""
ENROLMENT = """
select d.id as device, d.organisation_id as organisation, d.principal_id as principal,
  p.external_reference as reference, d.role, e.epoch, e.epoch = d.epoch as in_force, e.salt,
  e.enrolled_at, e.upto, e.ended, e.occurred_at,
  coalesce(s.entries_max, o.entries_max) as entries_max, coalesce(s.hours_max, o.hours_max) as hours_max,
  coalesce(s.app_min, o.app_min) as app_min, coalesce(s.android_min, o.android_min) as android_min,
  coalesce(s.ios_min, o.ios_min) as ios_min, coalesce(s.unknown_labels, o.unknown_labels) as unknown_labels,
  coalesce(s.cache, o.cache) as cache, d.system, d.system_version, d.app_version,
  (select m.sites from membership m where m.principal_id = d.principal_id and m.organisation_id = d.organisation_id
    and m.role = d.role) as sites
from device d join principal p on p.id = d.principal_id join enrolment e on e.device_id = d.id
left join device_setting o on o.organisation_id = d.organisation_id and o.device_id is null
left join device_setting s on s.organisation_id = d.organisation_id and s.device_id = d.id
"""
_OF_ENROLMENT = (
    "device",
    "organisation",
    "principal",
    "reference",
    "role",
    "epoch",
    "in_force",
    "salt",
    "enrolled_at",
    "upto",
    "ended",
    "occurred_at",
)
_TAKEN = """
select c.sequence, c.previous, c.seal, c.scan, c.outcome, c.flags, c.code, c.message, c.task_id, c.sent_at,
  c.received_at, c.occurred_at, c.sure
from captured c
where c.device_id = $1 and c.epoch = $2 and c.outcome not in ('FORK', 'TAMPERED') and c.sequence = any($3::bigint[])
union
(select c.sequence, c.previous, c.seal, c.scan, c.outcome, c.flags, c.code, c.message, c.task_id, c.sent_at,
  c.received_at, c.occurred_at, c.sure
from captured c
where c.device_id = $1 and c.epoch = $2 and c.outcome not in ('FORK', 'TAMPERED') and c.sequence > $4
order by c.sequence limit $5)
"""
_DISCREPANCIES = """
select t.movement_id, min(t.id) from task t join device d on d.organisation_id = t.organisation_id
where d.id = $1 and t.movement_id = any($2) and t.kind in ('DISCREPANCY', 'SHORTFALL') group by t.movement_id
"""
_POSTED = """
select array(
  select m.id from movement m where m.organisation_id = c.organisation_id
    and m.key = format('scan:%s:%s:%s', p.external_reference, c.epoch, c.sequence) order by m.line
) as movements
from captured c join device d on d.id = c.device_id join principal p on p.id = d.principal_id
where c.device_id = $1 and c.event = $4 and c.outcome not in ('FORK', 'TAMPERED')
  and (c.epoch < $2 or c.epoch = $2 and c.sequence < $3)
order by c.id desc limit 1
"""
_KEEP = """
with kept as (
  insert into captured (organisation_id, device_id, epoch, sequence, previous, seal, scan, outcome, flags, code,
    message, task_id, sent_at, received_at, occurred_at, sure, event)
  select $1, $2, $3, w.sequence, w.previous, w.seal, w.scan, w.outcome, string_to_array(w.flags, ' '), w.code,
    w.message, w.task_id, w.sent_at, w.received_at, w.occurred_at, w.sure, nullif(w.event, '')
  from unnest($4::bigint[], $5::bytea[], $6::bytea[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
    $12::bigint[], $13::timestamptz[], $14::timestamptz[], $15::timestamptz[], $16::boolean[], $17::text[])
    as w(sequence, previous, seal, scan, outcome, flags, code, message, task_id, sent_at, received_at, occurred_at,
      sure, event)
  on conflict (device_id, epoch, sequence) where outcome not in ('FORK', 'TAMPERED') do update
  set outcome = excluded.outcome, flags = excluded.flags, code = excluded.code, message = excluded.message,
    task_id = excluded.task_id, occurred_at = excluded.occurred_at, sure = excluded.sure
), seen as (
  update device set seen_at = now() where id = $2
)
update enrolment set upto = $18, ended = $19, occurred_at = $20 where device_id = $2 and epoch = $3
"""
_EVIDENCE = """
insert into captured (organisation_id, device_id, epoch, sequence, previous, seal, scan, outcome, message, task_id,
  sent_at, received_at, sure)
select $1, $2, $3, w.sequence, w.previous, w.seal, w.scan, w.outcome, w.message, w.task_id, w.sent_at,
  w.received_at, false
from unnest($4::bigint[], $5::bytea[], $6::bytea[], $7::text[], $8::text[], $9::text[], $10::bigint[],
  $11::timestamptz[], $12::timestamptz[])
  as w(sequence, previous, seal, scan, outcome, message, task_id, sent_at, received_at)
where not exists (
  select from captured c where c.device_id = $2 and c.epoch = $3 and c.sequence = w.sequence
    and c.outcome in ('FORK', 'TAMPERED') and c.seal = w.seal and c.scan = w.scan
)
"""
_DISPLACED = """
delete from captured c using unnest($3::bigint[], $4::text[]) as w(sequence, scan)
where c.device_id = $1 and c.epoch = $2 and c.sequence = w.sequence and c.scan = w.scan and c.outcome = 'HELD'
"""
_WAITING = """
select distinct d.organisation_id, d.principal_id, p.external_reference, c.epoch
from captured c join device d on d.id = c.device_id join principal p on p.id = d.principal_id
where c.outcome = 'HELD' and c.received_at < $1
"""


class PostgresDevices:
    """`flows.devices.Devices` over PostgreSQL; `db` lends one connection a device at work."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._queues: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @contextlib.asynccontextmanager
    async def alone(self, organisation: int, principal: int, reference: str) -> AsyncIterator[Desk | None]:
        """Lend the desk of the device that a principal is, alone; None when that is no device of the organisation.

        Requests of one device queue here before they take a connection, so that
        no device takes those of the others.
        """
        queue = self._queues.setdefault(principal, asyncio.Lock())
        async with queue, faults(), self._db.connection() as connection:
            device = await connection.fetchval(_DEVICE, organisation, principal, _storable(reference))
            if device is None:
                yield None
                return
            await connection.execute(f"select pg_advisory_lock({LOCK}, $1)", device, timeout=LOCK_SECONDS_MAX)
            try:
                yield _Desk(connection, device)
            finally:
                with contextlib.suppress(*AWAY):
                    await asyncio.shield(connection.execute(f"select pg_advisory_unlock({LOCK}, $1)", device))

    async def waiting(self, before: datetime) -> list[Waiting]:
        """Return the enrolments with events that have been held since before a moment."""
        async with faults():
            return [Waiting(*row) for row in await self._db.fetch(_WAITING, before)]


class _Desk:
    """`flows.devices.Desk`, on the session that has the device's lock."""

    def __init__(self, connection: asyncpg.Connection, device: int) -> None:
        self._connection = connection
        self._device = device

    async def load(self, epoch: int, sequences: Collection[int]) -> Taken | None:
        """Return an epoch with what was taken of these sequences; None when the device was never enrolled so."""
        row = await self._connection.fetchrow(f"{ENROLMENT} where d.id = $1 and e.epoch = $2", self._device, epoch)
        if row is None:
            return None
        enrolment = enrolment_of(row)
        near = {number + step for number in sequences for step in (-1, 0, 1) if abs(number) < _END}
        beside = sorted(near | {enrolment.upto})
        rows = await self._connection.fetch(_TAKEN, self._device, epoch, beside, enrolment.upto, HELD_MAX)
        known = {row["sequence"]: _kept(row) for row in rows}
        held = [known[number] for number in sorted(known) if known[number].outcome is Fate.HELD]
        return Taken(enrolment, known, held)

    async def meant(self, barcodes: Collection[str]) -> Mapping[str, Meant]:
        """Return what barcodes mean to the device's organisation; those that mean nothing are absent."""
        if not barcodes:
            return {}
        organisation = await self._connection.fetchval("select organisation_id from device where id = $1", self._device)
        readable = [code for code in barcodes if _storable(code) == code]
        found = await codes.meant(self._connection, organisation, readable)
        return {code: Meant(f"{GID}Item/{each.item}", each.unit or None) for code, each in found.items()}

    async def posted(self, epoch: int, before: int, event: str) -> tuple[int, ...] | None:
        """Return the movements of an event of the device, in order; None when it has no such event."""
        found = await self._connection.fetchval(_POSTED, self._device, epoch, before, event)
        return None if found is None else tuple(found)

    async def discrepancies(self, movements: Collection[int]) -> dict[int, int]:
        """Return the tasks that movements opened: movement -> task."""
        return dict(map(tuple, await self._connection.fetch(_DISCREPANCIES, self._device, list(movements))))

    async def keep(self, enrolment: Enrolment, events: Sequence[Kept]) -> None:
        """Keep events with their answers, open their tasks, and remember how far the enrolment is; all or nothing."""
        connection = self._connection
        taken = [event for event in events if event.outcome not in FORGED]
        forged = [event for event in events if event.outcome in FORGED]
        head = (enrolment.organisation, enrolment.device, enrolment.epoch)
        tail = (enrolment.upto, enrolment.ended, enrolment.occurred_at)
        several = forged or any(event.raised for event in events)
        async with connection.transaction() if several else contextlib.nullcontext():
            tasks = {
                event.raised.sequence: await raise_task(connection, enrolment.organisation, event.raised)
                for event in events
                if event.raised is not None
            }
            for event in events:
                event.task = tasks.get(event.task_of, event.task)
            if forged:
                names = columns([_evidence(event)[0:4:3] for event in forged], 2)
                await connection.execute(_DISPLACED, enrolment.device, enrolment.epoch, *names)
                await connection.execute(_EVIDENCE, *head, *columns(map(_evidence, forged), 9))
            await connection.execute(_KEEP, *head, *columns(map(_row, taken), 14), *tail)


def enrolment_of(row: Any) -> Enrolment:
    """Return the enrolment that a row tells, with the settings in force."""
    of = {name: row[name] for name in _OF_ENROLMENT}
    return Enrolment(settings=settings_of(row), sites=tuple(row["sites"] or ()), **of)


def settings_of(row: Any) -> Settings:
    """Return the settings that a row has; what is null is as nobody set it."""
    names = ("entries_max", "hours_max", "app_min", "android_min", "ios_min", "unknown_labels", "cache")
    said = {name: row[name] for name in names if row[name] is not None}
    if "unknown_labels" in said:
        said["unknown_labels"] = Unknown(said["unknown_labels"])
    return Settings(**said)


def _kept(row: Any) -> Kept:
    return Kept(
        row["sequence"],
        row["previous"],
        row["seal"],
        row["scan"],
        row["sent_at"],
        row["received_at"],
        Fate(row["outcome"]),
        tuple(map(Flag, row["flags"])),
        row["code"],
        row["message"],
        row["task_id"],
        row["occurred_at"],
        row["sure"],
    )


def _row(event: Kept) -> tuple[Any, ...]:
    return (
        event.sequence,
        event.previous,
        event.seal,
        _storable(event.scan),
        event.outcome.value,
        " ".join(event.flags),
        event.code,
        event.message,
        event.task,
        event.sent_at,
        event.received_at,
        event.occurred_at,
        event.sure,
        event.event,
    )


def _evidence(event: Kept) -> tuple[Any, ...]:
    row = _row(event)
    return (max(-_END, min(event.sequence, _END)), *row[1:5], row[7], *row[8:11])


def _storable(text: str) -> str:
    """Return a text as a column takes it: the replacement character for NUL and halves of surrogate pairs."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
