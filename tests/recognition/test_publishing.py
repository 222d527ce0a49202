"""A version is published whole, signed, and only when it beats the last one; or with a reason that is kept."""

import asyncio
import base64
import hashlib
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.recognition.shop import code, manifest, model

VERSION = """query V($id: ID!) { modelVersion(id: $id) { version channel network sha256 size path manifest signature
  metrics against { version } better reason state percent } }"""


async def test_a_version_is_published_with_its_figures_and_signed_with_the_key_that_devices_are_given(desk):
    weights = model(1)
    said = manifest("2026-11-28", weights, few={"1": 0.5})
    name = await desk.files(said, weights)
    outcome, made = await desk.done("publishModels", {"manifest": name})
    assert (outcome, (await desk.done("publishModels", {"manifest": name}))) == ("REGISTERED", ("KNOWN", made))
    told = (await desk.read(VERSION, id=made))["modelVersion"]
    assert (told["version"], told["channel"], told["network"], told["size"]) == ("2026-11-28", "stable", False, 40_000)
    assert (told["state"], told["percent"], told["better"], told["against"]) == ("PUBLISHED", 0, True, None)
    assert told["metrics"] == said["metrics"]
    assert json.loads(told["manifest"]) == said
    enrolled = (await desk.enrolment("PDA-KEY-1", "storekeeper"))["results"][0]
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(enrolled["modelKey"]))
    key.verify(base64.b64decode(told["signature"]), told["manifest"].encode())
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(told["signature"]), told["manifest"].replace("0.84", "0.94").encode())
    fetched = await desk.served.http.get(told["path"], headers=desk.token("org_admin"))
    assert (fetched.status_code, fetched.content) == (200, weights)


async def test_a_version_that_does_not_beat_the_last_is_refused_unless_somebody_says_why(desk):
    first = await desk.publish("A", 500)
    worse = manifest("B", model(2), top1=0.99)
    worse["metrics"]["orientation"] = 0.9
    name = await desk.files(worse, model(2))
    assert await desk.refused("publishModels", {"manifest": name}) == "MODEL_NOT_BETTER"
    equal = manifest("C", model(3), top1=1.0)
    name_of_equal = await desk.files(equal, model(3))
    assert await desk.refused("publishModels", {"manifest": name_of_equal}) == "MODEL_NOT_BETTER"
    assert await desk.refused("publishModels", {"manifest": name, "reason": "  "}) == "MODEL_NOT_BETTER"
    _, made = await desk.done("publishModels", {"manifest": name, "reason": "the shop sells no cartons"})
    told = (await desk.read(VERSION, id=made))["modelVersion"]
    assert (told["better"], told["reason"], told["against"]) == (False, "the shop sells no cartons", {"version": "A"})
    data = await desk.read("{ modelVersions(filter: {better: {eq: true}}) { nodes { id } } }")
    assert data["modelVersions"]["nodes"] == [{"id": first}]


async def test_of_two_equal_versions_that_are_published_at_once_one_stands(desk):
    names = [await desk.files(manifest(name, model(seed)), model(seed)) for name, seed in (("A", 1), ("B", 2))]
    said = await asyncio.gather(*(desk.say("publishModels", {"manifest": name}) for name in names))
    codes = [[each["code"] for each in payload["errors"]] for payload in said]
    assert sorted(codes) == [[], ["MODEL_NOT_BETTER"]]


async def test_channels_are_judged_apart_and_a_version_that_was_rolled_back_is_nobody_s_match(desk):
    high = await desk.publish("A", 800)
    assert (await desk.publish("B", 100, channel="beta")) != high
    await desk.roll_out("A", percent=100)
    await desk.roll_out("A", "ROLL_BACK", reason="it takes tea for coffee")
    await desk.publish("C", 300)


@pytest.mark.parametrize(
    ("change", "without"),
    [
        ({"sha256": "ab"}, None),
        ({"version": ""}, None),
        ({"version": True}, None),
        ({"version": "x" * 61}, None),
        ({"size": 0}, None),
        ({"size": 224.5}, None),
        ({"dimensions": "256"}, None),
        ({"scale": -1}, None),
        ({"accept": 3}, None),
        ({"unknown": {"bias": 1}}, None),
        ({"crops": []}, None),
        ({"crops": [0.8, 1.5]}, None),
        ({"crops": "0.8"}, None),
        ({"metrics": {}}, None),
        ({"metrics": {"top1": "0.9"}}, None),
        ({}, "known"),
        ({}, "metrics"),
    ],
    ids=str,
)
async def test_a_manifest_that_no_device_could_use_is_refused(any_desk, change, without):
    said = {**manifest("D", model(4)), **change}
    said.pop(without, None)
    assert await any_desk.refused("publishModels", {"manifest": await any_desk.files(said, model(4))}) == "MODEL_UNFIT"


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"null", b"{", b"\xff{}", b'{"accept": NaN}', b"[" * 60_000, b" " * 70_000, b'"\\ud800"'],
    ids=lambda text: repr(text[:20]),
)
async def test_a_file_that_is_no_manifest_is_refused(any_desk, text):
    assert (await any_desk.put("models", text)).status_code == 201
    assert await any_desk.refused("publishModels", {"manifest": hashlib.sha256(text).hexdigest()}) == "MODEL_UNFIT"


async def test_what_was_not_sent_can_not_be_published(desk):
    other = {**manifest("E", b"never sent")}
    assert await desk.refused("publishModels", {"manifest": "0" * 64}) == "REFERENCE_UNKNOWN"
    assert await desk.refused("publishModels", {"manifest": "../../etc/passwd"}) == "REFERENCE_UNKNOWN"
    assert await desk.refused("publishModels", {"manifest": await desk.files(other, None)}) == "REFERENCE_UNKNOWN"
    no_model = manifest("F", b"plain text, no model")
    name = await desk.files(no_model, b"plain text, no model")
    assert await desk.refused("publishModels", {"manifest": name}) == "MODEL_UNFIT"


async def test_a_version_has_one_content_and_a_file_one_version(desk):
    await desk.publish("A", 100)
    again = manifest("A", model(5), top1=0.9)
    assert await desk.refused("publishModels", {"manifest": await desk.files(again, model(5))}) == "BAD_INPUT"
    renamed = manifest("B", model(100), top1=0.9)
    assert await desk.refused("publishModels", {"manifest": await desk.files(renamed, model(100))}) == "BAD_INPUT"
    assert await desk.refused("publishModels", {"manifest": "0" * 64, "channel": "Not a channel"}) == "BAD_INPUT"


async def test_only_who_may_publishes_and_only_the_operator_for_everybody(desk):
    assert await desk.refused("publishModels", {"manifest": "0" * 64}, role="storekeeper") == "ACTION_DENIED"
    assert await desk.refused("publishModels", {"manifest": "0" * 64}, role="program") == "ACTION_DENIED"
    assert await desk.refused("publishModels", {"manifest": "0" * 64, "network": True}) == "ACTION_DENIED"
    answer = await desk.put("models", model(6), headers=desk.token("storekeeper"))
    assert (answer.status_code, code(answer)) == (403, "ACTION_DENIED")


async def test_a_file_is_what_its_name_says_and_no_larger_than_a_model(desk):
    answer = await desk.put("models", model(7), name="0" * 64)
    assert (answer.status_code, code(answer)) == (422, "MODEL_UNFIT")
    answer = await desk.put("models", bytes(17 * 2**20))
    assert (answer.status_code, code(answer)) == (413, "MODEL_UNFIT")
    for path in ("models/xyz", "models/" + "A" * 64, "others/" + "0" * 64, "models/..%2f..%2fsecret"):
        answer = await desk.served.http.put(f"/recognition/{path}", content=b"x", headers=desk.token("org_admin"))
        assert answer.status_code == 404, path
    answer = await desk.served.http.put("/recognition/models/" + "0" * 64, content=b"x")
    assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")


async def test_a_file_is_fetched_in_parts_by_those_who_see_its_version_and_by_nobody_else(desk, serving):
    await desk.publish("A", 100)
    weights, path = model(100), f"/recognition/models/{hashlib.sha256(model(100)).hexdigest()}"
    tag = f'"{hashlib.sha256(weights).hexdigest()}"'

    async def get(who=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return await serving.http.get(path, headers={**(who or desk.token("counter")), **headers})

    whole, part = await get(), await get(range="bytes=1000-1999")
    assert (whole.status_code, whole.headers["etag"], whole.content) == (200, tag, weights)
    assert (part.status_code, part.content) == (206, weights[1000:2000])
    assert part.headers["content-range"] == "bytes 1000-1999/40000"
    assert (await get(if_none_match=tag)).status_code == 304
    assert (await get(range="bytes=5-9", if_range='"another"')).content == weights
    assert (await get(range="bytes=50000-")).status_code == 416
    stranger = await get(serving.bearer(1, "org_admin"))
    assert (stranger.status_code, code(stranger)) == (404, "NOT_FOUND")
    assert (await get(serving.bearer(desk.id, "board"))).status_code == 404
    assert (await get({"authorization": "Bearer nonsense"})).status_code == 401


async def test_what_the_operator_publishes_for_everybody_everybody_may_fetch(desk, serving):
    operator = type(desk)(serving, 1, "OPERATOR")
    weights = model(900)
    name = await operator.files(manifest("NET-1", weights, top1=0.999), weights)
    line = {"manifest": name, "network": True, "channel": "net"}
    await operator.done("publishModels", line, role="network_admin")
    path = f"/recognition/models/{hashlib.sha256(weights).hexdigest()}"
    assert (await serving.http.get(path, headers=desk.token("storekeeper"))).content == weights
    nodes = await desk.read(
        '{ modelVersions(filter: {channel: {eq: "net"}}) { nodes { version network steps { id } } } }'
    )
    assert nodes["modelVersions"]["nodes"] == [{"version": "NET-1", "network": True, "steps": []}]
