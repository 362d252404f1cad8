"""The recommendations that ml makes are those that counters and dashboards know beforehand."""

import pytest

from energytrack.catalogue import CATALOGUE

MISSION = (
    "High failure risk: Inspect machine within 24 hours.",
    "High idle energy usage: Consider scheduled shutdown.",
)


def test_the_two_sentences_of_the_mission_are_there_word_for_word() -> None:
    assert set(MISSION) <= {recommendation.text for recommendation in CATALOGUE}


def test_every_recommendation_of_ml_is_in_the_catalogue() -> None:
    recommendations = pytest.importorskip("ml.recommendations", reason="ml recommends nothing yet")
    assert {advice.recommendation() for advice in recommendations.catalogue()} <= set(CATALOGUE)
