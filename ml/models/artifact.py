"""Models on disk: an artifact and its card. A card tells what the artifact is, and guards that it is just that."""

import hashlib
import hmac
import io
import os
import pickle
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import joblib
import msgspec
from msgspec import UNSET, Struct, UnsetType, field
from msgspec.structs import replace

from ml.errors import ArtifactMismatch
from ml.features.spec import FEATURES_VERSION, FeatureSpec
from ml.measures.drift import Reference
from ml.models.estimators import VERSIONS, Kind, Model

COMPRESSION: Final = 3


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


def card_file(file: Path) -> Path:
    """The card beside an artifact."""
    return file.with_suffix(".json")


def seal(model: Model, card: Card, key: str | None) -> tuple[Card, bytes]:
    """The artifact's bytes, and the card completed with version, checksum and (where there is a key) signature."""
    stream = io.BytesIO()
    joblib.dump(model.estimator, stream, compress=COMPRESSION, protocol=pickle.HIGHEST_PROTOCOL)
    artifact = stream.getvalue()
    digest = hashlib.sha256(artifact).hexdigest()
    card = replace(card, version="", sha256=digest, features=model.features, kind=model.kind, signature="")
    content = hashlib.sha256(msgspec.json.encode(card)).hexdigest()
    card = replace(card, version=f"{card.created_at:%Y%m%dT%H%M%SZ}-{content[:6]}")
    return (replace(card, signature=_signature(msgspec.json.encode(card), key)) if key else card), artifact


def encode_card(card: Card) -> bytes:
    """The card as it lies on disk and in the database."""
    return msgspec.json.format(msgspec.json.encode(card), indent=1)


def write(file: Path, card: Card, artifact: bytes) -> None:
    """Put a sealed model in place: first its artifact, then its card, each at once and whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    for path, content in ((file, artifact), (card_file(file), encode_card(card))):
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.write_bytes(content)
        partial.replace(path)


def read(file: Path, key: str | None) -> Champion:
    """The model in a file, opened only when everything fits; raises ArtifactMismatch otherwise."""
    try:
        raw, artifact = card_file(file).read_bytes(), file.read_bytes()
    except OSError as error:
        raise ArtifactMismatch(str(file), "missing", "a model file and its card", str(error)) from error
    return check(raw, artifact, key, name=str(file))


def check(raw_card: bytes, artifact: bytes, key: str | None, *, name: str) -> Champion:
    """A model from its bytes, the artifact being unpickled only after card, signature, checksum and features fit.

    Whoever holds the key can run code here: a pickle is a program. Without a key the checksum guards against mishaps,
    not against people.
    """
    try:
        card = msgspec.json.decode(raw_card, type=Card)
    except msgspec.MsgspecError as error:
        raise ArtifactMismatch(name, "unreadable_card", "a model card", str(error)) from error
    _check_signature(raw_card, card, key, name)
    found = hashlib.sha256(artifact).hexdigest()
    if not hmac.compare_digest(found, card.sha256):
        raise ArtifactMismatch(name, "checksum", card.sha256, found)
    if card.features_version != FEATURES_VERSION:
        raise ArtifactMismatch(name, "features", f"features of version {FEATURES_VERSION}", str(card.features_version))
    strange = sorted(set(card.features) - set(card.spec.names))
    if strange or not card.features:
        raise ArtifactMismatch(name, "features", "features that this code makes", ", ".join(strange) or "none")
    for library, version in VERSIONS.items():
        if card.libraries.get(library) != version:
            raise ArtifactMismatch(name, "version", f"{library} {version}", str(card.libraries.get(library)))
    return Champion(card, Model(card.kind, card.features, joblib.load(io.BytesIO(artifact))))


def _check_signature(raw_card: bytes, card: Card, key: str | None, name: str) -> None:
    if not key:
        return
    if not card.signature:
        raise ArtifactMismatch(name, "unsigned", "a signature, as a key is set", "none")
    if not hmac.compare_digest(_signature(raw_card, key), card.signature):
        raise ArtifactMismatch(name, "signature", "a signature made with this key", "another one")


def _signature(raw_card: bytes, key: str) -> str:
    """Of a card as it lies there, so that what later versions of this code add to cards spoils no older signature."""
    content = msgspec.json.decode(raw_card, type=dict[str, Any])
    content.pop("signature", None)
    return hmac.new(key.encode(), msgspec.json.encode(content, order="deterministic"), hashlib.sha256).hexdigest()
