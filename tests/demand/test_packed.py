"""Arrays as texts are what Python's own base 85 writes."""

import base64

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stockbook.domain.demand.learners.packed import packed, unpacked


@given(st.binary(max_size=200))
def test_the_letters_are_pythons_own(given_bytes: bytes) -> None:
    numbers = np.frombuffer(given_bytes, np.uint8)
    assert packed(numbers, "u1") == base64.b85encode(given_bytes).decode()
    assert unpacked(packed(numbers, "u1"), "u1").tobytes() == given_bytes


@given(st.lists(st.floats(width=32), max_size=40))
def test_what_was_packed_comes_back_bit_by_bit(numbers: list[float]) -> None:
    array = np.array(numbers, "<f4")
    assert unpacked(packed(array, "<f4"), "<f4").tobytes() == array.tobytes()
