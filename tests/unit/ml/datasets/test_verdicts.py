"""Verdicts as labels: a prevented failure is one, a false alarm is sound operation that counts more."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from energytrack.events import DeviceEvent
from energytrack.store.operations.alarms import LogEntry
from ml.datasets.tabulate import describe, tabulate
from ml.datasets.verdicts import PREVENTED, RULES, VerdictLabels, labels_from_verdicts
from testkit.builders.messages import NOW, an_event
from testkit.builders.recordings import START, a_worn_recording

HORIZON = timedelta(hours=24)
HOUR = timedelta(hours=1)


def a_verdict(verdict: Any = "true_alarm", **fields: Any) -> LogEntry:
    """Given six hours after the alarm."""
    given: dict[str, Any] = {
        "entry_id": "01E", "alarm_id": "a", "rule": "FailureRiskHigh", "device_id": "cnc-0007", "episode": 1,
        "opened_at": NOW, "at": NOW + 6 * HOUR, "deed": "judged", "by": "grafana:maria", "role": "Editor",
        "address": "127.0.0.1",
    }  # fmt: skip
    return LogEntry(verdict=verdict, **(given | fields))


def labels_from(*verdicts: LogEntry, events: tuple[DeviceEvent, ...] = ()) -> VerdictLabels:
    return labels_from_verdicts(verdicts, events, horizon=HORIZON)


def test_a_true_alarm_without_a_failure_prevented_one_when_work_began() -> None:
    """The first work on the machine within the horizon."""
    events = [an_event("maintenance_done", timestamp=NOW + n * HOUR) for n in (-3, 5, 9)]
    (prevented,) = labels_from(a_verdict(), events=tuple(events)).prevented
    assert (prevented.device_id, prevented.timestamp, prevented.mode) == ("cnc-0007", NOW + 5 * HOUR, PREVENTED)


@pytest.mark.parametrize(("judged", "moment"), [(6, 6), (40, 24), (-1, 0)])
def test_without_work_on_record_it_is_when_the_verdict_was_given(judged: int, moment: int) -> None:
    """But within the horizon of the alarm."""
    (prevented,) = labels_from(a_verdict(at=NOW + judged * HOUR)).prevented
    assert prevented.timestamp == NOW + moment * HOUR


@pytest.mark.parametrize("verdict", ["true_alarm", "false_alarm"])
def test_a_failure_within_the_horizon_speaks_for_itself(verdict: str) -> None:
    """Whatever anybody found before."""
    failure = an_event("failure", timestamp=NOW + 20 * HOUR)
    assert labels_from(a_verdict(verdict), events=(failure,)) == VerdictLabels()


def test_a_false_alarm_is_a_stretch_of_sound_operation() -> None:
    """From the alarm to the verdict, a horizon at most."""
    (short,) = labels_from(a_verdict("false_alarm")).sound
    (long,) = labels_from(a_verdict("false_alarm", at=NOW + 90 * HOUR)).sound
    assert (short.start, short.end, long.end) == (NOW, NOW + 6 * HOUR, NOW + HORIZON)


def test_two_verdicts_on_one_repair_are_one_prevented_failure() -> None:
    """The alarm and its critical twin."""
    work = an_event("maintenance_started", timestamp=NOW + 5 * HOUR)
    both = labels_from(a_verdict(), a_verdict(rule="FailureRiskCritical", opened_at=NOW + HOUR), events=(work,))
    assert len(both.prevented) == 1


def test_verdicts_on_other_alarms_and_comments_without_one_say_nothing() -> None:
    """A hot motor is hot, whatever the model thought."""
    assert labels_from(a_verdict(rule="MachineTooHot"), a_verdict(None), a_verdict(device_id=None)) == VerdictLabels()


def test_the_alarms_of_the_model_are_in_the_catalogue() -> None:
    """Renaming one there would silence its verdicts here."""
    catalogue = tomllib.loads((Path(__file__).parents[4] / "alerts.toml").read_text(encoding="utf-8"))
    assert {alert["name"] for alert in catalogue["alerts"]} >= RULES


def test_a_prevented_failure_labels_the_moments_before_it_and_no_feature_knows_of_it() -> None:
    """Labels look ahead, features only back at what the live window saw."""
    recording = a_worn_recording(devices=2, hours=60)
    spec = describe(recording)
    moment = START + 30 * HOUR
    failure = an_event("failure", device_id="cnc-0000", timestamp=moment, mode=PREVENTED)
    plain, aware = tabulate(recording, spec), tabulate(recording, spec, verdicts=VerdictLabels(prevented=(failure,)))  # type: ignore[arg-type]
    before = (aware.device == 0) & (aware.at_ms < moment.timestamp() * 1000)
    before &= aware.at_ms >= (moment - HORIZON).timestamp() * 1000
    assert before.sum() > 10
    assert (aware.label[before] == 1).all()
    kept = {(d, at): i for i, (d, at) in enumerate(zip(plain.device, plain.at_ms, strict=True))}
    rows = [kept[d, at] for d, at in zip(aware.device, aware.at_ms, strict=True) if (d, at) in kept]
    same = [(d, at) in kept for d, at in zip(aware.device, aware.at_ms, strict=True)]
    np.testing.assert_array_equal(aware.features[same], plain.features[rows])


def test_moments_of_a_false_alarm_are_more_often_among_those_that_train_and_never_among_those_that_measure() -> None:
    """Eight times as dense."""
    recording = a_worn_recording(devices=2, hours=30, every_minutes=1)
    spec = describe(recording)
    alarm = a_verdict("false_alarm", device_id="cnc-0000", opened_at=START + 2 * HOUR, at=START + 6 * HOUR)
    plain = tabulate(recording, spec, stride=16)
    aware = tabulate(recording, spec, stride=16, verdicts=labels_from(alarm))
    more = len(aware) - len(plain)
    inside = (plain.device == 0) & (plain.at_ms >= alarm.opened_at.timestamp() * 1000)
    inside &= plain.at_ms <= alarm.at.timestamp() * 1000
    assert more == pytest.approx(8 * (inside & (plain.label == 0)).sum(), rel=0.1)
    assert aware.training_only.sum() == more
    assert (aware.label[aware.training_only] == 0).all()
