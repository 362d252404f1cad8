"""Explains why a machine is at risk: the features that raised its probability most, in words."""

from typing import Final

import numpy as np

from energytrack.messages import Factor
from ml.arrays import Floats, Integers, Matrix
from ml.models.card import Champion
from ml.models.estimators import Calibrated
from ml.scoring.trees import Trees, trees_of
from ml.scoring.wording import wordings

MOST: Final = 5
"""Maximum number of reasons; nobody reads more at three in the morning."""
EVERY_MS: Final = 10_000
"""Interval between two explanations of a machine at risk; in between it keeps its reasons."""
LEAST: Final = 0.005
"""Smaller contributions to the probability are not reasons."""
NAME_LENGTH: Final = 64
TEXT_LENGTH: Final = 500
"""Limit of a message's size; a plant's own names of codes and components may be longer."""


class Explainer:
    """Explains one model's probabilities."""

    def __init__(self, champion: Champion) -> None:
        self._model = champion.model
        said = wordings(champion.card.spec)
        self._names = champion.model.features
        self._wordings = [said[name] for name in self._names]
        subjects = list(dict.fromkeys(wording.subject for wording in self._wordings))
        self._subject = np.array([subjects.index(wording.subject) for wording in self._wordings], dtype=np.int64)
        estimator = champion.model.estimator
        self._trees = trees_of(estimator.estimator if isinstance(estimator, Calibrated) else estimator)

    def factors(self, rows: Matrix) -> list[tuple[Factor, ...]]:
        """The reasons for each row of the model's own features, the strongest first; none for a model without trees.

        Contributions of features about the same subject are one factor, with the name of the strongest of them.
        """
        if self._trees is None:
            return [()] * len(rows)
        shares = self._shares(self._trees, rows)
        return [self._in_words(row, share) for row, share in zip(rows, shares, strict=True)]

    def _shares(self, trees: Trees, rows: Matrix) -> Floats:
        """[rows, features]: each feature's contribution; with an unknown row's probability they sum to the row's.

        Splits change the score, and the conversion to a probability is not linear: contributions are scaled to fit.
        """
        parts = trees.contributions(rows)
        moved = parts.sum(axis=1)
        rise = self._probability(trees.base + moved) - self._probability(np.array([trees.base]))
        scale = np.divide(rise, moved, out=np.zeros_like(rise), where=np.abs(moved) > 1e-9)
        shares: Floats = parts * scale[:, None]
        return shares

    def _in_words(self, row: Matrix, share: Floats) -> tuple[Factor, ...]:
        together = np.bincount(self._subject, share)
        factors: list[Factor] = []
        for subject in np.argsort(-together, kind="stable").tolist():
            if together[subject] < LEAST or len(factors) == MOST:
                break
            strongest = int(np.where(self._subject == subject, share, -np.inf).argmax())
            text = self._wordings[strongest].say(float(row[strongest]))[:TEXT_LENGTH]
            if text:
                name = self._names[strongest][:NAME_LENGTH]
                factors.append(Factor(name, round(float(together[subject]), 4), text))
        return tuple(factors)

    def _probability(self, score: Floats) -> Floats:
        """The meaning of the trees' scores: boosted trees sum log odds, those of a forest vote."""
        if self._model.kind == "gradient_boosting":
            score = 1.0 / (1.0 + np.exp(-score))
        curve = self._model.estimator
        return curve.probabilities(score) if isinstance(curve, Calibrated) else score


class Explanations:
    """The reasons of machines at risk, each computed once in `EVERY_MS` of the machine's own time."""

    def __init__(self, explainer: Explainer) -> None:
        self._explainer = explainer
        self._since: dict[int, int] = {}
        self._kept: dict[int, tuple[Factor, ...]] = {}

    def update(self, device: Integers, at_ms: Integers, rows: Matrix) -> list[tuple[Factor, ...]]:
        """The reasons at M rows of machines at risk, each device's in the order of time.

        `rows` hold the model's own features, [M, features].
        """
        due: list[int] = []
        newest: dict[int, int] = {}
        source: list[int | None] = []
        for i, (of, at) in enumerate(zip(device.tolist(), at_ms.tolist(), strict=True)):
            since = self._since.get(of)
            if since is None or not 0 <= at - since < EVERY_MS:
                self._since[of] = at
                newest[of] = i
                due.append(i)
            source.append(newest.get(of))
        explained = dict(zip(due, self._explainer.factors(rows[due]), strict=True))
        factors = [
            self._kept[of] if at is None else explained[at] for of, at in zip(device.tolist(), source, strict=True)
        ]
        self._kept.update((of, explained[i]) for of, i in newest.items())
        return factors

    def forget(self, devices: Integers) -> None:
        """Forget machines that moved to another consumer."""
        for device in devices.tolist():
            self._since.pop(device, None)
            self._kept.pop(device, None)
