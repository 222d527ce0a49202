"""Versions of the model that recognises goods: judged, signed, rolled out in steps, rolled back."""

from collections.abc import Callable, Sequence
from typing import Any

from stockbook.domain.recognition import judging, manifest
from stockbook.domain.recognition.manifest import SHA256, Manifest
from stockbook.domain.refusal import Code, Refusal
from stockbook.flows.author import Registered
from stockbook.flows.recognition.registrations import ModelEntry, ModelReportEntry, RollOutEntry, Stage
from stockbook.store.catalogue import number_of
from stockbook.store.files import Files
from stockbook.store.recognition.settings import named_channel
from stockbook.store.registering.desk import Desk, RefusedError

PUBLISHING = 5_707_121
"""Advisory lock: versions are judged and published in turn."""
DEVICES_MAX = 1000
_MAGIC, _MAGIC_AT = b"TFL3", slice(4, 8)
"""What a TensorFlow Lite file has in its head."""

Sign = Callable[[str], str]
_KNOWN = """
select id, version, sha256, manifest, channel, network from model_version
where organisation_id = $1 and (version = $2 or sha256 = $3)
"""
_BEFORE = """
select id, version, manifest from model_version
where channel = $2 and state <> 'ROLLED_BACK' and (network or organisation_id = $1 and not $3)
order by organisation_id = $1 desc, id desc limit 1
"""
_PUBLISH = """
insert into model_version (organisation_id, network, channel, version, sha256, size, manifest, signature, against_id,
  better, reason, actor_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id
"""
_STEP = """
with stepped as (update model_version set state = $2, percent = $3, devices = $4 where id = $1)
insert into roll_out_step (model_version_id, stage, percent, devices, reason, actor_id) values ($1, $5, $3, $4, $6, $7)
"""
_NAMED = """
select n.at, d.id
from unnest($2::text[], $3::bigint[]) with ordinality as n(reference, id, at)
left join (device d join principal p on p.id = d.principal_id)
  on (d.organisation_id = $1 or $4) and (d.id = n.id or p.external_reference = n.reference)
order by n.at
"""
_BECOMES = {
    Stage.ROLL_OUT: "ROLLING",
    Stage.PAUSE: "PAUSED",
    Stage.GO_ON: "ROLLING",
    Stage.ROLL_BACK: "ROLLED_BACK",
}
_FROM = {
    Stage.ROLL_OUT: {"PUBLISHED", "ROLLING", "PAUSED", "ROLLED_BACK"},
    Stage.PAUSE: {"ROLLING"},
    Stage.GO_ON: {"PAUSED"},
    Stage.ROLL_BACK: {"ROLLING", "PAUSED"},
}


class Publishing:
    """Publishes versions out of the files that were sent before."""

    def __init__(self, files: Files, sign: Sign) -> None:
        self._files, self._sign = files, sign

    async def model(self, desk: Desk, entry: ModelEntry) -> Registered:
        """Publish a version, if it beats the one before it or a reason is given."""
        me = desk.author.organisation
        if entry.network and not desk.author.everywhere:
            raise RefusedError(Code.ACTION_DENIED, "only the network's operator publishes for everybody", "network")
        named_channel(entry.channel)
        said = await self._manifest(me, entry.manifest)
        size = await self._weights(me, said)
        await desk.connection.execute("select pg_advisory_xact_lock($1)", PUBLISHING)
        for row in await desk.connection.fetch(_KNOWN, me, said.version, said.sha256):
            if tuple(row)[1:] == (said.version, said.sha256, said.text, entry.channel, entry.network):
                return row["id"], True
            raise RefusedError(Code.BAD_INPUT, f"version {row['version']} is published already, and differs")
        before = await desk.connection.fetchrow(_BEFORE, me, entry.channel, entry.network)
        worse = _against(said, before)
        reason = entry.reason.strip()
        if worse and not reason:
            told = f"it does not beat version {before['version']} in {', '.join(worse)}: say why it is published"
            raise RefusedError(Code.MODEL_NOT_BETTER, told, "reason")
        row = (me, entry.network, entry.channel, said.version, said.sha256, size, said.text, self._sign(said.text))
        judged = (before and before["id"], not worse, reason, desk.author.principal)
        made: int = await desk.connection.fetchval(_PUBLISH, *row, *judged)
        return made, False

    async def _manifest(self, organisation: int, name: str) -> Manifest:
        content = await self._files.read(organisation, name) if SHA256.fullmatch(name) else None
        if content is None:
            raise RefusedError(Code.REFERENCE_UNKNOWN, "there is no such file: send sku.json first", "manifest")
        said = manifest.read(content)
        if isinstance(said, Refusal):
            raise RefusedError(said.code, said.message, *said.path)
        if judging.FIRST not in said.metrics:
            raise RefusedError(Code.MODEL_UNFIT, f"its metrics have no {judging.FIRST}", "manifest")
        return said

    async def _weights(self, organisation: int, said: Manifest) -> int:
        content = await self._files.read(organisation, said.sha256)
        if content is None:
            raise RefusedError(Code.REFERENCE_UNKNOWN, "there is no such file: send sku.tflite first", "manifest")
        if content[_MAGIC_AT] != _MAGIC:
            raise RefusedError(Code.MODEL_UNFIT, "the file that it names is no model", "manifest")
        return len(content)


def _against(said: Manifest, before: Any) -> tuple[str, ...]:
    if before is None:
        return ()
    other = manifest.read(before["manifest"].encode())
    assert isinstance(other, Manifest), "what was published could be read"
    return judging.against(said.metrics, other.metrics)


async def roll_out(desk: Desk, entry: RollOutEntry) -> Registered:
    """Take a step with a version of one's own; the same step again is known."""
    given = number_of("ModelVersion", entry.model)
    row = await desk.connection.fetchrow(
        "select id, network, state, percent, devices from model_version"
        " where organisation_id = $1 and (id = $2 or version = $3) for no key update",
        desk.author.organisation,
        given,
        None if given is not None else entry.model,
    )
    if row is None:
        raise RefusedError(Code.REFERENCE_UNKNOWN, "you have no such version", "model")
    percent, devices = await _to(desk, entry, row)
    becomes = _BECOMES[entry.stage]
    if (becomes, percent, devices) == (row["state"], row["percent"], row["devices"]):
        return row["id"], True
    if row["state"] not in _FROM[entry.stage]:
        raise RefusedError(Code.GUARD_NOT_MET, f"its roll-out is {row['state']}", "stage")
    reason = entry.reason.strip()
    if entry.stage is Stage.ROLL_BACK and not reason:
        raise RefusedError(Code.BAD_INPUT, "say why it is rolled back", "reason")
    told = (entry.stage.value, reason, desk.author.principal)
    await desk.connection.execute(_STEP, row["id"], becomes, percent, devices, *told)
    return row["id"], False


async def _to(desk: Desk, entry: RollOutEntry, row: Any) -> tuple[int, list[int]]:
    """Return whom a version is to be rolled out to after the step."""
    if entry.stage is not Stage.ROLL_OUT:
        if entry.percent is not None or entry.devices:
            raise RefusedError(Code.BAD_INPUT, "whom it is for is said with ROLL_OUT", "stage")
        return row["percent"], row["devices"]
    if entry.percent is None and not entry.devices:
        raise RefusedError(Code.BAD_INPUT, "say to how many devices in a hundred, or to which", "percent")
    percent = row["percent"] if entry.percent is None else entry.percent
    if not 0 <= percent <= 100:
        raise RefusedError(Code.BAD_INPUT, "from 0 to 100 devices in a hundred", "percent")
    if len(entry.devices) > DEVICES_MAX:
        raise RefusedError(Code.BAD_INPUT, f"at most {DEVICES_MAX} devices are named", "devices")
    anybody = row["network"] and desk.author.everywhere
    return percent, sorted(await _named(desk, entry.devices, anybody=anybody))


async def _named(desk: Desk, references: Sequence[str], *, anybody: bool) -> list[int]:
    """Return the devices that references name, of the own organisation or of `anybody`'s, or refuse."""
    numbers = [number_of("Device", reference) for reference in references]
    texts = [reference if number is None else None for reference, number in zip(references, numbers, strict=True)]
    rows = await desk.connection.fetch(_NAMED, desk.author.organisation, texts, numbers, anybody)
    for number, row in enumerate(rows):
        if row["id"] is None:
            raise RefusedError(Code.REFERENCE_UNKNOWN, "there is no such device", "devices", str(number))
    return [row["id"] for row in rows]


_REPORT = """
insert into model_report as r (device_id, sha256)
select id, $3 from device where principal_id = $1 and organisation_id = $2
on conflict (device_id) do update set sha256 = excluded.sha256, reported_at = now()
returning device_id
"""


async def report(desk: Desk, entry: ModelReportEntry) -> Registered:
    """Take down which model the device that asks runs."""
    if not SHA256.fullmatch(entry.runs):
        raise RefusedError(Code.BAD_INPUT, "a model is named by the sha256 of its file", "runs")
    made = await desk.connection.fetchval(_REPORT, desk.author.principal, desk.author.organisation, entry.runs)
    if made is None:
        raise RefusedError(Code.ACTION_DENIED, "only a device reports what it runs")
    return made, False
