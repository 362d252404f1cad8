"""Reads and writes models on disk: an artifact, and a card that describes it and reveals any change to it."""

import hashlib
import hmac
import io
import os
import pickle
import sys
import warnings
from pathlib import Path
from typing import Any, Final

import joblib
import msgspec
import structlog
from msgspec.structs import replace

from ml.errors import ArtifactMismatch
from ml.features.spec import FEATURES_VERSION
from ml.models.card import Card, Champion, encode_card
from ml.models.estimators import VERSIONS, Calibrated, Estimator, Forests, Model
from ml.models.self_test import SAME, SelfTest, deviation

log = structlog.get_logger(__name__)

COMPRESSION: Final = 3


def card_file(file: Path) -> Path:
    """The path of an artifact's card, next to it."""
    return file.with_suffix(".json")


def seal(model: Model, card: Card, key: str | None) -> tuple[Card, bytes]:
    """The card with version, checksum and, if there is a key, signature; and the bytes of the artifact."""
    stream = io.BytesIO()
    joblib.dump(model.estimator, stream, compress=COMPRESSION, protocol=pickle.HIGHEST_PROTOCOL)
    artifact = stream.getvalue()
    digest = hashlib.sha256(artifact).hexdigest()
    card = replace(card, version="", sha256=digest, features=model.features, kind=model.kind, signature="")
    content = hashlib.sha256(msgspec.json.encode(card)).hexdigest()
    card = replace(card, version=f"{card.created_at:%Y%m%dT%H%M%SZ}-{content[:6]}")
    return (replace(card, signature=_signature(msgspec.json.encode(card), key)) if key else card), artifact


def write(file: Path, card: Card, artifact: bytes) -> None:
    """Write a sealed model: first its artifact, then its card, each atomically."""
    install(file, encode_card(card), artifact)


def install(file: Path, raw_card: bytes, artifact: bytes) -> None:
    """Write a model with its card unchanged: a newer release may have signed fields that this one does not know."""
    file.parent.mkdir(parents=True, exist_ok=True)
    for path, content in ((file, artifact), (card_file(file), raw_card)):
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.write_bytes(content)
        partial.replace(path)


def intact(file: Path, raw_card: bytes, sha256: str) -> bool:
    """Whether the model file has this checksum and its card these bytes; neither is parsed."""
    try:
        return card_file(file).read_bytes() == raw_card and hashlib.sha256(file.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


def contents(file: Path) -> tuple[bytes, bytes]:
    """The bytes of the card and of the model file, not parsed; raises ArtifactMismatch if one is missing."""
    try:
        return card_file(file).read_bytes(), file.read_bytes()
    except OSError as error:
        raise ArtifactMismatch(str(file), "missing", "a model file and its card", str(error)) from error


def read(file: Path, key: str | None) -> Champion:
    """The model in a file, unpickled only if `check` allows it; raises ArtifactMismatch otherwise."""
    raw_card, artifact = contents(file)
    return check(raw_card, artifact, key, name=str(file))


def check(raw_card: bytes, artifact: bytes, key: str | None, *, name: str) -> Champion:
    """A model from its bytes; the artifact is unpickled only if card, signature, checksum and features match.

    A model that was trained with other library versions must also pass its self-test. Unpickling runs code, so anybody
    with the key can run code here. Without a key, the checksum protects against accidents, not against attackers.
    """
    try:
        card = msgspec.json.decode(raw_card, type=Card)
    except msgspec.MsgspecError as error:
        raise ArtifactMismatch(name, "unreadable_card", "a model card", str(error)) from error
    _check_signature(raw_card, card, key, name)
    digest = hashlib.sha256(artifact).hexdigest()
    if not hmac.compare_digest(digest, card.sha256):
        raise ArtifactMismatch(name, "checksum", card.sha256, digest)
    if card.features_version != FEATURES_VERSION:
        raise ArtifactMismatch(name, "features", f"features of version {FEATURES_VERSION}", str(card.features_version))
    strange = sorted(set(card.features) - set(card.spec.names))
    if strange or not card.features:
        raise ArtifactMismatch(name, "features", "features that this code computes", ", ".join(strange) or "none")
    other = [library for library, version in VERSIONS.items() if card.libraries.get(library) != version]
    if other:
        return Champion(card, _self_tested(card, artifact, other[0], name))
    return Champion(card, Model(card.kind, card.features, _opened(artifact)))


def _self_tested(card: Card, artifact: bytes, library: str, name: str) -> Model:
    """A model that was trained with other library versions, if it passes its self-test; raises ArtifactMismatch."""
    installed, expected = f"{library} {VERSIONS[library]}", str(card.libraries.get(library))
    if not isinstance(card.self_test, SelfTest):
        raise ArtifactMismatch(name, "version", installed, expected)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scikit-learn warns about any other version, which is tested here
            model = Model(card.kind, card.features, _opened(artifact))
            off = deviation(model, card.self_test)
    except Exception as error:  # an estimator of another version may raise anything
        raise ArtifactMismatch(name, "version", installed, f"{expected}, which cannot be used ({error})") from error
    if not off <= SAME:
        raise ArtifactMismatch(name, "version", installed, f"{expected}, by which probabilities differ by {off:.2g}")
    log.info("model of another library version passed its self-test", library=library, trained_with=expected)
    return model


def _check_signature(raw_card: bytes, card: Card, key: str | None, name: str) -> None:
    if not key:
        return
    if not card.signature:
        raise ArtifactMismatch(name, "unsigned", "a signature, because a key is set", "none")
    if not hmac.compare_digest(_signature(raw_card, key), card.signature):
        raise ArtifactMismatch(name, "signature", "a signature made with this key", "another signature")


def _signature(raw_card: bytes, key: str) -> str:
    """The signature of a card as stored, so that fields of later releases do not invalidate it."""
    content = msgspec.json.decode(raw_card, type=dict[str, Any])
    content.pop("signature", None)
    return hmac.new(key.encode(), msgspec.json.encode(content, order="deterministic"), hashlib.sha256).hexdigest()


def _opened(artifact: bytes) -> Estimator:
    """Unpickle an artifact; those of version 0.1 refer to classes in `ml.models`, which was a module then."""
    package = sys.modules["ml.models"]
    for kind in (Forests, Calibrated):
        setattr(package, kind.__name__, kind)
    opened: Estimator = joblib.load(io.BytesIO(artifact))
    return opened
