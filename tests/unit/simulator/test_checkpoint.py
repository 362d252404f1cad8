"""The plant's state on disk."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from energytrack.messages import encode
from simulator import checkpoint
from simulator.checkpoint import UnusableCheckpoint
from simulator.machines.rates import Rates
from simulator.plant.factory import Factory, FactoryState
from simulator.readings import readings
from testkit.builders.messages import a_command
from testkit.builders.plants import a_factory, a_plant, last, opened, ticks

BUSY = Rates(
    wear_speed=500, onset_speed=500, repair_speed=50, meaningless_per_day=50, lost_per_day=20, stuck_per_day=20
)


def worked(factory: Factory, count: int = 200) -> FactoryState:
    return last(ticks(factory, opened(factory), count)).state


def said(factory: Factory, state: FactoryState, count: int = 100) -> list[bytes]:
    """Everything that a plant says in its next ticks, as bytes."""
    out: list[bytes] = []
    for tick in ticks(factory, state, count):
        out += [encode(event) for event in tick.happened]
        sent = readings(factory.fleet, tick, which=slice(None), at_ms=tick.state.at_ms)
        out += [reading.value for reading in sent]
    return out


def test_a_saved_plant_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    """Also in another process: nothing else is remembered."""
    factory = a_factory(12, rates=BUSY)
    state, _ = factory.ordered(worked(factory), a_command("cnc-0001"), at_ms=opened(factory).at_ms)
    checkpoint.save(tmp_path / "state", factory, state)
    again = a_factory(12, rates=BUSY)
    loaded = checkpoint.load(tmp_path / "state", again)
    assert loaded is not None
    assert said(factory, state) == said(again, loaded)


def test_no_file_is_no_plant(tmp_path: Path) -> None:
    """The first start."""
    assert checkpoint.load(tmp_path / "state", a_factory()) is None


def test_a_plant_that_grew_keeps_its_old_machines(tmp_path: Path) -> None:
    """The meters of those that stayed go on; new ones begin."""
    small, large = a_factory(12), a_factory(20)
    state = worked(small)
    checkpoint.save(tmp_path / "state", small, state)
    loaded = checkpoint.load(tmp_path / "state", large)
    assert loaded is not None
    before = {d.device_id: e for d, e in zip(small.fleet.devices, state.machines.energy_kwh, strict=True)}
    after = {d.device_id: e for d, e in zip(large.fleet.devices, loaded.machines.energy_kwh, strict=True)}
    stayed = before.keys() & after.keys()
    assert len(stayed) >= 10
    assert all(after[name] == before[name] for name in stayed)
    assert len(after) == 20
    assert last(ticks(large, loaded, 5)).values.shape == (3, 20)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 broken"])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    """And not mistaken for a plant."""
    (tmp_path / "state").write_bytes(content)
    with pytest.raises(UnusableCheckpoint, match="has no usable state"):
        checkpoint.load(tmp_path / "state", a_factory())


def test_another_seed_is_another_plant(tmp_path: Path) -> None:
    """Its machines would change under its feet."""
    checkpoint.save(tmp_path / "state", a_factory(seed=1), worked(a_factory(seed=1), 2))
    with pytest.raises(UnusableCheckpoint, match="seed 1"):
        checkpoint.load(tmp_path / "state", a_factory(seed=2))


def test_saving_leaves_nothing_half_done(tmp_path: Path) -> None:
    """One file, and the second saving replaces the first."""
    factory = a_factory()
    state = worked(factory, 2)
    checkpoint.save(tmp_path / "state", factory, state)
    checkpoint.save(tmp_path / "state", factory, replace(state, at_ms=state.at_ms + 1000))
    loaded = checkpoint.load(tmp_path / "state", factory)
    assert loaded is not None
    assert loaded.at_ms == state.at_ms + 1000
    assert [path.name for path in tmp_path.iterdir()] == ["state"]
    assert np.array_equal(loaded.machines.energy_kwh, state.machines.energy_kwh)
    assert len(a_plant(12).devices) == 12


def test_a_plant_of_a_release_whose_machines_made_nothing_goes_on(tmp_path: Path) -> None:
    """Its counters begin; everything else is as it was."""
    factory = a_factory()
    state = worked(factory)
    checkpoint.save(tmp_path / "state", factory, state)
    with np.load(tmp_path / "state") as stored:
        columns = {name: stored[name] for name in stored.files if not name.startswith("output.")}
    with (tmp_path / "state").open("wb") as file:
        np.savez(file, **columns)
    loaded = checkpoint.load(tmp_path / "state", factory)
    assert loaded is not None
    assert loaded.output.parts.sum() == 0.0
    assert np.array_equal(loaded.machines.energy_kwh, state.machines.energy_kwh)
