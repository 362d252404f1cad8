from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from energytrack.messages import Reading
from energytrack.plant import load_plant
from ml.recommendations.rules import COOLING, LEAKS, SENSOR, TOOL, recommendation_rules
from ml.scoring.scorer import Scorer
from testkit.builders.messages import NOW, a_reading, an_event
from testkit.builders.recordings import a_champion

PLANT = load_plant(Path(__file__).parents[4] / "plant.toml")
RNG = np.random.default_rng(1)


def a_scorer() -> Scorer:
    """With a model that fears nothing here."""
    return Scorer(a_champion(threshold=2.0), PLANT, recommendation_rules())


def lived(count: int, *, first: int = 0, **fields: Any) -> list[Reading]:
    """A reading per minute, each sensor trembling as sensors do, but for what a test gives."""
    noise = RNG.normal(0.0, 0.05, (count, 3))
    return [
        a_reading(
            **{
                "timestamp": NOW + timedelta(minutes=first + m),
                "temperature": 61.5 + float(t),
                "pressure": 5.3 + float(p),
                "current": 12.4 + float(c),
                **fields,
            }
        )
        for m, (t, p, c) in enumerate(noise)
    ]


def opened(readings: list[Reading], scorer: Scorer | None = None) -> list[tuple[int, str]]:
    """Place and code of what each reading opened, whatever the batches."""
    scorer = scorer or a_scorer()
    found, open_before = [], frozenset[str]()
    for i, insight in enumerate(scorer.score(readings, NOW)):
        now = frozenset(recommendation.code for recommendation in insight.recommendations)
        found += [(i, code) for code in sorted(now - open_before)]
        open_before = now
    return found


def test_a_machine_without_symptoms_is_left_in_peace() -> None:
    assert opened(lived(300)) == []


def test_a_lost_sensor_is_reported_after_two_minutes() -> None:
    readings = [*lived(5), *lived(5, first=5, temperature=None), *lived(5, first=10)]
    assert opened(readings) == [(7, SENSOR)]


def test_a_sensor_that_a_machine_never_had_is_not_lost() -> None:
    assert opened(lived(30, pressure=None)) == []


@pytest.mark.parametrize("signal", ["temperature", "pressure", "current"])
def test_a_sensor_that_shows_the_same_for_twenty_minutes_is_stuck(signal: str) -> None:
    assert opened([*lived(5), *lived(30, first=5, **{signal: 7.77})]) == [(26, SENSOR)]


def test_a_gateway_that_repeats_the_last_good_values_is_found_after_ten_minutes() -> None:
    """One steady sensor would say little; all of them to the last digit are not measured again."""
    repeated = {"temperature": 61.5, "pressure": 5.3, "current": 12.4}
    assert opened([*lived(5), *lived(30, first=5, **repeated)]) == [(16, SENSOR)]
    assert opened([*lived(5), *lived(60, first=5, **repeated, state="idle")]) == [(20, "scheduled_shutdown")]


@pytest.mark.parametrize(
    ("fields", "minutes", "sentence"),
    [
        ({"temperature": None}, 5, "The sensor temperature is lost: Check the cable"),
        ({"temperature": None, "pressure": None}, 5, "The sensors temperature and pressure are lost: Check the cable"),
        ({"pressure": 5.3}, 25, "The sensor pressure always shows the same value while the machine works: Check"),
        ({"temperature": 61.5, "pressure": 5.3, "current": 12.4}, 15, "All values repeat to the last digit"),
    ],
)
def test_the_sensors_are_named(fields: dict[str, Any], minutes: int, sentence: str) -> None:
    *_, last = a_scorer().score([*lived(5), *lived(minutes, first=5, **fields)], NOW)
    (sentence,) = (one.text for one in last.recommendations if one.code == SENSOR)
    assert sentence.startswith(sentence)


def test_a_machine_that_stands_shows_the_same_all_night() -> None:
    """Nothing is wrong with its sensors."""
    assert opened(lived(60, state="stopped", current=0.0, pressure=1.0)) == []


def test_a_machine_hotter_than_its_type_may_be_is_to_be_cooled() -> None:
    """85 degrees is the limit of a machining centre."""
    assert opened([*lived(5), *lived(15, first=5, temperature=85.2)]) == [(15, COOLING)]


def test_a_machine_at_work_with_less_pressure_than_its_type_needs_is_leaking() -> None:
    """4.3 bar at least, once it has run up; a machine that stands has no pressure to lose."""
    assert opened(lived(30, pressure=4.2, state="stopped")) == []
    falling = [r for m in range(30) for r in lived(1, first=m, pressure=4.29 - 0.001 * m)]
    assert opened(falling) == [(20, LEAKS)]


@pytest.mark.parametrize("state", ["running", None])
def test_two_warnings_of_the_tool_ask_for_another_one(state: str | None) -> None:
    """Until it was changed; also where nobody tells the state."""
    scorer = a_scorer()
    codes = ("tool_life_exceeded", "cutting_force_high")
    scorer.note([an_event("fault_code", code=code, timestamp=NOW - timedelta(hours=h)) for h, code in enumerate(codes)])
    assert opened(lived(3, state=state), scorer) == [(0, TOOL)]
    scorer.note([an_event("maintenance_done", component="tool", timestamp=NOW + timedelta(minutes=3))])
    (insight,) = scorer.score(lived(1, first=4, state=state), NOW)
    assert insight.recommendations == ()


def test_symptoms_do_not_depend_on_how_readings_are_cut_into_batches() -> None:
    readings = [*lived(40), *lived(30, first=40, pressure=4.2), *lived(10, first=70, temperature=None)]
    at_once = a_scorer().score(readings, NOW)
    scorer = a_scorer()
    assert at_once == [insight for reading in readings for insight in scorer.score([reading], NOW)]
