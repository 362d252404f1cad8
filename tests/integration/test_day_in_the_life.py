"""A day in the life of a plant, at simulated speed: the simulator's own machines, the real consumer and exporter.

The bus is the one in memory and the clock is moved by hand; everything else is what runs in a plant. A model is trained
on another plant's past (another seed), so that no machine of the day was ever seen.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.decoding.parsing import parse_insight
from energytrack.events import Failure
from energytrack.machines.power import JOULES_PER_KWH
from energytrack.messages import encode
from energytrack.topics import EVENTS, INSIGHTS, READINGS
from exporters import composition as exporters
from exporters.exporter import Exporter
from exporters.settings import ExportersSettings
from ml.models.artifact import read
from ml.models.estimators import ModelSize, Recipe
from ml.recommendations.rules import INSPECT, SHUTDOWN
from ml.scoring.composition import TAKES, build
from ml.settings import MlSettings
from ml.training.recording import train_on
from simulator.history import history
from simulator.inbox import Injection
from simulator.inject import inject
from simulator.machines.rates import Rates
from simulator.plant.events import milliseconds
from simulator.plant.factory import Factory, FactoryState
from simulator.plant.opening import opening
from simulator.readings import readings
from testkit.builders.plants import SOUND, a_plant
from testkit.dates import at_plant

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MIDNIGHT = at_plant("tue", "00:00")
"""In the plant's own time: the Tuesday begins."""
WARM_UP = timedelta(hours=2)
MINUTE = timedelta(minutes=1)
SHIFTS: Mapping[str, tuple[int, int]] = {"night": (0, 6), "early": (6, 14), "late": (14, 22)}
DEVICES = 24


@dataclass
class Sightings:
    """What was seen on the way."""

    failed_at: dict[str, datetime] = field(default_factory=dict)
    alarmed_at: dict[str, datetime] = field(default_factory=dict)
    """When a machine's inspection was first recommended."""
    reasons: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Why, in words."""
    opened: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Every recommendation that a machine ever had, by code."""
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    """The consumer's metrics: also what it made of its alarms by the end of the day."""
    exported_kwh: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    """Line to the exported counter, by the hour at which it was read."""
    register_kwh: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    """The same from the meters themselves."""


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    neglected = Rates(onset_speed=4)  # defects begin more often, so that a short past has enough of them
    past = history(Factory(a_plant(80), seed=11, rates=neglected), until=MIDNIGHT - timedelta(days=30), days=10)
    file = tmp_path_factory.mktemp("model") / "failure_model.pkl"
    train_on(
        past,
        file,
        key=None,
        budget=1.0,
        clock=ManualClock(MIDNIGHT),
        rows=40_000,
        recipe=Recipe(size=ModelSize(trees=60)),
    )
    return file


@pytest.fixture(scope="module")
def day(model_file: Path) -> Sightings:
    factory = Factory(a_plant(DEVICES), seed=5, rates=SOUND)
    state = opening(factory, milliseconds(MIDNIGHT - WARM_UP))
    state, _ = inject(factory, state, Injection(_sick(factory), "bearing_wear", 14 * 3600.0))
    return _lived(factory, state, model_file)


def _sick(factory: Factory) -> str:
    """A machine that works three shifts."""
    return next(
        d.device_id for d in factory.fleet.devices if d.line == "machining-b" and d.device_type == "cnc_machine"
    )


def _lived(factory: Factory, state: FactoryState, model_file: Path) -> Sightings:
    bus, clock, seen = MemoryBus(), ManualClock(MIDNIGHT - WARM_UP), Sightings()
    plant_sink = bus.sink()
    scoring = build(
        MlSettings(model_file=model_file, idle_minutes=30), a_plant(DEVICES), bus.source("ml-consumer", TAKES),
        bus.sink(), registry=seen.registry, clock=clock,
    )  # fmt: skip
    exported = exporters.build(
        ExportersSettings(), a_plant(DEVICES), bus.source(exporters.NAME, exporters.TAKES), bus.sink(),
        registry=CollectorRegistry(), clock=clock,
    )  # fmt: skip
    listener = bus.source("listener", [INSIGHTS])
    while clock.now() < MIDNIGHT + timedelta(hours=24):
        clock.advance(MINUTE.total_seconds())
        tick = factory.advance(state, milliseconds(clock.now()))
        state = tick.state
        for event in tick.happened:
            plant_sink.put(EVENTS, event.device_id, encode(event))
            if isinstance(event, Failure):
                seen.failed_at[event.device_id] = event.timestamp
        for reading in readings(factory.fleet, tick, which=slice(None), at_ms=state.at_ms):
            plant_sink.put(READINGS, reading.device_id, reading.value)
        scoring.poll()
        exported.poll()
        for record in listener.take(10_000, 0):
            insight = parse_insight(record.value, clock.now())
            codes = {recommended.code for recommended in insight.recommendations}
            seen.opened[insight.device_id] |= codes
            if INSPECT in codes and insight.device_id not in seen.alarmed_at:
                seen.alarmed_at[insight.device_id] = insight.timestamp
                seen.reasons[insight.device_id] = tuple(factor.text for factor in insight.top_factors)
        hour = (clock.now() - MIDNIGHT) / timedelta(hours=1)
        if hour in {edge for edges in SHIFTS.values() for edge in edges}:
            _read_meters(seen, exported.exporter, factory, state, f"{hour:.0f}")
    return seen


def _read_meters(seen: Sightings, exporter: Exporter, factory: Factory, state: FactoryState, hour: str) -> None:
    for family in text_string_to_metric_families(exporter.page().decode()):
        for sample in family.samples:
            if sample.name == "energytrack_device_energy_joules_total":
                line = seen.exported_kwh[sample.labels["line"]]
                line[hour] = line.get(hour, 0.0) + sample.value / JOULES_PER_KWH
    for device, register in zip(factory.fleet.devices, state.machines.energy_kwh.tolist(), strict=True):
        line = seen.register_kwh[device.line]
        line[hour] = line.get(hour, 0.0) + register


def _used(meters: Mapping[str, float], shift: str) -> float:
    begin, end = SHIFTS[shift]
    return meters[str(end)] - meters[str(begin)]


def test_the_energy_of_each_line_and_shift_is_what_its_meters_say(day: Sightings) -> None:
    """Exported counters and the machines' registers agree to a watt hour per machine."""
    for line, meters in day.register_kwh.items():
        for shift in SHIFTS:
            expected = _used(meters, shift)
            assert expected == pytest.approx(_used(day.exported_kwh[line], shift), abs=0.001 * DEVICES)


def test_a_line_that_rests_at_night_uses_less_then_than_by_day(day: Sightings) -> None:
    """Per hour; the press shop works in the early and the late shift only."""
    meters = day.exported_kwh["press-shop"]
    assert _used(meters, "night") / 6 < 0.5 * _used(meters, "early") / 8


def test_the_alarm_comes_before_the_failure(day: Sightings, model_file: Path) -> None:
    """The machine with the slow fault fails that day, and its inspection was recommended an hour before at least."""
    ((device, failed),) = day.failed_at.items()
    assert device in day.alarmed_at, f"no alarm; the threshold was {read(model_file, None).card.threshold}"
    assert failed - day.alarmed_at[device] >= timedelta(hours=1)


def test_sound_machines_are_left_in_peace(day: Sightings) -> None:
    """At most one of the other machines is alarmed for nothing in a day."""
    assert len(day.alarmed_at.keys() - day.failed_at.keys()) <= 1


def test_an_alarm_tells_its_reasons_in_words(day: Sightings) -> None:
    """Up to five, none of them empty."""
    for reasons in day.reasons.values():
        assert 0 < len(reasons) <= 5
        assert all(reasons)


def test_sound_machines_are_not_sent_for(day: Sightings) -> None:
    """Idle they may be; but of all the other things to be done at most one is asked for, for nothing, in a day."""
    sound = day.opened.keys() - day.failed_at.keys()
    asked = [(device, code) for device in sound for code in day.opened[device] - {SHUTDOWN}]
    assert len(asked) <= 1, asked


def test_the_consumer_knows_what_its_alarms_were_worth(day: Sightings) -> None:
    """The one failure was caught, hours ahead, and all machines were watched nearly all of the day."""
    value = day.registry.get_sample_value
    assert value("energytrack_model_failures_total", {"outcome": "caught"}) == 1
    assert value("energytrack_model_failures_total", {"outcome": "missed"}) == 0
    assert (value("energytrack_model_lead_seconds_sum") or 0) >= 3600
    watched = value("energytrack_model_watched_seconds_total") or 0
    assert watched / 3600 == pytest.approx(24 * DEVICES, rel=0.15)
