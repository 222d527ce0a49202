"""A picture comes once however often it is sent; one that can't be taken says why, and leaves nothing."""

import asyncio

import pytest

from tests.recognition.shop import code, line, picture

SAMPLE = """state picture size width height consent person item { externalReference } guessed { externalReference }
  guesses labelledBy { name } device { externalReference } events { did }"""


async def test_a_corrected_picture_is_told_of_and_sent_and_waits_for_review(desk, pda):
    content = picture(1)
    more = {
        "guesses": [{"item": "TOMATO", "confidence": "0.71"}, {"item": "MILK", "confidence": "0.2204"}],
        "model": "f" * 64,
        "person": "E1",
        "site": f"{desk.name}/SITE",
    }
    sample = await desk.sample(pda, content, **more)
    said = await desk.of(sample, SAMPLE)
    assert (said["state"], said["size"], said["width"], said["height"]) == ("LABELLED", len(content), 64, 64)
    assert (said["item"], said["guessed"]) == ({"externalReference": "MILK"}, {"externalReference": "TOMATO"})
    assert [each["confidence"] for each in said["guesses"]] == [0.71, 0.2204]
    assert (said["person"], said["consent"]) == ("E1", True)
    assert said["device"] == {"externalReference": pda.reference}
    assert said["events"] == [{"did": "RECORDED"}, {"did": "RECEIVED"}]
    fetched = await desk.served.http.get(said["picture"], headers=desk.token("storekeeper"))
    assert fetched.content == content


async def test_the_same_picture_again_changes_nothing(desk, pda):
    content = picture(2)
    sample = await desk.sample(pda, content)
    before = await desk.of(sample, SAMPLE)
    again = await desk.record(pda, content)
    assert (again["results"][0]["outcome"], again["results"][0]["id"]) == ("KNOWN", sample)
    answer = await desk.put("samples", content, headers=desk.as_device(pda))
    assert (answer.status_code, answer.json()["new"]) == (200, False)
    assert await desk.of(sample, SAMPLE) == before


async def test_one_picture_that_comes_twice_at_once_is_one_sample(desk, pda):
    content = picture(13)
    said = await asyncio.gather(*(desk.record(pda, content) for _ in range(4)))
    assert {each["code"] for payload in said for each in payload["errors"]} <= {"CONFLICT"}
    answers = await asyncio.gather(*(desk.put("samples", content, headers=desk.as_device(pda)) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {200, 201}
    rows = await desk.fetch("select e.did from recognition_sample s join sample_event e on e.sample_id = s.id"
                            " where s.organisation_id = $1 order by e.id", desk.id)  # fmt: skip
    assert [row["did"] for row in rows] == ["RECORDED", "RECEIVED"]


async def test_a_picture_that_is_still_awaited_keeps_the_item_it_was_recorded_with(desk, pda):
    content = picture(3)
    assert (await desk.record(pda, content))["errors"] == []
    assert (await desk.record(pda, content, "TOMATO"))["errors"][0]["code"] == "BAD_INPUT"
    answer = await desk.served.http.get(
        f"/recognition/samples/{line(content)['sha256']}", headers=desk.token("storekeeper")
    )
    assert (answer.status_code, code(answer)) == (404, "NOT_FOUND")


async def test_where_samples_are_off_none_is_taken(desk, pda):
    await desk.done("setRecognition", {"samples": False, "consent": True})
    assert (await desk.record(pda, picture(4)))["errors"][0]["code"] == "SAMPLES_OFF"
    await desk.done("setRecognition", {"device": pda.reference, "samples": True})
    assert (await desk.record(pda, picture(4)))["errors"] == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"sha256": "nonsense"}, "BAD_INPUT"),
        ({"size": 50_001}, "PICTURE_TOO_LARGE"),
        ({"size": 0}, "BAD_INPUT"),
        ({"item": "NOWHERE"}, "ITEM_UNKNOWN"),
        ({"takenAt": "2099-01-01T00:00:00Z"}, "BAD_TIME"),
        ({"model": "latest"}, "BAD_INPUT"),
        ({"site": "NOWHERE"}, "PLACE_UNKNOWN"),
        ({"person": "x" * 600}, "BAD_INPUT"),
        ({"guesses": [{"item": "MILK", "confidence": "1.5"}]}, "BAD_INPUT"),
        ({"guesses": [{"item": "NOWHERE", "confidence": "0.5"}]}, "ITEM_UNKNOWN"),
        ({"guesses": [{"item": "MILK", "confidence": "0.5"}] * 11}, "BAD_INPUT"),
    ],
    ids=str,
)
async def test_words_that_make_no_sense_are_refused_and_nothing_is_written(any_desk, any_pda, change, why):
    payload = await any_desk.say("recordSamples", {**line(picture(5)), **change}, headers=any_desk.as_device(any_pda))
    assert payload["errors"][0]["code"] == why
    assert not await any_desk.fetch("select 1 from recognition_sample where organisation_id = $1", any_desk.id)


@pytest.mark.parametrize(
    ("content", "status", "why"),
    [
        (b"GIF89a no picture that we take", 415, "PICTURE_UNREADABLE"),
        (picture(6)[:-200], 415, "PICTURE_UNREADABLE"),
        (picture(6, form="BMP"), 415, "PICTURE_UNREADABLE"),
        (b"\xff\xd8\xff", 415, "PICTURE_UNREADABLE"),
        (picture(6) + bytes(50_000), 413, "PICTURE_TOO_LARGE"),
    ],
    ids=["text", "torn", "bitmap", "head", "large"],
)
async def test_what_is_no_picture_is_refused_and_the_sample_still_waits(desk, pda, content, status, why):
    told = line(content)
    told["size"] = min(told["size"], 50_000)
    assert (await desk.say("recordSamples", told, headers=desk.as_device(pda)))["errors"] == []
    answer = await desk.put("samples", content, headers=desk.as_device(pda))
    assert (answer.status_code, code(answer)) == (status, why)
    rows = await desk.fetch("select state from recognition_sample where organisation_id = $1", desk.id)
    assert [tuple(row) for row in rows] == [("AWAITED",)]
    assert not desk.served.app.parts.files.path(desk.id, told["sha256"]).exists()


async def test_a_picture_that_changed_on_its_way_is_not_taken_for_the_one_that_was_told(desk, pda):
    content = picture(7)
    await desk.record(pda, content)
    answer = await desk.put("samples", picture(8), name=line(content)["sha256"], headers=desk.as_device(pda))
    assert (answer.status_code, code(answer)) == (415, "PICTURE_UNREADABLE")


async def test_a_picture_that_nobody_told_of_is_not_kept(desk, pda):
    answer = await desk.put("samples", picture(9), headers=desk.as_device(pda))
    assert (answer.status_code, code(answer)) == (404, "REFERENCE_UNKNOWN")
    answer = await desk.put("samples", picture(9), headers=desk.token("buyer"))
    assert (answer.status_code, code(answer)) == (403, "ACTION_DENIED")


async def test_another_organisation_sees_neither_sample_nor_picture_and_may_have_the_same_one(desk, pda, serving):
    content = picture(10)
    sample = await desk.sample(pda, content)
    path = f"/recognition/samples/{line(content)['sha256']}"
    stranger = await serving.http.get(path, headers=serving.bearer(1, "auditor"))
    assert (stranger.status_code, code(stranger)) == (404, "NOT_FOUND")
    data = await serving.ask("query N($id: ID!) { node(id: $id) { id } }", 1, "auditor", id=sample)
    assert data["node"] is None
    answer = await serving.http.put(path, content=content, headers=serving.bearer(1, "network_admin"))
    assert (answer.status_code, code(answer)) == (404, "REFERENCE_UNKNOWN")


async def test_a_role_that_sees_no_pictures_fetches_none(desk, pda):
    content = picture(11)
    await desk.sample(pda, content)
    path = f"/recognition/samples/{line(content)['sha256']}"
    for role, status in (("finance", 404), ("counter", 404), ("storekeeper", 200)):
        assert (await desk.served.http.get(path, headers=desk.token(role))).status_code == status


async def test_a_role_limited_to_sites_sees_the_pictures_of_its_sites(desk, pda):
    content = picture(12)
    await desk.sample(pda, content, site=f"{desk.name}/SITE")
    path = f"/recognition/samples/{line(content)['sha256']}"
    [row] = await desk.fetch("select id from place where external_reference = $1", f"{desk.name}/SITE")
    for sites, status in (((row["id"],), 200), ((999_999,), 404)):
        who = desk.served.bearer(desk.id, "storekeeper", sites=sites)
        assert (await desk.served.http.get(path, headers=who)).status_code == status
