"""The forecast of a quarter hour, and its interval from past errors."""

import pytest

from energytrack.peak.forecast import ENOUGH, MINUTES, PastErrors, RunningQuarter, ends_at_kw


def test_if_power_stays_it_is_the_mean() -> None:
    """100 kW for five minutes are 8.33 kWh."""
    assert ends_at_kw(RunningQuarter(300.0, 100.0 * 300 / 3600, 100_000.0)) == pytest.approx(100.0)


def test_what_is_used_counts_and_the_rest_is_as_now() -> None:
    """200 kW for five minutes and 50 kW for ten are a mean of 100."""
    assert ends_at_kw(RunningQuarter(300.0, 200.0 * 300 / 3600, 50_000.0)) == pytest.approx(100.0)


def test_when_it_is_over_nothing_is_added() -> None:
    assert ends_at_kw(RunningQuarter(900.0, 25.0, 400_000.0)) == pytest.approx(100.0)


def test_without_enough_past_there_is_no_interval_but_the_error_is_shown() -> None:
    errors = PastErrors()
    running = RunningQuarter(60.0, 1.0, 60_000.0)
    assert errors.forecast(running)[1:] == (None, None, None)
    errors.add([None, 50.0], 53.0)
    assert errors.forecast(running)[1:] == (None, None, 3.0)


def test_the_interval_holds_four_of_five_past_errors() -> None:
    errors = PastErrors()
    for error in range(ENOUGH + 1):
        errors.add([None, 100.0], 80.0 + error)
    expected = errors.forecast(RunningQuarter(60.0, 0.0, 60_000.0))
    assert expected.low == pytest.approx(expected.kw - 20.0 + 0.1 * ENOUGH)
    assert expected.high == pytest.approx(expected.kw - 20.0 + 0.9 * ENOUGH)


def test_it_never_ends_below_what_is_used_already() -> None:
    errors = PastErrors()
    for _ in range(ENOUGH):
        errors.add([100.0] * MINUTES, 10.0)
    expected = errors.forecast(RunningQuarter(850.0, 20.0, 1000.0))
    assert expected.low is not None
    assert expected.low >= 80.0
