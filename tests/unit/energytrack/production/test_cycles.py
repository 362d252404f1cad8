import pytest

from energytrack.production.cycles import ideal_cycle


def test_the_ideal_cycle_is_that_of_the_fastest_quarter_hours() -> None:
    """Of those in which the machine worked throughout."""
    quarters = [(900.0, float(parts)) for parts in range(50, 100)]
    cycle = ideal_cycle(quarters, percent=10.0)
    assert cycle == pytest.approx(900.0 / 95, rel=0.01)
    assert ideal_cycle([*quarters, *[(300.0, 99.0)] * 50, *[(900.0, 0.0)] * 50], percent=10.0) == cycle


def test_with_little_history_nobody_knows_it() -> None:
    assert ideal_cycle([(900.0, 90.0)] * 39, percent=10.0) is None
