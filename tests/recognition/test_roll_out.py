"""A version reaches the devices it is rolled out to, in steps; paused, gone on with, rolled back; adoption is seen."""

import hashlib

import pytest

from tests.recognition.shop import model

STEPS = """query V($id: ID!) { modelVersion(id: $id) { state percent told running devices { externalReference }
  steps { stage percent reason devices { externalReference } } } }"""


def share(weights: bytes, device: int) -> int:
    """Where a device stands among a hundred, worked out anew."""
    return int(hashlib.sha256(f"{hashlib.sha256(weights).hexdigest()}/{device}".encode()).hexdigest()[:8], 16) % 100


@pytest.fixture
async def ten(desk):
    """Ten devices of the shop, by their references."""
    return {f"{desk.name}/{n}": await desk.enrol(f"{desk.name}/{n}", role="shop_staff") for n in range(10)}


async def runs(desk, phone, seed):
    name = hashlib.sha256(model(seed)).hexdigest()
    return await desk.done("reportModel", {"runs": name}, headers=desk.as_device(phone))


def those(told, version):
    return {name for name, each in told.items() if each == version}


async def test_a_version_goes_to_two_of_ten_devices_and_then_to_all(desk, ten):
    await desk.publish("A", 100)
    await desk.roll_out("A", percent=100)
    made = await desk.publish("B", 200)
    assert those(await desk.told(), "A") == set(ten)
    two = [f"{desk.name}/3", f"{desk.name}/7"]
    assert await desk.roll_out("B", devices=two) == "REGISTERED"
    assert await desk.roll_out("B", devices=two) == "KNOWN"
    assert (those(await desk.told(), "B"), len(those(await desk.told(), "A"))) == (set(two), 8)
    for name in two:
        await runs(desk, ten[name], 200)
    seen = (await desk.read(STEPS, id=made))["modelVersion"]
    assert (seen["told"], seen["running"]) == (2, 2)
    await desk.roll_out("B", percent=100)
    assert those(await desk.told(), "B") == set(ten)


async def test_a_percentage_is_a_stable_part_that_only_grows(desk, ten):
    await desk.publish("A", 100)
    rows = await desk.fetch("select d.id, p.external_reference from device d join principal p on p.id = d.principal_id"
                            " where d.organisation_id = $1", desk.id)  # fmt: skip
    before = set()
    for percent in (0, 10, 35, 60, 85, 100):
        await desk.roll_out("A", percent=percent)
        now = those(await desk.told(), "A")
        assert now == {name for number, name in rows if share(model(100), number) < percent}
        assert before <= now
        before = now
    assert before == set(ten)


async def test_a_pause_takes_it_from_nobody_and_gives_it_to_nobody(desk, ten):
    await desk.publish("A", 100)
    await desk.roll_out("A", percent=100)
    has, has_not = list(ten)[:3], list(ten)[3:]
    for name in has:
        await runs(desk, ten[name], 100)
    assert await desk.roll_out("A", "PAUSE") == "REGISTERED"
    assert those(await desk.told(), "A") == set(has)
    assert those(await desk.told(), None) == set(has_not)
    assert await desk.roll_out("A", "GO_ON") == "REGISTERED"
    assert those(await desk.told(), "A") == set(ten)


async def test_a_version_that_is_rolled_back_leaves_every_device_to_the_one_before(desk, ten):
    await desk.publish("A", 100)
    await desk.roll_out("A", percent=100)
    made = await desk.publish("B", 200)
    await desk.roll_out("B", percent=100)
    assert await desk.refused("rollOutModels", {"model": "B", "stage": "ROLL_BACK"}) == "BAD_INPUT"
    await desk.roll_out("B", "ROLL_BACK", reason="it takes tea for coffee")
    assert those(await desk.told(), "A") == set(ten)
    seen = (await desk.read(STEPS, id=made))["modelVersion"]
    assert seen["state"] == "ROLLED_BACK"
    assert [(each["stage"], each["reason"]) for each in seen["steps"]] == [
        ("ROLL_OUT", ""),
        ("ROLL_BACK", "it takes tea for coffee"),
    ]
    await desk.roll_out("A", "ROLL_BACK", reason="all of it")
    assert those(await desk.told(), None) == set(ten)


async def test_a_device_follows_its_channel_and_its_own_organisation_before_the_network(desk, ten, serving):
    operator = type(desk)(serving, 1, "OPERATOR")
    await operator.publish(f"NET-{desk.name}", 1000 + desk.id, network=True, role="network_admin")
    await operator.done(
        "rollOutModels", {"model": f"NET-{desk.name}", "stage": "ROLL_OUT", "percent": 100}, role="network_admin"
    )
    assert those(await desk.told(), f"NET-{desk.name}") == set(ten)
    await desk.publish("OWN", 2000)
    await desk.roll_out("OWN", percent=100)
    assert those(await desk.told(), "OWN") == set(ten)
    await desk.publish("TRY", 300, channel="beta")
    await desk.roll_out("TRY", percent=100)
    one = f"{desk.name}/4"
    await desk.done("setRecognition", {"device": one, "channel": "beta"})
    assert those(await desk.told(), "TRY") == {one}
    await operator.done(
        "rollOutModels",
        {"model": f"NET-{desk.name}", "stage": "ROLL_BACK", "reason": "the test is over"},
        role="network_admin",
    )


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ({"stage": "ROLL_OUT"}, "BAD_INPUT"),
        ({"stage": "ROLL_OUT", "percent": 101}, "BAD_INPUT"),
        ({"stage": "ROLL_OUT", "percent": -1}, "BAD_INPUT"),
        ({"stage": "ROLL_OUT", "devices": ["NOWHERE"]}, "REFERENCE_UNKNOWN"),
        ({"stage": "PAUSE"}, "GUARD_NOT_MET"),
        ({"stage": "GO_ON"}, "GUARD_NOT_MET"),
        ({"stage": "GO_ON", "percent": 5}, "BAD_INPUT"),
        ({"stage": "ROLL_BACK", "reason": "why not"}, "GUARD_NOT_MET"),
        ({"stage": "ROLL_OUT", "percent": 5, "model": "B"}, "REFERENCE_UNKNOWN"),
        ({"stage": "ROLL_OUT", "percent": 5, "model": "gid://stockbook/ModelVersion/999999"}, "REFERENCE_UNKNOWN"),
    ],
    ids=str,
)
async def test_a_step_that_can_not_be_taken_is_refused_and_changes_nothing(desk, step, why):
    made = await desk.publish("A", 100)
    assert await desk.refused("rollOutModels", {"model": "A", **step}) == why
    seen = (await desk.read(STEPS, id=made))["modelVersion"]
    assert (seen["state"], seen["steps"]) == ("PUBLISHED", [])


async def test_nobody_else_rolls_out_what_is_not_his_nor_to_devices_that_are_not_his(desk, serving, ten):
    await desk.publish("A", 100)
    assert await desk.refused(
        "rollOutModels", {"model": "A", "stage": "ROLL_OUT", "percent": 5}, role="storekeeper"
    ) == ("ACTION_DENIED")
    name = f"{desk.name}-2"
    [made] = await serving.register(
        "registerOrganisations", {"externalReference": name, "name": "Other", "kind": "SHOP"}
    )
    other = type(desk)(serving, made, name)
    assert (
        await other.refused("rollOutModels", {"model": "A", "stage": "ROLL_OUT", "percent": 5}) == "REFERENCE_UNKNOWN"
    )
    await other.publish("A", 100)
    line = {"model": "A", "stage": "ROLL_OUT", "devices": [f"{desk.name}/1"]}
    assert await other.refused("rollOutModels", line) == "REFERENCE_UNKNOWN"


async def test_only_a_device_reports_what_it_runs_and_by_a_sha256(desk, pda):
    assert await desk.refused("reportModel", {"runs": "0" * 64}, role="storekeeper") == "ACTION_DENIED"
    assert await desk.refused("reportModel", {"runs": "latest"}, headers=desk.as_device(pda)) == "BAD_INPUT"
    await desk.done("reportModel", {"runs": "f" * 64}, headers=desk.as_device(pda))
    data = await desk.read("{ devices { nodes { recognition { runsSha256 runs { version } runsSince } } } }")
    [said] = [each["recognition"] for each in data["devices"]["nodes"]]
    assert (said["runsSha256"], said["runs"], said["runsSince"] is None) == ("f" * 64, None, False)


async def test_settings_are_of_the_device_else_of_the_organisation_else_as_shipped(desk, pda):
    query = "{ devices { nodes { recognition { channel accept samples metered consent sampleDays } } } }"

    async def said():
        return list((await desk.read(query))["devices"]["nodes"][0]["recognition"].values())

    assert await said() == ["stable", None, True, False, True, 365]
    await desk.done("setRecognition", {"accept": "0.95", "metered": True, "sampleDays": 30})
    assert await said() == ["stable", 0.95, False, True, False, 30]
    await desk.done("setRecognition", {"device": pda.reference, "accept": "0", "samples": True, "metered": False})
    assert await said() == ["stable", 0.0, True, False, False, 30]
    again = {"device": pda.reference, "accept": "0", "samples": True, "metered": False}
    assert (await desk.done("setRecognition", again))[0] == "KNOWN"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"accept": "-0.1"}, "BAD_INPUT"),
        ({"accept": "2.1"}, "BAD_INPUT"),
        ({"sampleDays": 0}, "BAD_INPUT"),
        ({"sampleDays": 100_000}, "BAD_INPUT"),
        ({"channel": " "}, "BAD_INPUT"),
        ({"channel": "Stable channel"}, "BAD_INPUT"),
        ({"device": "NOWHERE"}, "REFERENCE_UNKNOWN"),
    ],
    ids=str,
)
async def test_what_recognition_can_not_be_set_to_is_refused(any_desk, line, why):
    assert await any_desk.refused("setRecognition", line) == why
    assert await any_desk.refused("setRecognition", {}, role="storekeeper") == "ACTION_DENIED"


async def test_consent_and_days_are_set_for_all_devices_alone(desk, pda):
    assert await desk.refused("setRecognition", {"device": pda.reference, "consent": True}) == "BAD_INPUT"
    assert await desk.refused("setRecognition", {"device": pda.reference, "sampleDays": 5}) == "BAD_INPUT"
