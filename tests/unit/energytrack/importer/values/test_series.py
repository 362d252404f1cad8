import math

import numpy as np

from energytrack.importer.choices import FileFinding
from energytrack.importer.content import Energy
from energytrack.importer.values.series import aligned, each_once, summed


def test_of_a_time_that_comes_twice_the_later_row_counts() -> None:
    """Oldest first, and the finding says so."""
    findings: list[FileFinding] = []
    at, values = each_once(np.array([900, 0, 900]), np.array([1.0, 2.0, 3.0]), findings)
    assert (at.tolist(), values.tolist()) == ([0, 900], [2.0, 3.0])
    assert [finding.why for finding in findings] == ["1 times come twice, 1 with another value: the later row is used"]


def test_two_tariffs_of_a_meter_add_up_where_both_are_known() -> None:
    starts = np.array([0, 900])
    day, night = (
        Energy(starts, starts + 900, np.array([1.0, 2.0])),
        Energy(starts[1:], starts[1:] + 900, np.array([4.0])),
    )
    both = summed(day, night)
    assert (both.start_ms.tolist(), both.kwh.tolist()) == ([900], [6.0])


def test_columns_with_times_of_their_own_are_one_table() -> None:
    found = aligned({"flow": (np.array([0, 2]), np.array([1.0, 2.0])), "speed": (np.array([1]), np.array([5.0]))})
    assert found.at_ms.tolist() == [0, 1, 2]
    assert [math.isnan(value) for value in found.values["speed"]] == [True, False, True]
