"""Every pair of states, every overlay on every state: the tables say it, the code does it."""

from datetime import date
from pathlib import Path

import pytest

from stockbook.domain.refusal import Code, Refusal
from stockbook.domain.stock.availability import HELD, INBOUND, ON_HAND, counted
from stockbook.domain.stock.facts import Place
from stockbook.domain.stock.lines import HoldName
from stockbook.domain.stock.movement import End
from stockbook.domain.stock.overlays import MEETS, Overlay
from stockbook.domain.stock.states import MAY_BECOME, TRAITS, Guard, State, States
from tests.desk import ITEM, ME, MINE, SHELF, SITE, Desk

FOLDER = Path(__file__).parent
WORDS = {
    "yes": Guard.NONE,
    "passed": Guard.INSPECTED,
    "fresh": Guard.FRESH,
    "both": Guard.INSPECTED_AND_FRESH,
    "late": Guard.OVERDUE,
}
BEFORE, AFTER = date(2026, 11, 24), date(2026, 11, 26)
HERE = [state for state, traits in TRAITS.items() if traits.presence.value == "here"]


def matrix(name):
    """Return {(row, column): cell} of a table."""
    lines = (FOLDER / name).read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(("from", "overlay", "state ")))
    columns = lines[start].replace("from \\ to", "from").split()[1:]
    rows = [line.split() for line in lines[start + 1 :] if line]
    return {(row[0], column): cell for row in rows for column, cell in zip(columns, row[1:], strict=True)}


PAIRS = matrix("states.txt")


def test_the_table_names_every_pair():
    states = [state.name for state in State if state]
    assert set(PAIRS) == {(source, target) for source in states for target in states}


@pytest.mark.parametrize(("source", "target"), PAIRS, ids="-".join)
def test_a_state_becomes_another_as_the_table_says(source, target):
    says = PAIRS[source, target]
    assert MAY_BECOME[State[source]].get(State[target]) == WORDS.get(says)
    if State[source] not in HERE or State[target] not in HERE:
        return
    line = {"item": "I", "quantity": 1, "lot": "L", "place": "P", "from_state": source, "to_state": target}
    for passed in (True, False, None):
        for expiry in (None, BEFORE, AFTER):
            desk = Desk(inspected=True, passed=passed, expiry=expiry)
            desk.lies(1, State[source])
            decided = desk.decide("CHANGE_STATE", **line)
            assert (decided.code if isinstance(decided, Refusal) else None) == expected(says, passed, expiry)


def expected(says, passed, expiry):
    if says == ".":
        return Code.STATE_FORBIDS
    if says in {"passed", "both"} and passed is not True:
        return Code.GUARD_NOT_MET
    if says in {"fresh", "both"} and expiry == BEFORE:
        return Code.LOT_EXPIRED
    if says == "late" and expiry != BEFORE:
        return Code.GUARD_NOT_MET
    return None


@pytest.mark.parametrize("state", [state for state in State if state], ids=lambda state: state.name)
def test_a_state_counts_where_the_table_says(state):
    rows = {
        row[0]: row[1:]
        for row in map(str.split, (FOLDER / "traits.txt").read_text().splitlines())
        if row and row[0] in State.__members__
    }
    assert set(rows) == {each.name for each in State if each}
    where, sells, counts, disposition = rows[state.name]
    traits = TRAITS[state]
    assert (traits.presence.value, traits.sells, traits.disposition) == (where, sells == "yes", disposition)
    bound = Place(SHELF, ME, "SHIPMENT", None, SITE, 77, True, (SHELF,))
    figure = {"inbound": (77, INBOUND), "held": (SITE, HELD), "on_hand": (SITE, ON_HAND)}[counts]
    shelf, column = counted(ITEM, End(SHELF, state, 0, MINE), bound, States())
    assert (shelf.site, column) == figure
    frozen = counted(ITEM, End(SHELF, state, 1, MINE), bound, States())
    assert frozen is None if where == "coming" else frozen[1] == HELD


@pytest.mark.parametrize(("overlay", "state"), matrix("overlays.txt"), ids="-".join)
def test_an_overlay_meets_a_state_as_the_table_says(overlay, state):
    meets = matrix("overlays.txt")[overlay, state] == "x"
    assert (State[state] in MEETS[Overlay(overlay)]) == meets
    if overlay in HoldName.__members__:
        desk = Desk()
        desk.lies(5, State[state])
        decided = desk.decide("HOLD", overlay=HoldName(overlay), item="I", place="P")
        assert (decided.code if isinstance(decided, Refusal) else None) == (None if meets else Code.STATE_FORBIDS)


def test_near_expiry_and_promotion_block_nothing():
    desk = Desk(expiry=AFTER)
    desk.lies(5, State.SELLABLE)
    assert not isinstance(desk.decide("SELL", item="I", quantity=5, place="P"), Refusal)
