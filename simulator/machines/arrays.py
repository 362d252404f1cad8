"""The arrays in the simulator's states; the last axis is always the device."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]
Ints = npt.NDArray[np.int64]

State = TypeVar("State", bound=Struct)


def changed(state: State, where: int | tuple[int, int], **values: float) -> State:
    """A state with one element of some of its arrays changed; the original arrays do not change."""
    columns = {}
    for name, value in values.items():
        column = getattr(state, name).copy()
        column[where] = value
        columns[name] = column
    return replace(state, **columns)
