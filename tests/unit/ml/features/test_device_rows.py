"""Which row is which device's."""

import numpy as np

from ml.features.device_rows import DeviceRows, Nameplate

TYPES = ("cnc_machine", "press")


def plate(device_id: str) -> Nameplate:
    return Nameplate("press" if device_id.startswith("press") else None, 3.0 if device_id == "press-1" else None)


def never(_devices: int) -> None:
    raise AssertionError("there was room")


def test_a_device_keeps_its_row_and_its_nameplate_is_asked_for_once() -> None:
    asked: list[str] = []

    def once(device_id: str) -> Nameplate:
        asked.append(device_id)
        return plate(device_id)

    rows = DeviceRows(4, TYPES)
    assert rows.rows(["a", "b", "a"], once, never).tolist() == [0, 1, 0]
    assert rows.rows(["b"], once, never).tolist() == [1]
    assert asked == ["a", "b"]
    assert (len(rows), rows.names()) == (2, ("a", "b"))


def test_a_row_says_age_and_type_as_far_as_they_are_known() -> None:
    rows = DeviceRows(4, TYPES)
    rows.rows(["press-1", "unknown-1"], plate, never)
    np.testing.assert_array_equal(rows.static[:2], [[3.0, 0.0, 1.0], [np.nan, 0.0, 0.0]])
    rows.describe_by(("press",))
    np.testing.assert_array_equal(rows.static[:2], [[3.0, 1.0], [np.nan, 0.0]])


def test_a_row_that_was_let_go_is_the_next_new_devices() -> None:
    """Devices that were never here are let go without a word."""
    rows = DeviceRows(2, TYPES)
    rows.rows(["a", "b"], plate, never)
    assert rows.forget(["a", "nobody"]).tolist() == [0]
    assert rows.rows(["c", "b"], plate, never).tolist() == [0, 1]


def test_where_no_row_is_left_there_are_more_before_the_device_gets_one() -> None:
    grown: list[int] = []
    rows = DeviceRows(2, TYPES)
    assert rows.rows(["a", "b", "press-1"], plate, grown.append).tolist() == [0, 1, 2]
    assert grown == [rows.capacity] == [3]
    assert rows.static[2].tolist() == [3.0, 0.0, 1.0]
