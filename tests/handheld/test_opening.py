"""A device as it is put together: what recognises stands beside what scans, and is wiped with it."""

import base64
import json
from datetime import UTC, datetime

import pytest
from PIL import Image

from handheld import opening
from handheld.client.enrolment import Enrolment, FileKeystore
from handheld.client.wiping import Wiped
from handheld.outbox.samples import Correction
from handheld.screens import compose
from handheld.screens.desk import Desk
from handheld.vision.absent import Absent
from tests.handheld.client.model import REFERENCE, SECRETS, TOKEN

NOWHERE = "http://127.0.0.1:9"
AT = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path):
    keystore = FileKeystore(tmp_path / "enrolment.json")
    keystore.save(Enrolment(NOWHERE, REFERENCE, 1, base64.b64encode(SECRETS[1]).decode(), TOKEN))
    (tmp_path / "recognition.json").write_text(json.dumps({"accept": 0.97, "samples": True, "metered": True}))
    found = Desk(lambda act: act(), compose.enroller(tmp_path, keystore), opening.kept(tmp_path, keystore))
    yield found
    found.eye.close()
    found.worker.close()
    found.close()


def test_the_shipped_model_is_looked_through_until_another_is_rolled_out(desk):
    sight = desk.sight
    if isinstance(sight.recogniser, Absent):
        pytest.skip(f"nothing runs the model here: {sight.recogniser.detail}")
    assert sight.version == sight.recogniser.model.version
    sight.enrol("MILK", [Image.new("RGB", (300, 300), (200, 30, 30)), Image.new("RGB", (300, 300), (190, 40, 40))])
    assert [(each.item, each.photographs) for each in sight.goods()] == [("MILK", 2)]
    assert sight._accept() == 0.97, "what the server set goes before the model's own"


def test_a_wiped_device_keeps_no_picture_and_no_model(desk, tmp_path):
    sight, samples = desk.sight, desk.there.recognition.samples
    if not isinstance(sight.recogniser, Absent):
        sight.enrol("MILK", [Image.new("RGB", (300, 300), (200, 30, 30))])
    assert samples.keep(b"a picture", Correction("MILK", AT)) is None
    rolled = tmp_path / "models" / "ab"
    rolled.mkdir(parents=True)
    (rolled / "sku.tflite").write_bytes(b"weights")
    opening._erased(tmp_path, desk.there.recognition)
    desk.there.exchange._sync.wiped = Wiped("lost", 0)
    assert desk.leave()
    desk.learn()  # a page that was shown is left after its device was
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert not {"vision.db", "recognition.json", "sku.tflite"} & left
    assert not list(tmp_path.rglob("*.picture"))
