import pytest

from energytrack.ledger.day_prices import PriceOfDay
from energytrack.ledger.revising import carried_on, is_settled, revised
from energytrack.metering.limits import UsageHistory
from energytrack.metering.tally import recorded
from energytrack.metering.values import FormerRegister, Meter, MeterRecord, Register
from testkit import dates
from testkit.builders.ledger import a_day

PRICE = PriceOfDay((0.25,) * 96, "contract", (None,) * 96)


def a_meter(*, measured: float = 0.0, estimated: float = 0.0, register: Register | None = None) -> Meter:
    habits = UsageHistory(0.0, window_billed=95.0 + measured + estimated)
    record = MeterRecord(habits, opening=100.0, estimated=estimated)
    return Meter(1000.0, None, None, False, 1000.0, record, register, measured)


REGISTER = Register(10.0, 1000.0, 990.0)


def test_a_day_that_came_out_the_same_is_no_revision() -> None:
    old = a_day(revision=3)
    assert revised(a_day(through=old.through + 60), old, PRICE, at=dates.NOW, why="rebuild").revision == 3


def test_a_day_that_came_out_differently_says_what_counted_before_and_why() -> None:
    day = revised(a_day(measured_kwh=1.0), a_day(), PRICE, at=dates.NOW, why="late readings")
    assert (day.revision, day.sums().kwh) == (2, 96.0)
    assert (day.revisions[0].kwh_before, day.revisions[0].why) == (192.0, "late readings")


def test_a_new_price_is_no_reason_for_a_revision() -> None:
    new_price = PriceOfDay((0.5,) * 96, "new contract", (None,) * 96)
    day = revised(
        a_day(price_per_kwh=0.5, price_version="new contract"), a_day(), new_price, at=dates.NOW, why="rebuild"
    )
    assert day == a_day()


def test_a_meter_is_settled_when_no_later_reading_adds_to_the_time_before() -> None:
    meter = a_meter(register=REGISTER)
    assert is_settled(meter, 990.0)
    assert not is_settled(meter, 995.0)  # its next move reaches back to 990
    assert is_settled(a_meter(), 1000.0)
    assert not is_settled(None, 0.0)
    assert not is_settled(recorded(meter, former=FormerRegister(5.0, 980.0, 0.0)), 990.0)


def test_totals_that_counters_are_made_of_never_fall_and_what_is_new_is_added() -> None:
    live = a_meter(estimated=50.0, register=REGISTER)
    more = carried_on(a_meter(measured=60.0, register=REGISTER), live)
    assert (more.totals.billed, more.totals.estimated, more.totals.measured) == (160.0, 50.0, 10.0)
    less = carried_on(a_meter(measured=40.0, register=REGISTER), live)
    assert less.totals == live.totals
    assert less.totals.billed - less.record.habits.window_billed == pytest.approx(5.0)
