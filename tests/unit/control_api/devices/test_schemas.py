from datetime import timedelta
from pathlib import Path

import pytest

from control_api.devices.rules import machine_now
from control_api.devices.schemas import device_response, history_response
from energytrack.machines.state import MachineState
from energytrack.messages import RemainingLife, StopOption
from energytrack.plant import load_plant
from testkit.builders.control import a_lock, an_order
from testkit.builders.messages import NOW, a_reading, an_insight


def test_a_machine_that_never_sent_anything_has_no_values() -> None:
    """Null, and never zero."""
    machine = machine_now(
        MachineState("unheard-of"), plant=load_plant(Path("plant.toml")), now=NOW, silent_after=timedelta(minutes=5),
        lock=a_lock("unheard-of"), open_order=an_order("unheard-of"),
    )  # fmt: skip
    response = device_response(machine)
    assert (response.power_watts, response.temperature_celsius, response.failure_probability) == (None, None, None)
    assert response.lock is not None
    assert response.open_order is not None
    assert (response.lock.holder, response.open_order.command_id) == ("grafana:maria", "01CMD")


@pytest.mark.parametrize("silent", [False, True])
def test_what_is_ahead_of_a_machine_is_reported_until_it_falls_silent(silent: bool) -> None:
    """Its "now" would be in the past: its last probability stays, its remaining life and times to stop don't."""
    insight = an_insight(remaining_life=RemainingLife(2.0, 9.0), stop_options=(StopOption("now", 120.0, NOW),))
    machine = machine_now(
        MachineState("cnc-0007", reading=a_reading(), insight=insight), plant=load_plant(Path("plant.toml")), now=NOW,
        silent_after=timedelta(minutes=5), lock=None, open_order=None, silent=silent,
    )  # fmt: skip
    response = device_response(machine)
    assert response.failure_probability == insight.failure_probability
    assert [option.when for option in response.stop_options] == ([] if silent else ["now"])
    assert (response.remaining_life is None) == silent


def test_a_history_has_columns_of_equal_length() -> None:
    """A sensor that was lost is null at its time."""
    history = history_response([a_reading(), a_reading(temperature=None)], [an_insight()])
    assert len(history.at) == len(history.temperature_celsius) == len(history.current_amperes) == 2
    assert history.temperature_celsius[1] is None
    assert len(history.scored_at) == len(history.failure_probability) == 1
