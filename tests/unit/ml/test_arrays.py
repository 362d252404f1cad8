"""What the arrays of `ml` have in common."""

import numpy as np
import pytest

from ml.arrays import enlarged, run_starts


def test_new_rows_are_filled_and_the_old_ones_stay() -> None:
    """Of whatever shape a row is, in the array's own type."""
    grown = enlarged(np.array([[1, 2], [3, 4]], dtype=np.int32), 4, -1)
    assert grown.tolist() == [[1, 2], [3, 4], [-1, -1], [-1, -1]]
    assert grown.dtype == np.int32
    assert np.isnan(enlarged(np.zeros(1), 2, np.nan)).tolist() == [False, True]


@pytest.mark.parametrize(
    ("keys", "starts"), [([], []), ([7], [0]), ([1, 1, 1], [0]), ([1, 1, 2, 3, 3], [0, 2, 3]), ([3, 2, 1], [0, 1, 2])]
)
def test_each_run_of_equal_keys_has_a_start(keys: list[int], starts: list[int]) -> None:
    assert run_starts(np.array(keys, dtype=np.int64)).tolist() == starts
