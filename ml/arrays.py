"""The arrays that the modules of `ml` hand each other, and what they have in common."""

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float32]
"""float32[rows, features], NaN where a feature is not known: what forests are fed."""
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_Item = TypeVar("_Item", bound=np.generic)


def enlarged(array: npt.NDArray[_Item], rows: int, fill: Any) -> npt.NDArray[_Item]:
    """The array with more rows, the new ones filled."""
    more = np.full((rows - len(array), *array.shape[1:]), fill, dtype=array.dtype)
    return np.concatenate([array, more])


def run_starts(sorted_keys: Integers) -> Integers:
    """Where each run of equal keys begins."""
    changed = np.ones(len(sorted_keys), dtype=np.bool_)
    np.not_equal(sorted_keys[1:], sorted_keys[:-1], out=changed[1:])
    return np.flatnonzero(changed)
