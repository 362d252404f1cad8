"""Locks, alarms and orders on /metrics, with a real database."""

import re

import pytest

from energytrack.machines.state import MachineState
from energytrack.store.link import Link
from testkit.builders.alert_payloads import from_alertmanager
from testkit.builders.messages import a_reading
from tests.integration.control_api.calls import act, order, problem, rule_says
from tests.integration.control_api.conftest import ApiUnderTest


def metrics(plant: ApiUnderTest) -> str:
    """What a scrape gets after the next reading of the records."""
    plant.services.records.refresh()
    return plant.nobody().get("/metrics").text


def test_panels_show_alarms_and_locks(plant: ApiUnderTest) -> None:
    """1 for the state that an alarm is in, 0 for the others; a machine that is free has no series."""
    rule_says(plant, from_alertmanager())
    plant.client.post("/api/devices/cnc-0007/lock", json={"reason": "x"})
    shown = metrics(plant)
    labels = 'alarm="FailureRiskHigh",device_id="cnc-0007",device_type="cnc_machine",line="machining-a"'
    assert f'energytrack_device_alarm_state{{{labels},state="active"}} 1.0' in shown
    assert f'energytrack_device_alarm_state{{{labels},state="cleared"}} 0.0' in shown
    assert 'energytrack_device_locked{device_id="cnc-0007",device_type="cnc_machine",line="machining-a"} 1.0' in shown
    (opened,) = (line for line in shown.splitlines() if line.startswith("energytrack_device_alarm_opened_"))
    assert 'state="active"' in opened
    assert 'handled_by=""' in opened


def test_a_machine_that_the_plant_file_does_not_list_is_where_it_says(plant: ApiUnderTest) -> None:
    """And `unknown` where it says nothing, as in every other series of such a machine."""
    for name, line in (("theirs-1", "line-z"), ("theirs-2", None)):
        reading = a_reading(name, timestamp=plant.clock.now())
        plant.services.store.devices.put([MachineState(name, "press", line, reading=reading)], plant.clock.now())
        plant.client.post(f"/api/devices/{name}/lock", json={"reason": "x"})
    shown = metrics(plant)
    assert 'energytrack_device_locked{device_id="theirs-1",device_type="press",line="line-z"} 1.0' in shown
    assert 'energytrack_device_locked{device_id="theirs-2",device_type="press",line="unknown"} 1.0' in shown


def test_an_alarm_about_such_a_machine_is_where_it_says(plant: ApiUnderTest) -> None:
    """Dashboards choose by line: without one, the alarm would be on none of them."""
    for name, line in (("theirs-1", "line-z"), ("theirs-2", None)):
        reading = a_reading(name, timestamp=plant.clock.now())
        plant.services.store.devices.put([MachineState(name, "press", line, reading=reading)], plant.clock.now())
        rule_says(plant, from_alertmanager(device_id=name))
    shown = [line for line in metrics(plant).splitlines() if line.startswith("energytrack_device_alarm_")]
    for family in ("state", "opened_timestamp_seconds"):
        of_family = "\n".join(line for line in shown if line.startswith(f"energytrack_device_alarm_{family}{{"))
        for name, line in (("theirs-1", "line-z"), ("theirs-2", "unknown")):
            assert re.search(f'device_id="{name}",device_type="press",(handled_by="",)?line="{line}"', of_family)


def test_a_scrape_does_not_wait_for_the_database(plant: ApiUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows what was read last: a database that hangs must not take the metrics of the control API with it."""
    rule_says(plant, from_alertmanager())
    expected = [line for line in metrics(plant).splitlines() if line.startswith("energytrack_device_alarm_state{")]

    def asked(_: Link, name: str) -> None:
        pytest.fail(f"a scrape asked the database for {name}")

    monkeypatch.setattr(Link, "collection", asked)
    shown = plant.nobody().get("/metrics").text
    assert [line for line in shown.splitlines() if line.startswith("energytrack_device_alarm_state{")] == expected
    assert expected


def test_an_order_is_shown_with_who_gave_it_and_why(plant: ApiUnderTest) -> None:
    plant.says("press-0001", state="idle")
    assert order(plant.client, reason='it says "clack"').status_code == 202
    (shown,) = (line for line in metrics(plant).splitlines() if line.startswith("energytrack_device_order_"))
    assert 'action="shutdown"' in shown
    assert 'ordered_by="grafana:maria"' in shown
    assert r'reason="it says \"clack\""' in shown
    assert 'status="sent"' in shown


def test_an_order_that_was_refused_is_shown_with_what_prevented_it(plant: ApiUnderTest) -> None:
    plant.says("press-0001", state="running")
    assert problem(order(plant.client))[1] == "override_needed"
    (shown,) = (line for line in metrics(plant).splitlines() if line.startswith("energytrack_device_order_"))
    assert 'status="refused"' in shown
    assert "press-0001 is in mid-cycle" in shown
    assert plant.commands() == []


def test_an_order_without_a_reason_is_refused_and_shown(plant: ApiUnderTest) -> None:
    """A Grafana button that was left empty sends the name of its variable."""
    plant.says("press-0001", state="idle")
    answer = plant.client.post("/api/shutdown?reason=$reason", json={"device_id": "press-0001"})
    assert problem(answer) == (422, "reason_needed")
    (shown,) = (line for line in metrics(plant).splitlines() if line.startswith("energytrack_device_order_"))
    assert 'detail="No reason was given."' in shown
    assert 'reason="none given"' in shown
    assert plant.commands() == []


def test_what_else_was_refused_is_shown_with_who_asked_and_why(plant: ApiUnderTest) -> None:
    """A lock, a verdict and a shutdown that was to be scheduled; what was done is not among them."""
    rule_says(plant, from_alertmanager())
    for reason in ("new spindle", "once more"):
        plant.client.post("/api/devices/cnc-0007/lock", json={"reason": reason})
    act(plant, "verdict", verdict="true_alarm")
    plant.client.post("/api/measures/scheduled-shutdown?at=late", json={"device_id": "press-0001"})
    shown = [line for line in metrics(plant).splitlines() if line.startswith("energytrack_device_refused_request_")]
    assert len(shown) == 3
    (lock,) = (line for line in shown if 'action="locks.lock"' in line)
    assert 'detail="cnc-0007 is already locked out by maria."' in lock
    assert 'device_id="cnc-0007",device_type="cnc_machine",line="machining-a",ordered_by="grafana:maria"' in lock
    (verdict,) = (line for line in shown if 'action="alarm_deeds.judge"' in line)
    assert 'device_id="cnc-0007"' in verdict
    assert "State what was found" in verdict
    (schedule,) = (line for line in shown if 'action="measures.accept"' in line)
    assert 'device_id="press-0001"' in schedule


def test_what_is_not_known_is_not_shown(plant: ApiUnderTest) -> None:
    """Without records, and with records that are too old, there are no series: no zero that means nothing."""
    rule_says(plant, from_alertmanager())
    before = plant.nobody().get("/metrics").text
    assert "energytrack_device_alarm_state{" not in before
    assert "energytrack_device_alarm_state{" in metrics(plant)
    plant.clock.advance(60)
    assert "energytrack_device_alarm_state{" not in plant.nobody().get("/metrics").text
