"""What retraining may rely on of the store, on a real database."""

from datetime import datetime, timedelta

from energytrack.store import Store
from energytrack.store.learning.models import ModelEntry, ModelInUse
from energytrack.store.learning.runs import Run, RunReason
from testkit.builders.messages import NOW, a_reading

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def ms(moment: datetime) -> int:
    """As buckets are numbered."""
    return round(moment.timestamp() * 1000)


def a_run(run_id: str = "01RUN", **fields: object) -> Run:
    given: dict[str, object] = {
        "trigger": "hand", "started_at": NOW, "finished_at": NOW + MINUTE, "verdict": "kept", "version": "v1",
        "before": "v1", "events": 4, "reasons": (RunReason("too_few_events", "random forest", "4 failures"),),
    }  # fmt: skip
    return Run(run_id=run_id, **(given | fields))  # type: ignore[arg-type]


class TestMeans:
    def test_a_reading_on_the_dot_completes_its_bucket_and_one_after_it_opens_the_next(self, store: Store) -> None:
        """As in the live window: bucket k of a minute holds (k - 1, k]."""
        moments = [NOW, NOW + timedelta(milliseconds=1), NOW + MINUTE, NOW + MINUTE + timedelta(seconds=1)]
        store.readings.put([a_reading(timestamp=at, temperature=50.0 + i) for i, at in enumerate(moments)])
        (means,) = store.readings.means(["cnc-0007"], ["temperature"], since=NOW - MINUTE, until=NOW + 2 * MINUTE)
        assert list(means.end_ms) == [ms(NOW), ms(NOW + MINUTE), ms(NOW + 2 * MINUTE)]
        assert list(means.signals["temperature"]) == [50.0, 51.5, 53.0]

    def test_lost_values_count_for_nothing_and_further_signals_come_along(self, store: Store) -> None:
        """None where nothing is known; a reading filed twice counts once."""
        store.readings.put(
            [
                a_reading(timestamp=NOW - timedelta(seconds=2), temperature=None, signals={"vibration x": 2.0}),
                a_reading(timestamp=NOW - timedelta(seconds=1), temperature=40.0, signals={"vibration x": 4.0}),
                a_reading(timestamp=NOW - timedelta(seconds=1), temperature=40.0, signals={"vibration x": 4.0}),
                a_reading(timestamp=NOW + timedelta(seconds=1), temperature=None),
            ]
        )
        asked = ["temperature", "vibration x"]
        (means,) = store.readings.means(["cnc-0007"], asked, since=NOW - HOUR, until=NOW + HOUR)
        assert means.signals == {"temperature": [40.0, None], "vibration x": [3.0, None]}

    def test_days_and_devices_come_one_after_the_other(self, store: Store) -> None:
        """So that neither side holds more than a day of one machine."""
        for day in range(3):
            store.readings.put([a_reading(name, timestamp=NOW + timedelta(days=day)) for name in ("a", "b")])
        since, until = NOW - HOUR, NOW + timedelta(days=3)
        found = list(store.readings.means(["a", "b", "c"], ["current"], since=since, until=until))
        assert [(part.device_id, len(part.end_ms)) for part in found] == [("a", 1)] * 3 + [("b", 1)] * 3

    def test_the_reach_of_a_device_is_its_first_and_last_reading(self, store: Store) -> None:
        """None where there is none."""
        store.readings.put([a_reading(timestamp=NOW + n * HOUR) for n in (0, 5, 50)])
        since, until = NOW - timedelta(days=80), NOW + timedelta(days=3)
        assert store.readings.reach("cnc-0007", since=since, until=until) == (NOW, NOW + 50 * HOUR)
        assert store.readings.reach("cnc-0008", since=since, until=until) is None


class TestModelsAndTheirFiles:
    def test_a_dropped_model_leaves_neither_card_nor_file(self, store: Store) -> None:
        """The others stay."""
        for version in ("v1", "v2"):
            store.models.put(ModelEntry(version, NOW, "{}", "0" * 64), version.encode())
        store.models.drop(["v1"])
        assert (store.models.get("v1"), store.models.artifact("v1")) == (None, None)
        kept = store.models.get("v2")
        assert kept is not None
        assert (kept.version, store.models.artifact("v2")) == ("v2", b"v2")

    def test_one_model_is_in_use(self, store: Store) -> None:
        """None at first; then the one that was named last, with the moment."""
        assert store.models.in_use() is None
        store.models.use("v1", now=NOW)
        store.models.use("v2", now=NOW + MINUTE)
        assert store.models.in_use() == ModelInUse("v2", NOW + MINUTE)


class TestRuns:
    def test_a_record_comes_back_as_it_was_newest_first(self, store: Store) -> None:
        """With every reason in words."""
        first, second = a_run("01A"), a_run("01B", verdict="promoted", version="v2")
        store.runs.add(first)
        store.runs.add(second)
        assert store.runs.recent(5) == (second, first)
        assert store.runs.last("kept") == first
        assert store.runs.last("rolled_back") is None

    def test_runs_are_counted_by_verdict_and_reasons_by_kind(self, store: Store) -> None:
        """Over all of time, so that counters only ever rise."""
        for number, verdict in enumerate(("kept", "kept", "failed")):
            store.runs.add(a_run(f"01{number}", verdict=verdict))
        assert store.runs.counts() == ({"kept": 2, "failed": 1}, {"too_few_events": 3})

    def test_one_at_a_time_until_it_leaves_or_its_lease_ends(self, store: Store) -> None:
        """A process that died holds nobody up for long."""
        lasts = timedelta(minutes=1)
        assert store.runs.take("one", now=NOW, lasts=lasts)
        assert not store.runs.take("two", now=NOW, lasts=lasts)
        assert store.runs.take("one", now=NOW + MINUTE / 2, lasts=lasts)
        assert not store.runs.take("two", now=NOW + MINUTE, lasts=lasts)
        assert store.runs.take("two", now=NOW + 2 * MINUTE, lasts=lasts)
        store.runs.leave("one")  # it is not its any more
        assert not store.runs.take("one", now=NOW + 2 * MINUTE, lasts=lasts)
        store.runs.leave("two")
        assert store.runs.take("one", now=NOW + 2 * MINUTE, lasts=lasts)


class TestMinutes:
    DAYS = timedelta(days=4)

    def kept(self, store: Store, *signals: str, settled: datetime = NOW + DAYS) -> list[tuple[int, object]]:
        """All minutes of the machine with the first signal."""
        found = store.minutes.means(["cnc-0007"], signals, since=NOW - HOUR, until=NOW + self.DAYS, settled=settled)
        return [pair for part in found for pair in zip(part.end_ms, part.signals[signals[0]], strict=True)]

    def test_they_are_those_of_the_readings_the_first_time_and_ever_after(self, store: Store) -> None:
        """Whole days from what was kept, the parts at both ends from the readings."""
        store.readings.put([a_reading(timestamp=NOW + n * 7 * HOUR, temperature=50.0 + n) for n in range(12)])
        plain = [
            pair
            for part in store.readings.means(["cnc-0007"], ["temperature"], since=NOW - HOUR, until=NOW + self.DAYS)
            for pair in zip(part.end_ms, part.signals["temperature"], strict=True)
        ]
        assert self.kept(store, "temperature") == plain
        assert self.kept(store, "temperature") == plain
        assert len(plain) == 12

    def test_a_day_that_is_over_is_summed_up_once(self, store: Store) -> None:
        """What comes for it afterwards is too late; what comes for one that has not settled is not."""
        store.readings.put([a_reading(timestamp=NOW + n * 24 * HOUR) for n in range(4)])
        settled = NOW + timedelta(days=2, hours=-1)
        assert len(self.kept(store, "temperature", settled=settled)) == 4
        store.readings.put([a_reading(timestamp=NOW + n * 24 * HOUR + HOUR) for n in range(4)])
        moments = [end for end, _ in self.kept(store, "temperature", settled=settled)]
        late = [n for n in range(4) if ms(NOW + n * 24 * HOUR + HOUR) in moments]
        assert late == [0, 2, 3]

    def test_a_signal_that_is_new_is_summed_up_again(self, store: Store) -> None:
        """A plant has added a sensor, or looks at one for the first time."""
        store.readings.put([a_reading(timestamp=NOW + 24 * HOUR, signals={"flow": 2.0})])
        assert [value for _, value in self.kept(store, "temperature")] == [61.5]
        assert [value for _, value in self.kept(store, "flow", "temperature")] == [2.0]
        assert [value for _, value in self.kept(store, "temperature")] == [61.5]

    def test_old_days_are_let_go(self, store: Store) -> None:
        """They do not expire by themselves: they may be kept longer than readings."""
        store.readings.put([a_reading(timestamp=NOW + n * 24 * HOUR) for n in range(4)])
        self.kept(store, "temperature")
        assert store.minutes.drop(before=NOW + timedelta(days=2)) == 2
        assert store.minutes.drop(before=NOW + timedelta(days=2)) == 0
