from collections.abc import Mapping
from datetime import timedelta

import pytest

from energytrack.metering.values import Meter
from energytrack.store.telemetry.events import LatestEvent
from energytrack.topics import EVENTS, INSIGHTS, READINGS
from exporters.machines.fleet import Fleet
from testkit.builders.messages import NOW, a_command, a_reading, an_event, an_insight
from testkit.exporters.devices import PATIENCE, PLANT, a_fleet, after, deliver, record_of, samples


def test_a_device_that_left_keeps_the_time_of_its_last_reading_for_a_day() -> None:
    fleet = a_fleet(a_reading())
    later = NOW + PATIENCE.gone + timedelta(seconds=1)
    assert samples(fleet, "temperature_celsius", NOW + PATIENCE.gone) == {("cnc-0007",): 61.5}
    assert samples(fleet, "temperature_celsius", later) == {}
    assert samples(fleet, "energy_joules_total", later) == {}
    assert samples(fleet, "last_reading_timestamp_seconds", later) == {("cnc-0007",): NOW.timestamp()}
    assert samples(fleet, "info", later) == {("cnc-0007",): 1.0}
    assert samples(fleet, "info", NOW + PATIENCE.forgotten + timedelta(seconds=1)) == {}


def test_a_device_that_comes_back_goes_on_counting() -> None:
    fleet = a_fleet(a_reading(energy_kwh=10.0))
    back = NOW + PATIENCE.gone * 3
    deliver(fleet, [record_of(a_reading(timestamp=back, energy_kwh=10.5))], back)
    assert samples(fleet, "energy_joules_total", back) == {("cnc-0007",): 10.5 * 3.6e6}


def test_old_timestamps_do_not_make_a_device_that_sends_now_disappear() -> None:
    """A replay that keeps its timestamps, or a backlog after an outage, shows."""
    fleet = a_fleet(a_reading(timestamp=NOW - timedelta(days=400)), now=NOW)
    assert samples(fleet, "temperature_celsius") == {("cnc-0007",): 61.5}


def test_a_forgotten_device_leaves_the_memory_too() -> None:
    fleet = a_fleet(a_reading(), an_event(device_id="never-reads"))
    fleet.forget(NOW + PATIENCE.forgotten)
    assert samples(fleet, "info") == {("cnc-0007",): 1.0}
    fleet.forget(NOW + PATIENCE.forgotten + timedelta(seconds=1))
    assert samples(fleet, "info") == {}


def test_devices_whose_partition_moved_are_dropped_at_once() -> None:
    fleet = a_fleet()
    deliver(fleet, [record_of(a_reading("cnc-0001"), partition=1), record_of(a_reading("cnc-0002"), partition=2)], NOW)
    fleet.keep(frozenset({(READINGS, 2), (INSIGHTS, 1), (EVENTS, 1)}))
    assert samples(fleet, "info") == {("cnc-0002",): 1.0}


def test_a_device_without_a_reading_does_not_show_but_its_events_are_not_lost() -> None:
    fleet = a_fleet(an_event("failure"))
    assert samples(fleet, "failures_total") == {}
    deliver(fleet, [record_of(a_reading(timestamp=after(1)))], after(1))
    assert samples(fleet, "failures_total") == {("cnc-0007",): 1.0}


def test_an_insight_that_is_not_renewed_disappears_and_so_do_its_recommendations() -> None:
    fleet = a_fleet(a_reading(), an_insight())
    assert samples(fleet, "failure_probability_ratio") == {("cnc-0007",): 0.83}
    later = NOW + PATIENCE.insight + timedelta(seconds=1)
    deliver(fleet, [record_of(a_reading(timestamp=later))], later)
    assert samples(fleet, "failure_probability_ratio", later) == {}
    assert samples(fleet, "recommendation_active", later) == {}
    assert ("cnc-0007", "inspect_24h") in samples(fleet, "recommendations_total", later)


def test_several_messages_of_a_device_in_one_batch_build_on_each_other() -> None:
    fleet = a_fleet(a_reading(energy_kwh=1.0), an_insight(), a_reading(timestamp=after(60), energy_kwh=1.1))
    assert samples(fleet, "energy_joules_total", after(60)) == {("cnc-0007",): 1.1 * 3.6e6}
    assert samples(fleet, "failure_predicted", after(60)) == {("cnc-0007",): 1.0}


def test_orders_themselves_are_no_news_of_a_device() -> None:
    assert samples(a_fleet(a_command()), "info") == {}


def test_a_device_that_misses_two_intervals_is_silent_and_draws_nothing_that_anybody_knows_of() -> None:
    """At least ten seconds, by our own clock; the last reported state is kept."""
    fleet = a_fleet(a_reading())
    assert samples(fleet, "silent", after(10)) == {("cnc-0007",): 0.0}
    assert samples(fleet, "silent", after(10.5)) == {("cnc-0007",): 1.0}
    assert samples(fleet, "power_watts", after(10)) != {}
    assert samples(fleet, "power_watts", after(10.5)) == {}
    assert samples(fleet, "state", after(10.5)) == samples(fleet, "state", after(10))


def test_a_device_that_sends_rarely_is_silent_later() -> None:
    fleet = a_fleet(a_reading())
    for seconds in (60, 120, 180):
        deliver(fleet, [record_of(a_reading(timestamp=after(seconds)))], after(seconds))
    assert samples(fleet, "silent", after(180 + 119)) == {("cnc-0007",): 0.0}
    assert samples(fleet, "silent", after(180 + 121)) == {("cnc-0007",): 1.0}


def test_a_reading_of_last_year_makes_nobody_silent() -> None:
    """History has no last reading; a machine that sends now has one."""
    fleet = a_fleet(a_reading(timestamp=NOW - timedelta(days=400)), now=NOW)
    assert samples(fleet, "last_reading_timestamp_seconds") == {}
    fleet = a_fleet(a_reading(timestamp=NOW - timedelta(hours=3)), now=NOW)
    assert samples(fleet, "last_reading_timestamp_seconds") == {("cnc-0007",): (NOW - timedelta(hours=3)).timestamp()}


def test_a_meter_goes_on_where_it_was_left() -> None:
    """After a restart the counter shows what it showed, also where the meter was exchanged since."""
    readings = [
        a_reading(timestamp=NOW + timedelta(minutes=n), energy_kwh=kwh)
        for n, kwh in enumerate([48211.0, 12.3, 12.5, 12.7, 12.9])
    ]
    before = a_fleet(*readings[:4])
    kept = before.snapshot(NOW).known[0].meter
    assert kept is not None
    after = Fleet(PLANT, PATIENCE, stored=lambda ids: dict.fromkeys(ids, kept))
    deliver(after, [record_of(reading) for reading in readings[2:]], NOW)
    ((_, joules),) = samples(after, "energy_joules_total").items()
    assert joules == pytest.approx(48211.6 * 3.6e6)


def test_no_counter_is_shown_until_the_store_has_told_how_the_meter_was_left() -> None:
    """Counters that begin at the register now and go on from the meter later would fall, or leap by a lifetime."""
    exchanged = [
        a_reading(timestamp=after(60 * n), energy_kwh=kwh) for n, kwh in enumerate([48211.0, 12.3, 12.5, 12.7])
    ]
    kept = a_fleet(*exchanged).snapshot(NOW).known[0].meter
    answers: list[Mapping[str, Meter | None]] = [{}, {}, {"cnc-0007": kept}]
    fleet = Fleet(PLANT, PATIENCE, stored=lambda _: answers.pop(0))
    for second, kwh in ((240, 12.8), (241, 12.8)):
        deliver(fleet, [record_of(a_reading(timestamp=after(second), energy_kwh=kwh))], after(second))
        for name in ("energy_joules_total", "idle_energy_joules_total", "energy_by_verdict_joules_total"):
            assert samples(fleet, name, after(second)) == {}
        assert samples(fleet, "power_watts", after(second)) != {}
    for second, kwh in ((300, 12.9), (301, 12.9)):
        deliver(fleet, [record_of(a_reading(timestamp=after(second), energy_kwh=kwh))], after(second))
    ((_, joules),) = samples(fleet, "energy_joules_total", after(301)).items()
    assert joules == pytest.approx(48211.6 * 3.6e6)
    assert answers == []


def test_a_retired_device_disappears_at_once_and_begins_again_when_it_sends_again() -> None:
    fleet = a_fleet(a_reading(energy_kwh=10.0), a_reading("cnc-0008"))
    deliver(fleet, [record_of(an_event("machine_retired", timestamp=after(1)))], after(1))
    assert samples(fleet, "info", after(1)) == {("cnc-0008",): 1.0}
    assert samples(fleet, "last_reading_timestamp_seconds", after(1)) == {("cnc-0008",): NOW.timestamp()}
    deliver(
        fleet,
        [record_of(an_event("machine_retired", timestamp=after(2))), record_of(a_reading(timestamp=after(3)))],
        after(3),
    )
    assert ("cnc-0007",) in samples(fleet, "info", after(3))


def test_what_happened_before_the_exporter_started_is_shown_and_counts_nothing() -> None:
    failed = LatestEvent("cnc-0007", "failure", "bearing_wear", NOW - timedelta(hours=2))
    fleet = Fleet(PLANT, PATIENCE, past=lambda _: {"cnc-0007": [failed]})
    deliver(fleet, [record_of(a_reading())], NOW)
    assert samples(fleet, "last_failure_timestamp_seconds") == {("cnc-0007", "bearing_wear"): failed.at.timestamp()}
    assert samples(fleet, "failures_total") == {("cnc-0007",): 0.0}


def test_the_past_is_asked_for_until_the_store_answers_and_then_never_again() -> None:
    repaired = LatestEvent("cnc-0007", "maintenance_done", "bearing", NOW - timedelta(days=3))
    answers: list[dict[str, list[LatestEvent]]] = [{}, {"cnc-0007": [repaired]}]
    fleet = Fleet(PLANT, PATIENCE, past=lambda _: answers.pop(0))
    deliver(fleet, [record_of(a_reading())], NOW)
    assert samples(fleet, "last_maintenance_timestamp_seconds") == {}
    for second in (1, 2):
        deliver(fleet, [record_of(a_reading(timestamp=after(second)))], after(second))
    assert samples(fleet, "last_maintenance_timestamp_seconds") == {("cnc-0007", "bearing"): repaired.at.timestamp()}
    assert answers == []


def test_a_batch_is_shown_once_it_is_committed() -> None:
    """A process that is killed before that has shown nothing that the next one does not show from its start."""
    fleet = a_fleet(a_reading(energy_kwh=10.0))
    fleet.fold([record_of(a_reading(timestamp=after(1), energy_kwh=10.1))], after(1))
    fleet.fold([record_of(an_event("machine_retired", timestamp=after(2)))], after(2))
    assert [state.reading for state in fleet.snapshot(after(2)).known] == [a_reading(energy_kwh=10.0)]
    fleet.show()
    assert fleet.snapshot(after(2)).known == ()
    deliver(fleet, [record_of(a_reading(timestamp=after(3)))], after(3))
    assert len(fleet.snapshot(after(3)).known) == 1


def test_a_device_that_moved_before_its_batch_was_committed_is_not_shown() -> None:
    """A commit that fails because partitions moved: the other replica shows the device."""
    fleet = a_fleet(a_reading())
    fleet.fold([record_of(a_reading(timestamp=after(1)))], after(1))
    fleet.keep(frozenset())
    fleet.show()
    assert fleet.snapshot(after(1)).known == ()
