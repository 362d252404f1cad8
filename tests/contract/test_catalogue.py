"""The recommendations that ml makes are those that counters and dashboards know beforehand."""

from energytrack.catalogue import CATALOGUE
from ml.recommendations.rules import recommendation_rules

MISSION = (
    "High failure risk: Inspect machine within 24 hours.",
    "High idle energy usage: Consider scheduled shutdown.",
)


def test_the_two_sentences_of_the_mission_are_there_word_for_word() -> None:
    assert set(MISSION) <= {recommendation.text for recommendation in CATALOGUE}


def test_ml_makes_the_recommendations_of_the_catalogue_all_of_them() -> None:
    assert tuple(advice.recommendation() for advice in recommendation_rules()) == CATALOGUE
