"""A model is put in force whole and verified or not at all, and the one before stays for a way back."""

import base64
import json
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from handheld.client.models import Models, Unfit, Version
from handheld.client.recognition import version
from handheld.client.signature import canonical, signed
from stockbook.access.signing import Signer
from stockbook.domain.recognition import manifest

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()


def made(number, **more):
    """Return a version and its file."""
    content = f"weights {number}".encode() * 50
    said = {"version": str(number), "sha256": sha256(content).hexdigest(), "scale": 20.5, "名": "牛奶"}
    text = canonical(said)
    signature = base64.b64encode(KEY.sign(text.encode())).decode()
    told = Version(str(number), said["sha256"], len(content), "/recognition/models/x", text, signature)
    return told._replace(**more), content


def fetched(models, told, content):
    models.parts.take(told.sha256, 0, content[:100])
    models.parts.take(told.sha256, 100, content[100:])


@pytest.fixture
def shipped(tmp_path):
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "sku.json").write_text(json.dumps({"sha256": "5" * 64}))
    return folder


@pytest.fixture
def models(tmp_path, shipped):
    return Models(tmp_path / "models", shipped)


def adopt(models, number, **more):
    told, content = made(number, **more)
    fetched(models, told, content)
    return models.adopt(told, PUBLIC), told


def test_a_version_is_in_force_from_one_step_to_the_next_and_after_a_restart(models, tmp_path, shipped):
    assert (models.folder, models.runs) == (shipped, "5" * 64)
    unfit, told = adopt(models, 1)
    assert (unfit, models.in_force, models.runs) == (None, told.sha256, told.sha256)
    assert (models.folder / "sku.tflite").read_bytes() == made(1)[1]
    again = Models(tmp_path / "models", shipped)
    assert (again.in_force, again.folder) == (told.sha256, models.folder)
    assert not list((tmp_path / "models").glob("*.part"))


def test_the_version_before_stays_and_no_other(models, tmp_path):
    versions = [adopt(models, number)[1] for number in (1, 2, 3)]
    folders = {path.name for path in (tmp_path / "models").iterdir() if path.is_dir()}
    assert folders == {versions[1].sha256, versions[2].sha256}
    assert models.here(versions[1].sha256)
    assert models.adopt(versions[1], PUBLIC) is None
    assert models.in_force == versions[1].sha256
    models.back_to_shipped()
    assert models.in_force == ""


@pytest.mark.parametrize(
    ("more", "unfit"),
    [
        ({"signature": base64.b64encode(bytes(64)).decode()}, Unfit.FORGED),
        ({"signature": "nonsense"}, Unfit.FORGED),
        ({"signature": ""}, Unfit.FORGED),
        ({"manifest": "[]"}, Unfit.FORGED),
        ({"manifest": "{"}, Unfit.FORGED),
        ({"manifest": made(2)[0].manifest, "signature": made(2)[0].signature}, Unfit.FORGED),
        ({"size": 5}, Unfit.DAMAGED),
    ],
    ids=str,
)
def test_a_version_that_is_not_what_was_signed_changes_nothing(models, more, unfit):
    _, before = adopt(models, 3)
    found, told = adopt(models, 1, **more)
    assert (found, models.in_force) == (unfit, before.sha256)
    assert models.parts.fetched(told.sha256) == 0


def test_another_server_s_signature_is_none_of_ours(models):
    told, content = made(1)
    fetched(models, told, content)
    other = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    assert models.adopt(told, other) is Unfit.FORGED
    fetched(models, told, content)
    assert models.adopt(told, "") is Unfit.NO_KEY


def test_what_a_crash_leaves_hinders_nothing(models, tmp_path, shipped):
    _, told = adopt(models, 1)
    home = tmp_path / "models"
    (home / "current.json.new").write_text("{")
    (home / f"{made(2)[0].sha256}.new").mkdir()
    (home / f"{made(2)[0].sha256}.new" / "sku.tflite").write_bytes(b"half")
    again = Models(home, shipped)
    assert again.in_force == told.sha256
    assert adopt(again, 2)[0] is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"sha256": 5}', json.dumps({"sha256": "ab", "before": ""})])
def test_where_nothing_can_be_read_the_shipped_model_is_in_force(tmp_path, shipped, text):
    home = tmp_path / "models"
    home.mkdir()
    (home / "current.json").write_text(text)
    assert Models(home, shipped).folder == shipped


def test_a_model_that_rots_on_the_device_is_not_used_but_fetched_anew(models, tmp_path, shipped):
    _, told = adopt(models, 1)
    (models.folder / "sku.tflite").write_bytes(b"rotten")
    again = Models(tmp_path / "models", shipped)
    assert (again.in_force, again.here(told.sha256)) == ("", False)
    assert adopt(again, 1)[0] is None


def test_a_full_disk_is_said_and_the_model_in_force_stays(models, tmp_path):
    _, told = adopt(models, 1)
    other, content = made(2)
    fetched(models, other, content)
    (tmp_path / "models" / f"{other.sha256}.new").write_text("a file where a folder is to be")
    assert models.adopt(other, PUBLIC) is Unfit.DISK
    assert models.in_force == told.sha256


@pytest.mark.parametrize(
    "change",
    [{"sha256": "../../../etc/passwd"}, {"sha256": "A" * 64}, {"size": "5"}, {"size": True}, {"path": "http://x"},
     {"manifest": None}, {"signature": 5}, {"version": None}],
    ids=str,
)  # fmt: skip
def test_a_version_that_names_no_file_is_none(change):
    said = {"version": "1", "sha256": "a" * 64, "size": 5, "path": "/x", "manifest": "{}", "signature": "s"}
    assert version(said) is not None
    assert version({**said, **change}) is None


def test_a_signature_of_the_standard_is_verified():
    """The first test of RFC 8032, section 7.1."""
    key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    proof = bytes.fromhex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    assert signed(*(base64.b64encode(key).decode(), "", base64.b64encode(proof).decode()))
    assert not signed(base64.b64encode(key).decode(), "x", base64.b64encode(proof).decode())
    assert not signed(base64.b64encode(b"\xff" * 32).decode(), "", base64.b64encode(proof).decode())


@settings(max_examples=20)
@given(st.text(st.characters(codec="utf-8"), max_size=200), st.binary(min_size=1, max_size=1), st.integers(0, 63))
def test_what_the_server_signs_the_device_verifies_and_nothing_else(text, change, at):
    signer = Signer("a secret of at least thirty-two bytes")
    proof = signer.sign(text)
    assert signed(signer.public, text, proof)
    raw = bytearray(base64.b64decode(proof))
    raw[at] ^= change[0] or 1
    assert not signed(signer.public, text, base64.b64encode(bytes(raw)).decode())
    assert not signed(signer.public, text + "x", proof)


TEXTS = st.text(st.characters(codec="utf-8"))
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(TEXTS, JSON, max_size=5))
def test_server_and_device_write_a_manifest_alike_however_often(said):
    text = manifest.canonical(said)
    assert canonical(said) == text
    assert canonical(json.loads(text)) == text
