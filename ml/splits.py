"""Which rows train, which choose thresholds, and which are looked at only once, at the end."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.arrays import Integers, Mask
from ml.table import Table

FIT_SHARE: Final = 0.55
VALIDATE_SHARE: Final = 0.20
MINIMUM_GAP_MS: Final = 60_000


@dataclass(frozen=True, eq=False)
class Split:
    """Rows of a table, each in one part at most; young rows are for fitting alone."""

    name: str
    fit: Mask
    validate: Mask
    """For calibration and thresholds."""
    test: Mask
    past: Mask
    """All that may be learned from, for where there is too little of it to be divided."""


def by_time(table: Table, *, fit: float = FIT_SHARE, validate: float = VALIDATE_SHARE, until: float = 1.0) -> Split:
    """Blocks one after the other, with gaps of a horizon between them; `until` is where the last one ends.

    A label looks a horizon ahead: without the gap the last rows of a block would know what happens in the next.
    """
    start, end = int(table.at_ms.min()), int(table.at_ms.max()) + 1
    first, second, last = (start + round((end - start) * share) for share in (fit, fit + validate, until))
    gap = max(table.horizon_ms, MINIMUM_GAP_MS)
    at, whole = table.at_ms, ~table.young
    return Split(
        "time",
        fit=at < first - gap,
        validate=(at >= first) & (at < second - gap) & whole,
        test=(at >= second) & (at < last) & whole,
        past=at < second - gap,
    )


def by_turns(table: Table, *, blocks: int) -> tuple[Split, ...]:
    """The second half of the time as test blocks, one after the other, each with all that came before it to learn from.

    So every failure of that half is tested once, by a model of its time.
    """
    length = 0.5 / blocks
    starts = [0.5 + length * k for k in range(blocks)]
    return tuple(by_time(table, fit=0.7 * at, validate=0.3 * at, until=at + length) for at in starts)


def by_machine(table: Table, *, folds: int, seed: int) -> tuple[Split, ...]:
    """As many splits, each of which tests on other machines than it trains and chooses thresholds on."""
    of = folds_of(table, folds=folds, seed=seed)
    return tuple(_without(table, of, k, folds) for k in range(folds))


def folds_of(table: Table, *, folds: int, seed: int) -> Integers:
    """For each row the fold of its machine; those that failed are dealt out first, so that each fold gets its share."""
    rng = np.random.default_rng(seed)
    machines = np.unique(table.device)
    failed = np.isin(machines, np.unique(table.device[table.label == 1]))
    order = np.concatenate([rng.permutation(machines[failed]), rng.permutation(machines[~failed])])
    fold = np.zeros(int(machines.max()) + 1, dtype=np.int64)
    fold[order] = np.arange(len(order)) % folds
    return fold[table.device]


def _without(table: Table, of: Integers, k: int, folds: int) -> Split:
    whole = ~table.young
    test = of == k
    if folds > 2:
        validate = of == (k + 1) % folds
    else:  # of the machines left every third
        rest = np.unique(table.device[~test])
        validate = np.isin(table.device, rest[::3])
    return Split(
        f"machine {k + 1}/{folds}", fit=~test & ~validate, validate=validate & whole, test=test & whole, past=~test
    )
