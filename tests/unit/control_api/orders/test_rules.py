from typing import Any

import pytest

from control_api.devices.rules import Machine
from control_api.orders.rules import obstacle
from energytrack.machines.state import MachineState
from testkit.builders.control import a_lock


def a_machine(**fields: Any) -> Machine:
    given: dict[str, Any] = {
        "latest": MachineState("cnc-0007"),
        "device_type": "cnc_machine",
        "line": "machining-a",
        "state": "idle",
        "state_since": None,
        "silent": False,
        "power_watts": None,
        "in_shift": False,
        "clock_ahead_seconds": None,
        "lock": None,
        "open_order": None,
    }
    return Machine(**(given | fields))


@pytest.mark.parametrize("action", ["restart", "shutdown"])
def test_a_machine_in_mid_cycle_needs_an_override(action: Any) -> None:
    """Either order would cost the piece that it works on."""
    prevented = obstacle(action, a_machine(state="running"), override=False)
    assert prevented is not None
    assert (prevented.code, prevented.overridable) == ("override_needed", True)
    assert "mid-cycle" in prevented.detail
    assert obstacle(action, a_machine(state="running"), override=True) is None


def test_a_machine_is_not_shut_down_in_its_shift_without_an_override() -> None:
    """People at work decide about their machines; a failed one is of no use to them."""
    prevented = obstacle("shutdown", a_machine(in_shift=True), override=False)
    assert prevented is not None
    assert "in shift" in prevented.detail
    assert "in Grafana: Stop now" in prevented.detail
    assert obstacle("shutdown", a_machine(in_shift=True, state="failed"), override=False) is None
    assert obstacle("restart", a_machine(in_shift=True, state="stopped"), override=False) is None


@pytest.mark.parametrize("override", [False, True])
def test_no_override_restarts_a_locked_machine(override: bool) -> None:
    """Somebody may have their hands in it."""
    machine = a_machine(state="stopped", lock=a_lock(reason="belt"))
    prevented = obstacle("restart", machine, override=override)
    assert prevented is not None
    assert (prevented.code, prevented.overridable) == ("device_locked", False)
    assert "locked out by maria (belt)" in prevented.detail


def test_a_locked_machine_may_be_shut_down() -> None:
    """A lock keeps a machine from starting, not from stopping."""
    assert obstacle("shutdown", a_machine(lock=a_lock()), override=False) is None


@pytest.mark.parametrize("state", ["idle", "stopped", "failed", "maintenance", None])
def test_a_restart_that_disturbs_nothing_is_given(state: Any) -> None:
    """The machine is not at work, or its state is not known."""
    assert obstacle("restart", a_machine(state=state), override=False) is None
