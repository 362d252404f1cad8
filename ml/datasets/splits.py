"""Which rows are for training, for choosing thresholds, and for the final test."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.arrays import Integers, Mask
from ml.datasets.table import Table
from ml.errors import LeakySplit

FIT_SHARE: Final = 0.55
VALIDATE_SHARE: Final = 0.20
TEST_SHARES: Final = (0.25, 0.35, 0.5)
MINIMUM_GAP_MS: Final = 60_000


@dataclass(frozen=True, eq=False)
class Split:
    """Rows of a table, each in at most one part; young rows are for fitting only."""

    name: str
    fit: Mask
    validate: Mask
    """For calibration and thresholds."""
    test: Mask
    past: Mask
    """All rows for learning, if there are too few of them to be divided."""


def by_time(table: Table, *, fit: float = FIT_SHARE, validate: float = VALIDATE_SHARE) -> Split:
    """Consecutive blocks of time, with gaps of one horizon between them; the rest is for the test.

    A label looks one horizon ahead: without the gap, the last rows of a block would know what happens in the next.
    """
    start, end = int(table.at_ms.min()), int(table.at_ms.max()) + 1
    first, second = (start + round((end - start) * share) for share in (fit, fit + validate))
    gap = max(table.horizon_ms, MINIMUM_GAP_MS)
    at, regular = table.at_ms, ~table.training_only
    return Split(
        "time",
        fit=at < first - gap,
        validate=(at >= first) & (at < second - gap) & regular,
        test=(at >= second) & regular,
        past=at < second - gap,
    )


def by_time_with_failures(table: Table, *, least: int = 10) -> Split:
    """Blocks of time; the last one has `least` failures if half of the time has so many, otherwise it is that half.

    A score from three failures means little, however high it is.
    """
    splits = [
        by_time(table, fit=FIT_SHARE / 0.75 * (1 - share), validate=VALIDATE_SHARE / 0.75 * (1 - share))
        for share in TEST_SHARES
    ]
    failures = [len(np.unique(table.event[split.test & (table.event >= 0)])) for split in splits]
    return next((split for split, count in zip(splits, failures, strict=True) if count >= least), splits[-1])


def by_machine(table: Table, *, folds: int, seed: int) -> tuple[Split, ...]:
    """Several splits; each tests on machines that it does not use for training or thresholds."""
    fold = folds_of(table, folds=folds, seed=seed)
    return tuple(_without(table, fold, k, folds) for k in range(folds))


def check(table: Table, split: Split) -> None:
    """Raise LeakySplit if a training row and a test row belong to the same machine and are close in time.

    A label looks one horizon ahead, and neighbouring rows are nearly the same: a model would only have to memorise.
    """
    learned = split.fit | split.validate | split.past
    span = max(table.horizon_ms, MINIMUM_GAP_MS)
    both = np.intersect1d(table.device[learned], table.device[split.test])
    for machine in both.tolist():
        own = table.device == machine
        learned_at, tested_at = np.unique(table.at_ms[own & learned]), table.at_ms[own & split.test]
        # For each test row, the number of training rows within one span before or after it.
        near = np.searchsorted(learned_at, tested_at + span) - np.searchsorted(learned_at, tested_at - span, "right")
        if near.any():
            raise LeakySplit(split.name, table.devices[machine])


def folds_of(table: Table, *, folds: int, seed: int) -> Integers:
    """The fold of each row's machine; machines that failed are distributed first, so that each fold gets its share."""
    rng = np.random.default_rng(seed)
    machines = np.unique(table.device)
    failed = np.isin(machines, np.unique(table.device[table.label == 1]))
    order = np.concatenate([rng.permutation(machines[failed]), rng.permutation(machines[~failed])])
    fold = np.zeros(int(machines.max()) + 1, dtype=np.int64)
    fold[order] = np.arange(len(order)) % folds
    return fold[table.device]


def _without(table: Table, fold: Integers, tested: int, folds: int) -> Split:
    regular = ~table.training_only
    test = fold == tested
    if folds > 2:
        validate = fold == (tested + 1) % folds
    else:  # every third of the remaining machines
        rest = np.unique(table.device[~test])
        validate = np.isin(table.device, rest[::3])
    return Split(
        f"machine {tested + 1}/{folds}", fit=~test & ~validate, validate=validate & regular, test=test & regular,
        past=~test,
    )  # fmt: skip
