"""The door: what is sealed is taken once, in its order, and each event is told what became of it."""


async def test_one_scan_is_a_receipt_an_inspection_and_a_put_away(store, pda, dock, bin_):
    scan = pda.scan("inbound", item="TOMATO", quantity="2.5", batch="20250122A", place=dock, shelf=bin_, quality="pass")
    answer = await store.send(pda)
    assert answer["upto"] == 1
    assert answer["results"] == [
        {
            "sequence": 1,
            "outcome": "POSTED",
            "flags": [],
            "code": None,
            "message": None,
            "transient": None,
            "task": None,
        }
    ]
    assert await store.verbs(pda) == [(1, "RECEIVE"), (1, "INSPECT"), (1, "PUT_AWAY")]
    assert await store.there("TOMATO", bin_) == "2.5"
    assert await store.fates(pda, scan) == ["DUPLICATE"]
    assert await store.there("TOMATO", bin_) == "2.5"
