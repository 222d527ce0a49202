"""Models, their roll-out and samples, as the oracle knows them: facts, and random rows."""

import hashlib
import json
from datetime import timedelta
from typing import Any

from tests.oracle.kinds import Few, One, Type, Value, at, col, to

TABLES = [
    "model_version", "roll_out_step", "model_report", "gallery_pack", "recognition_setting", "recognition_sample",
    "sample_event",
]  # fmt: skip
SHIPPED = {"channel": "stable", "accept": None, "samples": False, "metered": False}


def set_to(world: Any, device: Any, name: str) -> Any:
    for own in (device["id"], None):
        for each in world.tables["recognition_setting"]:
            its = (each["organisation_id"], each["device_id"]) == (device["organisation_id"], own)
            if its and each[name] is not None:
                return each[name]
    return SHIPPED[name]


def of_organisation(world: Any, device: Any, name: str, shipped: Any) -> Any:
    """What only an organisation can set."""
    for each in world.tables["recognition_setting"]:
        if (each["organisation_id"], each["device_id"]) == (device["organisation_id"], None) and each[name] is not None:
            return each[name]
    return shipped


def runs(world: Any, device: Any, name: str = "sha256") -> Any:
    for each in world.tables["model_report"]:
        if each["device_id"] == device["id"]:
            return each[name]
    return None


def recognised_by(world: Any, device: Any, pack: Any) -> bool:
    """Whether a device is told a pack: one of its organisation, of the model that it runs, with items."""
    its = pack["organisation_id"] == device["organisation_id"] and pack["model"] == runs(world, device)
    return its and pack["state"] == "ADOPTED" and bool(pack["items"])


def known_as(world: Any, organisation: int, sha256: str | None) -> int | None:
    """The version of a file: one's own before the network's, the newest of several."""
    found = [
        ((each["organisation_id"] == organisation), each["id"])
        for each in world.tables["model_version"]
        if each["sha256"] == sha256 and (each["organisation_id"] == organisation or each["network"])
    ]
    return max(found)[1] if found else None


def stands_at(version: Any, device: Any) -> int:
    """Where a device stands among a hundred for a model."""
    digest = hashlib.sha256(f"{version['sha256']}/{device['id']}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100


def to_run(world: Any, device: Any) -> int | None:
    channel = set_to(world, device, "channel")
    found = []
    for each in world.tables["model_version"]:
        own = each["organisation_id"] == device["organisation_id"]
        if each["channel"] != channel or each["state"] not in {"ROLLING", "PAUSED"} or not (own or each["network"]):
            continue
        if device["id"] not in each["devices"] and not stands_at(each, device) < each["percent"]:
            continue
        if each["state"] == "ROLLING" or runs(world, device) == each["sha256"]:
            found.append((own, each["id"]))
    return max(found)[1] if found else None


def counted(test: Any) -> Any:
    """How many devices pass a test, of those that the asker counts: that depends on who asks."""

    def read(world: Any, row: Any) -> int:
        everybody = row["network"] and row["organisation_id"] == world.asker
        devices = [d for d in world.tables["device"] if everybody or d["organisation_id"] == world.asker]
        return sum(test(world, row, device) for device in devices)

    return read


def picture(world: Any, row: Any) -> str | None:
    return None if row["state"] in {"AWAITED", "DELETED"} else f"/recognition/samples/{row['sha256']}"


FACTS = [
    Type(
        "ModelVersion",
        "model_version",
        {
            "organisation": to("Organisation", "organisation_id"),
            "network": col("network", kind="bool"),
            "channel": col("channel", sort=True),
            "version": col("version", sort=True),
            "sha256": col("sha256"),
            "size": col("size", kind="int"),
            "path": Value(lambda w, r: f"/recognition/models/{r['sha256']}", filter=False),
            "manifest": col("manifest", filter=False),
            "signature": col("signature", filter=False),
            "metrics": Value(lambda w, r: json.loads(r["manifest"])["metrics"], filter=False),
            "against": to("ModelVersion", "against_id"),
            "better": col("better", kind="bool"),
            "reason": col("reason"),
            "actor": to("Principal", "actor_id"),
            "publishedAt": at("published_at", sort=True),
            "state": col("state", sort=True),
            "percent": col("percent", kind="int"),
            "devices": Few("Device", lambda w, r, c: c["id"] in r["devices"], "id"),
            "steps": Few("RollOutStep", lambda w, r, c: c["model_version_id"] == r["id"], "id"),
            "told": Value(counted(lambda w, r, d: to_run(w, d) == r["id"]), kind="int", filter=False),
            "running": Value(counted(lambda w, r, d: runs(w, d) == r["sha256"]), kind="int", filter=False),
        },
        order=("-publishedAt",),
        roots=("modelVersion", "modelVersions"),
    ),
    Type(
        "RollOutStep",
        "roll_out_step",
        {
            "stage": col("stage"),
            "percent": col("percent", kind="int"),
            "devices": Few("Device", lambda w, r, c: c["id"] in r["devices"], "id"),
            "reason": col("reason"),
            "actor": to("Principal", "actor_id"),
            "at": at("at", sort=True),
        },
    ),
    Type(
        "DeviceRecognition",
        "device",
        {
            "channel": Value(lambda w, r: set_to(w, r, "channel")),
            "accept": Value(lambda w, r: set_to(w, r, "accept"), kind="decimal"),
            "samples": Value(lambda w, r: set_to(w, r, "samples"), kind="bool"),
            "metered": Value(lambda w, r: set_to(w, r, "metered"), kind="bool"),
            "consent": Value(lambda w, r: of_organisation(w, r, "consent", False), kind="bool"),
            "sampleDays": Value(lambda w, r: of_organisation(w, r, "sample_days", 365), kind="int"),
            "toRun": One("ModelVersion", to_run),
            "runs": One("ModelVersion", lambda w, r: known_as(w, r["organisation_id"], runs(w, r))),
            "packs": Few("GalleryPack", recognised_by, "id"),
            "runsSha256": Value(runs),
            "runsSince": Value(lambda w, r: runs(w, r, "reported_at"), kind="moment"),
        },
    ),
    Type(
        "GalleryPack",
        "gallery_pack",
        {
            "name": col("name", sort=True),
            "version": col("version"),
            "state": col("state"),
            "model": col("model"),
            "key": col("key"),
            "licence": col("licence", filter=False),
            "items": Few("Item", lambda w, r, c: c["id"] in r["items"], "id"),
            "photographs": col("photographs", kind="int"),
            "unmatched": Value(lambda w, r: json.loads(r["unmatched"]), filter=False),
            "source": col("source"),
            "sha256": col("sha256"),
            "size": col("size", kind="int"),
            "path": Value(lambda w, r: f"/recognition/galleries/{r['sha256']}", filter=False),
            "manifest": col("manifest", filter=False),
            "signature": col("signature", filter=False),
            "actor": to("Principal", "actor_id"),
            "adoptedAt": at("adopted_at", sort=True),
        },
        roots=("galleryPack", "galleryPacks"),
    ),
    Type(
        "RecognitionSample",
        "recognition_sample",
        {
            "sha256": col("sha256"),
            "state": col("state", sort=True, group=True),
            "picture": Value(picture, filter=False),
            "item": to("Item", "item_id", group=True),
            "labelledBy": to("Principal", "labelled_by_id"),
            "labelledAt": at("labelled_at"),
            "person": col("person"),
            "guessed": to("Item", "guessed_id", group=True),
            "guesses": Value(lambda w, r: json.loads(r["guesses"]) if r["guesses"] else None, filter=False),
            "model": One("ModelVersion", lambda w, r: known_as(w, r["organisation_id"], r["model"])),
            "modelSha256": col("model"),
            "consent": col("consent", kind="bool"),
            "size": col("size", kind="int"),
            "width": col("width", kind="int"),
            "height": col("height", kind="int"),
            "device": to("Device", "device_id"),
            "site": to("Place", "site_id"),
            "takenAt": at("taken_at", sort=True),
            "recordedAt": at("recorded_at", sort=True),
            "receivedAt": at("received_at"),
            "reviewedBy": to("Principal", "reviewed_by_id"),
            "reviewedAt": at("reviewed_at"),
            "reason": col("reason"),
            "expiresAt": at("expires_at", sort=True),
            "events": Few("SampleEvent", lambda w, r, c: c["sample_id"] == r["id"], "id"),
        },
        order=("-recordedAt",),
        roots=("recognitionSample", "recognitionSamples"),
    ),
    Type(
        "SampleEvent",
        "sample_event",
        {
            "did": col("did"),
            "reason": col("reason"),
            "actor": to("Principal", "actor_id"),
            "at": at("at", sort=True),
        },
    ),
]


def rows(world: Any) -> None:
    """Add random models, settings and samples to a world that has devices."""
    _models(world)
    _packs(world)
    _settings(world)
    _samples(world)


def _models(world: Any) -> None:
    chance = world.chance
    names = [hashlib.sha256(f"model {number}".encode()).hexdigest() for number in range(4)]
    devices = [each["id"] for each in world.rows["device"]]
    taken = set()
    for number in range(10):
        owner, name = world.party(), chance.choice(names)
        if (owner, name) in taken:
            continue
        taken.add((owner, name))
        version = world.add(
            "model_version",
            organisation_id=owner,
            network=chance.random() < 0.4,
            channel=chance.choice(["stable", "stable", "beta"]),
            version=f"V{number}",
            sha256=name,
            size=chance.randint(1, 9) * 1000,
            manifest=json.dumps({"version": f"V{number}", "metrics": {"top1": chance.choice([0.8, 0.91])}}),
            signature="c2ln",
            against_id=world.any("model_version")
            if world.rows.get("model_version") and chance.random() < 0.5
            else None,
            better=chance.random() < 0.7,
            reason=chance.choice(["", "because"]),
            actor_id=world.any("principal"),
            published_at=world.moment(),
            state=chance.choice(["PUBLISHED", "ROLLING", "ROLLING", "PAUSED", "ROLLED_BACK"]),
            percent=chance.choice([0, 30, 60, 100]),
            devices=sorted(chance.sample(devices, chance.randint(0, 2))),
        )
        for _ in range(chance.randint(0, 2)):
            world.add(
                "roll_out_step",
                model_version_id=version,
                stage=chance.choice(["ROLL_OUT", "PAUSE"]),
                percent=chance.choice([0, 30, 60]),
                devices=sorted(chance.sample(devices, chance.randint(0, 2))),
                reason="",
                actor_id=world.any("principal"),
                at=world.moment(),
            )
    for device in chance.sample(devices, 3):
        row = {"device_id": device, "sha256": chance.choice([*names, "f" * 64]), "reported_at": world.moment()}
        world.rows.setdefault("model_report", []).append(row)


def _packs(world: Any) -> None:
    chance = world.chance
    reported = [each["sha256"] for each in world.rows["model_report"]]
    items = [each["id"] for each in world.rows["item"]]
    for number in range(6):
        world.add(
            "gallery_pack",
            organisation_id=world.party(),
            name=f"P{number}",
            version="1",
            model=chance.choice(reported),
            source=hashlib.sha256(f"pack {number}".encode()).hexdigest(),
            key="a2V5",
            licence="MIT",
            sha256=hashlib.sha256(f"gallery {number}".encode()).hexdigest(),
            size=number * 10,
            manifest="{}",
            signature="c2ln",
            items=sorted(chance.sample(items, chance.randint(0, 2))),
            photographs=number,
            unmatched=json.dumps([{"reference": "R", "gtin": "", "name": "N"}] * chance.randint(0, 1)),
            state=chance.choice(["ADOPTED", "ADOPTED", "DROPPED"]),
            actor_id=world.any("principal"),
            adopted_at=world.moment(),
        )


def _settings(world: Any) -> None:
    chance = world.chance
    for device in world.rows["device"]:
        owner = device["organisation_id"]
        known = {(each["organisation_id"], each["device_id"]) for each in world.rows.get("recognition_setting", [])}
        for own in (device["id"], None):
            if chance.random() < 0.5 and (owner, own) not in known:
                world.add(
                    "recognition_setting",
                    organisation_id=owner,
                    device_id=own,
                    channel=chance.choice([None, "beta", "stable"]),
                    accept=chance.choice([None, 0.5, 0.75]),
                    samples=chance.choice([None, True, False]),
                    metered=chance.choice([None, True]),
                    consent=chance.choice([None, True]) if own is None else None,
                    sample_days=chance.choice([None, 30]) if own is None else None,
                )


def _samples(world: Any) -> None:
    chance = world.chance
    sites = [place["id"] for place in world.rows["place"] if place["kind"] == "SITE"]
    models = [each["sha256"] for each in world.rows["model_version"]]
    for number in range(12):
        state = chance.choice(["AWAITED", "LABELLED", "ACCEPTED", "REJECTED", "DELETED"])
        gone, reviewed = state == "DELETED", state in {"ACCEPTED", "REJECTED"}
        guess = None if gone else world.maybe("item")
        told = [{"item": f"gid://stockbook/Item/{guess}", "confidence": 0.5}] if guess else []
        sample = world.add(
            "recognition_sample",
            organisation_id=world.party(),
            sha256=hashlib.sha256(f"picture {number}".encode()).hexdigest(),
            state=state,
            device_id=world.maybe("device"),
            site_id=chance.choice([None, *sites]),
            item_id=None if gone else world.any("item"),
            labelled_by_id=world.any("principal"),
            labelled_at=world.moment(),
            guesses=None if gone else json.dumps(told),
            guessed_id=guess,
            model=None if gone else chance.choice([None, *models]),
            person="" if gone else chance.choice(["", "E1"]),
            consent=chance.random() < 0.5,
            size=number * 100,
            width=None if gone else 640,
            height=None if gone else 480,
            taken_at=None if gone else world.moment(),
            recorded_at=world.moment(),
            received_at=None if state == "AWAITED" else world.moment(),
            reviewed_by_id=world.any("principal") if reviewed else None,
            reviewed_at=world.moment() if reviewed else None,
            reason="blurred" if state == "REJECTED" else "",
            expires_at=world.moment() + timedelta(days=365),
        )
        for did in chance.sample(["RECORDED", "RECEIVED", "ACCEPTED"], chance.randint(0, 2)):
            world.add(
                "sample_event",
                sample_id=sample,
                did=did,
                reason="",
                actor_id=world.any("principal"),
                at=world.moment(),
            )
