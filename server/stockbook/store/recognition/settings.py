"""What recognition is set to, for all devices of an organisation or for one, and what follows for samples."""

import re
from decimal import Decimal

from stockbook.domain.refusal import Code
from stockbook.flows.author import Registered
from stockbook.flows.recognition.registrations import SAMPLE_DAYS, RecognitionSettingEntry
from stockbook.store.registering.desk import Desk, RefusedError

CHANNEL = re.compile("[a-z0-9][a-z0-9-]{0,29}")
DAYS_MAX = 3650
ACCEPT_MAX = Decimal(2)
"""Above 1 nothing is filled in by itself."""
_PUT = """
insert into recognition_setting as s (organisation_id, device_id, channel, accept, samples, metered, consent,
  sample_days)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (organisation_id, device_id) do update set channel = excluded.channel, accept = excluded.accept,
  samples = excluded.samples, metered = excluded.metered, consent = excluded.consent,
  sample_days = excluded.sample_days
where (s.channel, s.accept, s.samples, s.metered, s.consent, s.sample_days) is distinct from
  (excluded.channel, excluded.accept, excluded.samples, excluded.metered, excluded.consent, excluded.sample_days)
returning id
"""
_FOLLOW = """
update recognition_sample set consent = consent and $2, expires_at = recorded_at + make_interval(days => $3)
where organisation_id = $1 and state <> 'DELETED'
  and (consent and not $2 or expires_at <> recorded_at + make_interval(days => $3))
"""


async def put(desk: Desk, entry: RecognitionSettingEntry) -> Registered:
    """Set all devices of the own organisation, or one.

    Consent that is withdrawn, and days that change, count for samples that are
    here already; consent that is given counts for those to come.
    """
    if entry.channel is not None:
        named_channel(entry.channel)
    if entry.accept is not None and not 0 <= entry.accept <= ACCEPT_MAX:
        raise RefusedError(Code.BAD_INPUT, f"a confidence from 0 to 1, or up to {ACCEPT_MAX} for never", "accept")
    if entry.sample_days is not None and not 1 <= entry.sample_days <= DAYS_MAX:
        raise RefusedError(Code.BAD_INPUT, f"samples are kept for 1 to {DAYS_MAX} days", "sampleDays")
    for name, said in (("consent", entry.consent), ("sampleDays", entry.sample_days)):
        if entry.device is not None and said is not None:
            raise RefusedError(Code.BAD_INPUT, "that is set for all devices, not for one", name)
    mine = desk.author.organisation
    device = None if entry.device is None else await desk.device(entry.device, "device")
    accept = None if entry.accept is None else float(entry.accept)
    given = (entry.channel, accept, entry.samples, entry.metered)
    made = await desk.connection.fetchval(_PUT, mine, device, *given, entry.consent, entry.sample_days)
    if device is None:
        await desk.connection.execute(_FOLLOW, mine, bool(entry.consent), entry.sample_days or SAMPLE_DAYS)
    if made is not None:
        return made, False
    known = await desk.connection.fetchval(
        "select id from recognition_setting where organisation_id = $1 and device_id is not distinct from $2",
        mine,
        device,
    )
    return known, True


def named_channel(name: str) -> None:
    """Refuse what is no name of a channel."""
    if not CHANNEL.fullmatch(name):
        raise RefusedError(Code.BAD_INPUT, "a channel has 1 to 30 small letters, digits and hyphens", "channel")
