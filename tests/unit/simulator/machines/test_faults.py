"""Wear: it grows with work, shows in several signals, warns, and ends in a failure."""

import numpy as np
import pytest
from msgspec.structs import replace

from simulator.machines import faults, machine
from simulator.machines.arrays import changed
from simulator.machines.faults import DEFECT, EFFECTS, MODES, SUDDEN, Wear, Wearing
from simulator.machines.machine import AmbientConditions, Demand
from simulator.machines.rates import Rates
from simulator.machines.sensors import SIGNALS
from testkit.builders.plants import a_factory

SHAPE = (len(MODES), 200)
LIVES = np.full(SHAPE, 2000.0)


def worn(wear: float) -> Wear:
    """Two hundred machines on which every component is worn, each as its type usually wears."""
    new = faults.new_components(SHAPE, np.random.default_rng(1))
    ones = np.ones(SHAPE)
    return replace(new, wear=np.full(SHAPE, wear), growth=ones, limit=ones, visibility=ones)


def step(state: Wear, *, hours: float = 1.0, speed: float = 1.0, load: float = 1.0, **rates: float) -> Wearing:
    n = SHAPE[1]
    return faults.step(
        state,
        life_hours=LIVES,
        speed=np.full(n, speed),
        load=np.full(n, load),
        dt=hours * 3600,
        rates=Rates(**rates),
        rng=np.random.default_rng(2),
    )


def test_wear_grows_by_its_mode_s_rate_with_every_hour_of_full_stress() -> None:
    """Exponentially."""
    after = step(worn(0.4), hours=1.0).wear.wear
    assert after[:, 0] == pytest.approx([0.4 * np.exp(mode.growth_per_hour) for mode in MODES])


def test_a_machine_that_stands_does_not_wear() -> None:
    """Neither wear nor hours."""
    before = worn(0.4)
    after = step(before, speed=0.0, load=0.0).wear
    assert after.wear.tolist() == before.wear.tolist()
    assert after.hours.tolist() == before.hours.tolist()


def test_defects_begin_the_sooner_the_longer_a_component_has_worked() -> None:
    """The hazard rises with the hours."""
    sound = worn(0.0)
    young, old = (step(replace(sound, hours=np.full(SHAPE, hours)), hours=10.0).wear.wear for hours in (0.0, 1500.0))
    assert (young == DEFECT).mean() < (old == DEFECT).mean() < 0.05


def test_a_mode_that_a_machine_does_not_know_never_begins() -> None:
    """Its life is infinite."""
    sound = replace(worn(0.0), hours=np.full(SHAPE, 1e6))
    after = faults.step(sound, life_hours=np.full(SHAPE, np.inf), speed=np.ones(200), load=np.ones(200), dt=3600.0,
                        rates=Rates(), rng=np.random.default_rng(3))  # fmt: skip
    assert not after.wear.wear.any()


@pytest.mark.parametrize("speed", [1.0, 72.0])
def test_sped_up_wear_brings_as_many_warnings(speed: float) -> None:
    """On the way from a fifth to the limit the controller warns about as often, however fast it goes."""
    state, warned = worn(0.2), 0
    rng = np.random.default_rng(4)
    for _ in range(400):
        after = faults.step(state, life_hours=LIVES, speed=np.ones(200), load=np.ones(200), dt=360.0 / speed,
                            rates=Rates(wear_speed=speed, onset_speed=0.0), rng=rng)  # fmt: skip
        warned += int((after.warned & (after.wear.wear < 1.0)).sum())
        state = after.wear
    expected = (1.0 - 0.04) * sum(mode.warnings for mode in MODES) * 200
    assert warned == pytest.approx(expected, rel=0.1)


def test_warnings_come_more_often_the_more_is_worn() -> None:
    """Per hour, late wear warns many times as often as early wear."""
    early, late = (step(worn(wear), hours=0.5).warned.mean() for wear in (0.1, 0.9))
    assert late > 10 * early


def test_the_limit_is_a_failure_and_bad_luck_another() -> None:
    """The last row is bad luck, which needs no wear."""
    assert step(worn(0.999)).failed[:-1].all()
    assert not step(worn(0.5), sudden_per_year=0.0).failed.any()
    assert step(worn(0.0), hours=24 * 365.0, sudden_per_year=1.0).failed[SUDDEN].all()


def test_late_codes_come_late() -> None:
    """A component that is hardly worn shows the first of its mode's codes only."""
    rng = np.random.default_rng(5)
    for number, mode in enumerate(MODES):
        assert {faults.code_of(number, 0.1, rng) for _ in range(50)} == {mode.codes[0]}
        assert {faults.code_of(number, 0.99, rng) for _ in range(200)} == set(mode.codes)


def test_chatter_is_mostly_of_no_component() -> None:
    """And now and then a true code that means nothing."""
    rng = np.random.default_rng(6)
    present = np.array([mode.name == "tool_wear" for mode in MODES])
    heard = [faults.idle_talk(present, rng) for _ in range(300)]
    assert {*faults.IDLE_TALK, "tool_life_exceeded", "cutting_force_high"} == set(heard)


@pytest.mark.parametrize("mode", range(len(MODES)), ids=[mode.name for mode in MODES])
def test_every_mode_moves_several_signals_together(mode: int) -> None:
    """A machine worn to the limit differs from a sound one at the same load in two signals at least."""
    factory = a_factory(12)
    fleet, n = factory.fleet, len(factory.fleet)
    wear = faults.new_components((len(MODES), n), np.random.default_rng(7))
    wear = replace(wear, visibility=np.ones((len(MODES), n)))
    for device in range(n):
        wear = changed(wear, (mode, device), wear=1.0)
    strain = faults.strain(wear)
    settled = []
    for effects in (np.zeros((len(EFFECTS), n)), strain):
        state = machine.cold(fleet, np.full(n, 20.0), np.zeros(n))
        on, off = np.ones(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
        pace = machine.pace(fleet, 60.0)
        for step in range(400):
            state = machine.step(state, fleet=fleet, pace=pace, demand=Demand(on, np.full(n, 0.6), off, off),
                                 strain=effects, air=AmbientConditions(np.full(n, 20.0), np.zeros(n)),
                                 rng=np.random.default_rng(step))  # fmt: skip
        settled.append(np.array([state.temperature - 20.0, state.pressure, state.current]))
    sound, broken = settled
    moved = np.abs(broken / sound - 1.0) > np.array([[0.05], [0.015], [0.03]])
    assert (moved.sum(axis=0) >= 2).mean() > 0.9, dict(zip(SIGNALS, moved.mean(axis=1), strict=True))
