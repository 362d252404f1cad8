from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from energytrack.messages import Insight, Reading
from energytrack.plant import load_plant
from ml.recommendations.rules import recommendation_rules
from ml.scoring.scorer import NO_MODEL, Scorer, signal_values
from testkit.builders.messages import NOW, a_reading, an_event
from testkit.builders.recordings import a_champion, a_spec

PLANT = load_plant(Path(__file__).parents[4] / "plant.toml")

LATER = NOW + timedelta(days=1)
"""After all readings: no machine's clock is ahead."""


def a_scorer(**fields: object) -> Scorer:
    return Scorer(a_champion(**fields), PLANT, recommendation_rules())


def minutes(count: int, *, start: datetime = NOW, **fields: Any) -> list[Reading]:
    """A reading per minute."""
    return [a_reading(timestamp=start + timedelta(minutes=m), **fields) for m in range(count)]


def score(scorer: Scorer, readings: Iterable[Reading]) -> list[Insight]:
    return scorer.score(list(readings), LATER)


def test_a_young_history_has_no_probability() -> None:
    """Null until three buckets are filled; from then on a number and a prediction."""
    insights = score(a_scorer(), minutes(4, temperature=80.0))
    assert [insight.failure_probability for insight in insights] == [None, None, 0.8, 0.8]
    assert [insight.prediction for insight in insights] == [None, None, 1, 1]
    assert {insight.model_version for insight in insights} == {a_champion().card.version}
    assert {insight.scored_at for insight in insights} == {LATER}


def test_an_insight_is_of_its_reading() -> None:
    """Same device, same moment."""
    readings = [*minutes(2), *minutes(2, device_id="press-0001")]
    assert {(i.device_id, i.timestamp) for i in score(a_scorer(), readings)} == {
        (r.device_id, r.timestamp) for r in readings
    }


def test_a_second_is_scored_once() -> None:
    """A message that is taken again makes no second insight."""
    scorer = a_scorer()
    readings = minutes(3)
    assert len(score(scorer, [*readings, *readings])) == 3
    assert score(scorer, readings) == []


def test_batches_of_any_size_give_the_same_insights() -> None:
    """Readings of one poll do not see each other's future."""
    readings = [a_reading(timestamp=NOW + timedelta(minutes=m), temperature=50.0 + m / 5) for m in range(200)]
    at_once = score(a_scorer(), readings)
    scorer = a_scorer()
    one_by_one = [insight for reading in readings for insight in score(scorer, [reading])]
    assert at_once == one_by_one


def test_risk_is_recommended_on_and_closed_when_the_machine_failed() -> None:
    """A machine that is down has no probability of failing."""
    scorer = a_scorer()
    risky = score(scorer, minutes(5, temperature=80.0))
    assert [r.text for r in risky[-1].recommendations] == ["High failure risk: Inspect machine within 24 hours."]
    (down,) = score(scorer, [a_reading(timestamp=NOW + timedelta(minutes=6), temperature=80.0, state="failed")])
    assert (down.failure_probability, down.prediction, down.recommendations) == (None, None, ())


@pytest.mark.parametrize("fields", [{"state": "idle"}, {"state": None, "current": 5.5}])
def test_idling_is_known_from_the_state_or_from_the_current(fields: dict[str, Any]) -> None:
    """A gateway need not know the state: what a machining centre draws when idle stands in the plant file."""
    insights = score(a_scorer(), minutes(17, **fields))
    open_at = [bool(insight.recommendations) for insight in insights]
    assert open_at == [False] * 15 + [True] * 2


def test_work_ends_idling() -> None:
    """The quarter of an hour starts again."""
    scorer = a_scorer()
    score(scorer, minutes(10, state="idle"))
    score(scorer, [a_reading(timestamp=NOW + timedelta(minutes=10), state="running")])
    insights = score(scorer, minutes(10, start=NOW + timedelta(minutes=11), state="idle"))
    assert not any(insight.recommendations for insight in insights)


def test_without_a_model_there_are_recommendations_but_no_probability() -> None:
    """The first model may still be in the making."""
    insights = score(Scorer(None, PLANT, recommendation_rules()), minutes(17, state="idle"))
    assert insights[-1].model_version == NO_MODEL
    assert insights[-1].failure_probability is None
    assert insights[-1].recommendations


def test_a_new_champion_keeps_the_history() -> None:
    """Also one that tells other codes apart."""
    scorer = a_scorer()
    score(scorer, minutes(5, temperature=80.0))
    newer = a_champion(version="newer", spec=a_spec(codes=("loud",)))
    assert scorer.promote(newer)
    (insight,) = score(scorer, [a_reading(timestamp=NOW + timedelta(minutes=5), temperature=80.0)])
    assert (insight.model_version, insight.failure_probability) == ("newer", 0.8)


def test_a_champion_that_looks_further_back_begins_again() -> None:
    """What was not kept cannot be looked at."""
    scorer = a_scorer()
    score(scorer, minutes(5, temperature=80.0))
    assert not scorer.promote(a_champion(spec=a_spec(windows=(2, 4, 16))))
    (insight,) = score(scorer, [a_reading(timestamp=NOW + timedelta(minutes=5), temperature=80.0)])
    assert insight.failure_probability is None


def test_devices_that_no_plant_file_knows_are_scored() -> None:
    """Plants grow."""
    insights = score(a_scorer(), minutes(4, device_id="new-1", device_type="lathe"))
    assert insights[-1].failure_probability is not None


def test_a_forgotten_device_begins_again() -> None:
    """Its partition went elsewhere, and came back."""
    scorer = a_scorer()
    score(scorer, minutes(20, state="idle"))
    scorer.forget(["cnc-0007"])
    (insight,) = score(scorer, [a_reading(timestamp=NOW + timedelta(minutes=20), state="idle")])
    assert (insight.failure_probability, insight.recommendations) == (None, ())


def test_warnings_reach_the_features() -> None:
    """Events are noted before the readings of their batch."""
    scorer = a_scorer(features=("codes_24h",))
    scorer.note([an_event("fault_code", timestamp=NOW + timedelta(seconds=s)) for s in range(40)])
    assert score(scorer, minutes(4))[-1].failure_probability == 0.4


def test_further_signals_are_looked_up_by_name() -> None:
    """A sensor that is lost, or that the machine does not have, is not a number."""
    readings = [a_reading(temperature=None, signals={"vibration": 0.2}), a_reading()]
    values = signal_values(readings, ("temperature", "vibration", "current"))
    assert str(values.tolist()) == "[[nan, 0.2, 12.4], [61.5, nan, 12.4]]"
