"""A device is what an administrator's code makes of it, and keeps that where nobody else reads."""

import base64
import json
import stat
from dataclasses import asdict

import pytest

from handheld.client.enrolment import Enrolment, FileKeystore, Wrong, read
from handheld.outbox.limits import Limits

SECRET = base64.b64encode(bytes(range(32))).decode()
GOOD = {"address": "https://stock.example:8443/", "reference": "PDA-7", "epoch": 2, "secret": SECRET, "token": "t.t.t"}


def test_the_code_of_an_enrolment_is_read():
    found = read(json.dumps(GOOD))
    assert found == Enrolment("https://stock.example:8443", "PDA-7", 2, SECRET, "t.t.t")
    assert found.identity == ("PDA-7", 2, bytes(range(32)))
    assert read(json.dumps({**GOOD, "of_later_times": 1})) == found


def test_the_settings_of_the_server_are_kept_where_the_code_says_them(tmp_path):
    found = read(json.dumps({**GOOD, "entriesMax": 500, "hoursMax": 24, "cache": False}))
    assert (found.limits.entries, found.limits.hours, found.cache) == (500, 24, False)
    keystore = FileKeystore(tmp_path / "enrolment.json")
    keystore.save(found)
    assert keystore.load() == found
    odd = read(json.dumps({**GOOD, "entriesMax": "many", "hoursMax": 0, "cache": "no"}))
    assert (odd.limits, odd.cache) == (Limits(), True)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"token": ""}, Wrong.INCOMPLETE),
        ({"token": None}, Wrong.INCOMPLETE),
        ({"epoch": "2"}, Wrong.INCOMPLETE),
        ({"epoch": True}, Wrong.INCOMPLETE),
        ({"epoch": 0}, Wrong.INCOMPLETE),
        ({"address": "stock.example"}, Wrong.BAD_ADDRESS),
        ({"address": "ftp://stock.example"}, Wrong.BAD_ADDRESS),
        ({"address": "https://"}, Wrong.BAD_ADDRESS),
        ({"address": "https://[::1"}, Wrong.BAD_ADDRESS),
        ({"secret": "not base64!"}, Wrong.BAD_SECRET),
        ({"secret": base64.b64encode(b"short").decode()}, Wrong.BAD_SECRET),
    ],
    ids=str,
)
def test_a_code_that_is_none_says_why(change, wrong):
    assert read(json.dumps({**GOOD, **change})) is wrong


@pytest.mark.parametrize("text", ["", "6921168509256", "[]", "null", "{" * 100_000])
def test_another_code_is_no_enrolment(text):
    assert read(text) is Wrong.NOT_JSON


def test_the_code_of_an_older_enrolment_of_the_device_is_refused():
    newer = read(json.dumps({**GOOD, "epoch": 3}))
    assert read(json.dumps(GOOD), newer) is Wrong.OLDER
    assert read(json.dumps({**GOOD, "reference": "PDA-8"}), newer).reference == "PDA-8"
    assert read(json.dumps({**GOOD, "epoch": 3}), newer) == newer


def test_the_file_is_its_owner_s_alone_and_replaced_as_a_whole(tmp_path):
    path = tmp_path / "deep" / "enrolment.json"
    keystore = FileKeystore(path)
    assert keystore.load() is None
    keystore.save(read(json.dumps(GOOD)))
    keystore.save(keystore.load().with_token("u"))
    assert keystore.load() == read(json.dumps({**GOOD, "token": "u"}))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["enrolment.json"]


def test_a_half_written_file_of_a_crash_hinders_nothing(tmp_path):
    path = tmp_path / "enrolment.json"
    keystore = FileKeystore(path)
    keystore.save(read(json.dumps(GOOD)))
    path.with_name("enrolment.json.new").write_text('{"addr')
    path.with_name("enrolment.json.new").chmod(0o644)
    keystore.save(keystore.load().with_token("u"))
    assert (keystore.load().token, stat.S_IMODE(path.stat().st_mode)) == ("u", 0o600)


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({**GOOD, "strange": 1})])
def test_a_file_that_can_t_be_read_is_no_enrolment(tmp_path, text):
    (tmp_path / "enrolment.json").write_text(text)
    assert FileKeystore(tmp_path / "enrolment.json").load() is None


def test_what_is_kept_is_what_was_read(tmp_path):
    keystore = FileKeystore(tmp_path / "enrolment.json")
    keystore.save(read(json.dumps(GOOD)))
    assert json.loads((tmp_path / "enrolment.json").read_text()) == asdict(read(json.dumps(GOOD)))
