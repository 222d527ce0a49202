"""A second person looks at each sample; what two agree on, and their organisation consents to, is exported."""

import csv
import hashlib
import os
import subprocess
import sys

import pytest

from tests.recognition.shop import picture
from tests.serving import SECRET

REVIEWED = """state reason item { externalReference } labelledBy { name } reviewedBy { name } person
  events { did reason actor { name } }"""


async def review(desk, sample, verdict, person="LI", **more):
    return await desk.say("reviewSamples", {"sample": sample, "verdict": verdict, **more}, person=person,
                          role="storekeeper")  # fmt: skip


async def test_a_second_person_accepts_what_the_first_one_said(desk, pda):
    sample = await desk.sample(pda, picture(20))
    payload = await review(desk, sample, "ACCEPT")
    assert payload["results"][0]["outcome"] == "REGISTERED"
    assert (await review(desk, sample, "ACCEPT"))["results"][0]["outcome"] == "KNOWN"
    said = await desk.of(sample, REVIEWED)
    assert (said["state"], said["reviewedBy"]) == ("ACCEPTED", {"name": "LI"})
    assert [each["did"] for each in said["events"]] == ["RECORDED", "RECEIVED", "ACCEPTED"]
    assert said["events"][-1]["actor"] == {"name": "LI"}


async def test_who_relabels_does_not_accept_it_himself(desk, pda):
    sample = await desk.sample(pda, picture(21))
    assert (await review(desk, sample, "RELABEL", item="TOMATO"))["errors"] == []
    assert (await review(desk, sample, "RELABEL", item="TOMATO"))["results"][0]["outcome"] == "KNOWN"
    said = await desk.of(sample, REVIEWED)
    assert (said["state"], said["item"], said["labelledBy"]) == (
        "LABELLED",
        {"externalReference": "TOMATO"},
        {"name": "LI"},
    )
    assert (await review(desk, sample, "ACCEPT"))["errors"][0]["code"] == "SECOND_PERSON_NEEDED"
    assert (await review(desk, sample, "ACCEPT", person="WANG"))["errors"] == []
    assert (await desk.of(sample, "state"))["state"] == "ACCEPTED"


async def test_who_labelled_it_on_the_device_does_not_accept_it_at_the_desk(desk, pda):
    sample = await desk.sample(pda, picture(22), person=f"{desk.name}/LI")
    assert (await review(desk, sample, "ACCEPT"))["errors"][0]["code"] == "SECOND_PERSON_NEEDED"
    assert (await review(desk, sample, "ACCEPT", person="WANG"))["errors"] == []


async def test_a_rejection_says_why_and_may_be_thought_over(desk, pda):
    sample = await desk.sample(pda, picture(23))
    assert (await review(desk, sample, "REJECT"))["errors"][0]["code"] == "BAD_INPUT"
    assert (await review(desk, sample, "REJECT", reason="blurred"))["errors"] == []
    assert (await desk.of(sample, REVIEWED))["reason"] == "blurred"
    assert (await review(desk, sample, "ACCEPT", person="WANG"))["errors"] == []
    said = await desk.of(sample, REVIEWED)
    assert (said["state"], said["reason"]) == ("ACCEPTED", "")
    assert [each["did"] for each in said["events"]][2:] == ["REJECTED", "ACCEPTED"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"verdict": "RELABEL"}, "BAD_INPUT"),
        ({"verdict": "RELABEL", "item": "MILK"}, "BAD_INPUT"),
        ({"verdict": "RELABEL", "item": "NOWHERE"}, "ITEM_UNKNOWN"),
        ({"verdict": "ACCEPT", "item": "TOMATO"}, "BAD_INPUT"),
        ({"verdict": "ACCEPT", "sample": "gid://stockbook/RecognitionSample/999999"}, "REFERENCE_UNKNOWN"),
        ({"verdict": "ACCEPT", "sample": "nonsense"}, "REFERENCE_UNKNOWN"),
    ],
    ids=str,
)
async def test_a_verdict_that_makes_no_sense_is_refused(desk, pda, more, why):
    sample = await desk.sample(pda, picture(24))
    refused = await desk.refused("reviewSamples", {"sample": sample, **more}, person="LI", role="storekeeper")
    assert refused == why
    assert (await desk.of(sample, "state"))["state"] == "LABELLED"


async def test_nobody_reviews_what_is_not_here_or_not_his(desk, pda, serving):
    awaited = (await desk.record(pda, picture(25)))["results"][0]["id"]
    assert (await review(desk, awaited, "ACCEPT"))["errors"][0]["code"] == "GUARD_NOT_MET"
    other = type(desk)(serving, 1, "OPERATOR")
    line = {"sample": awaited, "verdict": "ACCEPT"}
    assert await other.refused("reviewSamples", line, role="network_admin") == "REFERENCE_UNKNOWN"
    assert await desk.refused("reviewSamples", line, role="shop_staff") == "ACTION_DENIED"
    assert await desk.refused("reviewSamples", line, role="program") == "ACTION_DENIED"


async def test_what_is_taken_for_what_is_counted(desk, pda):
    guess = {"guesses": [{"item": "TOMATO", "confidence": "0.6"}]}
    for seed in (26, 27):
        await desk.sample(pda, picture(seed), **guess)
    await desk.sample(pda, picture(28), "TOMATO", guesses=[{"item": "MILK", "confidence": "0.6"}])
    document = desk.served.documents()
    [query] = [text for text in document.values() if "query Confusions" in text]
    data = await desk.read(query)
    counted = {
        (each["guessed"]["externalReference"], each["item"]["externalReference"]): each["count"]
        for each in data["recognitionSamples"]["groups"]
    }
    assert counted == {("TOMATO", "MILK"): 2, ("MILK", "TOMATO"): 1}


def typed(desk, *words):
    settings = desk.served.app.settings
    environment = {"DATABASE_URL": settings.database_url, "STOCKBOOK_SECRET": SECRET, "STOCKBOOK_HOME": "build/test",
                   "STOCKBOOK_FILES": str(settings.files), "PYTHONPATH": "server:mobile"}  # fmt: skip
    return subprocess.run([sys.executable, "-m", "stockbook", "vision", *words], env={**os.environ, **environment},
                          capture_output=True, text=True, timeout=120, check=False)  # fmt: skip


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


async def test_what_is_accepted_and_consented_to_is_exported_and_nothing_else(desk, pda, tmp_path):
    await review(desk, await desk.sample(pda, picture(30)), "ACCEPT")
    await desk.done("setRecognition", {"samples": True, "consent": False})
    without = await desk.sample(pda, picture(43))
    await review(desk, without, "ACCEPT")
    done = typed(desk, "export", str(tmp_path / "none"), "--organisation", desk.name)
    assert done.returncode == 1 and "no accepted sample" in done.stderr  # consent was withdrawn for all of them
    await desk.done("setRecognition", {"samples": True, "consent": True})
    await desk.sample(pda, picture(41))
    rejected = await desk.sample(pda, picture(42))
    await review(desk, rejected, "REJECT", reason="a person's face")
    again = [picture(seed) for seed in range(50, 52)]
    for content in again:
        await review(desk, await desk.sample(pda, content), "ACCEPT")
    sample = await desk.sample(pda, picture(60, form="PNG"))
    await review(desk, sample, "RELABEL", item="TOMATO")
    await review(desk, sample, "ACCEPT", person="WANG")

    folder = tmp_path / "samples"
    done = typed(desk, "export", str(folder), "--organisation", desk.name)
    assert done.returncode == 0, done.stderr
    assert "3 pictures of 2 items" in done.stdout
    assert [(each["item"], each["name"]) for each in rows(folder / "items.csv")] == [
        ("MILK", "纯牛奶 250ml"),
        ("TOMATO", "Tomato"),
    ]
    pictures = rows(folder / "pictures.csv")
    assert [each["item"] for each in pictures] == ["MILK", "MILK", "TOMATO"]
    told = {hashlib.sha256(content).hexdigest() for content in (*again, picture(60, form="PNG"))}
    assert {hashlib.sha256((folder / each["path"]).read_bytes()).hexdigest() for each in pictures} == told
    assert pictures[-1]["path"].endswith(".png") and desk.name in (folder / "LICENSE").read_text()
    done = typed(desk, "export", str(folder))
    assert done.returncode == 1 and "not empty" in done.stderr
    done = typed(desk, "export", str(tmp_path / "nobody"), "--organisation", "NOBODY")
    assert done.returncode == 1 and "no organisation NOBODY" in done.stderr


async def test_the_trainer_reads_what_was_exported(desk, pda, tmp_path):
    pictures = pytest.importorskip("stockbook.vision.pictures")
    for seed in range(70, 76):
        await review(desk, await desk.sample(pda, picture(seed)), "ACCEPT")
    done = typed(desk, "export", str(tmp_path / "samples"), "--organisation", desk.name)
    assert done.returncode == 0, done.stderr
    read = pictures.collection(tmp_path / "samples")
    assert [each.key for each in read.items] == ["MILK"]
    assert (len(read.own), len(read.held_back)) == (5, 1)
    assert read.open(0).size == (64, 64)
