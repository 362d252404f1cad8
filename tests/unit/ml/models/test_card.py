"""A model's card as it lies on disk and in the database."""

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from ml.features.spec import FEATURES_VERSION
from ml.models.card import Card, encode_card
from ml.models.estimators import VERSIONS
from testkit.builders.messages import NOW
from testkit.builders.recordings import a_champion

CARD = a_champion().card


def test_what_is_written_is_what_was_there() -> None:
    """Also how far a model has looked, and what it was never measured by."""
    card = replace(CARD, seen_until=NOW, scores={"pr_auc": 0.8, "event_recall": None})
    assert msgspec.json.decode(encode_card(card), type=Card) == card


def test_a_card_says_what_the_model_was_made_with() -> None:
    """So that another version of a library, or of the features, is noticed when it is loaded."""
    assert (CARD.features_version, CARD.libraries) == (FEATURES_VERSION, VERSIONS)


def test_what_nobody_worked_out_is_left_out() -> None:
    """Older cards have neither; they are read all the same."""
    written = msgspec.json.decode(encode_card(CARD))
    assert {"seen_until", "reference"} & written.keys() == set()
    read = msgspec.json.decode(encode_card(CARD), type=Card)
    assert read.seen_until is UNSET
    assert read.reference is UNSET


def test_people_can_read_it() -> None:
    """A line for each fact."""
    assert b'\n "threshold": 0.7,\n' in encode_card(CARD)
