"""The kinds of model, and how they are trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, Protocol

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier

from ml.arrays import Floats, Integers, Mask, Matrix
from ml.errors import TooFewExamples
from ml.models.boosting import boosted
from ml.models.forest_votes import class_shares
from ml.models.life import Life
from ml.models.modes import Modes
from ml.models.normal import Normal, normal_of

Kind = Literal["random_forest", "gradient_boosting", "normal"]
KINDS: Final[tuple[Kind, ...]] = ("random_forest", "gradient_boosting")
"""The kinds that compete; `normal` is used only if no failure is recorded."""
Member = Literal["specialists", "generalists", "normal"]
"""A voter in a forest's score; all have the same weight."""
MEMBERS: Final[tuple[Member, ...]] = ("specialists", "generalists")
VERSIONS: Final[Mapping[str, str]] = MappingProxyType({"scikit-learn": sklearn.__version__, "numpy": np.__version__})
"""Installed versions of the libraries on which an artifact depends."""
NOTHING: Final[Integers] = np.zeros(0, dtype=np.int64)


class Estimator(Protocol):
    """The part of scikit-learn's classifiers that is used here."""

    def predict_proba(self, features: Matrix) -> Floats:
        """[rows, 2]."""


class Forests:
    """An ensemble whose score is the mean of its members: forests of specialists and of generalists, and `Normal`.

    Specialists use every feature; generalists only those that do not name a signal or a code. A specialist learns that
    a certain code with a certain signal precedes a failure, and misses new kinds of failure. A generalist learns that
    any fault code during an abnormal state precedes one. `Normal` learns from sound machines alone.
    """

    def __init__(self, members: Sequence[tuple[Estimator, Integers]]) -> None:
        self.members = tuple(members)

    def predict_proba(self, features: Matrix) -> Floats:
        """[rows, 2]."""
        votes = [class_shares(member, features[:, columns]) for member, columns in self.members]
        mean: Floats = np.mean(votes, axis=0)
        return mean


@dataclass(frozen=True)
class Sigmoid:
    """Converts scores to probabilities (J. Platt, 1999)."""

    slope: float
    offset: float

    def __call__(self, score: Floats) -> Floats:
        probability: Floats = 1.0 / (1.0 + np.exp(-(self.slope * score + self.offset)))
        return probability


@dataclass(frozen=True)
class Youth:
    """The separate calibration of young machines, whose usual range is not known yet."""

    column: int
    """Index of a feature that is NaN for them."""
    curve: Sigmoid

    def of(self, features: Matrix) -> Mask:
        """[rows], true for rows of young machines."""
        return np.isnan(features[:, self.column])


class Calibrated:
    """A classifier whose scores are converted to probabilities by a sigmoid; by another one for young machines."""

    # Artifacts of earlier versions have none of these.
    youth: Youth | None = None
    normal: Normal | None = None
    """The detector of unusual states; set even if it has no vote."""
    modes: Modes | None = None
    components: Modes | None = None
    """Classifies the failing component, in the same way as the failure mode."""
    life: Life | None = None
    """Predicts remaining life; learned after calibration, if there are enough failures on record."""

    def __init__(
        self,
        estimator: Estimator,
        slope: float,
        offset: float,
        *,
        youth: Youth | None = None,
        normal: Normal | None = None,
        modes: Modes | None = None,
        components: Modes | None = None,
    ) -> None:
        self.estimator = estimator
        self.slope = slope
        self.offset = offset
        self.youth = youth
        self.normal = normal
        self.modes = modes
        self.components = components

    def predict_proba(self, features: Matrix) -> Floats:
        """[rows, 2]."""
        probability = self.probabilities(self.estimator.predict_proba(features)[:, 1], features)
        return np.column_stack([1.0 - probability, probability])

    def probabilities(self, score: Floats, features: Matrix | None = None) -> Floats:
        """[rows], probabilities for the classifier's scores; without features, every machine counts as not young."""
        probability = Sigmoid(self.slope, self.offset)(score)
        if self.youth is not None and features is not None:
            young = self.youth.of(features)
            probability[young] = self.youth.curve(score[young])
        return probability


def kind_name(kind: Kind) -> str:
    """The name of a kind for people."""
    return kind.replace("_", " ")


@dataclass(frozen=True, eq=False)
class Model:
    """A trained model, and the features that it uses."""

    kind: Kind
    features: tuple[str, ...]
    """Features in the model's order, without those that never varied in training."""
    estimator: Estimator

    def probabilities(self, features: Matrix) -> Floats:
        """[rows], probability of a failure; `features` are [rows, the model's own features]."""
        return np.asarray(self.estimator.predict_proba(features)[:, 1], dtype=np.float64)

    @property
    def normal(self) -> Normal | None:
        """The detector of unusual states, if there is one."""
        return self.estimator if isinstance(self.estimator, Normal) else getattr(self.estimator, "normal", None)

    @property
    def modes(self) -> Modes | None:
        """The classifier of failure modes; None if fewer than two were recorded."""
        return getattr(self.estimator, "modes", None)

    @property
    def components(self) -> Modes | None:
        """The classifier of components; None if fewer than two were recorded."""
        return getattr(self.estimator, "components", None)

    @property
    def life(self) -> Life | None:
        """The prediction of remaining life; None if too few failures are on record."""
        return getattr(self.estimator, "life", None)


@dataclass(frozen=True)
class ModelSize:
    """Size of a model, which determines how long training and scoring take."""

    trees: int = 100
    depth: int = 10
    leaf: int = 5
    """Minimum number of rows in a leaf."""
    rows_per_tree: int = 40_000


def columns(names: tuple[str, ...], wanted: tuple[str, ...]) -> Integers:
    """[wanted], the index in `names` of each wanted feature."""
    position = {name: i for i, name in enumerate(names)}
    return np.array([position[name] for name in wanted], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Recipe:
    """The training settings of a model."""

    kind: Kind = "random_forest"
    size: ModelSize = ModelSize()
    seed: int = 0
    jobs: int = 1
    members: tuple[Member, ...] = MEMBERS
    """Voters in a forest's score."""
    choose: bool = True
    """Whether to choose other members if they predict better on machines and kinds of failure left out."""
    rivals: tuple[Kind, ...] = ()
    """Kinds that may replace `kind` if they predict better in the same way."""

    def fit(self, features: Matrix, label: Integers, *, general: Mask, watched: Integers = NOTHING) -> Estimator:
        """An uncalibrated classifier of rows [rows, features]; raises TooFewExamples if there is only one label.

        `general` [features] marks the columns that do not name a signal, a code or a component; `watched` are the
        indices of those that measure how far a signal is from normal.
        """
        if self.kind == "normal":
            return normal_of(features[label == 0], watched)
        if len(set(label.tolist())) < 2:
            raise TooFewExamples("training")
        if self.kind == "gradient_boosting":
            return self._boosting(features, label)
        return Forests([self.member(one, features, label, general, watched) for one in self.voting(general, watched)])

    def voting(self, general: Mask, watched: Integers) -> tuple[Member, ...]:
        """The members that can be trained on these features; specialists at least."""
        available = {"specialists": True, "generalists": bool(general.any()), "normal": len(watched) > 0}
        return tuple(one for one in self.members if available[one]) or ("specialists",)

    def member(
        self, member: Member, features: Matrix, label: Integers, general: Mask, watched: Integers
    ) -> tuple[Estimator, Integers]:
        """A trained voter, and the indices of the columns that it uses; raises TooFewExamples."""
        every = np.arange(features.shape[1])
        if member == "normal":
            return normal_of(features[label == 0], watched), every
        forests = sum(one != "normal" for one in self.voting(general, watched))
        view = every if member == "specialists" else np.flatnonzero(general)
        return self._forest(features[:, view], label, self.size.trees // max(forests, 1)), view

    def _boosting(self, features: Matrix, label: Integers) -> Estimator:
        trained: Estimator = boosted(features, label, iterations=self.size.trees * 3 // 2, seed=self.seed)
        return trained

    def _forest(self, features: Matrix, label: Integers, trees: int) -> Estimator:
        size = self.size
        forest: Any = RandomForestClassifier(
            trees,
            max_depth=size.depth,
            min_samples_leaf=size.leaf,
            max_samples=size.rows_per_tree if len(features) > size.rows_per_tree else None,
            class_weight="balanced_subsample",
            random_state=self.seed,
            n_jobs=self.jobs,
        ).fit(features, label)
        forest.n_jobs = 1  # a thread pool costs more than it saves on the batches of a live consumer
        trained: Estimator = forest
        return trained


def varying(features: Matrix) -> Mask:
    """[features], true for those with more than one finite value."""
    is_finite = np.isfinite(features)
    highest = np.where(is_finite, features, -np.inf).max(axis=0, initial=-np.inf)
    lowest = np.where(is_finite, features, np.inf).min(axis=0, initial=np.inf)
    varies: Mask = highest > lowest
    return varies
