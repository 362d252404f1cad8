import numpy as np

from ml.recommendations.condition_timer import ConditionTimer
from ml.recommendations.device_order import DeviceOrder

MINUTE = 60_000


def device_order(device: list[int], minute: list[float]) -> DeviceOrder:
    return DeviceOrder(np.array(device), (np.array(minute) * MINUTE).astype(np.int64))


def test_a_condition_lasts_from_its_first_reading_on() -> None:
    """Each device by itself; a break begins it again."""
    since = ConditionTimer(4)
    mixed = device_order([0, 1, 0, 1, 0, 1, 0], [0, 0, 1, 1, 2, 2, 3])
    holds = np.array([True, False, True, True, False, True, True])
    minutes = mixed.as_received(since.minutes(mixed, mixed.sort(holds)))
    assert minutes.tolist() == [0, 0, 1, 0, 0, 1, 0]


def test_it_goes_on_over_turns() -> None:
    """However readings are cut into batches."""
    since = ConditionTimer(1)
    lasted = [
        since.minutes(device_order([0], [m]), np.array([holds])) for m, holds in enumerate([True, True, True, False])
    ]
    assert [float(minutes[0]) for minutes in lasted] == [0, 1, 2, 0]


def test_a_device_that_went_elsewhere_begins_again() -> None:
    """Its row may be another machine's."""
    since = ConditionTimer(1)
    since.minutes(device_order([0], [0]), np.array([True]))
    since.clear(np.array([0]))
    assert since.minutes(device_order([0], [9]), np.array([True])).tolist() == [0]


def test_a_clock_that_was_set_back_takes_no_time_away() -> None:
    """What began before that moment goes on, what a wrong clock began later begins then."""
    since = ConditionTimer(2)
    since.minutes(device_order([0, 1], [3, 9]), np.array([True, True]))
    since.set_back(np.array([0, 1]), np.array([5, 5]) * MINUTE)
    assert since.minutes(device_order([0, 1], [6, 6]), np.array([True, True])).tolist() == [3, 1]
