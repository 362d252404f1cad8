"""Array types and helpers shared by the modules of `ml`."""

from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float32]
"""float32[rows, features], NaN if a feature is unknown: the input of forests."""
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_Item = TypeVar("_Item", bound=np.generic)


def enlarged(array: npt.NDArray[_Item], rows: int, fill: Any) -> npt.NDArray[_Item]:
    """The array with more rows, the new ones filled."""
    more = np.full((rows - len(array), *array.shape[1:]), fill, dtype=array.dtype)
    return np.concatenate([array, more])


KEY_BITS: Final = 40
"""Of a key that joins a device's row and a bucket or block, the lower bits: seconds since 1970 take 31 of them."""


def pair_keys(device: Integers, number: Integers) -> Integers:
    """[n], one integer for each pair of a device's row and a bucket or block: it sorts by device, then by number."""
    keys: Integers = device << KEY_BITS | number
    return keys


def unpaired(keys: Integers) -> tuple[Integers, Integers]:
    """The rows and numbers of `pair_keys`, [n] each."""
    return keys >> KEY_BITS, keys & ((1 << KEY_BITS) - 1)


def run_starts(sorted_keys: Integers) -> Integers:
    """The index at which each run of equal keys begins."""
    changed = np.ones(len(sorted_keys), dtype=np.bool_)
    np.not_equal(sorted_keys[1:], sorted_keys[:-1], out=changed[1:])
    return np.flatnonzero(changed)
