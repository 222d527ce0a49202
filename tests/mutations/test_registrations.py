"""Registering: the same again is fine, something else is refused, and nobody appoints beyond himself."""

ASK = """mutation R($input: %sInput!) { %s(input: $input) {
    errors { code message path } results { line outcome id code } } }"""


async def register(trade, name, lines, organisation="SHOP", role="org_admin"):
    document = ASK % (name[0].upper() + name[1:], name)
    answer = await trade.ask(document, {"input": {"lines": lines}}, organisation, role)
    assert "errors" not in answer, answer
    return answer["data"][name]


def codes(payload):
    return [each["code"] for each in payload["errors"]]


async def test_the_same_entry_again_is_known_and_another_is_refused(trade):
    pear = {"externalReference": "PEAR", "name": "Pear", "baseUnit": "kg", "units": [{"unit": "box", "factor": "4"}]}
    first = await register(trade, "registerItems", [pear])
    assert [each["outcome"] for each in first["results"]] == ["REGISTERED"]
    before = await trade.count()
    again = await register(trade, "registerItems", [pear])
    assert [each["outcome"] for each in again["results"]] == ["KNOWN"]
    assert again["results"][0]["id"] == first["results"][0]["id"]
    other = await register(trade, "registerItems", [{**pear, "name": "Apple"}])
    assert len(other["errors"]) == 1
    assert [each["outcome"] for each in other["results"]] == ["REFUSED"]
    assert await trade.count() == before


async def test_brand_style_and_size_can_be_said_later_changed_and_taken_back_by_the_registrar_alone(trade):
    nappy = {"externalReference": "NAPPY", "name": "Nappy", "baseUnit": "pack"}

    async def said(organisation="SHOP", **more):
        payload = await register(trade, "registerItems", [{**nappy, **more}], organisation)
        return [each["outcome"] for each in payload["results"]] + codes(payload)

    async def known():
        answer = await trade.ask('{ item(id: "NAPPY") { brand style size } }', {}, "SHOP", "org_admin")
        return [*answer["data"]["item"].values()]

    assert await said(brand="Soft") == ["REGISTERED"]
    assert await said(brand="Soft", style="", size="XL") == ["REGISTERED"]
    assert await said() == await said(size="XL") == await said(style="") == ["KNOWN"]
    assert await known() == ["Soft", None, "XL"]
    assert await said(style="Premium", size="") == ["REGISTERED"]
    assert await known() == ["Soft", "Premium", None]
    assert await said("SHOP-2", style="Standard") == ["REFUSED", "ACTION_DENIED"]
    assert await said("SHOP-2", style="Premium") == ["KNOWN"]
    assert await known() == ["Soft", "Premium", None]


async def test_all_entries_are_registered_or_none(trade):
    before = await trade.count()
    lines = [
        {"externalReference": "PLUM", "name": "Plum", "baseUnit": "kg"},
        {"externalReference": "", "name": "x", "baseUnit": "kg"},
    ]
    payload = await register(trade, "registerItems", lines)
    assert payload["results"][0]["code"] == "CHAIN_FAILED"
    assert len(payload["errors"]) == 1
    assert await trade.count() == before


async def test_an_org_admin_registers_for_his_own_organisation_only(trade):
    before = await trade.count()
    place = {"externalReference": "GRAB", "name": "Grab", "kind": "SITE"}
    for organisation in ("SHOP-2", "NOBODY"):
        payload = await register(trade, "registerPlaces", [{**place, "organisation": organisation}])
        assert codes(payload) == ["ACTION_DENIED"]
    agreement = {"giver": "SHOP-2", "taker": "SHOP", "verb": "SELL", "right": "SALE"}
    assert codes(await register(trade, "makeAgreements", [agreement])) == ["ACTION_DENIED"]
    views = {"giver": "SHOP-2", "taker": "SHOP", "views": True}
    assert codes(await register(trade, "makeAgreements", [views])) == ["ACTION_DENIED"]
    boss = {"externalReference": "SPY", "name": "Spy", "memberships": [{"role": "buyer", "organisation": "SHOP-2"}]}
    assert codes(await register(trade, "registerPrincipals", [boss])) == ["ACTION_DENIED"]
    period = {"closedBefore": "2026-01-01T00:00:00Z", "organisation": "SHOP-2"}
    assert codes(await register(trade, "closePeriod", [period])) == ["ACTION_DENIED"]
    assert await trade.count() == before


async def test_nobody_appoints_to_a_role_that_may_do_more_than_he(trade):
    before = await trade.count()
    for role in ("network_admin", "emperor"):
        person = {"externalReference": "P-UP", "name": "P", "memberships": [{"role": role}]}
        assert codes(await register(trade, "registerPrincipals", [person])) == ["ACTION_DENIED"]
    assert await trade.count() == before
    person = {"externalReference": "P-OK", "name": "P", "memberships": [{"role": "storekeeper"}]}
    assert codes(await register(trade, "registerPrincipals", [person])) == []


async def test_roles_that_may_not_register_are_told_so(trade):
    before = await trade.count()
    item = {"externalReference": "FIG", "name": "Fig", "baseUnit": "kg"}
    for role in ("shop_staff", "auditor", "board", "carrier_driver"):
        assert codes(await register(trade, "registerItems", [item], role=role)) == ["ACTION_DENIED"]
    assert await trade.count() == before
