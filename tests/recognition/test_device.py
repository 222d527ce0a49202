"""A real device and a real server: versions through a network that tears, verified, rolled back; pictures sent."""

import asyncio
import base64
import contextlib
import hashlib
import json
from datetime import UTC, datetime

import pytest

from handheld.client.enrolment import FileKeystore, read
from handheld.client.models import Models, Unfit
from handheld.client.recognition import Recognition
from handheld.client.transport import Transport, Trouble
from handheld.outbox.samples import Correction, NotKept, Samples
from tests.recognition.shop import model, picture

ALL = 10**9


class Torn:
    """A network that carries so many bytes of the server's and then cuts every connection."""

    def __init__(self, address):
        self._port, self.left = int(address.rpartition(":")[2]), ALL
        self.carried = 0
        self._under_way = set()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _carry(self, reader, writer):
        self._under_way.add(asyncio.current_task())
        try:
            there, on = await asyncio.open_connection("127.0.0.1", self._port)
        except BaseException:
            writer.close()
            raise
        up = asyncio.create_task(self._up(reader, on))
        try:
            while self.left and (said := await there.read(4096)):
                said = said[: self.left]
                self.left -= len(said)
                self.carried += len(said)
                writer.write(said)
                await writer.drain()
        except OSError:
            pass
        finally:
            up.cancel()
            await asyncio.gather(up, return_exceptions=True)
            for each in (writer, on):
                each.close()
                with contextlib.suppress(OSError):
                    await each.wait_closed()

    async def _up(self, reader, on):
        with contextlib.suppress(OSError):
            while said := await reader.read(65536):
                on.write(said)
                await on.drain()


class Device:
    """A handheld's half of recognition; made anew over the same folder it is the same after a restart."""

    def __init__(self, home, address, enrolled=None, unmetered=lambda: True):
        self.keystore = FileKeystore(home / "enrolment.json")
        if enrolled:
            self.keystore.save(read(json.dumps({"address": address, **enrolled})))
        self.time = 0.0
        self.models = Models(home / "models", home / "shipped")
        self.samples = Samples(home / "samples")
        self.transport = Transport(address, connect_seconds=5, read_seconds=10)
        self.recognition = Recognition(
            home, self.models, self.samples, self.keystore, self.transport, unmetered, monotonic=lambda: self.time
        )

    async def settle(self, most=200):
        """Take steps until there is nothing to do, or something fails; return the last."""
        self.time += 61
        for _ in range(most):
            step = await asyncio.to_thread(self.recognition.step)
            if not step.more:
                return step
        raise AssertionError("never done")

    def close(self):
        self.samples.close()
        self.transport.close()


@pytest.fixture
async def enrolled(desk):
    [result] = (await desk.enrolment(f"PDA-{desk.name}", "shop_staff"))["results"]
    return {name: result[name] for name in ("reference", "epoch", "secret", "token", "modelKey")}


async def weights(device):
    return (device.models.folder / "sku.tflite").read_bytes()


async def published(desk, version, seed, size):
    """Publish a version of so many bytes and roll it out to everybody."""
    from tests.recognition.shop import manifest  # noqa: PLC0415

    content = model(seed, size)
    name = await desk.files(manifest(version, content, top1=round(0.5 + seed / 1000, 4)), content)
    await desk.done("publishModels", {"manifest": name})
    await desk.roll_out(version, percent=100)
    return content


async def test_a_version_is_fetched_through_a_network_that_tears_and_put_in_force_whole(desk, enrolled, tmp_path):
    content = await published(desk, "A", 100, 3_000_000)
    async with Torn(desk.served.address) as torn:
        device = Device(tmp_path, torn.address, enrolled)
        torn.left = 1_400_000
        step = await device.settle()
        assert step.failed.trouble is Trouble.OFFLINE
        fetched = device.models.parts.fetched(hashlib.sha256(content).hexdigest())
        assert 500_000 < fetched < 1_400_000
        assert device.models.in_force == ""
        device.close()
        torn.left, torn.carried = ALL, 0
        device = Device(tmp_path, torn.address)  # started anew, it goes on where it was
        assert (await device.settle()).failed is None
        assert torn.carried < len(content) - fetched + 100_000, "nothing is fetched twice"
        assert await weights(device) == content
        facts = json.loads((device.models.folder / "sku.json").read_text())
        assert facts["version"] == "A" and len(base64.b64decode(facts["signature"])) == 64
        device.close()
    data = await desk.read("{ devices { nodes { recognition { runs { version } } } } }")
    assert data["devices"]["nodes"] == [{"recognition": {"runs": {"version": "A"}}}]


async def test_a_version_whose_signature_is_not_the_server_s_is_not_put_in_force(desk, enrolled, tmp_path):
    content = await published(desk, "A", 100, 40_000)
    device = Device(tmp_path, desk.served.address, enrolled)
    await device.settle()
    await published(desk, "B", 200, 40_000)
    forged = base64.b64encode(bytes(64)).decode()
    await desk.served.app.parts.beside.execute(
        "update model_version set signature = $2 where organisation_id = $1 and version = 'B'", desk.id, forged
    )
    step = await device.settle()
    assert (step.failed.trouble, device.recognition.unfit) == (Trouble.REFUSED, Unfit.FORGED)
    assert await weights(device) == content
    assert (await device.settle()).failed is None, "it is not fetched again and again"
    await desk.roll_out("B", "ROLL_BACK", reason="forged")
    await published(desk, "C", 300, 40_000)
    await device.settle()
    assert (device.recognition.unfit, await weights(device)) == (None, model(300, 40_000))
    device.close()


async def test_a_manifest_that_was_altered_is_not_believed(desk, enrolled, tmp_path):
    await published(desk, "A", 100, 40_000)
    await desk.served.app.parts.beside.execute(
        "update model_version set manifest = replace(manifest, '0.88', '0.01') where organisation_id = $1", desk.id
    )
    device = Device(tmp_path, desk.served.address, enrolled)
    await device.settle()
    assert (device.recognition.unfit, device.models.in_force) == (Unfit.FORGED, "")
    device.close()


async def test_a_file_that_is_damaged_at_the_server_is_never_put_in_force(desk, enrolled, tmp_path):
    content = await published(desk, "A", 100, 40_000)
    path = desk.served.app.parts.files.path(desk.id, hashlib.sha256(content).hexdigest())
    path.write_bytes(content[:-1] + b"!")
    device = Device(tmp_path, desk.served.address, enrolled)
    step = await device.settle()
    assert (step.failed.trouble, device.recognition.unfit) == (Trouble.FAILED, Unfit.DAMAGED)
    assert device.models.in_force == ""
    path.write_bytes(content)
    assert (await device.settle()).failed is None
    assert await weights(device) == content
    device.close()


async def test_a_roll_back_needs_no_network_but_the_word(desk, enrolled, tmp_path):
    first = await published(desk, "A", 100, 600_000)
    async with Torn(desk.served.address) as torn:
        device = Device(tmp_path, torn.address, enrolled)
        await device.settle()
        second = await published(desk, "B", 200, 600_000)
        await device.settle()
        assert await weights(device) == second
        await desk.roll_out("B", "ROLL_BACK", reason="it takes tea for coffee")
        torn.carried = 0
        await device.settle()
        assert await weights(device) == first
        assert torn.carried < 50_000
        await desk.roll_out("A", "ROLL_BACK", reason="all of it")
        await device.settle()
        assert (device.models.in_force, device.models.folder) == ("", tmp_path / "shipped")
        device.close()


async def test_a_device_without_a_key_takes_no_model(desk, enrolled, tmp_path):
    await published(desk, "A", 100, 40_000)
    del enrolled["modelKey"]
    device = Device(tmp_path, desk.served.address, enrolled)
    await device.settle()
    assert (device.recognition.unfit, device.models.in_force) == (Unfit.NO_KEY, "")
    device.close()


async def test_corrected_pictures_wait_for_wi_fi_and_come_once_through_a_bad_network(desk, enrolled, tmp_path):
    wifi = []
    async with Torn(desk.served.address) as torn:
        device = Device(tmp_path, torn.address, enrolled, unmetered=lambda: bool(wifi))
        assert device.samples.keep(picture(0), Correction("MILK", datetime.now(UTC))) is NotKept.OFF
        await device.settle()
        pictures = [picture(seed) for seed in range(1, 6)]
        for content in pictures:
            guesses = (("TOMATO", 0.61234567), ("MILK", 0.2))
            correction = Correction("MILK", datetime.now(UTC), guesses, "f" * 64, f"{desk.name}/SITE", "E1")
            assert device.samples.keep(content, correction) is None
        await device.settle()
        assert device.samples.standing().waiting == 5, "none over a network that is paid by volume"
        wifi.append(True)
        for bytes_left in (3000, 1500, 900, 400):  # replies are lost after the server has taken what was sent
            torn.left = bytes_left
            await device.settle()
        torn.left = ALL
        device.close()
        device = Device(tmp_path, torn.address, unmetered=lambda: True)
        assert (await device.settle()).failed is None
        assert device.samples.standing() == (0, 0, ())
        device.close()
    rows = await desk.fetch("select sha256, state, person, guesses from recognition_sample"
                            " where organisation_id = $1 order by id", desk.id)  # fmt: skip
    assert [row["sha256"] for row in rows] == [hashlib.sha256(content).hexdigest() for content in pictures]
    assert {(row["state"], row["person"]) for row in rows} == {("LABELLED", "E1")}
    assert json.loads(rows[0]["guesses"])[0]["confidence"] == 0.6123


async def test_a_picture_that_the_server_does_not_want_is_deleted_and_told_why(desk, enrolled, tmp_path):
    device = Device(tmp_path, desk.served.address, enrolled)
    await device.settle()
    for content, item in ((b"no picture", "MILK"), (picture(1), "NOWHERE"), (picture(2) + bytes(60_000), "MILK")):
        assert device.samples.keep(content, Correction(item, datetime.now(UTC))) is None
    good = picture(3)
    device.samples.keep(good, Correction("MILK", datetime.now(UTC)))
    assert (await device.settle()).failed is None
    standing = device.samples.standing()
    assert (standing.waiting, [code for code, _ in standing.refused]) == (
        0,
        ["PICTURE_TOO_LARGE", "ITEM_UNKNOWN", "PICTURE_UNREADABLE"],
    )
    rows = await desk.fetch("select sha256, state from recognition_sample where organisation_id = $1 and"
                            " state <> 'AWAITED'", desk.id)  # fmt: skip
    assert [tuple(row) for row in rows] == [(hashlib.sha256(good).hexdigest(), "LABELLED")]
    device.close()


async def test_where_samples_are_switched_off_what_waits_is_forgotten(desk, enrolled, tmp_path):
    device = Device(tmp_path, desk.served.address, enrolled, unmetered=lambda: False)
    await device.settle()
    device.samples.keep(picture(1), Correction("MILK", datetime.now(UTC)))
    await desk.done("setRecognition", {"samples": False, "accept": "0.97"})
    await device.settle()
    assert (device.samples.standing().waiting, device.recognition.set.accept) == (0, 0.97)
    assert not list((tmp_path / "samples").glob("*.picture"))
    device.close()
    assert Device(tmp_path, desk.served.address).recognition.set.accept == 0.97, "known without network too"


async def test_a_device_that_is_wiped_keeps_nothing_of_it(desk, enrolled, tmp_path):
    await published(desk, "A", 100, 40_000)
    device = Device(tmp_path, desk.served.address, enrolled, unmetered=lambda: True)
    await device.settle()
    device.samples.keep(picture(1), Correction("MILK", datetime.now(UTC)))
    device.recognition.forget()
    left = [
        path for path in tmp_path.rglob("*") if path.is_file() and path.name not in {"enrolment.json", "samples.db"}
    ]
    assert left == []
    device.close()
