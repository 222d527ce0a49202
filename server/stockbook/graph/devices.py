"""Which devices there are, what they run, what they are set to, and which of them are too old."""

from datetime import datetime
from typing import TYPE_CHECKING

from strawberry import ID

from stockbook.domain.capture.settings import Settings
from stockbook.graph.declare import OWN, Node, Scope, column, each, identity, one, shape
from stockbook.graph.planner.text import quote

if TYPE_CHECKING:
    from stockbook.graph.access import Principal
    from stockbook.graph.recognition import DeviceRecognition

_SHIPPED = Settings()
_SET = {
    "entries_max": str(_SHIPPED.entries_max),
    "hours_max": str(_SHIPPED.hours_max),
    "app_min": quote(_SHIPPED.app_min),
    "android_min": quote(_SHIPPED.android_min),
    "ios_min": quote(_SHIPPED.ios_min),
    "unknown_labels": quote(_SHIPPED.unknown_labels.value),
    "cache": str(_SHIPPED.cache).lower(),
}
_SOURCE = (
    "(select d.*, w.external_reference, w.name, h.held, "
    + ", ".join(f"coalesce(s.{name}, o.{name}, {shipped}) as {name}" for name, shipped in _SET.items())
    + " from device d join principal w on w.id = d.principal_id"
    " left join device_setting s on s.organisation_id = d.organisation_id and s.device_id = d.id"
    " left join device_setting o on o.organisation_id = d.organisation_id and o.device_id is null"
    " cross join lateral (select count(*) as held from captured c where c.device_id = d.id and c.outcome = 'HELD') h)"
)


def _version(text: str) -> str:
    """Return SQL for a version as numbers that compare, as `domain.capture.settings.version` has it."""
    numbers = f"(regexp_match(btrim({text}), '^[0-9]+(?:[.][0-9]+)*'))[1]"
    return f"coalesce(string_to_array(regexp_replace({numbers}, '(?:(?:^|[.])0+)+$', ''), '.')::numeric[], '{{{{}}}}')"


_LEAST = "case {p}.system when 'ANDROID' then {p}.android_min when 'IOS' then {p}.ios_min else '' end"
_OLD = f"{_version('{p}.system_version')} < {_version(_LEAST)}"


@shape(
    scope=Scope.PRIVATE,
    table="device",
    source=_SOURCE,
    visible=OWN,
    order=("externalReference",),
    roots=("device", "devices"),
    reference="(select r.id from device r join principal x on x.id = r.principal_id"
    " where x.external_reference = {ref} and r.organisation_id = {me})",
)
class Device(Node):
    """A handheld, scale or camera of your organisation."""

    id: ID = identity()
    external_reference: str | None = column("{p}.external_reference", "What it is called.", null=False, sort=True)
    name: str | None = column("{p}.name", "What people call it.", null=False, sort=True)
    principal: "Principal | None" = one("{p}.principal_id", "Whom it acts as.")
    role: str | None = column("{p}.role", "What it may do.")
    model: str | None = column("{p}.model", "Which model it is.", sort=True)
    os: str | None = column("{p}.system", "ANDROID, IOS or OTHER.", sort=True)
    os_version: str | None = column("{p}.system_version", "The version of its system.")
    app_version: str | None = column("{p}.app_version", "The version of its app.")
    below_minimum: bool | None = column(
        f"({_OLD} or {_version('{p}.app_version')} < {_version('{p}.app_min')})",
        "Whether its system or its app is older than it must be: to be replaced or updated.",
        null=False,
    )
    epoch: int | None = column("{p}.epoch", "The enrolment that is in force.")
    enrolled_at: datetime | None = column("{p}.enrolled_at", "When it was enrolled last.", sort=True)
    last_seen: datetime | None = column("{p}.seen_at", "When it sent events last.", sort=True)
    reported_at: datetime | None = column("{p}.reported_at", "When it spoke of itself last.", sort=True)
    waiting: int | None = column("{p}.waiting", "How many events it said that it still had to send.", sort=True)
    oldest: datetime | None = column("{p}.oldest_at", "When the oldest of them was scanned.", sort=True)
    sequence: int | None = column("{p}.sequence", "The last number that it said it had sealed.")
    held: int | None = column("{p}.held", "How many events are kept here until an earlier one arrives.", null=False)
    entries_max: int | None = column("{p}.entries_max", "How many events it may keep offline.", null=False)
    hours_max: int | None = column("{p}.hours_max", "For how many hours it may keep events offline.", null=False)
    app_min: str | None = column("{p}.app_min", "The oldest version of the app that is good enough.", null=False)
    android_min: str | None = column("{p}.android_min", "The oldest Android that is good enough.", null=False)
    ios_min: str | None = column("{p}.ios_min", "The oldest iOS that is good enough.", null=False)
    unknown_labels: str | None = column("{p}.unknown_labels", "KEEP or REFUSE labels nobody defined.", null=False)
    cache: bool | None = column("{p}.cache", "Whether it may keep a replica to work with offline.", null=False)
    recognition: "DeviceRecognition | None" = one("{p}.id", "How it recognises goods.")
    wipes: "list[Wipe] | None" = each("{c}.device_id = {p}.id", "When it was to be wiped.", order="{c}.id")


@shape(
    scope=Scope.PRIVATE,
    table="wipe",
    visible=OWN,
    order=("-orderedAt",),
    roots=("wipe", "wipes"),
)
class Wipe(Node):
    """An order that a device erase all it keeps, and what became of it."""

    id: ID = identity()
    device: Device | None = one("{p}.device_id", "The device.")
    epoch: int | None = column("{p}.epoch", "The enrolment that ends by it; a later one is not concerned.")
    mode: str | None = column("{p}.mode", "DRAIN_FIRST: it hands over what waits before; AT_ONCE: it does not.")
    reason: str | None = column("{p}.reason", "Why.")
    ordered_by: "Principal | None" = one("{p}.ordered_by_id", "Who ordered it.")
    ordered_at: datetime | None = column("{p}.ordered_at", "When.", sort=True)
    wiped_at: datetime | None = column("{p}.wiped_at", "When the device said that it had erased itself.", sort=True)
    upto: int | None = column(
        "(select e.upto from enrolment e where e.device_id = {p}.device_id and e.epoch = {p}.epoch)",
        "The last number up to which its events are taken.",
        null=True,
    )
    sequence: int | None = column("{p}.sequence", "The last number that it had sealed, as it said last.")
    unsent: int | None = column("{p}.waiting", "How many events it had not sent, as it said last.")
