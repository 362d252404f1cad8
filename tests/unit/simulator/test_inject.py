"""Faults made on purpose."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from energytrack.events import Failure
from simulator.inbox import Injection
from simulator.inject import InjectionRefused, duration_seconds, inject
from simulator.machines.arrays import changed
from simulator.plant import upkeep
from testkit.builders.plants import NIGHT, a_factory, last, opened, ticks

FACTORY = a_factory(12)
CNC = FACTORY.fleet.devices[0].device_id
BEARING = Injection(CNC, "bearing_wear", 300.0)


def test_a_machine_fails_after_the_time_that_was_asked_for() -> None:
    """Of that very mode, within a tenth."""
    state, sentence = inject(FACTORY, last(ticks(FACTORY, opened(FACTORY), 30)).state, BEARING)
    assert sentence == f"bearing_wear grows on {CNC} over 300 s of operation"
    failures = [
        (event.mode, (event.timestamp - datetime.fromtimestamp(state.at_ms / 1000, UTC)).total_seconds())
        for tick in ticks(FACTORY, state, 330)
        for event in tick.happened
        if isinstance(event, Failure)
    ]
    ((mode, seconds),) = failures
    assert mode == "bearing_wear"
    assert seconds == pytest.approx(300, rel=0.1)


def test_a_machine_that_stands_is_said_to_stand() -> None:
    """The fault waits until it runs."""
    state = last(ticks(FACTORY, opened(FACTORY, NIGHT), 60)).state
    device = next(i for i, on in enumerate(state.schedule.on) if not on and FACTORY.present[0, i])
    name = FACTORY.fleet.devices[device].device_id
    state, sentence = inject(FACTORY, state, replace(BEARING, device_id=name))
    assert sentence.endswith("; it is stopped now: restart it")
    after = last(ticks(FACTORY, state, 400)).state
    assert after.wear.wear[0, device] == state.wear.wear[0, device]


@pytest.mark.parametrize(
    ("injection", "reason"),
    [
        (replace(BEARING, device_id="cnc-9999"), "there is no machine cnc-9999; the machines are cnc-0001,"),
        (replace(BEARING, fault="rust"), "there is no fault rust; the faults are bearing_wear, blocked_cooling,"),
        (replace(BEARING, fault="belt_slip"), f"{CNC} cannot have belt_slip, only bearing_wear,"),
        (replace(BEARING, seconds=0.0), "between one second and seven days"),
    ],
)
def test_what_cannot_be_injected_is_refused_with_a_reason(injection: Injection, reason: str) -> None:
    """And says what could be."""
    with pytest.raises(InjectionRefused, match=reason):
        inject(FACTORY, opened(FACTORY), injection)


def test_a_broken_machine_cannot_be_broken_again() -> None:
    """Not before it is repaired."""
    state = opened(FACTORY)
    state = replace(state, upkeep=changed(state.upkeep, 0, condition=upkeep.FAILED))
    with pytest.raises(InjectionRefused, match="has failed already"):
        inject(FACTORY, state, BEARING)


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("5m", 300), ("1.5h", 5400), ("2d", 172_800)])
def test_durations_are_written_as_people_write_them(text: str, seconds: float) -> None:
    """With one unit."""
    assert duration_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "5 minutes", "-5m", "5m30s"])
def test_other_durations_are_refused(text: str) -> None:
    """With an example."""
    with pytest.raises(ValueError, match="write 90s, 5m"):
        duration_seconds(text)
