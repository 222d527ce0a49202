"""Devices, how they are set and wiped, as the oracle knows them: facts, and random rows."""

from typing import Any

from tests.oracle.kinds import Few, Type, Value, at, col, of_principal, setting, to, too_old

TABLES = ["device", "device_setting", "wipe", "captured"]
FACTS = [
    Type(
        "Device",
        "device",
        {
            "externalReference": Value(lambda w, r: of_principal(w, r)["external_reference"], sort=True),
            "name": Value(lambda w, r: of_principal(w, r)["name"], sort=True),
            "principal": to("Principal", "principal_id"),
            "role": col("role"),
            "model": col("model", sort=True),
            "os": col("system", sort=True),
            "osVersion": col("system_version"),
            "appVersion": col("app_version"),
            "belowMinimum": Value(too_old, kind="bool"),
            "epoch": col("epoch", kind="int"),
            "enrolledAt": at("enrolled_at", sort=True),
            "lastSeen": at("seen_at", sort=True),
            "reportedAt": at("reported_at", sort=True),
            "waiting": col("waiting", sort=True, kind="int"),
            "oldest": at("oldest_at", sort=True),
            "sequence": col("sequence", kind="int"),
            "wipes": Few("Wipe", lambda w, r, c: c["device_id"] == r["id"], "id"),
            "held": Value(
                lambda w, r: sum(
                    each["device_id"] == r["id"] and each["outcome"] == "HELD" for each in w.tables["captured"]
                ),
                kind="int",
            ),
            "entriesMax": setting("entries_max", 50_000, kind="int"),
            "hoursMax": setting("hours_max", 72, kind="int"),
            "appMin": setting("app_min", ""),
            "androidMin": setting("android_min", "12"),
            "iosMin": setting("ios_min", "16"),
            "unknownLabels": setting("unknown_labels", "KEEP"),
            "cache": setting("cache", True, kind="bool"),
            "recognition": to("DeviceRecognition", "id"),
        },
        order=("externalReference",),
        roots=("device", "devices"),
        reference=True,
    ),
    Type(
        "Wipe",
        "wipe",
        {
            "device": to("Device", "device_id"),
            "epoch": col("epoch", kind="int"),
            "mode": col("mode"),
            "reason": col("reason"),
            "orderedBy": to("Principal", "ordered_by_id"),
            "orderedAt": at("ordered_at", sort=True),
            "wipedAt": at("wiped_at", sort=True),
            "upto": Value(lambda w, r: None, kind="int"),
            "sequence": col("sequence", kind="int"),
            "unsent": col("waiting", kind="int"),
        },
        order=("-orderedAt",),
        roots=("wipe", "wipes"),
    ),
]


def rows(world: Any) -> None:
    """Add random devices, settings, events and wipes to a world that has principals."""
    chance = world.chance
    versions = ["", "9", "12", "12.0", "11.9", "16.2", "1.10.0-beta", "v2", "0"]
    for principal in chance.sample(world.rows["principal"], 5):
        owner = world.party()
        device = world.add(
            "device",
            organisation_id=owner,
            principal_id=principal["id"],
            model=chance.choice(["TC26", "N7"]),
            system=chance.choice(["ANDROID", "IOS", "OTHER"]),
            system_version=chance.choice(versions),
            app_version=chance.choice(versions),
            role="storekeeper",
            epoch=1,
            enrolled_at=world.moment(),
            seen_at=world.moment() if chance.random() < 0.5 else None,
            waiting=chance.randrange(3),
            oldest_at=world.moment() if chance.random() < 0.5 else None,
            reported_at=None,
        )
        for number in range(chance.randint(0, 2)):
            world.add(
                "captured",
                organisation_id=owner,
                device_id=device,
                epoch=1,
                sequence=number + 1,
                previous=b"",
                seal=bytes([number]),
                scan="{}",
                outcome=chance.choice(["HELD", "POSTED"]),
                sent_at=world.moment(),
                received_at=world.moment(),
                sure=True,
            )
        _settings(world, owner, device)
        _settings(world, owner, None)
        for mode in chance.sample(["DRAIN_FIRST", "AT_ONCE"], chance.randint(0, 2)):
            world.add(
                "wipe",
                organisation_id=owner,
                device_id=device,
                epoch=1,
                mode=mode,
                reason=chance.choice(["lost", "stolen"]),
                seal="",
                ordered_by_id=world.any("principal"),
                ordered_at=world.moment(),
                wiped_at=world.moment() if chance.random() < 0.5 else None,
                sequence=chance.choice([None, 7]),
                waiting=chance.randrange(3),
            )


def _settings(world: Any, owner: int, device: int | None) -> None:
    chance = world.chance
    known = {(each["organisation_id"], each["device_id"]) for each in world.rows.get("device_setting", [])}
    if chance.random() < 0.5 and (owner, device) not in known:
        world.add(
            "device_setting",
            organisation_id=owner,
            device_id=device,
            entries_max=chance.choice([None, 10]),
            hours_max=chance.choice([None, 24]),
            app_min=chance.choice([None, "1.2"]),
            android_min=chance.choice([None, "11", "13"]),
            ios_min=None,
            unknown_labels=chance.choice([None, "REFUSE"]),
            cache=chance.choice([None, False]),
        )
