"""How much memory the unpacking itself takes, and what it says; tests/contract/bus tries it on a real broker."""

import gzip
import tracemalloc

import pytest

from energytrack.bus.kafka.unpack import Unreadable, unpack

MOST = 4_000_000


def test_gzip_is_there_once_while_it_is_unpacked() -> None:
    packed = gzip.compress(b"0" * MOST)
    tracemalloc.start()
    unpacked = unpack(1, packed, most=MOST)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(unpacked) == MOST
    assert peak < 1.75 * MOST


@pytest.mark.parametrize("size", [0, 1, 999_999, 1_000_000, 1_000_001, MOST])
def test_gzip_of_any_length_is_whole(size: int) -> None:
    """Also of several members, as loggers write them."""
    text = bytes(range(251)) * (size // 251 + 1)
    members = gzip.compress(text[:size]) + gzip.compress(b"")
    assert unpack(1, members, most=MOST) == text[:size]


@pytest.mark.parametrize("missing", [1, 8, 20])
def test_gzip_that_ends_early_is_damaged(missing: int) -> None:
    with pytest.raises(Unreadable, match=r"damaged: .* it ends unexpectedly"):
        unpack(1, gzip.compress(b"0" * MOST)[:-missing], most=MOST)


def test_gzip_of_a_byte_too_much_is_too_large() -> None:
    with pytest.raises(Unreadable, match="too_large"):
        unpack(1, gzip.compress(b"0" * (MOST + 1)), most=MOST)
