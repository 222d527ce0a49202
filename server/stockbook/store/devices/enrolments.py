"""Enrols devices in PostgreSQL: `flows.enrolling.Enrolling`.

The secret itself is kept nowhere: it is derived from the installation's secret,
the device's reference and epoch, and a salt, which alone is in the database.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from stockbook.domain.refusal import Code, Refusal
from stockbook.flows.author import Author, Registered
from stockbook.flows.devices.enrolling import DeviceEntry, DeviceSystem, Enrolled
from stockbook.flows.registrations import MembershipEntry, PrincipalEntry
from stockbook.store.database import Database
from stockbook.store.devices.door import ENROLMENT, enrolment_of
from stockbook.store.registering import appointments
from stockbook.store.registering.desk import Desk, RefusedError, all_or_none

SALT_BYTES = 16
_MINE = """
insert into device as d
  (organisation_id, principal_id, model, system, system_version, app_version, role, epoch)
values ($1, $2, $3, $4, $5, $6, $7, 1)
on conflict (principal_id) do update
set model = excluded.model, system = excluded.system, system_version = excluded.system_version,
  app_version = excluded.app_version, role = excluded.role, epoch = d.epoch + 1, enrolled_at = now(),
  waiting = 0, oldest_at = null, sequence = null
where d.organisation_id = excluded.organisation_id
returning id, epoch
"""
_ELSEWHERE = """
select exists (select from membership where principal_id = $1 and organisation_id <> $2)
  or exists (select from device where principal_id = $1 and organisation_id <> $2)
"""


class PostgresEnrolling:
    """Enrols devices; each call stands or falls whole."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def enrol_devices(self, author: Author, entries: Sequence[DeviceEntry]) -> list[Enrolled | Refusal]:
        """Enrol devices, each under a new epoch."""
        verdicts = await all_or_none(self._db, author, entries, _enrol)
        ids = [verdict[0] for verdict in verdicts if not isinstance(verdict, Refusal)]
        rows = {
            row["device"]: row
            for row in await self._db.fetch(f"{ENROLMENT} where e.epoch = d.epoch and d.id = any($1)", ids)
        }
        return [each if isinstance(each, Refusal) else _enrolled(rows[each[0]]) for each in verdicts]


async def _enrol(desk: Desk, entry: DeviceEntry) -> Registered:
    mine = desk.author.organisation
    membership = MembershipEntry(entry.role, None, entry.sites)
    who, _ = await appointments.principal(
        desk, PrincipalEntry(entry.external_reference, entry.name, "DEVICE", (membership,))
    )
    taken = await desk.connection.fetchval(_ELSEWHERE, who, mine)
    runs = (entry.model, entry.system.value, entry.system_version, entry.app_version)
    made = None if taken else await desk.connection.fetchrow(_MINE, mine, who, *runs, entry.role)
    if made is None:
        raise RefusedError(Code.BAD_INPUT, "that reference is taken: choose another", "externalReference")
    await desk.connection.execute(
        "insert into enrolment (device_id, epoch, salt) values ($1, $2, $3)",
        made["id"],
        made["epoch"],
        secrets.token_bytes(SALT_BYTES),
    )
    return made["id"], False


def _enrolled(row: Any) -> Enrolled:
    return Enrolled(enrolment_of(row), DeviceSystem(row["system"]), row["system_version"], row["app_version"])
