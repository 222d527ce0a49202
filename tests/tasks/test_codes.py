"""Barcodes: several an item and packaging, found by any; none means two things to one reader."""

import asyncio

from stockbook.store.registering.codes import meant
from tests.tasks.asking import done, refused, say

ITEM = "query I($id: ID!) { item(id: $id) { codes { code unit own } } }"


async def of(trade, item, by="SHOP"):
    answer = await trade.ask(ITEM, {"id": item}, by, "org_admin")
    return [tuple(each.values()) for each in answer["data"]["item"]["codes"]]


async def found(trade, code, by="SHOP"):
    said = await meant(trade.parts.writes, trade.ids[by], [code])
    return (said[code].item, said[code].unit) if code in said else None


async def test_an_item_has_a_code_for_each_of_its_packagings(trade):
    crate = {"externalReference": "MILK", "name": "Milk", "baseUnit": "bottle", "gtin": "6921168509256", "udi": True}
    crate |= {"units": [{"unit": "crate", "factor": "12"}], "codes": [{"code": "16921168509253", "unit": "crate"}]}
    [id_] = await trade.register("registerItems", [crate])
    assert await trade.register("registerItems", [crate]) == [id_]
    number = int(id_.rpartition("/")[2])
    assert await of(trade, "MILK") == [("16921168509253", "crate", False), ("6921168509256", None, False)]
    assert await found(trade, "16921168509253") == (number, "crate")
    assert await found(trade, "6921168509256") == await found(trade, "06921168509256") == (number, "")


async def test_a_code_that_means_something_else_is_refused(trade):
    own = {"item": "TOMATO", "code": "T-1", "own": True}
    assert await done(trade, "recordCodes", own, by="SHOP", role="org_admin") == ["REGISTERED"]
    assert await done(trade, "recordCodes", own, by="SHOP", role="org_admin") == ["KNOWN"]
    other = {"item": "SOUP", "code": "T-1"}
    assert await refused(trade, "recordCodes", {**other, "own": True}, by="SHOP", role="org_admin") == "BARCODE_TAKEN"
    assert await refused(trade, "recordCodes", other, by="OPERATOR", role="network_admin") == "BARCODE_TAKEN"
    assert await done(trade, "recordCodes", {**other, "own": True}, by="SHOP-2", role="org_admin") == ["REGISTERED"]
    assert (await found(trade, "T-1"), await found(trade, "T-1", "SHOP-2"), await found(trade, "T-1", "FARM")) == (
        (await found(trade, "T-1")),
        (await found(trade, "T-1", "SHOP-2")),
        None,
    )
    assert await found(trade, "T-1") != await found(trade, "T-1", "SHOP-2")
    assert ("T-1", None, True) in await of(trade, "TOMATO")
    assert ("T-1", None, True) not in await of(trade, "TOMATO", "FARM")
    again = {"externalReference": "CREAM", "name": "Cream", "baseUnit": "cup", "gtin": "96385074"}
    await trade.register("registerItems", [again])
    twice = {**again, "externalReference": "CREAM-2", "gtin": None, "codes": [{"code": "00000096385074"}]}
    payload = await say(trade, "registerItems", twice, by="OPERATOR", role="network_admin")
    assert [(each["code"], each["path"]) for each in payload["errors"]] == [
        ("BARCODE_TAKEN", ["input", "lines", "0", "codes", "0"])
    ]


async def test_everybody_s_codes_are_the_registrar_s_to_record(trade):
    line = {"item": "TOMATO", "code": "T-9"}
    assert await refused(trade, "recordCodes", line, by="SHOP", role="org_admin") == "ACTION_DENIED"
    assert (
        await refused(trade, "recordCodes", {**line, "unit": "barrel", "own": True}, by="SHOP", role="org_admin")
        == "BAD_UNIT"
    )
    assert (
        await refused(trade, "recordCodes", {**line, "code": " ", "own": True}, by="SHOP", role="org_admin")
        == "BAD_INPUT"
    )


async def test_a_code_that_is_withdrawn_may_mean_something_else(trade):
    line = {"item": "TOMATO", "code": "T-5", "own": True}
    assert await done(trade, "recordCodes", line, by="SHOP", role="org_admin") == ["REGISTERED"]
    assert await done(trade, "recordCodes", {**line, "withdrawn": True}, by="SHOP", role="org_admin") == ["REGISTERED"]
    assert await done(trade, "recordCodes", {**line, "withdrawn": True}, by="SHOP", role="org_admin") == ["KNOWN"]
    assert await done(trade, "recordCodes", {**line, "item": "SOUP"}, by="SHOP", role="org_admin") == ["REGISTERED"]


async def test_of_two_who_give_one_code_to_different_items_at_once_one_is_refused(trade):
    for turn in range(5):
        lines = [{"item": item, "code": f"RACE-{turn}"} for item in ("TOMATO", "SOUP")]
        said = await asyncio.gather(*(
            say(trade, "recordCodes", line, by="OPERATOR", role="network_admin") for line in lines
        ))  # fmt: skip
        codes = sorted(each["errors"][0]["code"] if each["errors"] else "" for each in said)
        assert codes == ["", "BARCODE_TAKEN"]
