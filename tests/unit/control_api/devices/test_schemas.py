from datetime import timedelta
from pathlib import Path

from control_api.devices.rules import machine_now
from control_api.devices.schemas import device_response, history_response
from energytrack.machines.state import MachineState
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


def test_a_history_has_columns_of_equal_length() -> None:
    """A sensor that was lost is null at its time."""
    history = history_response([a_reading(), a_reading(temperature=None)], [an_insight()])
    assert len(history.at) == len(history.temperature_celsius) == len(history.current_amperes) == 2
    assert history.temperature_celsius[1] is None
    assert len(history.scored_at) == len(history.failure_probability) == 1
