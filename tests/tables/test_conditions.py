"""Every condition of a guard on every case: the table says it, the code does it; all and any combine them."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest

from stockbook.domain.stock.conditions import NUMBERED, Condition, GuardFact, GuardMatch, OwnGuard, Seen, missing
from stockbook.domain.stock.facts import Lot

TODAY = date(2026, 11, 28)
NOTHING = Seen(None, TODAY, False, 0, "", " ", Decimal(10))


def lot(days=None, passed=None):
    return Lot(1, 1, "L", 7, None if days is None else TODAY + timedelta(days), passed)


CASES = {
    "bare": NOTHING,
    "lot": NOTHING._replace(lot=lot()),
    "near": NOTHING._replace(lot=lot(4), document=3, kind="ORDER"),
    "far": NOTHING._replace(lot=lot(5), document=4, kind="DELIVERY"),
    "passed": NOTHING._replace(lot=lot(passed=True), passed=True),
    "failed": NOTHING._replace(lot=lot(passed=False)),
    "said": NOTHING._replace(reason="because", quantity=Decimal(5)),
}


def condition(text):
    name, _, said = text.partition("=")
    fact = GuardFact(name)
    return Condition(fact, Decimal(said), "") if fact in NUMBERED else Condition(fact, text=said)


LINES = (Path(__file__).parent / "conditions.txt").read_text().splitlines()
START = next(number for number, line in enumerate(LINES) if line.startswith("condition "))
COLUMNS = LINES[START].split()[1:]
ROWS = {row[0]: dict(zip(COLUMNS, row[1:], strict=True)) for row in map(str.split, LINES[START + 1 :])}


def test_the_table_names_every_condition_and_every_case():
    assert {condition(name).fact for name in ROWS} == set(GuardFact)
    assert set(COLUMNS) == set(CASES)


@pytest.mark.parametrize("name", ROWS)
def test_a_condition_is_met_as_the_table_says(name):
    guard = OwnGuard(7, "G", 0, 8, GuardMatch.ALL, (condition(name),))
    for case, seen in CASES.items():
        unmet = missing(guard, seen)
        assert (unmet is None) == (ROWS[name][case] == "x"), case
        assert unmet in {None, str(condition(name))}


def test_all_are_asked_or_any():
    for one, other in combinations(ROWS, 2):
        both = condition(one), condition(other)
        for case, seen in CASES.items():
            met = [ROWS[name][case] == "x" for name in (one, other)]
            assert (missing(OwnGuard(7, "G", 0, 8, GuardMatch.ALL, both), seen) is None) == all(met)
            assert (missing(OwnGuard(7, "G", 0, 8, GuardMatch.ANY, both), seen) is None) == any(met)
