"""The contribution of each feature to the score of a tree ensemble: the path through every tree, split by split.

At each split the expected score changes from the node's mean to its child's, and the difference is attributed to the
split's feature (A. Saabas, 2014); a row's contributions and the mean score of the training rows sum to the row's score.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

from ml.arrays import Floats, Integers, Mask, Matrix
from ml.models.estimators import Forests
from ml.models.normal import Normal

ROWS: Final = 256
"""Number of rows processed at once: their data stays in the processor's cache."""
LEAF: Final = -1


@dataclass(frozen=True, eq=False)
class Trees:
    """The nodes of all trees, one after another; a leaf's children are itself."""

    roots: Integers
    feature: Integers
    """The column of a node's split, LEAF for a leaf."""
    threshold: Floats
    left: Integers
    right: Integers
    missing_left: Mask
    value: Floats
    """The mean contribution of the tree to the score of the training rows in this node."""

    @property
    def base(self) -> float:
        """The score of a row about which nothing is known."""
        return float(self.value[self.roots].sum())

    def contributions(self, rows: Matrix) -> Floats:
        """[rows, columns]: each column's contribution to a row's score; together with `base` they are the score."""
        parts = [self._walk(rows[start : start + ROWS]) for start in range(0, len(rows), ROWS)]
        return np.concatenate(parts) if parts else np.zeros(rows.shape)

    def _walk(self, rows: Matrix) -> Floats:
        count, width = rows.shape
        flat = np.zeros(count * width)
        node = np.tile(self.roots, count)
        row = np.repeat(np.arange(count), len(self.roots))
        while len(node):
            feature = self.feature[node]
            going = feature != LEAF
            node, row, feature = node[going], row[going], feature[going]
            values = rows[row, feature]
            left = np.where(np.isnan(values), self.missing_left[node], values <= self.threshold[node])
            child = np.where(left, self.left[node], self.right[node])
            flat += np.bincount(row * width + feature, self.value[child] - self.value[node], minlength=len(flat))
            node = child
        return flat.reshape(count, width)


def trees_of(estimator: Any) -> Trees | None:
    """The trees of a raw classifier, with its own columns; None if it does not consist of supported trees."""
    match estimator:
        case Forests():
            share = 1.0 / len(estimator.members)
            forests = [(forest, columns) for forest, columns in estimator.members if not isinstance(forest, Normal)]
            return _joined([_forest(forest, columns, share) for forest, columns in forests])
        case RandomForestClassifier():
            return _forest(estimator, np.arange(estimator.n_features_in_), 1.0)
        case HistGradientBoostingClassifier():
            boosted: Any = estimator
            start = _leaf(float(boosted._baseline_prediction.item()))  # noqa: SLF001  # there is no public way to it, or to its trees
            return _joined([start, *(_boosted(predictor.nodes) for (predictor,) in boosted._predictors)])  # noqa: SLF001
        case _:
            return None


def normal_in(estimator: Any) -> tuple[Normal, float] | None:
    """The model of normal operation, and its share in a raw classifier's score; None if it has none."""
    if isinstance(estimator, Normal):
        return estimator, 1.0
    if not isinstance(estimator, Forests):
        return None
    among = [member for member, _ in estimator.members if isinstance(member, Normal)]
    return (among[0], 1.0 / len(estimator.members)) if among else None


def _forest(forest: Any, columns: Integers, share: float) -> Trees:
    if not isinstance(forest, RandomForestClassifier):
        raise TypeError(f"Expected random forests, got {type(forest).__name__}")
    return _joined([_tree(each.tree_, columns, share / len(forest.estimators_)) for each in forest.estimators_])


def _tree(tree: Any, columns: Integers, share: float) -> Trees:
    leaf = tree.children_left == LEAF
    here = np.arange(tree.node_count)
    votes = tree.value[:, 0, :]
    return Trees(
        roots=np.zeros(1, dtype=np.int64),
        feature=np.where(leaf, LEAF, columns[np.maximum(tree.feature, 0)]),
        threshold=tree.threshold,
        left=np.where(leaf, here, tree.children_left),
        right=np.where(leaf, here, tree.children_right),
        missing_left=tree.missing_go_to_left.astype(np.bool_),
        value=share * votes[:, 1] / votes.sum(axis=1),
    )


def _boosted(nodes: npt.NDArray[Any]) -> Trees:
    """The trees of a boosted classifier; inner values are computed from leaves, to include the learning rate."""
    leaf = nodes["is_leaf"].astype(np.bool_)
    here = np.arange(len(nodes))
    left = np.where(leaf, here, nodes["left"])
    right = np.where(leaf, here, nodes["right"])
    value, count = nodes["value"].astype(np.float64), nodes["count"].astype(np.float64)
    for i in here[~leaf][::-1].tolist():  # children come after their parents
        pair = [left[i], right[i]]
        value[i] = np.average(value[pair], weights=count[pair])
    return Trees(
        roots=np.zeros(1, dtype=np.int64),
        feature=np.where(leaf, LEAF, nodes["feature_idx"].astype(np.int64)),
        threshold=nodes["num_threshold"].astype(np.float64),
        left=left.astype(np.int64),
        right=right.astype(np.int64),
        missing_left=nodes["missing_go_to_left"].astype(np.bool_),
        value=value,
    )


def _leaf(value: float) -> Trees:
    """A tree of one leaf, whose value is added for every row."""
    itself = np.zeros(1, dtype=np.int64)
    return Trees(
        roots=itself, feature=np.array([LEAF]), threshold=np.zeros(1), left=itself, right=itself,
        missing_left=np.zeros(1, dtype=np.bool_), value=np.array([value]),
    )  # fmt: skip


def _joined(parts: Iterable[Trees]) -> Trees:
    parts = list(parts)
    offsets = np.cumsum([0, *(len(part.feature) for part in parts[:-1])])
    moved = list(zip(parts, offsets.tolist(), strict=True))
    return Trees(
        roots=np.concatenate([part.roots + offset for part, offset in moved]),
        feature=np.concatenate([part.feature for part in parts]),
        threshold=np.concatenate([part.threshold for part in parts]),
        left=np.concatenate([part.left + offset for part, offset in moved]),
        right=np.concatenate([part.right + offset for part, offset in moved]),
        missing_left=np.concatenate([part.missing_left for part in parts]),
        value=np.concatenate([part.value for part in parts]),
    )
