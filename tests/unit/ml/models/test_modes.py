"""Failure modes are distinguished by the rows before them."""

import numpy as np

from ml.models.modes import OTHERS, modes_of


def test_each_mode_is_known_by_its_signs() -> None:
    """Shares sum to one; a mode with few failures is one of the others."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(90, 3)).astype(np.float32)
    kinds = ["bearing"] * 40 + ["leak"] * 40 + ["rare"] * 10
    features[:40, 0] += 4
    features[40:80, 1] += 4
    modes = modes_of(features, kinds, {"bearing": 4, "leak": 4, "rare": 1}, seed=0)
    assert modes is not None
    assert modes.names == ("bearing", "leak", OTHERS)
    shares = modes.shares(features)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert [modes.names[i] for i in shares[[0, 40]].argmax(axis=1)] == ["bearing", "leak"]


def test_one_mode_is_no_choice() -> None:
    assert modes_of(np.zeros((5, 1), dtype=np.float32), ["bearing"] * 5, {"bearing": 5}, seed=0) is None
