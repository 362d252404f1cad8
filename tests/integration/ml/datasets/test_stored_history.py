"""The past of a plant, as it is read back from a real database."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from energytrack.machines.state import MachineState
from energytrack.store import Store
from energytrack.store.operations.alarms import Alarm, LogEntry
from ml.datasets.stored_history import spec_for, stored_history, sum_up, tables
from ml.datasets.tabulate import describe, tabulate
from ml.retraining.retrainer import Retrainer
from testkit.builders.messages import a_reading
from testkit.builders.retraining import END, PAST, a_retrainer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_the_table_from_the_database_is_the_one_from_the_recording(filed: Store, retrainer: Retrainer) -> None:
    """One definition of everything: what was read back trains as what was recorded."""
    history = stored_history(filed, retrainer.plant, now=END + timedelta(minutes=1), days=90)
    spec, interval = spec_for(history)
    assert interval == PAST.interval_seconds
    assert spec.codes == describe(PAST).codes
    built, _ = tables(history, spec, interval=interval, rows=1_000_000)
    expected = tabulate(PAST, spec)
    order = np.lexsort((expected.at_ms, expected.device))
    mine = np.lexsort((built.at_ms, built.device))
    np.testing.assert_array_equal(built.at_ms[mine], expected.at_ms[order])
    np.testing.assert_array_equal(built.label[mine], expected.label[order])
    # What the plant file says of a machine's age and type goes before what the readings say.
    same = [i for i, name in enumerate(spec.names) if not name.startswith(("age_years", "type_"))]
    np.testing.assert_allclose(built.features[mine][:, same], expected.features[order][:, same], rtol=1e-5, atol=1e-4)


def test_verdicts_and_further_signals_are_part_of_the_past(store: Store, tmp_path: Path) -> None:
    """What a technician found behind an alarm is a label; what else a machine measures is a signal."""
    retrainer = a_retrainer(store, tmp_path)
    opened = END - timedelta(hours=60)
    alarm = Alarm(
        alarm_id="a", rule="FailureRiskHigh", device_id="cnc-0001", line="line-a", severity="warning", state="active",
        summary="", description="", factors=(), links={}, opened_at=opened, updated_at=opened,
    )  # fmt: skip
    judged = LogEntry(
        entry_id="01J", alarm_id="a", rule=alarm.rule, device_id=alarm.device_id, episode=1, opened_at=opened,
        at=opened + timedelta(hours=3), deed="judged", by="grafana:maria", role="Editor", address="127.0.0.1",
        verdict="true_alarm",
    )  # fmt: skip
    assert store.alarms.put(alarm, before=None, entry=judged)
    reading = a_reading("cnc-0001", timestamp=END - timedelta(minutes=5), signals={"vibration": 2.5})
    store.readings.put([reading])
    store.devices.put([MachineState("cnc-0001", reading=reading)], END)
    history = stored_history(store, retrainer.plant, now=END, days=5)
    assert history.signals == ("temperature", "pressure", "current", "vibration")
    (means,) = history.read(["cnc-0001"], END - timedelta(minutes=10), END)
    assert list(means.signals["vibration"]) == [2.5]
    assert retrainer.plant.device("cnc-0001") in history.devices
    assert [failure.timestamp for failure in history.verdicts.prevented] == []  # before the first reading: out of reach
    store.readings.put([a_reading("cnc-0001", timestamp=END - timedelta(hours=80))])
    (prevented,) = stored_history(store, retrainer.plant, now=END, days=5).verdicts.prevented
    assert prevented.timestamp == judged.at


def test_settled_days_are_summed_up_ahead_and_nothing_changes_by_it(filed: Store, retrainer: Retrainer) -> None:
    """The same past, whether it was summed up before or not; days that no model looks back on are let go."""
    now = END + timedelta(minutes=1)

    def past() -> list[object]:
        history = stored_history(filed, retrainer.plant, now=now, days=10)
        names = [device.device_id for device in history.devices[:2]]
        return [
            (part.device_id, pair)
            for part in history.read(names, history.since, history.until)
            for pair in zip(part.end_ms, part.signals["pressure"], strict=True)
        ]

    sum_up(stored_history(filed, retrainer.plant, now=now, days=10), now=now)
    ahead = past()
    assert filed.minutes.drop(before=END) >= 6 * len(PAST.devices)  # seven days hold six whole ones at least
    assert past() == ahead
