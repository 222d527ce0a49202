"""T24: units and rounding, exactly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockbook.domain.quantity import QUANTITY_MAX, in_base, in_unit, parse, plain
from stockbook.domain.refusal import Code, Refusal

POUND = Decimal("0.453592")


@given(st.decimals(Decimal("0.001"), Decimal(100_000), places=3))
def test_t24_pounds_to_kilograms_and_back(pounds):
    kilograms = in_base(pounds, "lb", "kg", {"lb": POUND}, 6, down=False)
    assert in_unit(kilograms, POUND, 3) == pounds


@given(st.decimals(Decimal("0.001"), Decimal(100_000), places=3), st.integers(0, 6))
def test_a_promise_is_never_more_than_it_is(quantity, decimals):
    promised = in_base(quantity, "lb", "kg", {"lb": POUND}, decimals, down=True)
    exact = quantity * POUND
    assert isinstance(promised, Refusal) or exact - Decimal(1).scaleb(-decimals) < promised <= exact


@given(st.integers(1, 10_000), st.integers(1, 1_000))
def test_t24_boxes_are_whole_pieces(boxes, size):
    assert in_base(Decimal(boxes), "box", "piece", {"box": Decimal(size)}, 0, down=False) == boxes * size


@given(st.decimals(0, QUANTITY_MAX, places=6))
def test_what_is_written_is_read_again(quantity):
    assert parse(plain(quantity)) == quantity


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "1e3", "1_000", "٣", "1.2.3", "+-1", "9" * 50, "--"])
def test_what_is_no_quantity_is_refused(text):
    assert parse(text).code is Code.BAD_QUANTITY
