"""How a plant is found when it is first looked at."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from energytrack.events import Failure
from simulator.machines.rates import Rates
from simulator.plant.events import milliseconds
from simulator.plant.factory import Factory
from simulator.plant.opening import opening, warmed_up
from simulator.settings import PROFILES
from testkit.builders.plants import MONDAY, a_factory, a_plant, ticks
from testkit.dates import at_plant


def test_machines_at_work_are_warm() -> None:
    """As they would be after hours."""
    factory = a_factory(60)
    state = opening(factory, milliseconds(MONDAY))
    assert state.at_ms == milliseconds(MONDAY)
    assert np.median(state.machines.temperature) > 35.0
    assert not state.wear.wear.any()


def test_in_a_plant_as_in_life_some_defects_are_always_on_their_way() -> None:
    """In some of the machines, none of them at its end."""
    factory = Factory(a_plant(300), seed=3, rates=Rates())
    wear = opening(factory, milliseconds(MONDAY)).wear.wear
    assert 0.05 < (wear.max(axis=0) > 0).mean() < 0.3
    assert wear.max() < 0.9


@pytest.mark.slow
@pytest.mark.parametrize("start", [MONDAY, at_plant("sun", "03:00")], ids=["Monday", "Sunday night"])
@pytest.mark.parametrize("devices", [12, 300])
def test_in_the_demonstration_machines_fail_within_twenty_minutes(start: datetime, devices: int) -> None:
    """At work as on a Sunday night, on a small plant as on a large one; none before its risk can be seen rising."""
    rates, worn, *_ = PROFILES["demo"]
    factory = Factory(a_plant(devices), seed=3, rates=rates)
    state = opening(factory, milliseconds(start), worn=worn)
    failures = [
        event.timestamp
        for tick in ticks(factory, state, 400, seconds=3.0)
        for event in tick.happened
        if isinstance(event, Failure) and event.mode != "control_fault"
    ]
    assert failures
    assert min(failures) > start + timedelta(minutes=5)


@pytest.mark.slow
def test_in_a_time_that_nobody_saw_meters_go_on_and_nothing_wears() -> None:
    """A simulator that was stopped for a weekend comes back to the plant that it left."""
    rates, worn, *_ = PROFILES["demo"]
    factory = Factory(a_plant(60), seed=3, rates=rates)
    state = opening(factory, milliseconds(MONDAY), worn=worn)
    later, _ = warmed_up(factory, state, milliseconds(MONDAY + timedelta(days=2)))
    assert later.at_ms == milliseconds(MONDAY + timedelta(days=2))
    assert (later.machines.energy_kwh > state.machines.energy_kwh).all()
    assert (later.wear.wear <= state.wear.wear).all()
    assert later.shown.tolist() == state.shown.tolist()
