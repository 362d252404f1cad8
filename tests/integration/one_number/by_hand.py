"""Three days of two machines each, and what they used and cost, added up from the loads and the prices below."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from energytrack.bill.load import Month
from energytrack.ledger.local_days import midnight, quarter_count, utc
from energytrack.messages import Reading
from testkit.builders.messages import a_reading
from testkit.dates import CLOCKS_BACK, CLOCKS_FORWARD, MONDAY, PLANT_ZONE

MINUTE: Final = timedelta(minutes=1)
MORNING_PRICE: Final = 0.3137
AFTERNOON_PRICE: Final = 0.1891
"""From noon on."""
WH: Final = 0.0005
"""Half a watt hour, in kilowatt hours."""
CENT: Final = 0.005


@dataclass(frozen=True)
class CountedDay:
    """A day of two machines, and what they used in each quarter hour, by hand."""

    date: date
    even: str
    """A machine that uses 1.537 kWh in each quarter hour; no reading comes from 11:15 to 12:45."""
    uneven: str
    """One that uses more from hour to hour; its register leaps, and people decide."""

    @property
    def start(self) -> datetime:
        return utc(midnight(self.date, PLANT_ZONE))

    @property
    def quarters(self) -> int:
        return quarter_count(self.date, PLANT_ZONE)

    def at(self, clock: str) -> datetime:
        """An instant of the day by the clock on the wall."""
        hour, minute = map(int, clock.split(":"))
        return datetime(self.date.year, self.date.month, self.date.day, hour, minute, tzinfo=PLANT_ZONE)

    def quarter_of(self, clock: str) -> int:
        return round((self.at(clock).timestamp() - self.start.timestamp()) / 900.0)

    def used(self, device_id: str, index: int) -> float:
        """What the register says of a quarter hour."""
        return 1.537 if device_id == self.even else 0.211 + 0.0130 * (index // 4)


ORDINARY: Final = CountedDay(MONDAY, "cnc-0001", "press-0001")
SHORT: Final = CountedDay(CLOCKS_FORWARD, "cnc-0002", "press-0002")
LONG: Final = CountedDay(CLOCKS_BACK, "cnc-0003", "press-0003")
DAYS: Final = tuple(sorted((ORDINARY, SHORT, LONG), key=lambda day: day.date))
NAMES: Final = {ORDINARY: "ordinary", SHORT: "23 hours", LONG: "25 hours"}
ACCEPTED: Final = 212.5
"""Kilowatt hours of a leap at 08:05 of which somebody says that they were used."""
REJECTED: Final = 333.0
"""Of one at 09:35 of which somebody says that they were not: with them goes what was used in those five minutes."""
UNDECIDED: Final = 444.0
"""Of one at 10:35 of which nobody has said anything, likewise."""
MENDED: Final = 47.125
"""What somebody entered for the hour from 14:00."""


def readings(day: CountedDay, device_id: str) -> Iterator[Reading]:
    """A reading each five minutes, whose register shows watt hours and rises evenly within a quarter hour."""
    register = 48_211.0
    leaps = {day.at("08:05"): ACCEPTED, day.at("09:35"): REJECTED, day.at("10:35"): UNDECIDED}
    for third in range(3 * day.quarters + 1):
        at = day.start + third * 5 * MINUTE
        if device_id == day.uneven:
            register += leaps.get(at.astimezone(PLANT_ZONE), 0.0)
        if device_id == day.uneven or not day.at("11:15") < at < day.at("12:45"):
            yield a_reading(device_id, timestamp=at, energy_kwh=round(register, 6))
        register += day.used(device_id, third // 3) / 3.0


def quarters_by_hand(day: CountedDay) -> Mapping[str, list[float]]:
    """What counts in each quarter hour of each machine."""
    used = {name: [day.used(name, index) for index in range(day.quarters)] for name in (day.even, day.uneven)}
    used[day.uneven][day.quarter_of("08:00")] += ACCEPTED
    for leapt in (day.quarter_of("09:30"), day.quarter_of("10:30")):
        used[day.uneven][leapt] *= 2.0 / 3.0
    for index in range(day.quarter_of("14:00"), day.quarter_of("15:00")):
        used[day.uneven][index] = MENDED / 4.0
    return used


def bands_by_hand(day: CountedDay) -> tuple[float, float]:
    """Kilowatt hours of the plant before noon, and from noon on."""
    noon = day.quarter_of("12:00")
    machines = quarters_by_hand(day).values()
    return sum(sum(each[:noon]) for each in machines), sum(sum(each[noon:]) for each in machines)


def kwh_by_hand(day: CountedDay) -> float:
    return sum(bands_by_hand(day))


def cost_by_hand(day: CountedDay) -> float:
    morning, afternoon = bands_by_hand(day)
    return morning * MORNING_PRICE + afternoon * AFTERNOON_PRICE


def in_month(month: Month) -> list[CountedDay]:
    return [day for day in DAYS if Month.of(day.date) == month]


def used_of(days: Sequence[CountedDay]) -> tuple[float, float]:
    """Kilowatt hours and their cost, by hand."""
    return sum(map(kwh_by_hand, days)), sum(map(cost_by_hand, days))


def used_between(first: date, last: date) -> tuple[float, float]:
    """By hand, of the days from `first` to `last`, both included."""
    return used_of([day for day in DAYS if first <= day.date <= last])
