"""A plant of any size is the same plant."""

from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from energytrack.plant import load_plant

PLANT = load_plant(Path(__file__).parents[2] / "plant.toml")
SHARES = Counter((device.line, device.device_type) for device in PLANT.devices)


@given(count=st.integers(1, 3000))
def test_a_scaled_plant_has_its_size_its_proportions_and_no_id_twice(count: int) -> None:
    """N machines, each kind on each line with its share within one machine."""
    devices = PLANT.scaled(count).devices
    assert len(devices) == len({device.device_id for device in devices}) == count
    found = Counter((device.line, device.device_type) for device in devices)
    assert all(abs(found[group] - share * count / len(PLANT.devices)) <= 1 for group, share in SHARES.items())


@given(small=st.integers(1, 500), more=st.integers(0, 500))
def test_a_plant_that_grows_keeps_the_machines_of_each_type(small: int, more: int) -> None:
    """Ids count up within a type, so a larger plant has those of a smaller one."""
    before = {device.device_id for device in PLANT.scaled(small).devices}
    after = {device.device_id for device in PLANT.scaled(small + more).devices}
    assert len(before - after) <= len(SHARES)  # a type's share may round down by one on a line
