from collections.abc import Sequence

import pytest

from energytrack.ledger.parts import PartsCounter, counted, spread


def produced(values: Sequence[float], *, every: float = 60.0) -> list[float | None]:
    """What each value of a counter adds."""
    counter: PartsCounter | None = None
    found = []
    for number, value in enumerate(values):
        counter, parts = counted(counter, value, number * every)
        found.append(parts)
    return found


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ([10, 12, 12, 15], [None, 2, 0, 3]),  # ordinary
        ([48211, 0, 2, 5], [None, 0, 2, 3]),  # set to zero for a new order
        ([48211, 3, 5], [None, 3, 2]),  # the same, seen a little later
        ([48211, 0, 48212], [None, 0, 1]),  # a blink
        ([48211, 0, 0, 48213], [None, 0, 0, 2]),  # a longer one
        ([10, 1_000_000, 1_000_001], [None, None, 1]),  # another counter: what it shows first is not known
        ([48211, 40_000, 40_001], [None, None, 1]),  # an exchanged one
        ([65_530, 65_533, 1, 4], [None, 3, 4, 3]),  # 16 bits: it rolled over
        ([9_997, 9_999, 3], [None, 2, 4]),  # four digits
        ([9_950, 9_951, 0, 2], [None, 1, 0, 2]),  # set to zero shortly before it would have
    ],
)
def test_what_a_counter_adds(values: list[float], parts: list[float | None]) -> None:
    assert produced(values) == parts


def test_what_was_produced_in_a_gap_is_known_when_the_counter_is_read_again() -> None:
    assert produced([10, 70], every=3600.0) == [None, 60]


def test_parts_of_a_longer_gap_are_spread_over_its_quarter_hours() -> None:
    """As a meter's energy is; those within a quarter hour belong to the one that ends with their reading."""
    assert list(spread(60.0, 450.0, 450.0 + 3600.0)) == [
        (0.0, 7.5), (900.0, 15.0), (1800.0, 15.0), (2700.0, 15.0), (3600.0, 7.5),
    ]  # fmt: skip
    assert list(spread(3.0, 890.0, 910.0)) == [(900.0, 3.0)]
    assert list(spread(3.0, 890.0, 900.0)) == [(0.0, 3.0)]
    assert list(spread(0.0, 0.0, 86_400.0)) == [(85_500.0, 0.0)]
