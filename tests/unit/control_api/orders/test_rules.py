from typing import Any

import pytest

from control_api.orders.rules import Situation, obstacle


def a_situation(**fields: Any) -> Situation:
    given: dict[str, Any] = {"device_id": "cnc-0007", "state": "idle", "in_shift": False}
    return Situation(**(given | fields))


@pytest.mark.parametrize("action", ["restart", "shutdown"])
def test_a_machine_in_mid_cycle_needs_an_override(action: Any) -> None:
    """Either order would cost the piece that it works on."""
    found = obstacle(action, a_situation(state="running"), override=False)
    assert found is not None
    assert (found.code, found.overridable) == ("override_needed", True)
    assert "mid-cycle" in found.detail
    assert obstacle(action, a_situation(state="running"), override=True) is None


def test_a_machine_is_not_shut_down_in_its_shift_without_an_override() -> None:
    """People who are at work decide about their machines; one that has failed is no use to them."""
    found = obstacle("shutdown", a_situation(in_shift=True), override=False)
    assert found is not None
    assert "in shift" in found.detail
    assert obstacle("shutdown", a_situation(in_shift=True, state="failed"), override=False) is None
    assert obstacle("restart", a_situation(in_shift=True, state="stopped"), override=False) is None


@pytest.mark.parametrize("override", [False, True])
def test_no_override_restarts_a_locked_machine(override: bool) -> None:
    """Somebody may have their hands in it."""
    situation = a_situation(state="stopped", locked_by="grafana:maria", lock_reason="belt")
    found = obstacle("restart", situation, override=override)
    assert found is not None
    assert (found.code, found.overridable) == ("device_locked", False)
    assert "grafana:maria (belt)" in found.detail


def test_a_locked_machine_may_be_shut_down() -> None:
    """A lock keeps a machine from starting, not from stopping."""
    assert obstacle("shutdown", a_situation(locked_by="grafana:maria"), override=False) is None


@pytest.mark.parametrize("state", ["idle", "stopped", "failed", "maintenance", None])
def test_a_restart_that_disturbs_nothing_is_given(state: Any) -> None:
    """A machine that is not at work, or that has not said."""
    assert obstacle("restart", a_situation(state=state), override=False) is None
