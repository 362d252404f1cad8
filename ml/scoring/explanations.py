"""Explains why a machine is at risk: the features that raised its probability most, in words."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from energytrack.messages import Factor, LikelyComponent, LikelyMode
from ml.arrays import Floats, Integers, Matrix
from ml.models.card import Champion
from ml.models.estimators import Calibrated
from ml.scoring.likeness import Likeness
from ml.scoring.trees import normal_in, trees_of
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


@dataclass(frozen=True)
class Reasons:
    """Why one machine is at risk."""

    factors: tuple[Factor, ...]
    likeness: str = ""
    likely_modes: tuple[LikelyMode, ...] = ()
    likely_components: tuple[LikelyComponent, ...] = ()


NO_REASONS: Final = Reasons(())


class Explainer:
    """Explains one model's probabilities."""

    def __init__(self, champion: Champion) -> None:
        self._model = champion.model
        wording_of = wordings(champion.card.spec)
        self._names = champion.model.features
        self._wordings = [wording_of[name] for name in self._names]
        subjects = list(dict.fromkeys(wording.subject for wording in self._wordings))
        self._subject = np.array([subjects.index(wording.subject) for wording in self._wordings], dtype=np.int64)
        estimator = champion.model.estimator
        raw = estimator.estimator if isinstance(estimator, Calibrated) else estimator
        self._trees = trees_of(raw)
        self._voting = normal_in(raw)
        self._likeness = Likeness(champion)

    def explain(self, rows: Matrix) -> list[Reasons]:
        """The reasons for each row of the model's own features; no factors if its score cannot be taken apart.

        Contributions of features about the same subject are one factor, with the name of the strongest of them.
        """
        learned, from_normal = self._parts(rows)
        parts = learned + from_normal
        likely, components = self._likeness.likely(rows), self._likeness.components(rows)
        total = parts.sum(axis=1)
        share = np.divide(from_normal.sum(axis=1), total, out=np.zeros(len(rows)), where=np.abs(total) > 1e-9)
        said = self._likeness.sentences(rows, share, likely, components)
        factors = [self._in_words(row, shares) for row, shares in zip(rows, self._shares(rows, parts), strict=True)]
        return [Reasons(*each) for each in zip(factors, said, likely, components, strict=True)]

    def novelty(self, rows: Matrix) -> Floats:
        """[rows]: the novelty of each, how unlike normal operation it is; NaN if that is not known."""
        return self._likeness.novelty(rows)

    def _parts(self, rows: Matrix) -> tuple[Floats, Floats]:
        """[rows, features] each: contributions to the score by recorded failures, and by normal operation."""
        none = np.zeros(rows.shape)
        learned = self._trees.contributions(rows) if self._trees else none
        if self._voting is None:
            return learned, none
        normal, share = self._voting
        return learned, share * normal.contributions(rows)

    def _base(self) -> float:
        """The score of a row about which nothing is known."""
        base = self._trees.base if self._trees else 0.0
        return base + (self._voting[1] * self._voting[0].base if self._voting else 0.0)

    def _shares(self, rows: Matrix, parts: Floats) -> Floats:
        """[rows, features]: each feature's contribution; with an unknown row's probability they sum to the row's.

        `parts` are the contributions to the score. Splits change it, and its conversion to a probability is not linear:
        they are scaled to fit.
        """
        base = self._base()
        moved = parts.sum(axis=1)
        rise = self._probability(base + moved, rows) - self._probability(np.full(len(rows), base), rows)
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

    def _probability(self, score: Floats, rows: Matrix) -> Floats:
        """The meaning of the trees' scores: boosted trees sum log odds, those of a forest vote."""
        if self._model.kind == "gradient_boosting":
            score = 1.0 / (1.0 + np.exp(-score))
        curve = self._model.estimator
        return curve.probabilities(score, rows) if isinstance(curve, Calibrated) else score


class Explanations:
    """The reasons of machines at risk, each computed once in `EVERY_MS` of the machine's own time."""

    def __init__(self, explainer: Explainer) -> None:
        self._explainer = explainer
        self._since: dict[int, int] = {}
        self._kept: dict[int, Reasons] = {}

    def update(self, device: Integers, at_ms: Integers, rows: Matrix) -> list[Reasons]:
        """The reasons at M rows of machines at risk, each device's in order of time.

        `rows` hold the model's own features, [M, features].
        """
        due: list[int] = []
        newest: dict[int, int] = {}
        source: list[int | None] = []
        for i, (device_row, at) in enumerate(zip(device.tolist(), at_ms.tolist(), strict=True)):
            since = self._since.get(device_row)
            if since is None or not 0 <= at - since < EVERY_MS:
                self._since[device_row] = at
                newest[device_row] = i
                due.append(i)
            source.append(newest.get(device_row))
        explained = dict(zip(due, self._explainer.explain(rows[due]), strict=True))
        reasons = [
            self._kept[device_row] if at is None else explained[at]
            for device_row, at in zip(device.tolist(), source, strict=True)
        ]
        self._kept.update((device_row, explained[i]) for device_row, i in newest.items())
        return reasons

    def forget(self, devices: Integers) -> None:
        """Forget machines that moved to another consumer."""
        for device in devices.tolist():
            self._since.pop(device, None)
            self._kept.pop(device, None)
