import numpy as np

from ml.recommendations.device_order import DeviceOrder

MINUTE = 60_000


def device_order(device: list[int], minute: list[float]) -> DeviceOrder:
    return DeviceOrder(np.array(device), (np.array(minute) * MINUTE).astype(np.int64))


def test_the_value_before_is_that_of_the_same_device() -> None:
    """From this turn, or the one before."""
    mixed = device_order([1, 0, 1, 0], [0, 0, 1, 1])
    before = mixed.previous(mixed.sort(np.array([5.0, 6.0, 7.0, 8.0])), np.array([1.0, 2.0]))
    assert mixed.as_received(before).tolist() == [2.0, 1.0, 5.0, 6.0]


def test_each_devices_readings_stand_side_by_side() -> None:
    """In the order of time, with their first and last marked."""
    mixed = device_order([1, 0, 1, 0, 1], [0, 1, 2, 3, 4])
    assert mixed.device.tolist() == [0, 0, 1, 1, 1]
    assert (mixed.at_ms // MINUTE).tolist() == [1, 3, 0, 2, 4]
    assert mixed.first.tolist() == [True, False, True, False, False]
    assert mixed.last.tolist() == [False, True, False, False, True]
    assert mixed.starts().tolist() == [0, 0, 2, 2, 2]


def test_sorting_is_undone_by_as_received() -> None:
    mixed = device_order([1, 0, 1, 0], [0, 1, 2, 3])
    matrix = np.arange(8.0).reshape(4, 2)
    assert mixed.as_received(mixed.sort(matrix)).tolist() == matrix.tolist()
