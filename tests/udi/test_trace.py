"""One item, one code (A122 to A124): a UDI is traced from receipt to whoever got it, and what lacks one is listed."""

import csv
import io
from pathlib import Path

import pytest
import pytest_asyncio

from stockbook.domain.capture.udi import traced
from stockbook.flows.identification import checklist, trace
from tests.capture.phone import Shop, shop
from tests.serving import served

GTIN = "06901234567892"
UDI = f"01{GTIN}17281031" + "10LOT7\x1d" + "21S1"
DOCUMENTS = Path(__file__).parents[2] / "schema/documents"
TRACE = (DOCUMENTS / "udi_trace.graphql").read_text()
CHECKS = (DOCUMENTS / "udi_checks.graphql").read_text()


@pytest_asyncio.fixture(scope="module")
async def serving(fresh):
    async with served(await fresh()) as running:
        await running.register(
            "registerItems",
            {"externalReference": "VALVE", "name": "心脏瓣膜 Heart valve", "baseUnit": "piece", "udi": True,
             "gtin": GTIN, "riskClass": "III"},
            {"externalReference": "GLOVE", "name": "手套 Glove", "baseUnit": "piece", "udi": True},
        )  # fmt: skip
        yield running


@pytest_asyncio.fixture(scope="module")
async def store(serving) -> Shop:
    """A dealer that bought two valves of a maker, and sold one to a clinic."""
    made = await shop(serving, "DEALER")
    await serving.register(
        "registerOrganisations",
        *({"externalReference": name, "name": name.title(), "kind": "PARTY"} for name in ("MAKER", "CLINIC")),
    )
    await serving.register(
        "openDocuments",
        {"externalReference": "PO-1", "kind": "ORDER", "counterparty": "MAKER"},
        {"externalReference": "SO-1", "kind": "ORDER", "counterparty": "CLINIC"},
        organisation=made.id,
    )
    for serial in ("S1", "S2"):
        goods = {"item": "VALVE", "quantity": "1", "lot": f"LOT7/{serial}"}
        place = {"place": "DEALER/DOCK", "expiry": "2028-10-31"}
        await serving.post("receive", made.id, {**goods, **place}, document="PO-1")
        await serving.post("putAway", made.id, {**goods, "source": "DEALER/DOCK", "place": "DEALER/A03-05"})
    await serving.post(
        "sell", made.id, {"item": "VALVE", "quantity": "1", "lot": "LOT7/S1", "place": "DEALER/A03-05"},
        document="SO-1",
    )  # fmt: skip
    return made


async def nodes(store, udi, role="auditor", organisation=None):
    said = await store.served.ask(TRACE, organisation or store.id, role, udi=udi)
    return said["trace"]["nodes"]


@pytest.mark.parametrize("udi", [UDI, "\x1d" + UDI, f"(01){GTIN}(17)281031(10)LOT7(21)S1", f"(01){GTIN}(21)S1(10)LOT7"])
async def test_a122_one_code_tells_from_whom_it_came_and_who_got_it(store, udi):
    found = await nodes(store, udi)
    assert [each["verb"] for each in found] == ["RECEIVE", "PUT_AWAY", "SELL"]
    paper = trace(udi, traced(udi), found)
    rows = list(csv.DictReader(io.StringIO(paper.csv().removeprefix("\ufeff"))))
    assert [(row["来源 From"], row["去向 To"]) for row in rows] == [
        ("Maker", "Dealer · Place"), ("Dealer · Place", "Dealer · Place"), ("Dealer · Place", "Clinic"),
    ]  # fmt: skip
    for row in rows:
        assert (row["产品标识 DI"], row["生产批号 Lot"], row["序列号 Serial"]) == (GTIN, "LOT7", "S1")
        assert (row["失效日期 Expiry"], row["数量 Quantity"], row["单位 Unit"]) == ("2028-10-31", "1", "piece")
    assert [row["单据 Document"] for row in rows] == ["PO-1", "", "SO-1"]
    assert "Clinic" in paper.html() and "<script" not in paper.html()


async def test_a_label_that_says_only_the_lot_traces_all_of_it(store):
    assert len(await nodes(store, f"01{GTIN}10LOT7")) == 5
    assert await nodes(store, f"01{GTIN}10LOT70") == []
    assert await nodes(store, "010000000000001710LOT7") == [], "another device's lot of that name"


async def test_a_trace_shows_what_the_asker_may_see_and_nothing_else(store):
    stranger = await shop(store.served, "STRANGER")
    assert await nodes(store, UDI, organisation=stranger.id) == []
    answer = await store.served.http.post(
        "/graphql", json={"query": TRACE, "variables": {"udi": UDI}}, headers=store.served.bearer(store.id, "board")
    )
    said = answer.json()
    assert "data" in said, said
    assert said["data"]["trace"] is None or not said["data"]["trace"]["nodes"]
    assert said["errors"][0]["extensions"]["code"] == "FIELD_FORBIDDEN"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (f"01{GTIN}", "lacks the production identifier"),
        ("6921168509256 ", "lacks"),
        ("hello", "no UDI"),
        ("", "no UDI"),
    ],
)
async def test_what_names_no_one_device_is_refused_by_name(store, code, words):
    answer = await store.served.http.post(
        "/graphql", json={"query": TRACE, "variables": {"udi": code}}, headers=store.served.bearer(store.id, "auditor")
    )
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert words in error["message"]


async def checks(store, organisation=None):
    said = await store.served.ask(CHECKS, organisation or store.id, "auditor")
    return {each["item"]["externalReference"]: each for each in said["udiChecks"]["nodes"]}


async def test_a124_the_checklist_says_what_each_device_lacks(store):
    other = await shop(store.served, "CARELESS")
    [valve] = (await checks(store)).values()
    assert (valve["riskClass"], valve["obligedFrom"], valve["obliged"], valve["di"]) == (
        "III",
        "2022-06-01",
        True,
        True,
    )
    assert (valve["receipts"], valve["receiptsWithPi"], valve["onHand"], valve["onHandWithoutPi"]) == (2, 2, "1", "0")
    assert (valve["complete"], valve["missing"]) == (True, [])

    assert await checks(store, other.id) == {}, "a device that one has nothing to do with is not on the list"
    await store.served.post(  # found by a count, without a lot
        "count", other.id, {"item": "GLOVE", "place": "CARELESS/A03-05", "counted": "5", "expected": "0"}
    )
    [glove] = (await checks(store, other.id)).values()
    assert glove["missing"] == ["DI", "CLASS", "OBLIGATION_DATE", "PI_ON_HAND"]
    assert (glove["complete"], glove["obliged"], glove["onHandWithoutPi"]) == (False, False, "5")
    paper = checklist([valve, glove])
    assert [row[-2] for row in paper.rows] == ["合格 complete", "待补 to be completed"]
    assert "缺产品标识（DI）" in paper.rows[1][-1]

    await store.served.register(
        "registerItems",
        {"externalReference": "GLOVE", "name": "手套 Glove", "baseUnit": "piece", "udi": True, "riskClass": "II",
         "udiFrom": "2024-06-01"},
    )  # fmt: skip
    [glove] = (await checks(store, other.id)).values()
    assert (glove["riskClass"], glove["obligedFrom"], glove["missing"]) == ("II", "2024-06-01", ["DI", "PI_ON_HAND"])


async def test_the_class_of_an_item_is_its_registrars_to_say(store):
    line = {"externalReference": "VALVE", "name": "心脏瓣膜 Heart valve", "baseUnit": "piece", "udi": True}
    line |= {"gtin": GTIN, "riskClass": "II"}
    document = """mutation($input: RegisterItemsInput!) { registerItems(input: $input) { errors { code path } } }"""
    said = await store.served.ask(document, store.id, "buyer", input={"lines": [line]})
    assert said["registerItems"]["errors"][0]["code"] == "ACTION_DENIED"
    assert (await checks(store))["VALVE"]["riskClass"] == "III"


def test_no_cell_of_the_report_is_taken_for_a_formula():
    node = {
        "verb": "SELL", "occurredAt": "2026-01-01", "organisation": {"name": "=cmd()"}, "document": None,
        "legs": [{"quantity": "1", "lot": {"code": "LOT7/S1"}, "item": {"name": "+x"}, "source": None, "target": None}],
    }  # fmt: skip
    text = trace(UDI, traced(UDI), [node]).csv()
    assert "'=cmd()" in text and "'+x" in text
    assert "（不可见 withheld）" in text
