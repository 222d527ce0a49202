"""What devices are set to, and what they say of themselves."""

from stockbook.domain.refusal import Code
from stockbook.flows.author import Registered
from stockbook.flows.registrations import DeviceReportEntry, DeviceSettingEntry
from stockbook.store.registering.desk import Desk, RefusedError

ENTRIES_MAX = 1_000_000
HOURS_MAX = 24 * 30
WAITING_MAX = 2**31 - 1
SEQUENCE_MAX = 2**62
_PUT = """
insert into device_setting as s (organisation_id, device_id, entries_max, hours_max, app_min, android_min, ios_min,
  unknown_labels, cache)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (organisation_id, device_id) do update set entries_max = excluded.entries_max,
  hours_max = excluded.hours_max, app_min = excluded.app_min, android_min = excluded.android_min,
  ios_min = excluded.ios_min, unknown_labels = excluded.unknown_labels, cache = excluded.cache
where (s.entries_max, s.hours_max, s.app_min, s.android_min, s.ios_min, s.unknown_labels, s.cache) is distinct from
  (excluded.entries_max, excluded.hours_max, excluded.app_min, excluded.android_min, excluded.ios_min,
   excluded.unknown_labels, excluded.cache)
returning id
"""
_REPORT = """
with said as (
  update device set app_version = $3, system_version = $4, waiting = $5, oldest_at = $6,
    sequence = coalesce($7, sequence), reported_at = now()
  where principal_id = $1 and organisation_id = $2 returning id, epoch, sequence
), known as (
  update wipe w set waiting = $5, sequence = s.sequence
  from said s where w.device_id = s.id and w.epoch = s.epoch and w.wiped_at is null
)
select id from said
"""


async def put(desk: Desk, entry: DeviceSettingEntry) -> Registered:
    """Set all devices of the own organisation, or one."""
    if not 1 <= (entry.entries_max or 1) <= ENTRIES_MAX or entry.entries_max == 0:
        raise RefusedError(Code.BAD_INPUT, f"a device keeps from 1 to {ENTRIES_MAX} events", "entriesMax")
    if not 1 <= (entry.hours_max or 1) <= HOURS_MAX or entry.hours_max == 0:
        raise RefusedError(Code.BAD_INPUT, f"a device keeps events for 1 to {HOURS_MAX} hours", "hoursMax")
    mine = desk.author.organisation
    device = None if entry.device is None else await desk.device(entry.device, "device")
    said = (
        entry.entries_max,
        entry.hours_max,
        entry.app_min,
        entry.android_min,
        entry.ios_min,
        entry.unknown_labels and entry.unknown_labels.value,
        entry.cache,
    )
    made = await desk.connection.fetchval(_PUT, mine, device, *said)
    if made is not None:
        return made, False
    known = await desk.connection.fetchval(
        "select id from device_setting where organisation_id = $1 and device_id is not distinct from $2", mine, device
    )
    return known, True


async def report(desk: Desk, entry: DeviceReportEntry) -> Registered:
    """Take down what the device that asks says of itself."""
    if not 0 <= entry.waiting <= WAITING_MAX:
        raise RefusedError(Code.BAD_INPUT, "as many events as wait: none, or more", "waiting")
    if not 0 <= (entry.sequence or 0) <= SEQUENCE_MAX:
        raise RefusedError(Code.BAD_INPUT, "that is no number of an event", "sequence")
    made = await desk.connection.fetchval(
        _REPORT,
        desk.author.principal,
        desk.author.organisation,
        entry.app_version,
        entry.system_version,
        entry.waiting,
        entry.oldest_at,
        entry.sequence,
    )
    if made is None:
        raise RefusedError(Code.ACTION_DENIED, "only a device reports of itself")
    return made, False
