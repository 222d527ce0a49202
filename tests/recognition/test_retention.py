"""When a sample's time is over its picture and what it showed are gone, and what was done with it stays."""

import asyncio
from datetime import UTC, datetime, timedelta

from tests.capture.phone import goods, shop
from tests.recognition.shop import Desk, code, line, picture
from tests.serving import served

KEPT = """state picture item { name } guessed { name } guesses modelSha256 person width height takenAt reason
  reviewedBy { name } labelledBy { name } events { did actor { name kind } }"""
NOW = datetime.now(UTC)


async def struck(desk, days):
    return await desk.served.app.parts.forget_samples(NOW + timedelta(days=days))


async def test_the_clock_deletes_pictures_and_their_content_and_leaves_the_audit(desk, pda):
    content = picture(1)
    guesses = [{"item": "TOMATO", "confidence": "0.7"}]
    sample = await desk.sample(pda, content, guesses=guesses, person="E1", model="f" * 64)
    await desk.say("reviewSamples", {"sample": sample, "verdict": "REJECT", "reason": "a face"}, person="LI",
                   role="storekeeper")  # fmt: skip
    path = desk.served.app.parts.files.path(desk.id, line(content)["sha256"])
    await struck(desk, 364)
    assert path.exists() and (await desk.of(sample, "state"))["state"] == "REJECTED"
    assert await struck(desk, 366) >= 1
    assert not path.exists()
    said = await desk.of(sample, KEPT)
    assert said.pop("events") == [
        {"did": "RECORDED", "actor": {"name": pda.reference, "kind": "DEVICE"}},
        {"did": "RECEIVED", "actor": {"name": pda.reference, "kind": "DEVICE"}},
        {"did": "REJECTED", "actor": {"name": "LI", "kind": "PERSON"}},
        {"did": "DELETED", "actor": {"name": "System", "kind": "SYSTEM"}},
    ]
    assert (said.pop("reviewedBy"), said.pop("labelledBy")) == ({"name": "LI"}, {"name": pda.reference})
    assert (said.pop("state"), said.pop("person"), said.pop("reason")) == ("DELETED", "", "")
    assert set(said.values()) == {None}
    assert await struck(desk, 366) == 0


async def test_the_worker_s_clock_strikes_by_itself(fresh, tmp_path):
    async with served(await fresh(), files=tmp_path, clock_seconds=0.1) as running:
        await goods(running)
        made = await shop(running, "SHOP")
        desk = Desk(running, made.id, "SHOP")
        await desk.done("setRecognition", {"samples": True})
        sample = await desk.sample(await desk.enrol("PDA-1"), picture(5))
        db = running.app.parts.beside
        await db.execute("update recognition_sample set expires_at = now() - interval '1 second'")
        async with asyncio.timeout(60):
            while (await desk.of(sample, "state"))["state"] != "DELETED":
                await asyncio.sleep(0.1)
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]


async def test_a_picture_whose_time_is_over_is_not_taken_again(desk, pda):
    content = picture(2)
    sample = await desk.sample(pda, content)
    await struck(desk, 366)
    again = await desk.record(pda, content)
    assert (again["errors"], again["results"][0]["outcome"]) == ([], "KNOWN")
    answer = await desk.put("samples", content, headers=desk.as_device(pda))
    assert (answer.status_code, code(answer)) == (410, "SAMPLE_ENDED")
    verdict = {"sample": sample, "verdict": "ACCEPT"}
    assert await desk.refused("reviewSamples", verdict, person="LI", role="storekeeper") == "SAMPLE_ENDED"


async def test_days_that_change_count_for_the_samples_that_are_here(desk, pda):
    sample = await desk.sample(pda, picture(3))
    await desk.done("setRecognition", {"samples": True, "consent": True, "sampleDays": 7})
    await struck(desk, 6)
    assert (await desk.of(sample, "state"))["state"] == "LABELLED"
    await struck(desk, 8)
    assert (await desk.of(sample, "state"))["state"] == "DELETED"


async def test_a_file_that_no_row_names_is_swept_and_the_others_stay(desk, pda):
    parts = desk.served.app.parts
    content, stray = picture(4), b"sent, and never named"
    await desk.sample(pda, content)
    await desk.publish("A", 100)
    await desk.put("models", stray)
    named = parts.files.path(desk.id, line(content)["sha256"])
    left = named.with_name(f"{named.name}.ab12")
    left.write_bytes(b"half of it, when the server was killed")
    await parts.sweep_files(NOW - timedelta(days=1))
    assert parts.files.path(desk.id, line(stray)["sha256"]).exists() and left.exists()
    assert await parts.sweep_files(datetime.now(UTC) + timedelta(hours=1)) >= 1
    assert not parts.files.path(desk.id, line(stray)["sha256"]).exists() and not left.exists()
    assert named.exists()
    [row] = await desk.fetch("select sha256 from model_version where organisation_id = $1", desk.id)
    assert parts.files.path(desk.id, row["sha256"]).exists()
