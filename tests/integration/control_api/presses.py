"""Presses that idled at night, in the ledger of the plant under test."""

from datetime import date, timedelta

from energytrack.baselines.energy import OffShift
from testkit.builders.ledger import a_day, a_press_day
from tests.integration.control_api.conftest import ApiUnderTest

PRESS = "press-0003"
ONE = timedelta(days=1)


def today(plant: ApiUnderTest) -> date:
    return plant.services.baselines.today()


def ran(plant: ApiUnderTest, first: date, days: int, *, idle_kwh: float = 1.0, device_id: str = PRESS) -> None:
    """The press worked in its shifts, and used that much in each quarter hour out of shift."""
    mask = OffShift(plant.services.plant)
    dates = [first + n * ONE for n in range(days)]
    plant.services.store.ledger.put(
        [
            a_press_day(device_id, day, off_shift=mask(a_day(device_id, day, line="press-shop")), idle_kwh=idle_kwh)
            for day in dates
        ]
    )


def off_shift_quarters(plant: ApiUnderTest, first: date, days: int) -> int:
    """How many quarter hours of some days are out of shift: more where a holiday is among them."""
    mask = OffShift(plant.services.plant)
    return sum(sum(mask(a_day(PRESS, first + n * ONE, line="press-shop"))) for n in range(days))


def idled_for_weeks(plant: ApiUnderTest) -> None:
    """Eight weeks up to yesterday."""
    ran(plant, today(plant) - 56 * ONE, 56)


def later(plant: ApiUnderTest, days: int) -> None:
    plant.clock.advance(days * 86_400.0)
