from datetime import timedelta

import numpy as np
import pytest

from ml.features.device_rows import Nameplate
from ml.features.spec import duration
from ml.features.window import LEAST_FILLED, Window
from testkit.builders.messages import an_event
from testkit.builders.recordings import START, START_MS, a_spec

PRESS = Nameplate("press", 4.0)
MINUTE = 60_000


def watched(readings: dict[int, tuple[float, float, float]], **fields: object) -> Window:
    """A window over one press that took readings at minutes."""
    window = Window(a_spec(**fields))
    row = window.rows(["press-1"], lambda _: PRESS)
    at = np.array(sorted(readings))
    window.add(np.repeat(row, len(at)), START_MS + at * MINUTE, np.array([readings[m] for m in at.tolist()]))
    return window


def feature(window: Window, name: str, minute: float) -> float:
    seen = window.look(np.array([0]), np.array([START_MS + int(minute * MINUTE)]))
    return float(seen.features[0, window.spec.names.index(name)])


def test_every_feature_has_a_name() -> None:
    """The matrix has a column per name, and no name is there twice."""
    window = watched({1: (60.0, 5.0, 12.0)})
    seen = window.look(np.array([0]), np.array([START_MS + MINUTE]))
    assert (1, len(window.spec.names)) == seen.features.shape
    assert len(window.spec.names) == len(set(window.spec.names))


def test_windows_end_with_the_last_complete_bucket() -> None:
    """A reading on the dot completes its bucket; the bucket under way is not looked at."""
    window = watched({1: (60.0, 5.0, 12.0), 2: (62.0, 5.0, 12.0), 3: (70.0, 5.0, 12.0)})
    assert feature(window, "temperature", 2) == 62.0
    assert feature(window, "temperature", 2.9) == 62.0
    assert feature(window, "temperature_mean_2m", 2) == 61.0
    assert feature(window, "temperature_mean_2m", 3) == 66.0
    assert feature(window, "temperature_mean_4m", 3) == 64.0


def test_the_rise_is_how_far_a_line_climbs_over_the_window() -> None:
    """Two degrees a minute make eight over four minutes, gaps or not."""
    window = watched({1: (60.0, 5.0, 1.0), 3: (64.0, 5.0, 1.0), 4: (66.0, 5.0, 1.0)})
    assert feature(window, "temperature_rise_4m", 4) == pytest.approx(8.0)
    assert feature(window, "pressure_rise_4m", 4) == pytest.approx(0.0)


def test_what_is_not_known_is_nan() -> None:
    """One bucket has a mean but neither deviation nor rise; a lost sensor has nothing; nobody repaired anything."""
    window = watched({1: (60.0, np.nan, 12.0)})
    assert feature(window, "temperature_mean_8m", 1) == 60.0
    for name in (
        "temperature_deviation_8m",
        "temperature_rise_8m",
        "pressure",
        "pressure_mean_8m",
        "temperature_shift",
        "unusual",
        "hours_since_failure",
        "hours_since_maintenance_belt",
    ):
        assert np.isnan(feature(window, name, 1)), name


def test_a_second_counts_once() -> None:
    """A repeated reading changes nothing, whether in the same batch or in a later one."""
    window = watched({1: (60.0, 5.0, 12.0)})
    at = START_MS + MINUTE
    counted = window.add(np.array([0, 0]), np.array([at, at + 1]), np.array([[99.0, 9, 9], [61.0, 5, 12]]))
    assert counted.tolist() == [1]
    assert feature(window, "temperature", 1) == 60.0


def test_only_the_first_mark_of_a_second_counts() -> None:
    """A reading that is polled twice is scored once."""
    window = watched({1: (60.0, 5.0, 12.0)})
    at = np.array([START_MS + MINUTE, START_MS + MINUTE])
    assert window.mark(np.array([0, 0]), at).tolist() == [0]
    assert window.mark(np.array([0, 0]), at).tolist() == []


def test_a_shift_is_what_the_other_signals_do_not_explain() -> None:
    """Warm because it works hard is usual; as warm without the current is not."""
    rng = np.random.default_rng(0)
    load = rng.uniform(0.0, 1.0, 40)
    usual = {m: (40 + 20 * load[m - 1], 5.0 + 0.1 * rng.normal(), 20 * load[m - 1]) for m in range(1, 41)}
    hard = watched(usual | dict.fromkeys(range(41, 49), (60.0, 5.0, 20.0)), floors=(0.5, 0.05, 0.5))
    odd = watched(usual | dict.fromkeys(range(41, 49), (60.0, 5.0, 5.0)), floors=(0.5, 0.05, 0.5))
    assert abs(feature(hard, "temperature_shift", 48)) < 3 < feature(odd, "temperature_shift", 48)
    assert feature(hard, "unusual", 48) < 3 < feature(odd, "unusual", 48)


def test_the_past_before_since_is_hidden() -> None:
    """A row of a training table can be shown less than there is."""
    window = watched({m: (60.0 + m, 5.0, 12.0) for m in range(1, 9)})
    window.note(0, an_event("fault_code", timestamp=START + timedelta(minutes=2), code="hot"))
    at = np.array([START_MS + 8 * MINUTE])
    seen = window.look(np.array([0]), at, since_ms=at - LEAST_FILLED * MINUTE)
    names = window.spec.names
    assert seen.filled.tolist() == [3]
    assert seen.features[0, names.index("temperature_mean_8m")] == 67.0
    assert seen.features[0, names.index("code_hot_24h")] == 0


def test_a_forgotten_device_begins_again() -> None:
    """What went to another member of the group leaves nothing behind, and its row is used again."""
    window = watched(dict.fromkeys(range(1, 9), (60.0, 5.0, 12.0)))
    window.note(0, an_event("fault_code", timestamp=START, code="hot"))
    window.forget(["press-1", "never-seen"])
    assert len(window) == 0
    assert window.rows(["cnc-1"], lambda _: Nameplate("cnc_machine", None)).tolist() == [0]
    assert feature(window, "codes_24h", 8) == 0
    assert np.isnan(feature(window, "temperature_mean_8m", 8))
    assert np.isnan(feature(window, "age_years", 8))
    assert feature(window, "type_cnc_machine", 8) == 1


def test_the_window_grows_with_the_plant() -> None:
    """More devices than there was room for keep what they had."""
    window = Window(a_spec(), devices=2)
    at = np.array([START_MS + MINUTE])
    for number in range(9):
        row = window.rows([f"press-{number}"], lambda _: PRESS)
        window.add(row, at, np.array([[float(number), 5.0, 12.0]]))
    seen = window.look(np.arange(9), np.repeat(at, 9))
    assert list(range(9)) == seen.features[:, 0].tolist()


def test_readings_that_are_too_late_change_nothing() -> None:
    """The ring does not turn back."""
    window = watched({1000: (60.0, 5.0, 12.0)})
    assert window.add(np.array([0]), np.array([START_MS]), np.array([[99.0, 9.0, 9.0]])).tolist() == []
    assert feature(window, "temperature", 1000) == 60.0


@pytest.mark.parametrize(("seconds", "name"), [(45, "45s"), (300, "5m"), (5400, "90m"), (3600, "1h"), (216000, "60h")])
def test_a_length_of_time_in_words(seconds: float, name: str) -> None:
    """As it stands in a feature's name."""
    assert name == duration(seconds)


def test_a_departure_is_measured_from_how_the_machine_began() -> None:
    """What came later does not move it, however long it lasts, and a second look at an early moment sees no more."""
    steady = dict.fromkeys(range(1, 25), (50.0, 5.0, 12.0))
    risen = dict.fromkeys(range(25, 61), (60.0, 5.0, 12.0))
    window = watched(steady | risen, floors=(1.0, 1.0, 1.0), reference_blocks=2)
    assert feature(window, "temperature_departure_8m", 60) == pytest.approx(10.0, abs=0.1)
    assert feature(window, "temperature_departure_8m", 20) == pytest.approx(0.0, abs=0.1)
    assert np.isnan(feature(window, "temperature_departure_8m", 8))


def test_ten_thousand_devices_fit_in_a_gigabyte() -> None:
    """Whatever happens to them: rings are laid out once, and overwritten."""
    window = Window(a_spec(windows=(5, 15, 60), baseline_blocks=48), devices=10_000)
    arrays = [value for part in (window, *window._parts()) for value in vars(part).values()]
    assert sum(array.nbytes for array in arrays if isinstance(array, np.ndarray)) < 1e9
