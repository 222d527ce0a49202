"""Galleries handed on: made, signed, adopted by an organisation, matched to its items, and recognised by on devices."""

import base64
import hashlib
import json
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from handheld.client.packs import Packs
from handheld.vision.gallery import PACK
from tests.handheld.screens.window.goods import MILK as RED
from tests.handheld.screens.window.goods import NOODLES as GREEN
from tests.handheld.screens.window.goods import jpeg, shot
from tests.handheld.vision.seeing import FIELDS, recogniser
from tests.recognition.shop import code
from tests.recognition.test_sharing import Handheld

MODEL = "1" * 64
DIMENSIONS = FIELDS * FIELDS * 3
MAKER = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
FOUND = """{ galleryPacks { nodes { name version state key photographs unmatched items { externalReference }
  path size sha256 manifest signature } } }"""


def canonical(said):
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def sealed(said):
    """Sign a pack, as whoever made it did."""
    whole = {**said, "key": base64.b64encode(MAKER.public_key().public_bytes_raw()).decode()}
    proof = MAKER.sign(canonical(whole).encode())
    return json.dumps({**whole, "signature": base64.b64encode(proof).decode()}, ensure_ascii=False).encode()


def vectors(look, folder, count=3):
    """What the model of colours sees of some photographs."""
    eye = recogniser(folder, sha256=MODEL)
    seen = [eye.look(eye._prepared(shot(look, noise))).vector for noise in range(count)]
    eye.close()
    return [base64.b64encode(each.astype("<f2").tobytes()).decode() for each in seen]


def pack(folder, **more):
    goods = [
        {"reference": "", "gtin": "06921168509256", "name": "Milk", "vectors": vectors(RED, folder)},
        {"reference": "STENT", "gtin": "4006381333931", "name": "Stent", "vectors": vectors(GREEN, folder, 2)},
        {"reference": "NOBODY-HAS", "gtin": "", "name": "Ravioli", "vectors": vectors(GREEN, folder, 1)},
    ]  # fmt: skip
    said = {"pack": "cartons", "version": "1", "model": MODEL, "dimensions": DIMENSIONS, "licence": "MIT"}
    return {**said, "goods": goods, **more}


@pytest.fixture
async def pda(desk, tmp_path):
    """A device that runs the model, and has said so."""
    [result] = (await desk.enrolment(f"EYE-{desk.name}", "shop_staff"))["results"]
    said = {key: result[key] for key in ("reference", "epoch", "secret", "token", "modelKey")}
    shipped = tmp_path / "pda" / "shipped"
    shipped.mkdir(parents=True)
    (shipped / "sku.json").write_text(json.dumps({"sha256": MODEL}))
    made = Handheld(tmp_path / "pda", desk.served.address, said)
    made.recognition.packs = Packs(tmp_path / "pda", made.transport, made.sight)
    assert (await made.settle()).failed is None
    yield made
    made.close()


async def sent(desk, content):
    answer = await desk.put("galleries", content)
    assert answer.status_code in {200, 201}, answer.text
    return {"pack": hashlib.sha256(content).hexdigest()}


async def found(desk):
    [node] = (await desk.read(FOUND))["galleryPacks"]["nodes"]
    return node


async def test_goods_that_nobody_here_photographed_are_recognised_by_an_adopted_pack(desk, pda, tmp_path):
    line = await sent(desk, sealed(pack(tmp_path)))
    outcome, made = await desk.done("adoptGalleryPacks", line)
    assert (outcome, await desk.done("adoptGalleryPacks", line)) == ("REGISTERED", ("KNOWN", made))
    told = await found(desk)
    assert (told["name"], told["state"], told["photographs"]) == ("cartons", "ADOPTED", 5)
    assert [each["externalReference"] for each in told["items"]] == ["MILK", "STENT"]
    assert told["unmatched"] == [{"reference": "NOBODY-HAS", "gtin": "", "name": "Ravioli"}]
    assert base64.b64decode(told["key"]) == MAKER.public_key().public_bytes_raw()

    await pda.later()
    assert pda.known() == {"MILK": 3, "STENT": 2}
    assert {each.source for each in pda.sight.photographs("MILK")} == {PACK}
    assert pda.sight.recognise(jpeg(shot(RED, 50))).said.first.item == "MILK"
    assert pda.sight.recognise(jpeg(shot(GREEN, 50))).said.first.item == "STENT"
    carried = pda.recognition.packs._parts.fetched(told["sha256"])
    assert carried == 0, "what was fetched is not kept twice"

    assert (await desk.done("dropGalleryPacks", {"pack": "cartons"}))[0] == "REGISTERED"
    assert (await desk.done("dropGalleryPacks", {"pack": made}))[0] == "KNOWN"
    await pda.later()
    assert pda.known() == {}
    answer = await desk.served.http.get(told["path"], headers=desk.token("org_admin"))
    assert answer.status_code == 404


async def test_adopted_again_it_is_matched_to_the_items_there_are_by_now_and_devices_follow(desk, pda, tmp_path):
    reference = f"RAVIOLI-{desk.name}"
    goods = pack(tmp_path)["goods"]
    goods[2]["reference"] = reference
    line = await sent(desk, sealed(pack(tmp_path, goods=goods)))
    await desk.done("adoptGalleryPacks", line)
    await pda.later()
    own = [shot(GREEN, 70)]
    pda.sight.enrol("MILK", own)
    assert pda.known() == {"MILK": 4, "STENT": 2}
    await desk.served.register("registerItems", {"externalReference": reference, "name": "Ravioli", "baseUnit": "box"})
    assert (await desk.done("adoptGalleryPacks", line))[0] == "REGISTERED"
    await pda.later()
    assert pda.known() == {"MILK": 4, "STENT": 2, reference: 1}, "and one's own photograph stays"
    second = await sent(desk, sealed(pack(tmp_path, goods=goods[:1], version="2")))
    await desk.done("adoptGalleryPacks", second)
    assert (await found(desk))["version"] == "2"
    await pda.later()
    assert pda.known() == {"MILK": 4}


async def test_a_pack_of_a_model_that_no_device_runs_is_refused_with_a_code_of_its_own(desk, pda, tmp_path):
    line = await sent(desk, sealed(pack(tmp_path, model="2" * 64)))
    assert await desk.refused("adoptGalleryPacks", line) == "PACK_OF_ANOTHER_MODEL"
    assert (await desk.read(FOUND))["galleryPacks"]["nodes"] == []


async def test_after_a_change_of_model_a_device_asks_no_vector_of_the_old_one(desk, pda, tmp_path):
    await desk.done("adoptGalleryPacks", await sent(desk, sealed(pack(tmp_path))))
    await pda.later()
    assert pda.known() == {"MILK": 3, "STENT": 2}
    pda.model = "2" * 64  # what the device runs; its manifest still says the other
    told = pda.recognition.packs
    assert pda.known() == {}, "they are of another model"
    pda.sight.keep_packs(())
    step = await pda.settle()
    assert step.failed.message.startswith("OTHER_MODEL")
    assert list(told.unfit.values()) == ["OTHER_MODEL"]
    assert pda.known() == {}


async def test_what_a_device_can_not_verify_is_not_recognised_by(desk, pda, tmp_path):
    await desk.done("adoptGalleryPacks", await sent(desk, sealed(pack(tmp_path))))
    await desk.fetch(
        'update gallery_pack set manifest = replace(manifest, \'"version":"1"\', \'"version":"9"\')'
        " where organisation_id = $1",
        desk.id,
    )
    step = await pda.settle()
    assert step.failed.message.startswith("FORGED")
    assert pda.known() == {}


def half(*values):
    return base64.b64encode(struct.pack(f"<{len(values)}e", *values)).decode()


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"pack": " "}, "pack"),
        ({"version": None}, "version"),
        ({"model": "x"}, "model"),
        ({"dimensions": 0}, "dimensions"),
        ({"licence": ""}, "licence"),
        ({"goods": []}, "goods"),
        ({"goods": [1]}, "goods/0"),
        ({"goods": [{"name": "nameless", "vectors": [half(1, 2)]}]}, "goods/0"),
        ({"goods": [{"reference": "A", "vectors": []}]}, "goods/0/vectors"),
        ({"goods": [{"reference": "A", "vectors": [half(1, 2, 3)]}]}, "goods/0/vectors"),
        ({"goods": [{"reference": "A", "vectors": [half(0, 0)]}]}, "goods/0/vectors"),
        ({"goods": [{"reference": "A", "vectors": [half(float("nan"), 1)]}]}, "goods/0/vectors"),
        ({"goods": [{"reference": "A", "vectors": ["no base64"]}]}, "goods/0/vectors"),
        ({"goods": [{"reference": "A", "vectors": [half(1, 2)] * 11}]}, "goods/0/vectors"),
    ],
)
async def test_what_is_no_pack_is_told_where_it_is_wrong(any_desk, wrong, at):
    plain = {"pack": "p", "version": "1", "model": MODEL, "dimensions": 2, "licence": "MIT",
             "goods": [{"reference": "A", "vectors": [half(1, 2)]}]}  # fmt: skip
    payload = await any_desk.say("adoptGalleryPacks", await sent(any_desk, sealed(plain | wrong)))
    [error] = payload["errors"]
    assert (error["code"], "/".join(error["path"][-at.count("/") - 1 :])) == ("PACK_UNFIT", at)


async def test_a_pack_that_was_changed_after_it_was_signed_is_none(any_desk, tmp_path):
    said = json.loads(sealed(pack(tmp_path)))
    said["goods"][0]["gtin"] = "4006381333931"
    line = await sent(any_desk, json.dumps(said).encode())
    assert await any_desk.refused("adoptGalleryPacks", line) == "PACK_UNFIT"
    for content in (b"[]", b"\x00", b"{}", b"[" * 100_000):
        assert await any_desk.refused("adoptGalleryPacks", await sent(any_desk, content)) == "PACK_UNFIT"


async def test_a_pack_is_sent_and_adopted_by_who_may_and_named_by_its_sha256(any_desk, any_pda, tmp_path):
    content = sealed(pack(tmp_path))
    line = {"pack": hashlib.sha256(content).hexdigest()}
    assert await any_desk.refused("adoptGalleryPacks", line) == "REFERENCE_UNKNOWN"
    assert await any_desk.refused("adoptGalleryPacks", {"pack": "../1"}) == "REFERENCE_UNKNOWN"
    assert await any_desk.refused("dropGalleryPacks", {"pack": "nothing"}) == "REFERENCE_UNKNOWN"
    assert await any_desk.refused("adoptGalleryPacks", line, role="storekeeper") == "ACTION_DENIED"
    answer = await any_desk.put("galleries", content, headers=any_desk.as_device(any_pda))
    assert (answer.status_code, code(answer)) == (403, "ACTION_DENIED")
    answer = await any_desk.put("galleries", content, name="0" * 64)
    assert (answer.status_code, code(answer)) == (422, "PACK_UNFIT")
    answer = await any_desk.served.http.get(f"/recognition/galleries/{line['pack']}", headers=any_desk.token("worker"))
    assert answer.status_code == 404
