"""What devices are set to, which are below the line, and what they say of themselves."""

import pytest

from tests.tasks.asking import done, refused

BELOW = """{ devices(filter: {belowMinimum: {eq: true}}, sort: [EXTERNAL_REFERENCE_ASC]) {
  nodes { externalReference model os osVersion appVersion } } }"""
SET = "{ devices(sort: [EXTERNAL_REFERENCE_ASC]) { nodes { externalReference entriesMax hoursMax cache androidMin } } }"
OWN = "{ replica { device { externalReference waiting oldest hoursMax belowMinimum } } }"


@pytest.fixture(scope="module")
async def devices(trade):
    """Four handhelds of the shop, one of them too old; PDA-1 can ask for itself."""
    kinds = [("PDA-1", "ANDROID", "12"), ("PDA-2", "ANDROID", "11.9"), ("PDA-3", "ANDROID", "13")]
    kinds.append(("IPAD", "IOS", "16.0"))
    lines = [
        {"externalReference": name, "name": name, "role": "storekeeper", "model": "N7", "system": system,
         "systemVersion": version, "appVersion": "1.9"}
        for name, system, version in kinds
    ]  # fmt: skip
    document = """mutation E($input: EnrolDevicesInput!) { enrolDevices(input: $input) {
        errors { code message } results { device reference } } }"""
    answer = await trade.ask(document, {"input": {"lines": lines}}, "SHOP", "org_admin")
    assert answer["data"]["enrolDevices"]["errors"] == [], answer
    row = await trade.parts.writes.fetchrow("select id from principal where external_reference = 'PDA-1'")
    trade.people["PDA-1"], trade.ids["PDA-1"] = row[0], trade.ids["SHOP"]
    return trade


async def nodes(trade, document, by="SHOP", role="org_admin"):
    return (await trade.ask(document, None, by, role))["data"]["devices"]["nodes"]


async def test_devices_below_android_12_and_ios_16_are_listed(devices):
    assert [each["externalReference"] for each in await nodes(devices, BELOW)] == ["PDA-2"]
    assert await nodes(devices, BELOW, by="SHOP-2") == []


async def test_a_device_is_set_by_itself_else_by_its_organisation_else_as_shipped(devices):
    everybody = {"hoursMax": 48, "androidMin": "13"}
    assert await done(devices, "setDevices", everybody, by="SHOP", role="org_admin") == ["REGISTERED"]
    assert await done(devices, "setDevices", everybody, by="SHOP", role="org_admin") == ["KNOWN"]
    one = {"device": "PDA-3", "entriesMax": 1000, "cache": False}
    assert await done(devices, "setDevices", one, by="SHOP", role="org_admin") == ["REGISTERED"]
    assert [tuple(each.values()) for each in await nodes(devices, SET)] == [
        ("IPAD", 50_000, 48, True, "13"),
        ("PDA-1", 50_000, 48, True, "13"),
        ("PDA-2", 50_000, 48, True, "13"),
        ("PDA-3", 1000, 48, False, "13"),
    ]
    assert [each["externalReference"] for each in await nodes(devices, BELOW)] == ["PDA-1", "PDA-2"]
    assert await done(devices, "setDevices", {"appMin": "1.10"}, by="SHOP", role="org_admin") == ["REGISTERED"]
    assert len(await nodes(devices, BELOW)) == 4  # 1.9 is older than 1.10
    await done(devices, "setDevices", {}, by="SHOP", role="org_admin")
    assert [each["externalReference"] for each in await nodes(devices, BELOW)] == ["PDA-2"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"entriesMax": 0}, "BAD_INPUT"),
        ({"hoursMax": -1}, "BAD_INPUT"),
        ({"hoursMax": 10_000}, "BAD_INPUT"),
        ({"device": "PDA-9"}, "REFERENCE_UNKNOWN"),
    ],
)
async def test_what_no_device_can_be_set_to_is_refused(devices, line, code):
    before = await devices.count()
    assert await refused(devices, "setDevices", line, by="SHOP", role="org_admin") == code
    other = {"device": "PDA-1"}
    assert await refused(devices, "setDevices", other, by="SHOP-2", role="org_admin") == "REFERENCE_UNKNOWN"
    assert await refused(devices, "setDevices", {}, by="LI", role="storekeeper") == "ACTION_DENIED"
    assert await devices.count() == before


async def test_a_device_says_what_it_runs_and_what_waits_and_is_told_what_it_is_set_to(devices):
    said = {"appVersion": "2.0", "systemVersion": "14", "waiting": 7, "oldestAt": "2026-11-28T08:00:00Z"}
    assert await done(devices, "reportDevice", said, by="PDA-1") == ["REGISTERED"]
    answer = await devices.ask(OWN, None, "PDA-1", "storekeeper")
    assert answer["data"]["replica"]["device"] == {
        "externalReference": "PDA-1",
        "waiting": 7,
        "oldest": "2026-11-28T08:00:00+00:00",
        "hoursMax": 72,
        "belowMinimum": False,
    }
    assert (await devices.ask(OWN, None, "LI", "storekeeper"))["data"]["replica"]["device"] is None
    assert await refused(devices, "reportDevice", said, by="LI") == "ACTION_DENIED"
    assert await refused(devices, "reportDevice", {**said, "waiting": -1}, by="PDA-1") == "BAD_INPUT"
