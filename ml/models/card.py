"""A model's card: what it is, what it was made of, how good it was, and what its artifact must look like."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import UNSET, Struct, UnsetType, field

from ml.features.spec import FEATURES_VERSION, FeatureSpec
from ml.measures.drift import Reference
from ml.models.estimators import VERSIONS, Kind, Model


class TrainedOn(Struct, frozen=True):
    """The history behind a model."""

    name: str
    devices: int
    since: datetime
    until: datetime
    rows: int
    failures: int


class Card(Struct, frozen=True):
    """What a model is, what it was made of, how good it was, and what its artifact must look like."""

    version: str
    """When it was made, and the beginning of a hash of artifact and card: `20261123T101500Z-3f9a1c`."""
    created_at: datetime
    kind: Kind
    horizon_hours: float
    """A probability is that of a failure within this time."""
    threshold: float
    """Probability at which an alarm is raised: chosen on validation for its budget of false alarms."""
    spec: FeatureSpec
    """How features are made."""
    features: tuple[str, ...]
    """Those of them that the model looks at, in its order."""
    trained_on: TrainedOn
    scores: Mapping[str, float | None]
    """On the newest, unseen block: see docs/model-card.md for each name."""
    features_version: int = FEATURES_VERSION
    libraries: Mapping[str, str] = field(default_factory=lambda: dict(VERSIONS))
    seen_until: datetime | UnsetType = UNSET
    """How far training, calibration and the choice of the threshold looked: what comes later is unseen."""
    reference: Reference | UnsetType = UNSET
    """What features and probabilities looked like, for telling drift; left out where nobody worked it out."""
    sha256: str = ""
    signature: str = ""
    """HMAC-SHA256 of the card without it, in hexadecimal; empty where no key was set."""


class Champion(Struct, frozen=True):
    """A model that was found to fit its card."""

    card: Card
    model: Model


def encode_card(card: Card) -> bytes:
    """The card as it lies on disk and in the database."""
    return msgspec.json.format(msgspec.json.encode(card), indent=1)
