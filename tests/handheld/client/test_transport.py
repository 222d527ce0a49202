"""Only the server's own answer is an answer."""

import gzip
import json
import socket
import ssl
from pathlib import Path

import certifi
import pytest

from handheld.client.enrolment import Wrong, read
from handheld.client.transport import Failed, Transport, Trouble
from tests.handheld.client.model import serving

ASK = ("query { me { id } }", {"a": "抽纸"}, "token-1")


def asked(answer, **more):
    with serving(answer) as address:
        transport = Transport(address, connect_seconds=1, read_seconds=1, **more)
        try:
            return transport.ask(*ASK)
        finally:
            transport.close()


def error(code):
    return json.dumps({"data": None, "errors": [{"message": "no", "extensions": {"code": code}}]})


def test_the_data_of_an_answer_is_returned():
    seen = []

    def answer(body, authorization):
        seen.append((json.loads(body), authorization))
        return 200, {}, '{"data":{"me":{"id":"抽纸"}}}'

    assert asked(answer) == {"me": {"id": "抽纸"}}
    assert seen == [({"query": ASK[0], "variables": ASK[1]}, "Bearer token-1")]


def test_an_answer_may_be_compressed():
    packed = gzip.compress(b'{"data":{"me":{"id":"1"}}}')
    assert asked(lambda *_: (200, {"content-encoding": "gzip"}, packed)) == {"me": {"id": "1"}}


def test_the_server_s_date_is_heard_and_nobody_else_s():
    heard = []
    asked(lambda *_: (200, {}, '{"data":{"me":{}}}'), heard=heard.append)
    assert heard[0].endswith("GMT")
    asked(lambda *_: (200, {"content-type": "text/html"}, "<html>"), heard=heard.append)
    assert len(heard) == 1


def test_fields_that_the_role_may_not_see_are_no_failure():
    answer = '{"data":{"replica":{"lots":null}},"errors":[{"message":"x","extensions":{"code":"FIELD_FORBIDDEN"}}]}'
    assert asked(lambda *_: (200, {}, answer)) == {"replica": {"lots": None}}


HTML = {"content-type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        ((200, HTML, "<html>Welcome to Free Wi-Fi</html>"), Trouble.CAPTIVE),
        ((302, {**HTML, "location": "http://login.example/"}, ""), Trouble.CAPTIVE),
        ((307, {"location": "http://login.example/"}, "{}"), Trouble.CAPTIVE),
        ((511, HTML, "<html>"), Trouble.CAPTIVE),
        ((404, HTML, "<html>"), Trouble.CAPTIVE),
        ((200, {}, "<html>"), Trouble.CAPTIVE),
        ((200, {}, '{"status":"ok"}'), Trouble.CAPTIVE),
        ((200, {}, "[]"), Trouble.CAPTIVE),
        ((200, {}, ""), Trouble.CAPTIVE),
        ((401, {}, error("UNAUTHENTICATED")), Trouble.TOKEN),
        ((200, {}, error("UNAUTHENTICATED")), Trouble.TOKEN),
        ((403, {}, error("FORBIDDEN")), Trouble.FORBIDDEN),
        ((413, {}, error("BAD_USER_INPUT")), Trouble.TOO_LARGE),
        ((500, {}, error("INTERNAL")), Trouble.FAILED),
        ((500, HTML, "<html>"), Trouble.FAILED),
        ((502, HTML, "<html>"), Trouble.BUSY),
        ((503, {}, error("UNAVAILABLE")), Trouble.BUSY),
        ((200, {}, error("BAD_USER_INPUT")), Trouble.OUTDATED),
        ((422, {}, error("BAD_USER_INPUT")), Trouble.OUTDATED),
        ((200, {}, '{"data":{"captureScans":null}}'), Trouble.OUTDATED),
        ((200, {}, '{"data":{},"errors":[]}'), None),
        (None, Trouble.OFFLINE),
    ],
    ids=str,
)
def test_what_is_no_answer_says_what_to_do(said, trouble):
    answer = asked(lambda *_: said)
    assert (answer.trouble if isinstance(answer, Failed) else None) is trouble


def test_how_long_a_busy_server_asks_to_wait_is_told():
    assert asked(lambda *_: (503, {"retry-after": "7"}, error("UNAVAILABLE"))).wait_seconds == 7
    assert asked(lambda *_: (429, {**HTML, "retry-after": "9"}, "")).wait_seconds == 9


def test_nobody_there_is_offline():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert Transport(f"http://127.0.0.1:{port}").ask(*ASK).trouble is Trouble.OFFLINE


def test_a_name_that_is_none_is_offline():
    assert Transport("http://nowhere.invalid").ask(*ASK).trouble is Trouble.OFFLINE


def test_a_server_that_says_nothing_is_offline_after_a_while():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        transport = Transport(f"http://127.0.0.1:{port}", connect_seconds=0.2, read_seconds=0.2)
        assert transport.ask(*ASK).trouble is Trouble.OFFLINE


def test_a_server_whose_certificate_nobody_trusts_is_not_spoken_to(certificate):
    asked = []

    def answer(body, authorization):
        asked.append(authorization)
        return 200, {}, '{"data":{"me":{}}}'

    with serving(answer, certificate) as address:
        stranger = Transport(address, connect_seconds=2, read_seconds=2)
        assert stranger.ask(*ASK).trouble is Trouble.UNTRUSTED
        assert asked == []
        text = Path(certificate[0]).read_text()
        code = {"address": address, "reference": "PDA-7", "epoch": 1, "secret": "A" * 43 + "=", "token": "t"}
        enrolment = read(json.dumps({**code, "authority": text}))
        assert Transport(address, authority=enrolment.authority).ask(*ASK) == {"me": {}}
        for bad in ("none", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", 7):
            assert read(json.dumps({**code, "authority": bad})) is Wrong.BAD_AUTHORITY


def test_with_an_authority_of_ones_own_the_worlds_are_not_trusted(certificate):
    other = ssl.create_default_context(cafile=certifi.where()).get_ca_certs()
    mine = Transport("https://stock.example", authority=Path(certificate[0]).read_text())
    trusted = mine._pool.connection_pool_kw["ssl_context"].get_ca_certs()
    assert len(trusted) == 1 and trusted[0] not in other
