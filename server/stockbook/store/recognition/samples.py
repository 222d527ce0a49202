"""Pictures that people corrected: recorded, looked at by a second person, and gone when their time is over."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from stockbook.domain.recognition.manifest import SHA256
from stockbook.domain.recognition.sample import SampleState, SampleVerdict, reviewed
from stockbook.domain.refusal import Code, Refusal
from stockbook.flows.author import Registered
from stockbook.flows.clock import SYSTEM
from stockbook.flows.recognition.registrations import SAMPLE_DAYS, GuessEntry, SampleEntry, SampleReviewEntry
from stockbook.store.catalogue import GID, number_of
from stockbook.store.database import Database
from stockbook.store.files import Files
from stockbook.store.registering.desk import Desk, RefusedError

GUESSES_MAX = 10
AHEAD_MAX = timedelta(days=1)
"""A device's clock may be off by so much."""
DELETED_MAX = 200
"""Samples deleted at one stroke of the clock."""
_SET = """
select d.id as device, coalesce(s.samples, o.samples, false) as samples, coalesce(o.consent, false) as consent,
  coalesce(o.sample_days, $3) as days
from (select $1::bigint as id) me
left join device d on d.organisation_id = me.id and d.principal_id = $2
left join recognition_setting o on o.organisation_id = me.id and o.device_id is null
left join recognition_setting s on s.organisation_id = me.id and s.device_id = d.id
"""
_RECORD = """
insert into recognition_sample (organisation_id, sha256, state, device_id, site_id, item_id, labelled_by_id, guesses,
  guessed_id, model, person, consent, size, taken_at, expires_at)
values ($1, $2, 'AWAITED', $3, $4, $5, $6, $7::text::jsonb, $8, $9, $10, $11, $12, $13,
  now() + make_interval(days => $14))
on conflict (organisation_id, sha256) do nothing returning id
"""
_EVENT = "insert into sample_event (sample_id, did, reason, actor_id) values ($1, $2, $3, $4)"
_REVIEW = """
update recognition_sample set state = $2, item_id = coalesce($3, item_id),
  labelled_by_id = case when $3::bigint is null then labelled_by_id else $4 end,
  labelled_at = case when $3::bigint is null then labelled_at else now() end,
  person = case when $3::bigint is null then person else '' end,
  reviewed_by_id = $4, reviewed_at = now(), reason = $5
where id = $1
"""
_COMES_TO = {
    SampleVerdict.ACCEPT: SampleState.ACCEPTED,
    SampleVerdict.REJECT: SampleState.REJECTED,
    SampleVerdict.RELABEL: SampleState.LABELLED,
}
_DELETE = """
with gone as (
  update recognition_sample set state = 'DELETED', item_id = null, guesses = null, guessed_id = null, model = null,
    person = '', width = null, height = null, taken_at = null, reason = ''
  where id = $1 and state <> 'DELETED' returning id
)
insert into sample_event (sample_id, did, reason, actor_id) select id, 'DELETED', 'its time is over', $2 from gone
"""


@dataclass(frozen=True, slots=True)
class Recording:
    """Records samples, as the organisation is set; none with a picture of more than so many bytes."""

    picture_max: int

    async def sample(self, desk: Desk, entry: SampleEntry) -> Registered:
        """Record a sample, whose picture is awaited from then on; the same again is known."""
        if not SHA256.fullmatch(entry.sha256):
            raise RefusedError(Code.BAD_INPUT, "a picture is named by its sha256", "sha256")
        if entry.model is not None and not SHA256.fullmatch(entry.model):
            raise RefusedError(Code.BAD_INPUT, "a model is named by the sha256 of its file", "model")
        if entry.size > self.picture_max:
            raise RefusedError(Code.PICTURE_TOO_LARGE, f"a picture has at most {self.picture_max} bytes", "size")
        if entry.size < 1:
            raise RefusedError(Code.BAD_INPUT, "a picture has bytes", "size")
        if entry.taken_at > datetime.now(UTC) + AHEAD_MAX:
            raise RefusedError(Code.BAD_TIME, "it was taken by now", "takenAt")
        me, who = desk.author.organisation, desk.author.principal
        given = await desk.connection.fetchrow(_SET, me, who, SAMPLE_DAYS)
        assert given is not None
        item = await desk.one("Item", entry.item, "item")
        known = await desk.connection.fetchrow(
            "select id, item_id, state from recognition_sample where organisation_id = $1 and sha256 = $2",
            me,
            entry.sha256,
        )
        if known is None and not given["samples"]:
            raise RefusedError(Code.SAMPLES_OFF, "your organisation has not switched samples on")
        if known is not None:
            if known["item_id"] not in {item, None} and known["state"] == SampleState.AWAITED:
                raise RefusedError(Code.BAD_INPUT, "that picture is recorded with another item", "item")
            return known["id"], True
        guesses = [await _guess(desk, each, number) for number, each in enumerate(entry.guesses[: GUESSES_MAX + 1])]
        if len(guesses) > GUESSES_MAX:
            raise RefusedError(Code.BAD_INPUT, f"at most {GUESSES_MAX} guesses", "guesses")
        site = await desk.site(entry.site, "site") if entry.site is not None else None
        if desk.author.sites and site is None:
            site = desk.author.sites[0]
        told = [{"item": f"{GID}Item/{number}", "confidence": sure} for number, sure in guesses]
        shown = (given["device"], site, item, who, orjson.dumps(told).decode(), guesses[0][0] if guesses else None)
        rest = (entry.model, entry.person, given["consent"], entry.size, entry.taken_at, given["days"])
        made: int | None = await desk.connection.fetchval(_RECORD, me, entry.sha256, *shown, *rest)
        if made is None:
            raise RefusedError(Code.CONFLICT, "the same picture is being recorded: send it again", "sha256")
        await desk.connection.execute(_EVENT, made, "RECORDED", "", who)
        return made, False


async def _guess(desk: Desk, entry: GuessEntry, number: int) -> tuple[int, float]:
    if not 0 <= entry.confidence <= 1:
        raise RefusedError(Code.BAD_INPUT, "a confidence from 0 to 1", "guesses", str(number), "confidence")
    return await desk.one("Item", entry.item, "guesses"), float(entry.confidence)


async def review(desk: Desk, entry: SampleReviewEntry) -> Registered:
    """Take down what a second person says to a sample; the same verdict by the same person again is known."""
    me = desk.author
    row = await desk.connection.fetchrow(
        "select s.*, p.external_reference as reviewer from recognition_sample s, principal p"
        " where s.id = $1 and s.organisation_id = $2 and p.id = $3 for no key update of s",
        number_of("RecognitionSample", entry.sample),
        me.organisation,
        me.principal,
    )
    if row is None or (me.sites and row["site_id"] is not None and row["site_id"] not in me.sites):
        raise RefusedError(Code.REFERENCE_UNKNOWN, "you have no such sample", "sample")
    item = await desk.maybe("Item", entry.item, "item")
    mine = row["reviewed_by_id"] == me.principal
    if mine and (row["state"], item) == (_COMES_TO[entry.verdict], item and row["item_id"]):
        return row["id"], True
    labelled_by = me.principal if row["person"] == row["reviewer"] else row["labelled_by_id"]
    said = reviewed(SampleState(row["state"]), labelled_by, me.principal, entry.verdict, item=item, reason=entry.reason)
    if isinstance(said, Refusal):
        raise RefusedError(said.code, said.message, *said.path)
    if item is not None and item == row["item_id"]:
        raise RefusedError(Code.BAD_INPUT, "it is labelled so already: accept it", "item")
    did = "RELABELLED" if said.labels else said.state.value
    await desk.connection.execute(_REVIEW, row["id"], said.state.value, item, me.principal, entry.reason.strip())
    await desk.connection.execute(_EVENT, row["id"], did, entry.reason.strip(), me.principal)
    return row["id"], False


async def delete_expired(db: Database, files: Files, now: datetime) -> int:
    """Delete samples whose time is over, files first: what a crash leaves is found again; return how many."""
    rows = await db.fetch(
        "select id, organisation_id, sha256 from recognition_sample"
        " where state <> 'DELETED' and expires_at <= $1 order by expires_at, id limit $2",
        now,
        DELETED_MAX,
    )
    for row in rows:
        await files.delete(row["organisation_id"], row["sha256"])
        await db.execute(_DELETE, row["id"], SYSTEM)
    return len(rows)


async def delete_strays(db: Database, files: Files, before: datetime) -> int:
    """Delete files that were sent before a moment and that no row names; return how many."""
    strays: list[Any] = await asyncio.to_thread(lambda: list(files.older(before.timestamp())))
    kept = {
        tuple(row)
        for row in await db.fetch(
            "select f.organisation, f.name from unnest($1::bigint[], $2::text[]) as f(organisation, name)"
            " where exists (select from model_version v where (v.organisation_id, v.sha256) = (f.organisation, f.name))"
            " or exists (select from gallery_pack g where g.organisation_id = f.organisation"
            " and f.name in (g.sha256, g.source))"
            " or exists (select from recognition_sample s where (s.organisation_id, s.sha256)"
            " = (f.organisation, f.name) and s.state <> 'DELETED')",
            [organisation for organisation, _ in strays],
            [name for _, name in strays],
        )
    }
    for stray in strays:
        if stray not in kept:
            await files.delete(*stray)
    return len(strays) - len(kept)


@dataclass(frozen=True, slots=True)
class Lesson:
    """An accepted sample that may train models: whose picture it is, and what it shows."""

    organisation: int
    owner: str
    sha256: str
    item: str
    name: str
    category: str
    gtin: str
    taken_at: datetime


async def lessons(db: Database, organisation: int | None) -> list[Lesson]:
    """Return the samples that two people agree on and their organisations consent to, by item, the oldest first."""
    rows = await db.fetch(
        "select s.organisation_id, o.external_reference, s.sha256, i.external_reference, i.name, i.category,"
        " coalesce(i.gtin, ''), s.taken_at"
        " from recognition_sample s join item i on i.id = s.item_id join organisation o on o.id = s.organisation_id"
        " where s.state = 'ACCEPTED' and s.consent and s.expires_at > now() and ($1::bigint is null"
        " or s.organisation_id = $1) order by i.external_reference, s.taken_at, s.id",
        organisation,
    )
    return [Lesson(*row) for row in rows]
