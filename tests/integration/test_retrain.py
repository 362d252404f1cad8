"""Retraining on a real database: from stored readings to a champion that whoever scores can read, and back again."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest
from msgspec.structs import replace

from energytrack.clock import ManualClock
from energytrack.machine_state import MachineState
from energytrack.store import Store
from energytrack.store.learning.models import ModelEntry
from energytrack.store.operations.alarms import Alarm, LogEntry
from local.lifecycle.child import started
from local.services.definition import HttpAnswers, Service
from ml.datasets.stored_history import spec_for, stored_history, sum_up, tables
from ml.datasets.tabulate import describe, tabulate
from ml.errors import ArtifactMismatch
from ml.models.artifact import read
from ml.retrain import main
from ml.retraining.registry import NoSuchModel
from ml.retraining.retrainer import Busy, Retrainer
from testkit.builders import a_reading
from testkit.control_builders import a_store
from testkit.dates import MIDNIGHT, version
from testkit.patience import seconds_here
from testkit.retrain_builders import END, KEY, PAST, ROOT, a_retrainer, file_history
from testkit.servers import eventually, site_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def store(mongo_uri: str, mongo_database: str) -> Iterator[Store]:
    with closing(a_store(mongo_uri, mongo_database)) as opened:
        opened.prepare()
        yield opened


@pytest.fixture
def filed(store: Store) -> Store:
    file_history(store)
    return store


@pytest.fixture
def retrainer(filed: Store, tmp_path: Path) -> Retrainer:
    return a_retrainer(filed, tmp_path)


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


def test_a_model_is_trained_promoted_kept_and_taken_back(filed: Store, tmp_path: Path) -> None:
    """The life of a model: the first is good enough, the second no better, and the way back is one step."""
    clock = ManualClock(END)
    retrainer = a_retrainer(filed, tmp_path, clock=clock)
    first = retrainer.run("hand")
    assert (first.verdict, first.before) == ("promoted", None), first.reasons
    assert first.events >= 10
    in_use = read(tmp_path / "failure_model.pkl", KEY)
    assert in_use.card.version == first.version
    assert first.version is not None
    kept = filed.models.get(first.version)
    assert kept is not None
    assert kept.sha256 == in_use.card.sha256

    second = retrainer.run("schedule")
    assert (second.verdict, second.version, second.before) == ("kept", first.version, first.version)
    assert {reason.why for reason in second.reasons} == {"no_better"}
    assert filed.runs.recent(5) == (second, first)

    clock.advance(60)
    again = retrainer.registry.promote(in_use.model, replace(in_use.card, created_at=clock.now()))
    assert retrainer.registry.version() == again.version != first.version
    back = retrainer.roll_back()
    assert (back.verdict, back.version, back.before) == ("rolled_back", first.version, again.version)
    assert retrainer.registry.version() == first.version
    forth = retrainer.roll_back(again.version)
    assert forth.version == retrainer.registry.version() == again.version


def test_a_model_that_was_tampered_with_is_refused_unopened_and_the_one_in_use_stays(
    filed: Store, tmp_path: Path
) -> None:
    """Whoever may write to the database cannot run code here: checksum and signature come before the pickle."""
    retrainer = a_retrainer(filed, tmp_path)
    run = retrainer.run("hand")
    assert run.version is not None
    entry = filed.models.get(run.version)
    assert entry is not None
    evil = f"import pathlib; pathlib.Path({str(tmp_path / 'opened')!r}).touch()"
    artifact = b"cbuiltins\nexec\n(V" + evil.encode() + b"\ntR."
    filed.models.put(ModelEntry("foreign", END, entry.card, entry.sha256), artifact)
    with pytest.raises(ArtifactMismatch) as caught:
        retrainer.roll_back("foreign")
    assert caught.value.reason == "checksum"
    with pytest.raises(ArtifactMismatch) as caught:
        a_retrainer(filed, tmp_path / "other", key="another key").roll_back(run.version)
    assert caught.value.reason == "signature"
    assert not (tmp_path / "opened").exists()
    assert retrainer.registry.version() == run.version
    with pytest.raises(NoSuchModel):
        retrainer.roll_back(version(MIDNIGHT - timedelta(days=1), "000000"))


def test_with_too_little_history_the_champion_stays_and_the_record_says_why(store: Store, tmp_path: Path) -> None:
    """A new plant has nothing to learn from, and that is no failure."""
    retrainer = a_retrainer(store, tmp_path)
    empty = retrainer.run("schedule")
    assert (empty.verdict, [reason.about for reason in empty.reasons]) == ("kept", ["challengers"])
    assert empty.reasons[0].why == "no_history"


def test_one_run_at_a_time(store: Store, tmp_path: Path) -> None:
    """Whoever comes second is told; when the first process has died, after its lease."""
    clock = ManualClock(END)
    retrainer = a_retrainer(store, tmp_path, clock=clock)
    assert store.runs.take("somebody", now=clock.now(), lasts=timedelta(seconds=90))
    with pytest.raises(Busy):
        retrainer.run("hand")
    clock.advance(100)
    assert retrainer.run("hand").verdict == "kept"


def test_old_models_are_let_go_but_never_the_one_in_use(filed: Store, tmp_path: Path) -> None:
    """So many are kept as the setting says."""
    clock = ManualClock(END)
    retrainer = a_retrainer(filed, tmp_path, clock=clock, keep=2)
    retrainer.run("hand")
    champion = retrainer.registry.champion()
    assert champion is not None
    for _ in range(3):
        clock.advance(60)
        retrainer.registry.promote(champion.model, replace(champion.card, created_at=clock.now()))
    versions = [entry.version for entry in retrainer.registry.kept()]
    assert len(versions) == 2
    assert retrainer.registry.version() == versions[0]


class TestService:
    @pytest.fixture
    def env(self, mongo_uri: str, mongo_database: str, tmp_path: Path) -> Mapping[str, str]:
        return {
            "ENERGYTRACK_MONGO_URI": mongo_uri,
            "ENERGYTRACK_MONGO_DATABASE": mongo_database,
            "ENERGYTRACK_PLANT_FILE": str(ROOT / "plant.toml"),
            "ENERGYTRACK_ML_MODEL_FILE": str(tmp_path / "failure_model.pkl"),
            "ENERGYTRACK_ML_SIGNING_KEY": KEY,
        }

    def test_it_runs_what_was_missed_and_shows_what_came_of_it(
        self, env: Mapping[str, str], store: Store, tmp_path: Path
    ) -> None:
        """The first start retrains at once; with nothing stored the champion stays, and /metrics says so."""
        site = site_in(tmp_path)
        port = site.ports.retrain
        service = Service(
            name="retrain",
            purpose="under test",
            command=(sys.executable, "-m", "ml.retrain"),
            ready=HttpAnswers(f"http://127.0.0.1:{port}/healthz"),
            ports=("retrain",),
            env={**env, "ENERGYTRACK_METRICS_PORT": str(port)},
        )
        with started(service, site) as child:
            page = eventually(lambda: _page(port, 'retraining_runs_total{verdict="kept"} 1.0'), deadline=60)
            assert page is not None
            assert 'energytrack_retraining_reasons_total{why="no_history"} 1.0' in page
            assert "energytrack_retraining_last_success_timestamp_seconds" in page
            assert child.terminate() == 0
        assert [run.trigger for run in store.runs.recent(5)] == ["schedule"]

    def test_by_hand_it_says_what_came_of_it(
        self, env: Mapping[str, str], store: Store, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """`--now` and `list`."""
        main(env, ["--now"])
        assert "kept: no model is in use" in capsys.readouterr().out
        main(env, ["list"])
        assert "command" in capsys.readouterr().out


def _page(port: int, wanted: str) -> str | None:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=seconds_here(5)) as answer:
        page = str(answer.read().decode())
    return page if wanted in page else None
