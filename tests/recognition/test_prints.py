"""A printed date goes from a pack to the books: photographed, read by the server, confirmed by a person, received."""

import asyncio
import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image, ImageDraw, ImageFont

from handheld.client.prints import Prints, Unread
from handheld.client.transport import Transport
from stockbook.domain.capture.printed import Says
from stockbook.flows.recognition.prints import Prints as Reading
from stockbook.store.recognition.pictures import look
from stockbook.store.recognition.prints import Ocr
from tests.recognition.shop import code, picture

SOON = (datetime.now(UTC) + timedelta(days=20)).date()
PATH = "/recognition/print"


def pack(*lines, size=44):
    """A photograph of a carton's side: dark print on a pale ground, as an ink jet leaves it."""
    drawn = Image.new("RGB", (640, 480), (226, 214, 190))
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(size)
    for number, line in enumerate(lines):
        pen.text((60, 90 + number * 90), line, fill=(30, 28, 40), font=font)
    into = io.BytesIO()
    drawn.save(into, "JPEG", quality=90)
    return into.getvalue()


class Held:
    """The enrolment of a device, as far as print needs it."""

    def __init__(self, token):
        self.token = token

    def load(self):
        return self


@pytest.fixture(scope="module")
def reads():
    """Where print is read: the extra is there, and what it needs of the machine."""
    pytest.importorskip("rapidocr_onnxruntime", reason="the extra print is not installed", exc_type=ImportError)


async def test_a_date_is_read_from_print_and_told_with_its_lot(reads, any_desk, any_pda):
    answer = await any_desk.served.http.post(
        PATH, content=pack(f"EXP {SOON:%d.%m.%Y}", "LOT K1120"), headers=any_desk.as_device(any_pda)
    )
    said = answer.json()
    assert (answer.status_code, said["lot"]) == (200, "K1120"), said
    assert (said["dates"][0]["says"], said["dates"][0]["on"]) == ("EXPIRY", f"{SOON}")


async def test_a_device_has_print_read_and_what_is_confirmed_is_the_lot_s_expiry_in_the_books(reads, desk, pda):
    prints = Prints(Held(pda.token), Transport(desk.served.address))
    found = await asyncio.to_thread(prints.read, pack(f"BEST BEFORE {SOON:%d %b %Y}".upper()))
    assert [(each.says, each.on) for each in found.dates] == [(Says.EXPIRY, SOON)]
    dock = f"{desk.name}/DOCK"
    scan = pda.scan("inbound", item="MILK", quantity="2", batch=f"{SOON}", expiry=f"{SOON}", place=dock)
    assert await desk.fates(pda, scan) == ["POSTED"]
    [row] = await desk.fetch(
        "select l.expiry from lot l join position p on p.lot_id = l.id join place s on s.id = p.place_id"
        " where s.external_reference = $1", dock,
    )  # fmt: skip
    assert row["expiry"] == SOON


async def test_a_picture_without_print_says_nothing(reads, any_desk, any_pda):
    answer = await any_desk.served.http.post(PATH, content=picture(3), headers=any_desk.as_device(any_pda))
    assert answer.json() == {"dates": [], "lot": ""}


@pytest.mark.parametrize(
    ("content", "status", "why"),
    [
        (b"no picture", 415, "PICTURE_UNREADABLE"),
        (pack("EXP 2026-12-20")[:-300], 415, "PICTURE_UNREADABLE"),
        (pack("EXP") + bytes(50_000), 413, "PICTURE_TOO_LARGE"),
    ],
    ids=["text", "torn", "large"],
)
async def test_what_is_no_picture_is_refused(any_desk, any_pda, content, status, why):
    answer = await any_desk.served.http.post(PATH, content=content, headers=any_desk.as_device(any_pda))
    assert (answer.status_code, code(answer)) == (status, why)


async def test_who_may_not_scan_has_no_print_read(any_desk):
    answer = await any_desk.served.http.post(PATH, content=pack("EXP"), headers=any_desk.token("finance"))
    assert (answer.status_code, code(answer)) == (403, "ACTION_DENIED")
    assert (await any_desk.served.http.post(PATH, content=pack("EXP"))).status_code == 401


async def test_a_server_without_the_extra_says_so_and_the_device_has_the_date_typed(any_desk, any_pda):
    door = any_desk.served.app._prints
    kept, door._prints = door._prints, Reading(Ocr("no_such_package"), look, 50_000, lambda: SOON)
    try:
        answer = await any_desk.served.http.post(PATH, content=pack("EXP"), headers=any_desk.as_device(any_pda))
        assert (answer.status_code, code(answer)) == (501, "PRINT_UNREAD")
        prints = Prints(Held(any_pda.token), Transport(any_desk.served.address))
        assert await asyncio.to_thread(prints.read, pack("EXP")) is Unread.NO_READER
    finally:
        door._prints = kept


@pytest.mark.parametrize(("content", "why"), [(b"no picture", Unread.BAD_PICTURE)])
async def test_a_device_is_told_why_nothing_was_read(any_desk, any_pda, content, why):
    prints = Prints(Held(any_pda.token), Transport(any_desk.served.address))
    assert await asyncio.to_thread(prints.read, content) is why


def test_without_network_nothing_is_read():
    nowhere = Transport("http://127.0.0.1:9", connect_seconds=1, read_seconds=1)
    assert Prints(Held("t"), nowhere).read(b"x") is Unread.OFFLINE
