"""What is asked at the door and what is answered: every refusal by its code, every limit before anything is read."""

import http.client
import json
import socket
import ssl
import threading
import time

import pytest

from handheld.gateway import door as doors
from handheld.gateway.__main__ import certified as trusted
from handheld.gateway.box import Box
from handheld.gateway.door import EVENTS_BYTES_MAX, PICTURE_BYTES_MAX, Door
from handheld.outbox.limits import Limits
from tests.handheld.gateway.process import event
from tests.handheld.screens.window import world
from tests.handheld.screens.window.goods import MILK, STRANGE, TEA, WATER, jpeg, shot

TOKEN = "a-token-of-the-shop"


class Asking:
    """A caller of a gateway over a small warehouse, its model one of colours."""

    def __init__(self, rooms, weigh=lambda: ""):
        self.rooms = rooms
        self.door = Door(("127.0.0.1", 0), Box(rooms, weigh), TOKEN)
        threading.Thread(target=self.door.serve_forever, daemon=True).start()

    def ask(self, method, path, body=None, token=TOKEN, headers=None):
        """Return the status and what is said."""
        caller = http.client.HTTPConnection(*self.door.server_address, timeout=60)
        bearer = {} if token is None else {"authorization": f"Bearer {token}"}
        caller.request(method, path, body, bearer | (headers or {}))
        answer = caller.getresponse()
        said = json.loads(answer.read())
        caller.close()
        assert answer.headers["content-type"] == "application/json"
        return answer.status, said

    def code(self, method, path, body=None, **more):
        """Return the code of a refusal, and where it lies."""
        status, said = self.ask(method, path, body, **more)
        [error] = said["errors"]
        return status, error["extensions"]["code"], "/".join(error.get("path", ()))

    def tell(self, *events):
        status, said = self.ask("POST", "/events", json.dumps({"events": events}))
        assert status == 200, said
        return [(each["sequence"], each["outcome"]) for each in said["results"]]

    def told(self, *events):
        return self.code("POST", "/events", json.dumps({"events": events}))

    def events(self):
        return [each.labels["item"] for each in self.rooms.outbox.unknown()]

    def close(self):
        self.door.shut(5)
        self.rooms.shut()


@pytest.fixture
def gateway(tmp_path):
    found = Asking(world.rooms(tmp_path))
    yield found
    found.close()


@pytest.fixture(scope="module")
def any_gateway(tmp_path_factory):
    """One for all tests that leave nothing in it."""
    found = Asking(world.rooms(tmp_path_factory.mktemp("any")))
    yield found
    assert found.events() == []
    found.close()


def of_milk(**more):
    return event(item=MILK, place="A-03-1", **more)


# what is known


def test_a_code_is_looked_up_with_all_that_it_says(any_gateway):
    status, said = any_gateway.ask("GET", "/codes?code=]C1010690799210001210K1120%1D17270201")
    assert status == 200
    assert said["item"]["name"] == "蒙牛 纯牛奶 250ml×16"
    assert said["item"]["units"] == {"pallet": "40"}
    assert (said["unit"], said["onHand"]) == ("case", "9")
    assert said["reading"] == {"kind": "item", "gtin": "06907992100012", "lot": "K1120", "expiry": "2027-02-01"}
    assert said["replica"]["items"] == 6
    assert any_gateway.ask("GET", "/codes?code=B-11-4")[1]["place"] == {"reference": "B-11-4", "kind": "BIN"}


@pytest.mark.parametrize(
    ("question", "refusal"),
    [
        ("", (400, "BAD_INPUT", "code")),
        ("?code=", (400, "BAD_INPUT", "code")),
        ("?code=6907992100013", (400, "BAD_INPUT", "code")),
        ("?code=4006381333931", (404, "CODE_UNKNOWN", "code")),
        ("?code=" + "9" * 3000, (400, "BAD_INPUT", "code")),
        ("?code=" + "9" * 9000, (413, "TOO_LARGE", "")),
    ],
)
def test_a_code_that_is_none_or_unknown_is_told_as_such(any_gateway, question, refusal):
    assert any_gateway.code("GET", f"/codes{question}") == refusal


# what is seen


def test_a_picture_is_recognised_with_its_three_likeliest_goods(any_gateway):
    status, said = any_gateway.ask("POST", "/recognise", jpeg(shot(WATER)))
    assert status == 200
    assert (said["known"], said["filled"], said["says"]["code"]) == (True, WATER, "filled")
    first, *others = said["candidates"]
    assert (first["item"], first["name"], len(others)) == (WATER, "农夫山泉 饮用天然水 550ml×24", 2)
    assert first["confidence"] > 0.9 > sum(each["confidence"] for each in others)
    assert any_gateway.events() == [], "recognition records nothing"


def test_look_alikes_are_sent_to_the_barcode_and_strange_goods_are_not_in_the_catalogue(any_gateway):
    said = any_gateway.ask("POST", "/recognise", jpeg(shot(MILK)))[1]
    assert (said["filled"], said["says"]["code"]) == (None, "alike")
    assert "扫条码" in said["says"]["zh"]
    assert [(each["item"], each["because"]) for each in said["alike"]] == [(TEA, ["GEOMETRY"])]
    strange = any_gateway.ask("POST", "/recognise", jpeg(shot(STRANGE)))[1]
    assert (strange["known"], strange["says"]["code"]) == (False, "unknown")


def test_brand_and_style_of_the_catalogue_warn_here_too(gateway):
    said = world.page() | {"restart": False}
    style = {"brand": "农夫山泉", "style": "饮用天然水"}
    said["items"] = [each | style for each in said["items"][:1]]
    large = {"id": "gid://stockbook/Item/70", "externalReference": "LARGE", "name": "The large one", "size": "4 L"}
    gateway.rooms.replica.take(said | {"items": [*said["items"], large | style]})
    [alike] = gateway.ask("POST", "/recognise", jpeg(shot(WATER)))[1]["alike"]
    assert alike == {"item": "LARGE", "name": "The large one", "size": "4 L", "because": ["CATALOGUE"]}


def test_a_picture_that_is_none_or_too_large_is_refused(any_gateway):
    assert any_gateway.code("POST", "/recognise", b"no picture") == (415, "PICTURE_UNREADABLE", "")
    assert any_gateway.code("POST", "/recognise", b"") == (415, "PICTURE_UNREADABLE", "")
    headers = {"content-length": str(PICTURE_BYTES_MAX + 1)}
    assert any_gateway.code("POST", "/recognise", headers=headers) == (413, "TOO_LARGE", "")


# what is told


def test_events_are_kept_in_order_and_one_that_comes_again_is_known(gateway):
    one, two = of_milk(quantity="2"), of_milk(quantity="3")
    assert gateway.tell(one, two) == [(1, "KEPT"), (2, "KEPT")]
    assert gateway.tell(two, one) == [(2, "KNOWN"), (1, "KNOWN")]
    assert gateway.tell(one | {"id": one["id"].upper()}) == [(1, "KNOWN")]
    fresh = of_milk()
    assert gateway.tell(fresh, one, fresh) == [(3, "KEPT"), (1, "KNOWN"), (3, "KNOWN")]
    assert gateway.told(one | {"labels": two["labels"]}) == (409, "ID_TAKEN", "events/0/id")
    other = of_milk()
    assert gateway.told(other, other | {"code": "x"}) == (409, "ID_TAKEN", "events/1/id")
    assert len(gateway.events()) == 3


def test_an_event_in_the_published_form_is_taken_whole_and_stamped_by_the_gateway(gateway):
    said = of_milk() | {
        "clock": "0193512abcde-0000-SCANNER-4", "wall": "2026-11-28T09:00:00+08:00", "uptime": 61_000, "boot": "b1",
        "code": "0106907992100012", "symbology": "]C1", "task": "PO-1", "person": "E7", "chain": "c1",
    }  # fmt: skip
    gateway.tell(said)
    [event] = gateway.rooms.outbox.unknown()
    assert (event.id, event.code, event.task, event.person, event.chain) == (
        said["id"],
        said["code"],
        "PO-1",
        "E7",
        "c1",
    )
    assert event.clock.endswith("-PDA-7")
    assert event.base == "42"


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ("", (400, "BAD_INPUT", "")),
        ("[" * 100_000, (400, "BAD_INPUT", "")),
        ("[]", (400, "BAD_INPUT", "")),
        ('{"events": {}}', (400, "BAD_INPUT", "")),
        ('{"events": []}', (400, "BAD_INPUT", "events")),
        ('{"events": [7]}', (400, "BAD_INPUT", "events/0")),
        ('{"events": [{"labels": {"action": "count"}}]}', (400, "BAD_INPUT", "events/0")),
    ],
)
def test_a_body_that_has_no_events_is_told_where_it_is_wrong(any_gateway, body, refusal):
    assert any_gateway.code("POST", "/events", body) == refusal


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"id": "7"}, "id"),
        ({"labels": {}}, "labels"),
        ({"labels": {str(name): "x" for name in range(9)}}, "labels"),
        ({"labels": {"action": "conjure"}}, "labels/action"),
        ({"labels": {"action": "count", "quantity": "many"}}, "labels/quantity"),
        ({"mood": "good"}, ""),
        ({"code": "x\0"}, "code"),
        ({"wall": "yesterday"}, "wall"),
        ({"weigh": "please"}, "weigh"),
        ({"code": "9" * 9000}, ""),
    ],
)
def test_of_events_with_one_that_is_none_nothing_is_kept(any_gateway, wrong, at):
    status, code, path = any_gateway.told(of_milk(), of_milk() | wrong)
    assert (status, code) == (400, "BAD_INPUT")
    assert path == "/".join(["events", "1", *([at] if at else [])])
    assert any_gateway.events() == []


def test_more_events_than_a_request_has_are_refused(any_gateway):
    assert any_gateway.told(*(of_milk() for _ in range(251))) == (400, "BAD_INPUT", "events")
    assert any_gateway.code("POST", "/events", headers={"content-length": str(EVENTS_BYTES_MAX + 1)})[1] == "TOO_LARGE"


def test_a_full_outbox_takes_nothing_more_and_says_so_in_time(gateway):
    gateway.rooms.outbox.limits = Limits(entries=5)
    assert gateway.ask("POST", "/events", json.dumps({"events": [of_milk()]}))[1]["warning"] is None
    assert gateway.ask("POST", "/events", json.dumps({"events": [of_milk()] * 1 + [of_milk(), of_milk()]}))[1][
        "warning"
    ]
    assert gateway.told(of_milk(), of_milk()) == (503, "FULL", "")
    assert gateway.ask("GET", "/standing")[1]["queue"]["waiting"] == 4
    gateway.rooms.outbox.ending = True
    assert gateway.told(of_milk()) == (503, "WIPING", "")


def test_what_is_told_at_once_by_many_is_taken_once(gateway):
    events = [of_milk() for _ in range(5)]
    callers = [threading.Thread(target=gateway.tell, args=events) for _ in range(8)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    assert len(gateway.events()) == 5


# the scale


def test_an_event_that_is_to_be_weighed_has_the_scale_s_weight_and_keeps_it(tmp_path):
    said = ["1.250"]
    gateway = Asking(world.rooms(tmp_path), lambda: said[0])
    weighed = of_milk() | {"weigh": True}
    assert gateway.tell(weighed) == [(1, "KEPT")]
    said[0] = ""
    assert gateway.tell(weighed) == [(1, "KNOWN")], "the same event, whatever lies on the scale by now"
    assert gateway.told(of_milk() | {"weigh": True}) == (409, "NO_WEIGHT", "events/0/weigh")
    both = of_milk(weight="2") | {"weigh": True}
    assert gateway.told(both) == (400, "BAD_INPUT", "events/0/labels/weight")
    [event] = gateway.rooms.outbox.unknown()
    assert event.labels["weight"] == "1.250"
    gateway.close()


# the door


@pytest.mark.parametrize("token", [None, "", "another", TOKEN + "x"])
@pytest.mark.parametrize("path", ["/standing", "/codes?code=1", "/nowhere"])
def test_without_the_token_nobody_learns_anything(any_gateway, token, path):
    assert any_gateway.code("GET", path, token=token) == (401, "UNAUTHENTICATED", "")


def test_whether_it_lives_is_told_to_everybody(any_gateway):
    assert any_gateway.ask("GET", "/healthz", token=None) == (200, {"alive": True})


@pytest.mark.parametrize(
    ("method", "path", "headers", "refusal"),
    [
        ("GET", "/nowhere", {}, (404, "NOT_FOUND", "")),
        ("GET", "/events", {}, (405, "METHOD_NOT_ALLOWED", "")),
        ("POST", "/standing", {}, (405, "METHOD_NOT_ALLOWED", "")),
        ("DELETE", "/events", {}, (405, "METHOD_NOT_ALLOWED", "")),
        ("POST", "/events", {"transfer-encoding": "chunked"}, (411, "LENGTH_REQUIRED", "")),
        ("POST", "/events", {"content-length": "many"}, (400, "BAD_INPUT", "")),
        ("POST", "/events", {"content-length": "-1"}, (400, "BAD_INPUT", "")),
        ("GET", "/standing", {"x-long": "9" * 70_000}, (413, "TOO_LARGE", "")),
    ],
)
def test_what_is_asked_wrongly_is_refused_with_its_code(any_gateway, method, path, headers, refusal):
    assert any_gateway.code(method, path, headers=headers) == refusal


def test_who_says_nothing_keeps_nobody_waiting(gateway, monkeypatch):
    silent = [socket.create_connection(gateway.door.server_address) for _ in range(doors.UNDER_WAY_MAX * 2)]
    for each in silent:
        each.sendall(b"POST /events HTTP/1.1\r\n")
    assert gateway.tell(of_milk()) == [(1, "KEPT")]
    for each in silent:
        each.close()


def test_who_asks_too_much_at_once_is_told_to_come_again(any_gateway):
    head = f"POST /events HTTP/1.1\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 9\r\n\r\n".encode()
    slow = [socket.create_connection(any_gateway.door.server_address) for _ in range(doors.UNDER_WAY_MAX)]
    for each in slow:
        each.sendall(head)
    until = time.monotonic() + 60
    while any_gateway.ask("GET", "/standing")[0] != 503:
        assert time.monotonic() < until
    for each in slow:
        each.close()
    while any_gateway.ask("GET", "/standing")[0] == 503:
        assert time.monotonic() < until


def test_with_a_certificate_it_speaks_tls_only_and_who_never_shakes_hands_keeps_nobody_waiting(tmp_path, certificate):
    whole = tmp_path / "whole.pem"
    whole.write_bytes(b"".join(each.read_bytes() for each in certificate))
    door = Door(("127.0.0.1", 0), Box(world.rooms(tmp_path)), TOKEN, trusted(str(whole)))
    threading.Thread(target=door.serve_forever, daemon=True).start()
    silent = socket.create_connection(door.server_address)
    context = ssl.create_default_context(cafile=str(certificate[0]))
    caller = http.client.HTTPSConnection(*door.server_address, timeout=60, context=context)
    caller.request("GET", "/standing", headers={"authorization": f"Bearer {TOKEN}"})
    assert json.loads(caller.getresponse().read())["device"] == "PDA-7"
    caller.close()
    plain = http.client.HTTPConnection(*door.server_address, timeout=60)
    with pytest.raises((http.client.HTTPException, OSError)):
        plain.request("GET", "/healthz")
        plain.getresponse()
    silent.close()
    door.shut(5)


def test_a_bug_is_told_as_one_and_the_next_is_answered(gateway, monkeypatch):
    monkeypatch.setattr(gateway.door.box, "look_up", lambda *_: 1 / 0)
    assert gateway.code("GET", "/codes?code=1") == (500, "INTERNAL", "")
    assert gateway.ask("GET", "/standing")[0] == 200
