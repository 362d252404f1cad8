"""One sentence for a machine at risk."""

from datetime import timedelta

import numpy as np

from energytrack.messages import LikelyComponent, LikelyMode
from ml.arrays import Matrix
from ml.models.card import TrainedOn
from ml.models.estimators import Calibrated
from ml.models.modes import Modes
from ml.models.normal import Normal
from ml.scoring.likeness import Likeness
from testkit.builders.recordings import START, TemperatureClassifier, a_champion

FEATURES = ("temperature", "temperature_shift", "pressure_shift", "current_shift")
NORMAL = Normal(np.array([1, 2, 3]), common=0.5, rare=1.0)


def likeness(days: int = 90, failures: int = 7) -> Likeness:
    champion = a_champion(
        features=FEATURES, trained_on=TrainedOn("made up", 2, START, START + timedelta(days=days), 100, failures)
    )
    object.__setattr__(champion.model, "estimator", Calibrated(TemperatureClassifier(), 1.0, 0.0, normal=NORMAL))
    return Likeness(champion)


def row(*shifts: float) -> Matrix:
    return np.array([[70.0, *shifts]], dtype=np.float32)


def test_a_machine_like_earlier_ones_is_said_to_be() -> None:
    """By the modes that are likely; without several of them, by failures in general."""
    said = likeness().sentences
    clear = (LikelyMode("bearing_wear", 0.7), LikelyMode("belt_slip", 0.2))
    torn = (LikelyMode("bearing_wear", 0.4), LikelyMode("belt_slip", 0.3))
    calm = row(0.1, 0.1, 0.1)
    little = np.array([0.2])
    assert said(calm, little, [clear], [()]) == ["Like earlier failures: bearing wear (70 %)."]
    assert said(calm, little, [torn], [()]) == ["Like earlier failures: bearing wear (40 %) or belt slip (30 %)."]
    assert said(calm, little, [()], [()]) == ["Like earlier failures."]


def test_the_component_to_inspect_is_named_where_the_record_tells_components() -> None:
    clear, torn = (LikelyComponent("drive_bearing", 0.9),), (LikelyComponent("pump", 0.4), LikelyComponent("seal", 0.3))
    calm, little, wear = row(0.1, 0.1, 0.1), np.array([0.2]), (LikelyMode("bearing_wear", 0.7),)
    assert likeness().sentences(calm, little, [wear], [clear]) == [
        "Like earlier failures: bearing wear (70 %). Inspect first: drive bearing (90 %)."
    ]
    assert likeness().sentences(calm, little, [()], [torn]) == [
        "Like earlier failures. Inspect first: pump (40 %) or seal (30 %)."
    ]


def test_nobody_is_sent_to_inspect_other_components() -> None:
    """Components that failed too seldom to be distinguished are not named."""
    calm, little, wear = row(0.1, 0.1, 0.1), np.array([0.2]), (LikelyMode("bearing_wear", 0.7),)
    mixed = (LikelyComponent("other", 0.6), LikelyComponent("pump", 0.3))
    assert likeness().sentences(calm, little, [wear], [mixed]) == [
        "Like earlier failures: bearing wear (70 %). Inspect first: pump (30 %)."
    ]
    assert likeness().sentences(calm, little, [wear], [mixed[:1]]) == ["Like earlier failures: bearing wear (70 %)."]


def test_components_are_predicted_by_a_model_that_knows_them() -> None:
    """The likeliest first; those that are hardly possible are left out."""

    class Parts:
        def predict_proba(self, features: Matrix) -> Matrix:
            return np.array([[0.08, 0.62, 0.3]] * len(features), dtype=np.float32)

    champion = a_champion(features=FEATURES)
    known = Modes(("belt", "pump", "seal"), Parts())
    object.__setattr__(champion.model, "estimator", Calibrated(TemperatureClassifier(), 1.0, 0.0, components=known))
    (components,) = Likeness(champion).components(row(0.1, 0.1, 0.1))
    assert components == (LikelyComponent("pump", 0.62), LikelyComponent("seal", 0.3))
    assert Likeness(a_champion(features=FEATURES)).components(row(0.1, 0.1, 0.1)) == [()]


def test_what_no_failure_taught_is_unlike_anything() -> None:
    """With the signals that deviate most."""
    said = likeness().sentences(row(-1.0, 9.0, 7.0), np.array([0.8]), [()], [()])
    assert said == ["Unlike anything in the 90 days that the model learned from: pressure against current."]
    alone = likeness(days=1).sentences(row(-1.0, 9.0, 2.0), np.array([0.8]), [()], [()])
    assert alone == ["Unlike anything in the day that the model learned from: pressure."]


def test_novelty_is_unknown_until_a_usual_range_is_known() -> None:
    nan = float("nan")
    known = likeness().novelty(np.concatenate([row(nan, nan, nan), row(50.0, 50.0, 50.0)]))
    assert np.isnan(known[0])
    assert known[1] > 0.9
    assert np.isnan(Likeness(a_champion()).novelty(row(1.0, 1.0, 1.0)[:, :1])).all()
