"""Goods are photographed once for all devices of an organisation: what two people agree on is enrolled on each."""

import hashlib
from datetime import UTC, datetime

import pytest

from handheld.client.sharing import EACH_MAX, Sharing
from handheld.vision.gallery import SERVER
from handheld.vision.sight import Sight
from tests.handheld.screens.window.goods import MILK as RED
from tests.handheld.screens.window.goods import jpeg, shot
from tests.handheld.vision.seeing import recogniser
from tests.recognition.test_device import Device
from tests.recognition.test_review import review

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
TINY = (96, 96)


class Handheld(Device):
    """A device with a gallery, over a model of colours."""

    def __init__(self, home, address, enrolled):
        super().__init__(home, address, enrolled)
        self.sight = Sight(lambda _: recogniser(home, sha256=self.model), lambda: home / self.model, self.samples,
                           lambda: NOW)  # fmt: skip
        self.recognition.sharing = Sharing(self.transport, self.sight)

    model = "1" * 64

    async def later(self):
        """An hour passes, and it exchanges."""
        self.time += 3600
        step = await self.settle()
        assert step.failed is None, step

    def known(self):
        return {each.item: each.photographs for each in self.sight.goods() if each.photographs}

    def close(self):
        self.sight.close()
        super().close()


@pytest.fixture
async def two(desk, tmp_path):
    """Two devices of one shop."""
    made = []
    for name in ("ONE", "TWO"):
        [result] = (await desk.enrolment(f"{name}-{desk.name}", "shop_staff"))["results"]
        said = {key: result[key] for key in ("reference", "epoch", "secret", "token", "modelKey")}
        made.append(Handheld(tmp_path / name, desk.served.address, said))
    for each in made:
        await each.settle()
    yield made
    for each in made:
        each.close()


def photographs(count, first=0):
    return [shot(RED, first + noise).resize(TINY) for noise in range(count)]


async def reviewed(desk, reviewer="LI", verdict="ACCEPT", states=("LABELLED",), **more):
    """Have the samples of the shop looked at by somebody else than who took them; return how many there were."""
    rows = await desk.fetch(
        "select id from recognition_sample where organisation_id = $1 and state = any($2)", desk.id, list(states)
    )
    for row in rows:
        sample = f"gid://stockbook/RecognitionSample/{row['id']}"
        assert (await review(desk, sample, verdict, reviewer, **more))["errors"] == []
    return len(rows)


async def test_what_one_device_enrols_another_knows_once_two_people_agree(desk, two):
    one, other = two
    assert one.sight.enrol("MILK", photographs(3), person="E1") == 3
    await one.later()
    await other.later()
    assert other.known() == {}, "one person's word is not enough"
    assert await reviewed(desk) == 3
    await other.later()
    assert other.known() == {"MILK": 3}
    looked = other.sight.recognise(jpeg(shot(RED, 50)))
    assert looked.said.first.item == "MILK"
    assert {each.source for each in other.sight.photographs("MILK")} == {SERVER}
    assert other.sight.faces(["MILK"], 40), "and has its face"


async def test_who_took_them_does_not_have_them_twice(desk, two):
    one, _ = two
    one.sight.enrol("MILK", photographs(2))
    await one.later()
    await reviewed(desk)
    await one.later()
    assert one.known() == {"MILK": 2}


async def test_what_is_no_longer_agreed_on_is_forgotten_and_one_s_own_stays(desk, two):
    one, other = two
    other.sight.enrol("MILK", photographs(1, first=70))
    one.sight.enrol("MILK", photographs(2))
    await one.later()
    await reviewed(desk)
    await other.later()
    assert other.known() == {"MILK": 3}
    assert await reviewed(desk, "WANG", "REJECT", ("ACCEPTED",), reason="it is soy") == 2
    await other.later()
    assert other.known() == {"MILK": 1}


async def test_after_a_change_of_model_they_are_looked_at_again_without_network(desk, two):
    one, other = two
    one.sight.enrol("MILK", photographs(2))
    await one.later()
    await reviewed(desk)
    await other.later()
    other.model = "2" * 64
    assert other.known() == {"MILK": 2}


async def test_of_an_item_the_newest_few_are_fetched(desk, two):
    one, other = two
    one.sight.enrol("MILK", photographs(EACH_MAX + 3))
    await one.later()
    await reviewed(desk)
    await other.later()
    assert other.known() == {"MILK": EACH_MAX}


async def test_a_file_that_is_damaged_at_the_server_is_enrolled_nowhere(desk, two):
    one, other = two
    one.sight.enrol("MILK", photographs(2))
    await one.later()
    await reviewed(desk)
    [row, _] = await desk.fetch("select sha256 from recognition_sample where organisation_id = $1", desk.id)
    desk.served.app.parts.files.path(desk.id, row["sha256"]).write_bytes(b"nothing")
    await other.later()
    assert other.known() == {"MILK": 1}
    assert all(hashlib.sha256(each.picture).hexdigest() == each.digest for each in other.sight.photographs("MILK"))


async def test_a_role_that_is_shown_no_pictures_goes_without_and_is_not_in_trouble(desk, tmp_path):
    [result] = (await desk.enrolment(f"COUNTER-{desk.name}", "counter"))["results"]
    said = {key: result[key] for key in ("reference", "epoch", "secret", "token", "modelKey")}
    device = Handheld(tmp_path, desk.served.address, said)
    await device.later()
    assert device.known() == {}
    device.close()
