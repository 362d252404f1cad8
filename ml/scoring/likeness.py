"""What the state of a machine at risk resembles, in a sentence: earlier failures, or nothing on record."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from energytrack.messages import LikelyComponent, LikelyMode
from ml.arrays import Floats, Matrix
from ml.models.card import Champion
from ml.models.modes import OTHERS, Modes

MOST: Final = 3
LEAST_SHARE: Final = 0.1
CLEAR: Final = 0.5
"""A mode with at least this share is named alone."""
NAME_LENGTH: Final = 64
DAY_SECONDS: Final = 86_400
BOTH: Final = 0.6
"""A second signal is named if it deviates by this share of the first one's distance."""


class Likeness:
    """Describes machines at risk by one model."""

    def __init__(self, champion: Champion) -> None:
        self._normal = champion.model.normal
        self._modes = champion.model.modes
        self._components = champion.model.components
        self._names = champion.model.features
        self._signals = champion.card.spec.signals
        learnt = champion.card.trained_on
        self._days = max(round((learnt.until - learnt.since).total_seconds() / DAY_SECONDS), 1)
        self._failures = learnt.failures

    def novelty(self, rows: Matrix) -> Floats:
        """[rows]: the novelty of each, how unlike normal operation it is; NaN if its usual range is not known."""
        if self._normal is None:
            return np.full(len(rows), np.nan)
        has_value = np.isfinite(rows[:, self._normal.columns]).any(axis=1)
        novelty: Floats = np.where(has_value, self._normal.scores(rows), np.nan)
        return novelty

    def likely(self, rows: Matrix) -> list[tuple[LikelyMode, ...]]:
        """The most likely failure modes of each row, the likeliest first."""
        return [tuple(LikelyMode(*each) for each in ranked) for ranked in _likeliest(self._modes, rows)]

    def components(self, rows: Matrix) -> list[tuple[LikelyComponent, ...]]:
        """The components that are most likely to fail, likewise; none if the failures on record do not name them."""
        return [tuple(LikelyComponent(*each) for each in ranked) for ranked in _likeliest(self._components, rows)]

    def sentences(
        self,
        rows: Matrix,
        from_normal: Floats,
        likely: Sequence[tuple[LikelyMode, ...]],
        components: Sequence[tuple[LikelyComponent, ...]],
    ) -> list[str]:
        """A sentence for each row; `from_normal` [rows] is the share of the risk that was not learned from failures.

        If components are predicted, a second sentence names the one to inspect first.
        """
        return [
            self._unlike(row) if share > CLEAR else self._like(modes, parts)
            for row, share, modes, parts in zip(rows, from_normal.tolist(), likely, components, strict=True)
        ]

    def _like(self, modes: tuple[LikelyMode, ...], components: tuple[LikelyComponent, ...]) -> str:
        known = [(one.component, one.share) for one in components if one.component != OTHERS]
        inspect = f" Inspect first: {_named(known)}." if known else ""
        if not modes:
            return f"Like earlier failures.{inspect}" if self._failures else ""
        return f"Like earlier failures: {_named([(one.mode, one.share) for one in modes])}.{inspect}"

    def _unlike(self, row: Matrix) -> str:
        signals = self._deviating(row)
        span = f"{self._days} days" if self._days > 1 else "day"
        sentence = f"Unlike anything in the {span} that the model learned from"
        return f"{sentence}: {' against '.join(signals)}." if signals else f"{sentence}."

    def _deviating(self, row: Matrix) -> list[str]:
        """The signal that deviates most, and a second one that does so nearly as much."""
        if self._normal is None:
            return []
        by_signal: dict[str, float] = {}
        for column in self._normal.columns.tolist():
            signal = next((s for s in self._signals if self._names[column].startswith(f"{s}_")), None)
            distance = abs(float(np.nan_to_num(row[column])))
            if signal is not None:
                by_signal[signal] = max(by_signal.get(signal, 0.0), distance)
        ranked = sorted(by_signal, key=lambda signal: -by_signal[signal])
        return [
            s.replace("_", " ") for s in ranked[:2] if by_signal[s] > 0 and by_signal[s] >= BOTH * by_signal[ranked[0]]
        ]


def _likeliest(telling: Modes | None, rows: Matrix) -> list[list[tuple[str, float]]]:
    """The likeliest names of each row with their shares, the likeliest first."""
    if telling is None or len(rows) == 0:
        return [[]] * len(rows)
    return [
        [
            (telling.names[i][:NAME_LENGTH], round(float(share[i]), 3))
            for i in np.argsort(-share, kind="stable")[:MOST].tolist()
            if share[i] >= LEAST_SHARE
        ]
        for share in telling.shares(rows)
    ]


def _named(ranked: Sequence[tuple[str, float]]) -> str:
    """The likeliest with their shares; only the first if it is clear."""
    named = ranked[:1] if ranked[0][1] >= CLEAR else ranked
    return " or ".join(f"{name.replace('_', ' ')} ({share:.0%})".replace("%", " %") for name, share in named)
