"""When to stop machines at risk, at their readings."""

from datetime import timedelta
from math import isnan
from pathlib import Path

import pytest

from energytrack.messages import Recommendation, RemainingLife, StopOption
from energytrack.plant import Plant, load_plant
from energytrack.stopping.choice import Lifetime
from ml.recommendations.rules import INSPECT, STOP
from ml.scoring.remaining import LifeEstimate
from ml.scoring.stops import CHANGED, EVERY, CheapestStops, saving_ratio
from testkit.builders.messages import a_reading
from testkit.builders.plants import a_plant_file
from testkit.dates import at_plant

PLANT = load_plant(Path(__file__).parents[4] / "plant.toml")
DOOMED = LifeEstimate(RemainingLife(1.0, 9.0), Lifetime((0.0, 10.0), (0.0, 1.0)))
AT_WORK = at_plant("mon", "10:00")
PRESS = a_reading("press-0001", timestamp=AT_WORK)


@pytest.fixture
def without_costs(tmp_path: Path) -> Plant:
    path = a_plant_file(tmp_path)
    text = path.read_text(encoding="utf-8")
    start, end = text.index("[costs]"), text.index("[components]")
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    return load_plant(path)


def test_a_machine_at_risk_has_its_options_by_the_calendar_and_costs_of_the_plant() -> None:
    """Waiting for the break costs more than it saves: the press fails within ten hours."""
    stops = CheapestStops(PLANT).options(PRESS, DOOMED)
    assert [one.when for one in stops] == ["now", "break", "shift_end", "run_on"]
    assert stops[0] == StopOption("now", 160.0 + 340.0 + 2.5 * 180.0, AT_WORK)
    assert stops[-1] == StopOption("run_on", 2400.0 + 340.0)
    assert saving_ratio(stops) == pytest.approx((2740 - 950) / 2740)


def test_a_machine_without_life_or_costs_has_none(without_costs: Plant) -> None:
    """Absent, and never zero."""
    assert CheapestStops(PLANT).options(PRESS, None) == ()
    assert CheapestStops(without_costs).options(PRESS, DOOMED) == ()
    assert isnan(saving_ratio(()))


def test_options_are_kept_for_a_minute_or_ten_seconds_if_the_life_changes() -> None:
    stops = CheapestStops(PLANT)
    first = stops.options(PRESS, DOOMED)
    soon = a_reading("press-0001", timestamp=AT_WORK + EVERY / 2)
    assert stops.options(soon, DOOMED) is first
    other = LifeEstimate(DOOMED.interval, Lifetime((0.0, 10.0), (0.0, 0.5)))
    at_once = a_reading("press-0001", timestamp=AT_WORK + CHANGED / 2)
    assert stops.options(at_once, other) is first
    assert stops.options(soon, other) != first
    later = stops.options(a_reading("press-0001", timestamp=AT_WORK + 2 * EVERY), other)
    assert later[0].at == AT_WORK + 2 * EVERY
    stops.forget(["press-0001"])
    assert stops.options(PRESS, DOOMED) == first


def test_the_recommendation_names_the_time_and_the_sum_and_others_stay_as_they_are() -> None:
    stops, saved = CheapestStops(PLANT), (StopOption("now", 950.0, AT_WORK), StopOption("run_on", 2740.0))
    general = Recommendation(STOP, "as in the catalogue")
    assert stops.in_words(general, saved).text == (
        "Cheapest time to stop: now. 950 EUR expected, 1,790 EUR less than running on."
    )
    assert stops.in_words(general, ()) is general
    assert stops.in_words(general, (saved[1], saved[0])) is general
    inspect = Recommendation(INSPECT, "High failure risk: Inspect machine within 24 hours.")
    assert stops.in_words(inspect, saved) is inspect


def test_a_clock_that_goes_back_is_compared_again() -> None:
    stops = CheapestStops(PLANT)
    stops.options(PRESS, DOOMED)
    back = a_reading("press-0001", timestamp=AT_WORK - timedelta(hours=1))
    assert stops.options(back, DOOMED)[0].at == back.timestamp
