"""A model's card: its data, features, thresholds, scores and versions."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import UNSET, Struct, UnsetType, field

from ml.features.spec import FEATURES_VERSION, FeatureSpec
from ml.measures.drift import Reference
from ml.models.estimators import VERSIONS, Kind, Model
from ml.models.self_test import SelfTest


class TrainedOn(Struct, frozen=True):
    """The training data of a model."""

    name: str
    devices: int
    since: datetime
    until: datetime
    rows: int
    failures: int


class ChosenByCost(Struct, frozen=True):
    """The costs by which a threshold was chosen: it may be higher than the budget of false alarms requires."""

    threshold_at_budget: float
    """The lowest threshold that the budget of false alarms allows."""
    cost_per_month: float
    """Cost of false alarms and missed failures per machine and month, on the newest, unseen block."""
    cost_per_month_at_budget: float
    """The same with the threshold at the budget."""
    failures: int
    """Failures in this block, of machines whose costs are known."""


class Card(Struct, frozen=True):
    """A model's data, features, threshold and scores, with checksum and signature to verify its artifact."""

    version: str
    """Time of training and start of a hash of artifact and card, such as `20261123T101500Z-3f9a1c`."""
    created_at: datetime
    kind: Kind
    horizon_hours: float
    """The model predicts the probability of a failure within this time."""
    threshold: float
    """Probability from which on an alarm is raised; chosen on validation data for the budget of false alarms."""
    spec: FeatureSpec
    """How features are computed."""
    features: tuple[str, ...]
    """The features that the model uses, in its order."""
    trained_on: TrainedOn
    scores: Mapping[str, float | None]
    """Measured on the newest, unseen block; docs/model-card.md explains each name."""
    features_version: int = FEATURES_VERSION
    libraries: Mapping[str, str] = field(default_factory=lambda: dict(VERSIONS))
    seen_until: datetime | UnsetType = UNSET
    """End of the data that was used to train, calibrate and choose the threshold; later data is unseen."""
    reference: Reference | UnsetType = UNSET
    """Distributions of features and probabilities, to detect drift; may be absent."""
    self_test: SelfTest | UnsetType = UNSET
    """Rows with expected probabilities, to verify the model under other library versions."""
    by_cost: ChosenByCost | UnsetType = UNSET
    """Cost of wrong alarms; absent if the plant file does not give it."""
    sha256: str = ""
    signature: str = ""
    """HMAC-SHA256 of the card without this field, in hexadecimal; empty without a key."""


class Champion(Struct, frozen=True):
    """A model, verified against its card."""

    card: Card
    model: Model


def encode_card(card: Card) -> bytes:
    """A card in JSON, as stored on disk and in the database."""
    return msgspec.json.format(msgspec.json.encode(card), indent=1)
