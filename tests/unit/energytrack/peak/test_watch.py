"""Following the running quarter hour: by the ledger, and by live power since."""

import pytest

from energytrack.peak.forecast import ends_at_kw
from energytrack.peak.watch import QuarterWatch
from testkit.builders.ledger import a_day

DAY = a_day(measured_kwh={40: 1.0})
START = DAY.start + 40 * 900


def test_before_its_beginning_is_known_nothing_is_said() -> None:
    watch = QuarterWatch()
    watch.look(START + 120.0, 50_000.0)
    assert watch.running(START + 120.0) is None


def test_the_ledgers_energy_and_live_power_since_its_last_reading() -> None:
    """1 kWh until a minute ago, and 36 kW for a minute."""
    watch = QuarterWatch()
    now = START + 300.0
    watch.look(now, 36_000.0)
    watch.anchor(now, [a_day(measured_kwh={40: 1.0}, through=now - 60.0)], {"cnc-0007": 36_000.0})
    running = watch.running(now)
    assert running is not None
    assert running.kwh == pytest.approx(1.6)


def test_live_power_adds_up_in_between() -> None:
    watch = QuarterWatch()
    watch.look(START - 5.0, 36_000.0)
    for seconds in range(0, 65, 5):
        watch.look(START + seconds, 36_000.0)
    running = watch.running(START + 60.0)
    assert running is not None
    assert running.minute == 1
    assert running.kwh == pytest.approx(0.6)
    assert ends_at_kw(running) == pytest.approx(36.0)


def test_a_new_quarter_hour_is_noticed_and_begins_at_nothing() -> None:
    watch = QuarterWatch()
    watch.look(START - 5.0, 36_000.0)
    assert watch.look(START + 5.0, 36_000.0)
    assert not watch.look(START + 10.0, 36_000.0)
    running = watch.running(START + 10.0)
    assert running is not None
    assert running.kwh == pytest.approx(0.1)


def test_after_a_pause_the_beginning_is_not_known() -> None:
    watch = QuarterWatch()
    watch.look(START - 100.0, 36_000.0)
    watch.look(START + 5.0, 36_000.0)
    assert watch.running(START + 5.0) is None


def test_each_minute_keeps_its_first_forecast() -> None:
    watch = QuarterWatch()
    watch.look(START - 5.0, 60_000.0)
    for seconds in range(0, 180, 5):
        watch.look(START + seconds, 60_000.0)
    assert [forecast is not None for forecast in watch.forecasts[:4]] == [True, True, True, False]
