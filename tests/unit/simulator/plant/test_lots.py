"""Finished parts as events."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pytest

from energytrack.events import PartsCorrected, PartsFinished
from energytrack.messages import encode
from simulator.plant.factory import Factory, Tick
from testkit.builders.plants import MONDAY, SOUND, a_plant, last, opened, ticks

HOURS = 3


@pytest.fixture(scope="module")
def factory() -> Factory:
    return Factory(a_plant(60), seed=7, rates=SOUND)


@pytest.fixture(scope="module")
def steps(factory: Factory) -> list[Tick]:
    return list(ticks(factory, opened(factory), HOURS * 720, seconds=5.0))


def lots_of(steps: Iterable[Tick]) -> dict[str, dict[str, PartsFinished]]:
    """By machine and id."""
    found: dict[str, dict[str, PartsFinished]] = defaultdict(dict)
    for tick in steps:
        for event in tick.happened:
            if isinstance(event, PartsFinished):
                found[event.device_id][event.event_id] = event
    return found


def corrections_of(steps: Iterable[Tick]) -> dict[str, PartsCorrected]:
    """By the id of what they correct."""
    return {e.corrects: e for tick in steps for e in tick.happened if isinstance(e, PartsCorrected)}


def test_machines_of_some_lines_tell_their_parts_as_events_and_have_no_counter(
    factory: Factory, steps: list[Tick]
) -> None:
    """Those of `lot_minutes`, and no others."""
    with_lots = {device.device_id for device in factory.fleet.devices if device.line == "assembly"}
    assert with_lots
    assert lots_of(steps).keys() == with_lots
    without = {
        d.device_id for d, counts in zip(factory.fleet.devices, factory.fleet.counts_parts, strict=True) if not counts
    }
    assert without == with_lots


def test_the_lots_as_corrected_are_what_the_machine_has_made(factory: Factory, steps: list[Tick]) -> None:
    """From its first interval on: none twice, none left out."""
    corrections = corrections_of(steps)
    begun = next(tick for tick in steps if tick.state.at_ms % 300_000 == 0).state.output
    done = steps[-1].state.output
    assert steps[-1].state.at_ms % 300_000 == 0
    for device_id, lots in lots_of(steps).items():
        device = factory.device(device_id)
        assert device is not None
        final = [corrections.get(event_id, lot) for event_id, lot in lots.items()]
        assert sum(each.parts for each in final) == done.parts[device] - begun.parts[device]
        waiting = 0.0 if np.isnan(steps[-1].state.lots.open_ms[device]) else steps[-1].state.lots.open_scrap[device]
        assert sum(each.scrap or 0.0 for each in final) + waiting == done.scrap[device] - begun.scrap[device]


@pytest.mark.slow
def test_some_lots_are_corrected_and_each_correction_names_one(steps: list[Tick]) -> None:
    """At first they report no rejected parts."""
    lots = {event_id: lot for of_machine in lots_of(steps).values() for event_id, lot in of_machine.items()}
    corrections = corrections_of(steps)
    assert corrections
    assert corrections.keys() <= lots.keys()
    for event_id, correction in corrections.items():
        assert (lots[event_id].scrap, lots[event_id].device_id) == (0.0, correction.device_id)
        assert correction.parts == lots[event_id].parts
        assert correction.scrap


def test_lots_of_a_machine_follow_each_other_and_never_overlap(steps: list[Tick]) -> None:
    """Each begins where an interval of the clock does."""
    for lots in lots_of(steps).values():
        ordered = sorted(lots.values(), key=lambda lot: lot.timestamp)
        for one, other in pairwise(ordered):
            assert other.since is not None
            assert one.timestamp <= other.since < other.timestamp


@pytest.mark.slow
def test_a_plant_tells_the_same_twice_and_another_seed_something_else(factory: Factory, steps: list[Tick]) -> None:
    def said(some: Iterable[Tick]) -> list[bytes]:
        return [encode(e) for tick in some for e in tick.happened if isinstance(e, PartsFinished | PartsCorrected)]

    again = Factory(a_plant(60), seed=7, rates=SOUND)
    assert said(steps[:720]) == said(ticks(again, opened(again), 720, seconds=5.0))
    other = Factory(a_plant(60), seed=8, rates=SOUND)
    assert said(steps[:720]) != said(ticks(other, opened(other, MONDAY), 720, seconds=5.0))


def test_what_quiet_ticks_made_is_reported_by_the_next_one(factory: Factory, steps: list[Tick]) -> None:
    """After an outage no part is lost."""
    state = steps[719].state
    quiet = last(ticks(factory, state, 120, seconds=10.0, quiet=True))
    assert not any(isinstance(event, PartsFinished) for event in quiet.happened)
    after = last(ticks(factory, quiet.state, 60, seconds=5.0))
    lots = [event for event in after.happened if isinstance(event, PartsFinished)]
    assert lots
    assert {lot.timestamp.timestamp() - lot.since.timestamp() for lot in lots if lot.since} == {1500.0}
