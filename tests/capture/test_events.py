"""What an event is: the published schema and the reader say the same, for whatever is said."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from stockbook.domain.capture import codes, seal
from stockbook.domain.capture.clock import Stamp, parse, tick
from stockbook.domain.capture.event import Event, read, write
from stockbook.domain.capture.labels import ACTIONS, LABELS, LABELS_MAX, actions
from stockbook.domain.capture.schema import schema
from stockbook.domain.capture.translate import translate
from stockbook.domain.refusal import Refusal
from stockbook.domain.stock.verbs import Basis, Verb

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "schema/events/README.md").read_text()
GOOD = {
    "id": "6f9619ff-8b86-4011-b42d-00c04fc964ff",
    "clock": "0193512abcde-0000-PDA-7",
    "wall": "2026-11-28T09:00:00+00:00",
    "uptime": 61_000,
    "boot": "b1",
    "labels": {"action": "count", "item": "MILK"},
}
VALIDATOR = Draft202012Validator(schema())


def test_the_published_schema_is_made_from_the_labels():
    published = json.loads((ROOT / "schema/events/scan.json").read_text())
    assert published == schema()
    Draft202012Validator.check_schema(published)


def test_the_page_names_every_label_and_action():
    assert not [name for name in LABELS if f"`{name}`" not in PAGE]
    assert not [action for action in ACTIONS if f"`{action}`" not in PAGE]


SOMETHING = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 2**60), st.text(max_size=12), st.just({}), st.just([]), st.floats()
)
VALUES = st.one_of(
    st.sampled_from(
        ["1", "2.5", "0", "1e3", "-1", "pass", "fail", "FROZEN", "SELLABLE", "2027-01-31", "inbound", "a+b"]
    ),
    st.sampled_from([f"{one}+{two}" for one in ACTIONS[:4] for two in ACTIONS[-3:]]),
    st.text(min_size=0, max_size=10),
    st.just("x" * 201),
)
NAMES = st.one_of(st.sampled_from(sorted(LABELS)), st.sampled_from(["colour", "Colour", "9lives", "x" * 41, ""]))
EVENTS = st.builds(
    lambda good, labels, changed, dropped: {
        key: value for key, value in {**good, "labels": labels, **changed}.items() if key not in dropped
    },
    st.just(GOOD),
    st.dictionaries(NAMES, VALUES, min_size=0, max_size=10),
    st.dictionaries(st.sampled_from([*GOOD, "code", "chain", "task", "strange"]), SOMETHING, max_size=1),
    st.sets(st.sampled_from(sorted(GOOD)), max_size=1),
)


@given(EVENTS)
def test_schema_and_reader_agree(said):
    # beyond the schema: whole days and times that exist, whole numbers without a point, surrogates, NaN
    expiry = (said.get("labels") or {}).get("expiry", "") if isinstance(said.get("labels"), dict) else ""
    text = json.dumps(said)
    if isinstance(said.get("uptime"), float) or "NaN" in text or "Infinity" in text or "\\ud" in text:
        return
    found = read(text)
    try:
        datetime.fromisoformat(said["wall"]).astimezone(UTC)
        "T" in said["wall"] or {}[0]
        [datetime.fromisoformat(expiry) for _ in expiry[:1] if len(expiry) == 10]
    except (KeyError, TypeError, ValueError, OverflowError):
        assert isinstance(found, Refusal)
        return
    assert VALIDATOR.is_valid(said) == isinstance(found, Event), found


@given(st.integers(1, 10))
def test_t27_eight_labels_pass_and_nine_fail(count):
    labels = {"action": "count"} | {f"x{number}": "1" for number in range(count - 1)}
    assert isinstance(read(json.dumps({**GOOD, "labels": labels})), Event) == (count <= LABELS_MAX)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"a": 1, "a": 2}', "NaN", "[" * 100_000, '"' + "x" * 8192 + '"', "\x00", "\ud800", "{}"],
)
def test_what_is_no_event_is_told_so_and_breaks_nothing(text):
    assert isinstance(read(text), Refusal)


def test_a_key_that_stands_twice_is_no_event():
    text = json.dumps(GOOD).replace('"item": "MILK"', '"item": "MILK", "item": "JUICE"')
    assert read(text).message == "an event is JSON, each key once"


def test_what_is_written_is_read_back():
    event = read(json.dumps({**GOOD, "code": "6921168509256", "chain": "c", "labels": {"reason": "破损 é"}}))
    assert read(write(event)) == event


@given(st.lists(st.integers(0, 2**44), min_size=1, max_size=60))
def test_a_clock_never_runs_back_and_its_stamps_sort_as_text(walls):
    stamp, said = Stamp(0, 0, "PDA-7"), []
    for wall in walls:
        stamp = tick(stamp, wall)
        said.append(str(stamp))
        assert parse(str(stamp)) == stamp
    assert said == sorted(set(said))


def test_a_full_counter_moves_the_clock_on():
    assert tick(Stamp(1_000, 0xFFFF, "P"), 400) == Stamp(1_001, 0, "P")


def test_seals_are_those_of_the_page():
    """Worked out by `openssl dgst -sha256 -mac HMAC -macopt hexkey:0001...1f` from the page's two lines."""
    secret = bytes(range(32))
    first = seal.first(secret, "PDA-7", 1)
    assert first.hex() == "ad2437d0a5cee2cc5e74157dc8f9a349f49f5f6e3a2fb43482095b1e18b3c699"
    assert seal.seal(secret, first, "{}").hex() == "3107bcf952b7644f679a1c1169f9f2480b5a1af049bf21f0519381d085de1d8f"


MEANINGS = {
    "inbound": ({"place": "D"}, [Verb.RECEIVE]),
    "inbound shelf": ({"action": "inbound", "shelf": "A"}, [Verb.RECEIVE, Verb.PUT_AWAY]),
    "inbound all": (
        {"action": "inbound", "place": "D", "shelf": "A", "quality": "pass"},
        [Verb.RECEIVE, Verb.INSPECT, Verb.PUT_AWAY],
    ),
    "failed stays": (
        {"action": "inbound", "place": "D", "shelf": "A", "quality": "fail"},
        [Verb.RECEIVE, Verb.INSPECT],
    ),
    "arrive": ({"source": "TRUCK", "place": "D"}, [Verb.ARRIVE]),
    "return": ({"place": "D", "quality": "begin"}, [Verb.RETURN, Verb.INSPECT]),
    "put_away": ({"source": "D", "shelf": "A"}, [Verb.PUT_AWAY]),
    "pick": ({"source": "A", "place": "CART"}, [Verb.MOVE]),
    "move": ({"place": "A", "shelf": "B"}, [Verb.MOVE]),
    "dispatch": ({"source": "D", "place": "TRUCK"}, [Verb.DISPATCH]),
    "sell": ({"place": "A"}, [Verb.SELL]),
    "quality": ({"quality": "pass", "place": "D"}, [Verb.INSPECT]),
    "count": ({"seen": "4", "place": "A"}, [Verb.COUNT]),
    "state": ({"seen": "SELLABLE", "state": "DAMAGED", "place": "A"}, [Verb.CHANGE_STATE]),
    "dispose": ({"place": "A", "seen": "DAMAGED"}, [Verb.DISPOSE]),
    "hold": ({"hold": "FROZEN", "place": "A"}, [Verb.HOLD]),
    "unhold": ({"hold": "FROZEN", "place": "A"}, [Verb.UNHOLD]),
    "move+sell": ({"source": "A", "place": "B"}, [Verb.MOVE, Verb.SELL]),
}


@pytest.mark.parametrize("name", MEANINGS)
def test_each_action_is_its_verbs(name):
    labels, verbs = MEANINGS[name]
    labels = {"action": name.split()[0], "item": "MILK", **labels}
    event = read(json.dumps({**GOOD, "labels": labels}))
    meaning = translate(event, codes.read)
    assert [step.verb for step in meaning.steps] == verbs
    absolute = {Verb.COUNT, Verb.CHANGE_STATE}
    assert all((step.basis is Basis.SEEN) == (step.verb in absolute) for step in meaning.steps)


def test_every_action_has_a_row_above():
    assert {action for labels, _ in MEANINGS.values() for action in actions({"action": "", **labels})} | {
        action for name in MEANINGS for action in actions({"action": name.split()[0]})
    } == set(ACTIONS) - {"undo"}  # which has no verb of its own: see test_undo.py


def test_a_pallet_moves_by_its_number_alone():
    said = {**GOOD, "labels": {"action": "move", "place": "B"}, "code": "00106141412345678908", "symbology": "]C1"}
    meaning = translate(read(json.dumps(said)), codes.read)
    [step] = meaning.steps
    assert step.line.unit_place == codes.read(said["code"], "]C1").sscc


def test_weight_is_of_goods_that_are_weighed():
    said = {**GOOD, "labels": {"action": "sell", "place": "A"}, "code": "(01)98456789014533(3103)001250"}
    [step] = translate(read(json.dumps(said)), codes.read).steps
    assert (f"{step.line.quantity:f}", step.line.unit) == ("1.250", "kg")
