"""A fleet: machines of one type, each a little different, the same at every start."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from energytrack.errors import InvalidPlant
from energytrack.plant import load_plant
from simulator.machines.fleet import build_fleet, register_kwh
from testkit.builders.plants import MONDAY, PLANT_FILE, a_plant


def test_the_same_seed_builds_the_same_machines() -> None:
    """Constants are drawn from the seed."""
    one, same, other = (build_fleet(a_plant(40), seed).rated_amperes.tolist() for seed in (1, 1, 2))
    assert one == same != other


def test_machines_of_one_type_differ_by_a_few_percent() -> None:
    """Ratings vary around those of the plant file."""
    fleet = build_fleet(a_plant(300), 1)
    rated = fleet.rated_amperes[[device.device_type == "cnc_machine" for device in fleet.devices]]
    assert 0.01 < np.std(rated / 24.0) < 0.04
    assert np.allclose(rated, 24.0, rtol=0.07)


def test_shares_of_a_line_are_exact() -> None:
    """A line with left_idling = 0.3 and 50 machines has 15 that people leave idling."""
    plant = a_plant(300)
    fleet = build_fleet(plant, 1)
    for number, line in enumerate(plant.lines.values()):
        members = fleet.line == number
        assert round(line.left_idling * members.sum()) == (fleet.habit[members] > 0.5).sum()
        assert round(line.unmanned * members.sum()) == fleet.unmanned[members].sum()


def test_a_later_start_shows_more_than_any_machine_can_have_used() -> None:
    """So a plant whose state was lost shows registers that have not fallen."""
    fleet = build_fleet(a_plant(40), 1)
    grown = register_kwh(fleet, MONDAY + timedelta(days=7)) - register_kwh(fleet, MONDAY)
    most = 1.3 * fleet.rated_amperes * fleet.kw_per_ampere * 24 * 7
    assert (grown > most).all()


def test_a_fault_that_nobody_knows_is_named(tmp_path: Path) -> None:
    """A typing error in plant.toml is found at the start."""
    file = tmp_path / "plant.toml"
    file.write_text(PLANT_FILE.read_text().replace('"bearing_wear"', '"bering_wear"', 1))
    with pytest.raises(InvalidPlant, match=r"types.cnc_machine.faults: there is no fault 'bering_wear'"):
        build_fleet(load_plant(file), 1)
