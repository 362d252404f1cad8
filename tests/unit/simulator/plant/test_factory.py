"""The plant as a whole."""

import numpy as np
import pytest
from msgspec.structs import replace

from energytrack.events import StateChanged
from energytrack.fields import STATES
from simulator.machines.arrays import changed
from simulator.machines.rates import Rates
from simulator.plant.factory import Factory
from simulator.settings import PROFILES
from testkit.builders.plants import MONDAY, NIGHT, a_factory, a_plant, last, opened, ticks

WILD = Rates(wear_speed=500, onset_speed=500, repair_speed=50, meaningless_per_day=50, lost_per_day=20)


def test_a_machine_is_in_the_state_that_its_signals_show() -> None:
    """Stopped, failed and in maintenance are about 0 A, idle is the idle current, running is more."""
    factory = a_factory(60, rates=PROFILES["demo"][0])
    fleet = factory.fleet
    share = np.concatenate(
        [
            np.array([tick.states, tick.state.machines.current / fleet.rated_amperes]).T
            for tick in [*ticks(factory, opened(factory), 400), *ticks(factory, opened(factory, NIGHT), 400)][60:]
        ]
    )
    still = np.isin(share[:, 0], [STATES.index("stopped"), STATES.index("failed"), STATES.index("maintenance")])
    running = share[:, 0] == STATES.index("running")
    assert still.any()
    assert share[still, 1].max() < 0.04
    assert np.quantile(share[running, 1], 0.02) > 0.2


def test_every_change_of_state_is_reported_once() -> None:
    """Whoever listens from the start knows the state of every machine at any time."""
    factory = a_factory(30, rates=WILD)
    known: dict[str, str] = {}
    for tick in ticks(factory, opened(factory), 600):
        for event in tick.happened:
            if isinstance(event, StateChanged):
                assert known.get(event.device_id) != event.state
                known[event.device_id] = event.state
        assert [known[device.device_id] for device in factory.fleet.devices] == [STATES[code] for code in tick.states]


def test_quiet_ticks_keep_changes_of_state_to_themselves() -> None:
    """A history for training has no use for them."""
    factory = a_factory(30)
    steps = ticks(factory, opened(factory), 60, quiet=True)
    assert not any(isinstance(event, StateChanged) for tick in steps for event in tick.happened)


def test_no_two_events_share_an_id() -> None:
    """Not even those of one moment on one machine."""
    factory = a_factory(30, rates=WILD)
    ids = [event.event_id for tick in ticks(factory, opened(factory), 600) for event in tick.happened]
    assert len(ids) > 100
    assert len(set(ids)) == len(ids)


def test_what_befalls_one_machine_leaves_the_others_as_they_were() -> None:
    """The noise of one does not depend on the fate of another."""
    factory = a_factory(12, rates=WILD)
    state = last(ticks(factory, opened(factory), 30)).state
    worn = replace(state, wear=changed(state.wear, (0, 0), wear=0.99))
    plain, other = (last(ticks(factory, start, 300)) for start in (state, worn))
    assert np.array_equal(plain.values[:, 1:], other.values[:, 1:], equal_nan=True)
    assert not np.array_equal(plain.values[:, 0], other.values[:, 0], equal_nan=True)


@pytest.mark.slow
def test_idle_machines_at_night_are_a_waste_that_can_be_found() -> None:
    """Most of what stands on a day line at night is off; those that people leave idling stick out by their energy."""
    factory = Factory(a_plant(300), seed=7, rates=Rates())
    fleet = factory.fleet
    start = last(ticks(factory, factory.opened(round(MONDAY.timestamp() * 1000)), 24, seconds=1800)).state
    evening, used = start, np.zeros(len(fleet))
    for tick in ticks(factory, start, 7 * 48, seconds=1800):
        night = factory.calendar.hours(
            factory.calendar.local(MONDAY.fromtimestamp(tick.state.at_ms / 1000, MONDAY.tzinfo))
        )
        still = night[fleet.line] == 0
        used += np.where(still, tick.state.machines.energy_kwh - evening.machines.energy_kwh, 0.0)
        evening = tick.state
    day_line = np.isin(fleet.line, [0, 2, 3, 4]) & ~fleet.unmanned
    relative = used / (fleet.rated_amperes * fleet.kw_per_ampere)
    wasteful, careful = (relative[day_line & (fleet.habit > 0.5)], relative[day_line & (fleet.habit < 0.5)])
    assert np.median(wasteful) > 4 * np.median(careful)
    ranked = np.argsort(relative[day_line])[::-1][: len(wasteful)]
    assert (fleet.habit[day_line][ranked] > 0.5).mean() > 0.85
