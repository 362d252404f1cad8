import numpy as np
import pytest

from energytrack.production.current_cycles import CurrentSamples, Floats, FoundCycles, cycles_in, evenly

HOUR = 3600
WORKING = np.ones(HOUR, dtype=np.bool_)


def a_current(
    seconds: float = 20.0, *, swing: float = 4.0, noise: float = 0.5, uneven: float = 0.05, seed: int = 1
) -> tuple[Floats, Floats]:
    """An hour of a machine whose current falls for the last two fifths of each cycle, and when its cycles begin."""
    rng = np.random.default_rng(seed)
    starts = np.cumsum(seconds * (1.0 + uneven * rng.standard_normal(round(HOUR / seconds))))
    starts = starts[starts < HOUR]
    at = np.arange(HOUR, dtype=np.float64)
    phase = (at - np.concatenate([[0.0], starts])[np.searchsorted(starts, at, side="right")]) / seconds
    return 10.0 + np.where(phase < 0.6, swing, 0.0) + noise * rng.standard_normal(HOUR), starts


def found_in(amperes: Floats, ideal: float = 18.0, step: float = 1.0) -> FoundCycles | None:
    return cycles_in(CurrentSamples(0.0, step, amperes, np.ones(len(amperes), dtype=np.bool_)), ideal)


@pytest.mark.parametrize("seconds", [9.0, 20.0, 100.0])
def test_every_cycle_is_found_where_it_began(seconds: float) -> None:
    amperes, starts = a_current(seconds)
    found = found_in(amperes, 0.9 * seconds)
    assert found is not None
    assert found.seconds == pytest.approx(seconds, rel=0.06)
    assert found.confidence(0.0, HOUR) > 0.95
    assert sum(each.share for each in found.cycles) == pytest.approx(len(starts), rel=0.03)
    began = np.array([each.start for each in found.cycles])
    assert np.mean([np.abs(began - start).min() <= 2.0 for start in starts]) > 0.97


def test_a_machine_that_draws_an_even_current_has_no_cycles() -> None:
    """Neither noise nor a slow drift is one."""
    rng = np.random.default_rng(2)
    drift = np.convolve(rng.standard_normal(HOUR + 40), np.ones(41) / 6.4, "valid")
    for amperes in (np.full(HOUR, 10.0), 10.0 + rng.standard_normal(HOUR), 10.0 + drift):
        found = found_in(amperes)
        assert found is None or found.confidence(0.0, HOUR) < 0.8


def test_what_is_not_regular_cannot_be_relied_on() -> None:
    amperes, _ = a_current(uneven=0.8)
    found = found_in(amperes)
    assert found is None or found.confidence(0.0, HOUR) < 0.8


def test_readings_that_come_too_rarely_show_no_cycle() -> None:
    """Cycles of nine seconds read every ten look like cycles of minutes: these are not taken for the machine's."""
    amperes, _ = a_current(9.5, uneven=0.01)
    assert found_in(amperes[::10], 9.0, step=10.0) is None


def test_work_that_was_interrupted_counts_as_much_as_was_done() -> None:
    amperes, starts = a_current(100.0, uneven=0.0, noise=0.2)
    is_working = WORKING.copy()
    is_working[1030:1400] = False  # in the middle of a cycle's work, until another's
    amperes[1030:1400] = 2.0
    found = cycles_in(CurrentSamples(0.0, 1.0, amperes, is_working), 95.0)
    assert found is not None
    assert sum(each.share for each in found.cycles) == pytest.approx(len(starts) + 1 - 3.7, abs=1.0)


def test_a_gap_ends_a_piece_and_a_lost_value_is_bridged() -> None:
    at = np.concatenate([np.arange(100.0), 200.0 + np.arange(100.0)])
    amperes = np.full(200, 5.0)
    amperes[50] = np.nan
    first, second = evenly(at, amperes, np.ones(200, dtype=np.bool_))
    assert (first.start, len(first.amperes), second.start, len(second.amperes)) == (0.0, 100, 200.0, 100)
    assert first.step == 1.0
    assert not list(evenly(at[:1], amperes[:1], WORKING[:1]))
