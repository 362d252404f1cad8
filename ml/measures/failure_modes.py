"""How often the likeliest failure modes were right, by failures: rows of one failure are not independent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from msgspec import Struct

from ml.arrays import Floats, Integers
from ml.features.spec import OTHER

TOP: Final = 3


class ModeQuality(Struct, frozen=True):
    """Failures before which an alarm named the likeliest modes."""

    failures: int
    modes: int
    """How many modes are distinguished: three of four are often right by chance."""
    top_1: int
    """Failures whose mode was the likeliest one."""
    top_3: int
    """Failures whose mode was among the three likeliest."""
    commonest: int
    """Failures of the mode that is the most frequent on record: a guess that needs no model."""


@dataclass(frozen=True, eq=False)
class PredictedModes:
    """The predicted modes at N rows before failures."""

    names: tuple[str, ...]
    shares: Floats
    """[N, modes]"""
    event: Integers
    """[N], the failure that followed."""
    kinds: tuple[str, ...]
    """[failures], the mode of each."""
    commonest: str
    """The most frequent mode among the failures that taught the model."""


def measure_modes(parts: Sequence[PredictedModes]) -> ModeQuality | None:
    """The quality over several folds; a failure counts by the mean prediction before it. None without failures."""
    ranks: list[int] = []
    commonest = 0
    for part in parts:
        for event in np.unique(part.event).tolist():
            kind = part.kinds[event]
            named = kind if kind in part.names else OTHER
            shares = part.shares[part.event == event].mean(axis=0)
            order = [part.names[place] for place in np.argsort(-shares, kind="stable").tolist()]
            ranks.append(order.index(named) if named in order else TOP)
            commonest += kind == part.commonest
    if not ranks:
        return None
    return ModeQuality(
        failures=len(ranks),
        modes=max(len(part.names) for part in parts),
        top_1=sum(rank == 0 for rank in ranks),
        top_3=sum(rank < TOP for rank in ranks),
        commonest=commonest,
    )
