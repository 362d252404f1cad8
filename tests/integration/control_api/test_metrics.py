"""Locks and alarms on /metrics, with a real database."""

from testkit.alert_payloads import from_alertmanager
from tests.integration.control_api.calls import rule_says
from tests.integration.control_api.conftest import Plant


def test_panels_show_alarms_and_locks(plant: Plant) -> None:
    """1 for the state that an alarm is in, 0 for the others; a machine that is free has no series."""
    rule_says(plant, from_alertmanager())
    plant.client.post("/api/devices/cnc-0007/lock", json={"reason": "x"})
    metrics = plant.nobody().get("/metrics").text
    labels = 'alarm="FailureRiskHigh",device_id="cnc-0007",device_type="cnc_machine",line="machining-a"'
    assert f'energytrack_device_alarm_state{{{labels},state="active"}} 1.0' in metrics
    assert f'energytrack_device_alarm_state{{{labels},state="cleared"}} 0.0' in metrics
    assert 'energytrack_device_locked{device_id="cnc-0007",device_type="cnc_machine",line="machining-a"} 1.0' in metrics
