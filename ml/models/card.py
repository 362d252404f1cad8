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
    """Why a threshold is higher than the budget of false alarms demands, or why it is not."""

    threshold_at_budget: float
    """The threshold that the budget alone allows."""
    cost_per_month: float
    """What false alarms and missed failures cost per machine and month on the newest, unseen block."""
    cost_per_month_at_budget: float
    """The same with the threshold that the budget alone allows."""
    failures: int
    """Those of this block on machines whose costs are known."""


class Card(Struct, frozen=True):
    """A model's data, features, thresholds and scores, and how to verify its artifact."""

    version: str
    """When it was trained, and the start of a hash of artifact and card: `20261123T101500Z-3f9a1c`."""
    created_at: datetime
    kind: Kind
    horizon_hours: float
    """A probability is that of a failure within this time."""
    threshold: float
    """Probability at which an alarm is raised: chosen on validation data for the budget of false alarms."""
    spec: FeatureSpec
    """How features are computed."""
    features: tuple[str, ...]
    """The features that the model uses, in its order."""
    trained_on: TrainedOn
    scores: Mapping[str, float | None]
    """On the newest, unseen block: docs/model-card.md explains each name."""
    features_version: int = FEATURES_VERSION
    libraries: Mapping[str, str] = field(default_factory=lambda: dict(VERSIONS))
    seen_until: datetime | UnsetType = UNSET
    """The end of the data for training, calibration and choice of the threshold: everything later is unseen."""
    reference: Reference | UnsetType = UNSET
    """The distributions of features and probabilities, for detecting drift; may be absent."""
    self_test: SelfTest | UnsetType = UNSET
    """What it must still say under other versions of the libraries."""
    by_cost: ChosenByCost | UnsetType = UNSET
    """What wrong alarms cost; absent if the plant file does not say it."""
    sha256: str = ""
    signature: str = ""
    """HMAC-SHA256 of the card without it, in hexadecimal; empty without a key."""


class Champion(Struct, frozen=True):
    """A model that was verified against its card."""

    card: Card
    model: Model


def encode_card(card: Card) -> bytes:
    """The card as stored on disk and in the database."""
    return msgspec.json.format(msgspec.json.encode(card), indent=1)
