"""How devices recognise goods: with which model, set how, rolled out to whom; and the samples that teach the next."""

from datetime import datetime
from typing import TYPE_CHECKING

from strawberry import ID
from strawberry.scalars import JSON

from stockbook.access.masks import ALL
from stockbook.flows.recognition.registrations import CHANNEL, SAMPLE_DAYS
from stockbook.graph.access import Principal
from stockbook.graph.catalogue import Item, Organisation, Place
from stockbook.graph.declare import OWN, Node, Scope, column, each, identity, one, shape
from stockbook.graph.planner.text import quote

if TYPE_CHECKING:
    from stockbook.graph.devices import Device

_SET = {
    "channel": quote(CHANNEL),
    "accept": "null",
    "samples": "false",
    "metered": "false",
}
_RECOGNISING = (
    "(select d.id, d.organisation_id, d.principal_id, r.sha256 as runs, r.reported_at as runs_since,"
    + "".join(f" coalesce(s.{name}, o.{name}, {shipped}) as {name}," for name, shipped in _SET.items())
    + f" coalesce(o.consent, false) as consent, coalesce(o.sample_days, {SAMPLE_DAYS}) as sample_days"
    " from device d left join model_report r on r.device_id = d.id"
    " left join recognition_setting s on s.organisation_id = d.organisation_id and s.device_id = d.id"
    " left join recognition_setting o on o.organisation_id = d.organisation_id and o.device_id is null)"
)
_SHARE = "('x' || left(encode(sha256(convert_to(v.sha256 || '/' || {d}.id, 'UTF8')), 'hex'), 8))::bit(32)::bigint % 100"
"""Where a device stands among a hundred, for one model: each model is tried on others first."""
_TO_RUN = (
    "(select v.id from model_version v where v.channel = {d}.channel and v.state in ('ROLLING', 'PAUSED')"
    " and (v.organisation_id = {d}.organisation_id or v.network)"
    f" and ({{d}}.id = any(v.devices) or {_SHARE} < v.percent)"
    " and (v.state = 'ROLLING' or {d}.runs = v.sha256)"
    " order by v.organisation_id = {d}.organisation_id desc, v.id desc limit 1)"
)
RUNS = (
    "(select v.id from model_version v where v.sha256 = {p}.SHA256"
    " and (v.organisation_id = {p}.organisation_id or v.network)"
    " order by v.organisation_id = {p}.organisation_id desc, v.id desc limit 1)"
)
_HEARD = "({p}.organisation_id = {me} or {p}.network)"
_COUNTED = "({d}.organisation_id = {me} or {p}.network and {p}.organisation_id = {me})"
"""An organisation counts its own devices; who published for everybody counts everybody's."""
_MINE = "exists (select 1 from {table} x where x.id = {{p}}.{of}_id and x.organisation_id = {{me}} offset 0)"


@shape(
    scope=Scope.PRIVATE,
    table="model_version",
    visible={ALL: _HEARD},
    order=("-publishedAt",),
    roots=("modelVersion", "modelVersions"),
    reference="(select r.id from model_version r where r.version = {ref} and r.organisation_id = {me})",
)
class ModelVersion(Node):
    """A model that recognises goods: published by your organisation, or for everybody."""

    id: ID = identity()
    organisation: Organisation | None = one("{p}.organisation_id", "Who published it.")
    network: bool | None = column("{p}.network", "Whether it is for everybody's devices.")
    channel: str | None = column("{p}.channel", "Devices set to this channel get it.", sort=True)
    version: str | None = column("{p}.version", "What it is called.", null=False, sort=True)
    sha256: str | None = column("{p}.sha256", "Of its file, by which vectors and reports name it.")
    size: int | None = column("{p}.size", "Of its file, in bytes.")
    path: str | None = column(
        "('/recognition/models/' || {p}.sha256)",
        "Where its file is fetched from the server, with ETag and ranges.",
        null=False,
        filter=False,
    )
    manifest: str | None = column("{p}.manifest", "What it says of itself: the text that is signed.", filter=False)
    signature: str | None = column("{p}.signature", "Ed25519 over the manifest, in base64.", filter=False)
    metrics: JSON | None = column(
        "coalesce({p}.manifest::json->'metrics', '{{}}')::text", "Its held-back figures, by name.", json=True
    )
    against: "ModelVersion | None" = one("{p}.against_id", "The version that it was judged against.")
    better: bool | None = column("{p}.better", "Whether it beat that one on the held-back figures.")
    reason: str | None = column("{p}.reason", "Why it was published all the same, if it did not.")
    actor: Principal | None = one("{p}.actor_id", "Who published it.")
    published_at: datetime | None = column("{p}.published_at", "When.", sort=True)
    state: str | None = column("{p}.state", "PUBLISHED, ROLLING, PAUSED or ROLLED_BACK.", sort=True)
    percent: int | None = column("{p}.percent", "To how many devices in a hundred it is rolled out.")
    devices: "list[Device] | None" = each(
        "{c}.id = any({p}.devices)", "Devices of yours that get it whatever the percentage is.", order="{c}.id"
    )
    steps: "list[RollOutStep] | None" = each(
        "{c}.model_version_id = {p}.id", "What was done with it, in order.", order="{c}.id"
    )
    told: int | None = column(
        f"(case when {{p}}.state in ('ROLLING', 'PAUSED') then (select count(*) from {_RECOGNISING} d"
        f" where {_COUNTED.replace('{d}', 'd')} and {_TO_RUN.format(d='d')} = {{p}}.id) else 0 end)",
        "How many devices are told to run it.",
        null=False,
        filter=False,
    )
    running: int | None = column(
        "(select count(*) from model_report r join device d on d.id = r.device_id where r.sha256 = {p}.sha256"
        f" and {_COUNTED.replace('{d}', 'd')})",
        "How many devices say that they run it: its adoption.",
        null=False,
        filter=False,
    )


@shape(
    scope=Scope.PRIVATE,
    table="roll_out_step",
    visible={ALL: _MINE.format(table="model_version", of="model_version")},
)
class RollOutStep(Node):
    """What was done with a version of yours: rolled out, paused, gone on with, rolled back."""

    id: ID = identity()
    stage: str | None = column("{p}.stage", "ROLL_OUT, PAUSE, GO_ON or ROLL_BACK.")
    percent: int | None = column("{p}.percent", "To how many devices in a hundred, from then on.")
    devices: "list[Device] | None" = each("{c}.id = any({p}.devices)", "To which beside them.", order="{c}.id")
    reason: str | None = column("{p}.reason", "Why, in somebody's words.")
    actor: Principal | None = one("{p}.actor_id", "Who did it.")
    at: datetime | None = column("{p}.at", "When.", sort=True)


@shape(scope=Scope.PRIVATE, table="device", source=_RECOGNISING, visible=OWN)
class DeviceRecognition(Node):
    """How a device recognises goods: set by itself, else by its organisation, else as shipped."""

    id: ID = identity()
    channel: str | None = column("{p}.channel", "The channel whose versions it gets.", null=False)
    accept: float | None = column(
        "{p}.accept", "The confidence from which an item is filled in, instead of the model's own.", null=True
    )
    samples: bool | None = column("{p}.samples", "Whether it keeps corrected pictures and sends them.", null=False)
    metered: bool | None = column(
        "{p}.metered", "Whether it may send them over a network that is paid by volume.", null=False
    )
    consent: bool | None = column("{p}.consent", "Whether samples may train models.", null=False)
    sample_days: int | None = column("{p}.sample_days", "For how many days samples are kept.", null=False)
    to_run: ModelVersion | None = one(
        _TO_RUN.format(d="{p}"), "The version that it is told to run; none: the one that its app has."
    )
    runs: ModelVersion | None = one(
        RUNS.replace("SHA256", "runs"), "The version that it says it runs, where it is known here."
    )
    packs: "list[GalleryPack] | None" = each(
        "{c}.organisation_id = {p}.organisation_id and {c}.state = 'ADOPTED' and {c}.model = {p}.runs"
        " and {c}.items <> '{{}}'",
        "Gallery packs that it recognises goods by: those of the model that it says it runs.",
        order="{c}.id",
    )
    runs_sha256: str | None = column("{p}.runs", "The sha256 of the model that it says it runs.", null=True)
    runs_since: datetime | None = column("{p}.runs_since", "When it said so.", null=True)


@shape(
    scope=Scope.PRIVATE,
    table="gallery_pack",
    visible=OWN,
    roots=("galleryPack", "galleryPacks"),
    reference="(select r.id from gallery_pack r where r.name = {ref} and r.organisation_id = {me})",
)
class GalleryPack(Node):
    """What goods look like to one model, handed on by somebody and adopted by your organisation."""

    id: ID = identity()
    name: str | None = column("{p}.name", "What it is called.", null=False, sort=True)
    version: str | None = column("{p}.version", "Of it.", null=False)
    state: str | None = column("{p}.state", "ADOPTED or DROPPED.")
    model: str | None = column(
        "{p}.model", "The sha256 of the model whose vectors it has: no other is asked about them."
    )
    key: str | None = column("{p}.key", "Whose signature it has: the public Ed25519 key, in base64.")
    licence: str | None = column("{p}.licence", "Under which it was handed on.", filter=False)
    items: "list[Item] | None" = each("{c}.id = any({p}.items)", "Its goods that are items here.", order="{c}.id")
    photographs: int | None = column("{p}.photographs", "How many photographs it has of them.")
    unmatched: JSON | None = column(
        "{p}.unmatched::text",
        "Its other goods, by reference, gtin and name: register them and adopt it again.",
        json=True,
    )
    source: str | None = column("{p}.source", "The sha256 of its file as it was handed on.")
    sha256: str | None = column("{p}.sha256", "Of the file that devices fetch.")
    size: int | None = column("{p}.size", "Of that file, in bytes.")
    path: str | None = column(
        "('/recognition/galleries/' || {p}.sha256)",
        "Where that file is fetched from the server.",
        null=False,
        filter=False,
    )
    manifest: str | None = column("{p}.manifest", "What is signed for devices.", filter=False)
    signature: str | None = column(
        "{p}.signature", "Ed25519 over the manifest by this server, in base64.", filter=False
    )
    actor: Principal | None = one("{p}.actor_id", "Who adopted or dropped it.")
    adopted_at: datetime | None = column("{p}.adopted_at", "When.", sort=True)


@shape(
    scope=Scope.PRIVATE,
    table="recognition_sample",
    visible=OWN,
    sites="({p}.site_id is null or {p}.site_id = any({sites}))",
    order=("-recordedAt",),
    roots=("recognitionSample", "recognitionSamples"),
    reference="(select r.id from recognition_sample r where r.sha256 = {ref} and r.organisation_id = {me})",
)
class RecognitionSample(Node):
    """A picture that an operator corrected: what the model took it for, what it is, and who looked at it."""

    id: ID = identity()
    sha256: str | None = column("{p}.sha256", "Of the picture.", null=False)
    state: str | None = column(
        "{p}.state", "AWAITED (its picture is to come), LABELLED (to be reviewed), ACCEPTED, REJECTED or DELETED.",
        sort=True, group=True,
    )  # fmt: skip
    picture: str | None = column(
        "case when {p}.state not in ('AWAITED', 'DELETED') then '/recognition/samples/' || {p}.sha256 end",
        "Where the picture is fetched from the server.",
        null=True,
        filter=False,
    )
    item: Item | None = one("{p}.item_id", "What it shows, as was said last.", group=True)
    labelled_by: Principal | None = one("{p}.labelled_by_id", "Who said so.")
    labelled_at: datetime | None = column("{p}.labelled_at", "When.")
    person: str | None = column("{p}.person", "Who had signed in on the device that said so.")
    guessed: Item | None = one("{p}.guessed_id", "What the model took it for.", group=True)
    guesses: JSON | None = column(
        "{p}.guesses::text", "All that the model took it for, and how surely, the best first.", null=True, json=True
    )
    model: ModelVersion | None = one(
        RUNS.replace("SHA256", "model"), "The version that took it so, where it is known here."
    )
    model_sha256: str | None = column("{p}.model", "The sha256 of the model that took it so.")
    consent: bool | None = column("{p}.consent", "Whether it may train models.")
    size: int | None = column("{p}.size", "Of the picture, in bytes.")
    width: int | None = column("{p}.width", "Of the picture, in pixels.")
    height: int | None = column("{p}.height", "Of the picture, in pixels.")
    device: "Device | None" = one("{p}.device_id", "The device that took it.")
    site: Place | None = one("{p}.site_id", "Where.")
    taken_at: datetime | None = column("{p}.taken_at", "When it was taken.", sort=True)
    recorded_at: datetime | None = column("{p}.recorded_at", "When it was told of.", sort=True)
    received_at: datetime | None = column("{p}.received_at", "When its picture came.")
    reviewed_by: Principal | None = one("{p}.reviewed_by_id", "Who looked at it last.")
    reviewed_at: datetime | None = column("{p}.reviewed_at", "When.")
    reason: str | None = column("{p}.reason", "What the reviewer said to it.")
    expires_at: datetime | None = column("{p}.expires_at", "When it is deleted.", sort=True)
    events: "list[SampleEvent] | None" = each(
        "{c}.sample_id = {p}.id", "What became of it; stays when it is deleted.", order="{c}.id"
    )


@shape(
    scope=Scope.PRIVATE,
    table="sample_event",
    source="(select e.*, s.organisation_id, s.site_id from sample_event e join recognition_sample s"
    " on s.id = e.sample_id)",
    visible=OWN,
    sites="({p}.site_id is null or {p}.site_id = any({sites}))",
)
class SampleEvent(Node):
    """What somebody did with a sample."""

    id: ID = identity()
    did: str | None = column("{p}.did", "RECORDED, RECEIVED, ACCEPTED, REJECTED, RELABELLED or DELETED.")
    reason: str | None = column("{p}.reason", "What was said to it.")
    actor: Principal | None = one("{p}.actor_id", "Who did it.")
    at: datetime | None = column("{p}.at", "When.", sort=True)
