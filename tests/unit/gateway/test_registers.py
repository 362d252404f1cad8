"""Numbers in registers, in the four orders of bytes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.profile import ByteOrder, NumberType
from gateway.registers import FORMATS, ORDERS, decode, encode, length


@pytest.mark.parametrize(
    ("order", "words"),
    [("ABCD", [0x4366, 0x199A]), ("CDAB", [0x199A, 0x4366]), ("BADC", [0x6643, 0x9A19]), ("DCBA", [0x9A19, 0x6643])],
)
def test_the_same_voltage_in_each_order(order: ByteOrder, words: list[int]) -> None:
    assert math.isclose(decode(words, "FLOAT32", order), 230.1, rel_tol=1e-6)


@given(st.sampled_from(sorted(FORMATS)), st.sampled_from(ORDERS), st.integers(0, 30_000))
def test_what_is_written_is_read(number: NumberType, order: ByteOrder, value: int) -> None:
    words = encode(value, number, order)
    assert len(words) == length(number)
    assert decode(words, number, order) == value
