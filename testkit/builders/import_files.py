"""Files as meters and their portals write them, of made-up meters; one function for each format."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from testkit.dates import PLANT_ZONE

QUARTER = timedelta(minutes=15)


def midnight(day: date, zone: ZoneInfo = PLANT_ZONE) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def starts(first: date, days: int, *, step: timedelta = QUARTER, zone: ZoneInfo = PLANT_ZONE) -> list[datetime]:
    """The start of each interval of some local days, in UTC: 92, 96 or 100 quarter hours a day."""
    at, end, result = midnight(first, zone), midnight(first + timedelta(days=days), zone), []
    while at < end:
        result.append(at)
        at += step
    return result


def comma(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}f}".replace(".", ",")


def lines(*rows: str, end: str = "\n") -> str:
    return "".join(row + end for row in rows)


def trap(first: date, days: int, *, zone: ZoneInfo = PLANT_ZONE, kwh: float = 0.25) -> str:
    """Quarter hours labelled by their end; the row 00:00 has the date of the day that ends."""
    rows = []
    for at in starts(first, days, zone=zone):
        end = (at + QUARTER).astimezone(zone)
        rows.append(f"{at.astimezone(zone):%d.%m.%Y};{end:%H:%M};{comma(kwh)}")
    return lines("Zählpunkt: DE0001", "", "Datum;Zeit;Verbrauch [kWh]", *rows, f"Summe;;{comma(kwh * len(rows))}")


def columns(
    moments: Iterable[datetime], written: str, *, zone: ZoneInfo = PLANT_ZONE, heading: str = "Zeit;Verbrauch [kWh]",
    value: str = "0,250", separator: str = ";",
) -> str:  # fmt: skip
    """A row for each time, written in the zone, with one value."""
    return lines(heading, *(f"{at.astimezone(zone):{written}}{separator}{value}" for at in moments))


def counts(
    moments: Iterable[datetime], made: Iterable[float], *, heading: str = "time;parts",
    written: str = "%Y-%m-%dT%H:%M%z", zone: ZoneInfo = PLANT_ZONE,
) -> str:  # fmt: skip
    """Parts, or a counter of them, at each time."""
    rows = zip(moments, made, strict=False)
    return lines(heading, *(f"{at.astimezone(zone):{written}};{count:g}" for at, count in rows))


def price_stretches(
    moments: Iterable[datetime], prices: Iterable[float | None], *, step: timedelta = timedelta(hours=1),
    written: str = "%d.%m.%Y %H:%M", zone: ZoneInfo = PLANT_ZONE,
) -> str:  # fmt: skip
    """A day-ahead export: both ends of an interval in one cell, local time, EUR/MWh, `n/e` if there is none.

    Exchanges write dots or slashes; a day up to the twelfth, written with slashes, leaves the order open.
    """
    rows = []
    for at, price in zip(moments, prices, strict=False):
        begin, end = at.astimezone(zone), (at + step).astimezone(zone)
        value = "n/e" if price is None else f"{price:.2f}"
        rows.append(f"{begin:{written}} - {end:{written}},BZN|XX,{value}")
    return lines("MTU (CET/CEST),Area,Day-ahead Price (EUR/MWh)", *rows)


def vibration(
    *, seed: int = 0, amplitude: float = 1.0, separator: str = ",", heading: str | None = "Horizontal,Vertical",
    time_column: bool = False,
) -> str:  # fmt: skip
    """A tenth of a second of two channels at 25.6 kHz."""
    values = amplitude * np.random.default_rng(seed).normal(size=(2560, 2))
    stamps = [f"{i / 25_600:.8f}{separator}" if time_column else "" for i in range(len(values))]
    rows = [f"{at}{one:.6f}{separator}{other:.6f}" for at, (one, other) in zip(stamps, values.tolist(), strict=True)]
    return lines(*([] if heading is None else ["Time [s]," * time_column + heading]), *rows)


def wide(headings: Sequence[str], days: Iterable[tuple[str, Sequence[str]]], *, first: str = "Datum") -> str:
    """A file with a row for each day."""
    return lines(";".join([first, *headings]), *(";".join([day, *values]) for day, values in days))


def nem12(first: date, *days: float) -> str:
    """Half hours of one meter; a day has the same value throughout."""
    dated = [f"{first + timedelta(days=i):%Y%m%d}" for i in range(len(days))]
    taken = [f"300,{day},{','.join([str(kwh)] * 48)},A,,,{day}000000," for day, kwh in zip(dated, days, strict=True)]
    reactive = f"300,{dated[0]},{','.join(['9'] * 48)},A,,,,"
    return lines(
        "100,NEM12,200005280930,MDP1,RETAILER", "200,6305819020,E1Q1,E1,E1,N1,METERSER1,kWh,30,", *taken,
        "200,6305819020,E1Q1,Q1,Q1,N1,METERSER1,kVArh,30,", reactive, "900", end="\r\n",
    )  # fmt: skip


def telegram(at: datetime, low: float, high: float, *, zone: ZoneInfo = PLANT_ZONE) -> str:
    """A DSMR telegram without a checksum."""
    local = at.astimezone(zone)
    season = "S" if local.dst() else "W"
    return lines(
        "/ISk5\\2MT382-1000", "", "1-3:0.2.8(50)", f"0-0:1.0.0({local:%y%m%d%H%M%S}{season})",
        "0-0:96.1.1(4B384547303034303436333935353037)", f"1-0:1.8.1({low:010.3f}*kWh)", f"1-0:1.8.2({high:010.3f}*kWh)",
        "1-0:2.8.1(000000.000*kWh)", "1-0:1.7.0(00.494*kW)", "!", end="\r\n",
    )  # fmt: skip


def espi(moments: Sequence[datetime], watt_hours: float, *, power_of_ten: int = 0) -> str:
    """Green Button: hours of one usage point."""
    readings = "".join(
        f"<IntervalReading><timePeriod><duration>3600</duration><start>{int(at.timestamp())}</start></timePeriod>"
        f"<value>{watt_hours:g}</value></IntervalReading>"
        for at in moments
    )
    espi = 'xmlns="http://naesb.org/espi"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<entry><title>Hall 3</title><content><UsagePoint {espi}/></content></entry>"
        f"<entry><content><ReadingType {espi}><flowDirection>1</flowDirection>"
        f"<powerOfTenMultiplier>{power_of_ten}</powerOfTenMultiplier><uom>72</uom></ReadingType></content></entry>"
        f"<entry><content><IntervalBlock {espi}>{readings}</IntervalBlock></content></entry></feed>"
    )


def works_year(first: date, days: int, *, zone: ZoneInfo = PLANT_ZONE) -> str:
    """A steel works as in public data: days first, rows labelled by their end, 24:00 as 00:00 of the day that ends.

    Each working day melts 10 to 40 heats of 100 kWh, in its working hours.
    """
    rows = []
    for number in range(days):
        day = first + timedelta(days=number)
        heats = heats_of(day)
        for at in starts(day, 1, zone=zone):
            local, end = at.astimezone(zone), (at + QUARTER).astimezone(zone)
            kwh = 5.0 + (100.0 * heats / 40 if 8 <= local.hour < 18 else 0.0) + (number * 7 + local.hour) % 5 / 2
            kind = "Weekend" if day.weekday() >= 5 else "Weekday"
            since_midnight = (local.hour * 60 + local.minute + 15) % 1440 * 60
            rows.append(
                f"{day.day}/{day.month}/{day.year} {end:%H:%M},{kwh:.2f},{kwh / 3:.2f},0,{kwh * 4e-4:.2f},73.21,100,"
                f"{since_midnight},{kind},{day:%A},Light_Load"
            )
    reactive = "Lagging_Current_Reactive.Power_kVarh,Leading_Current_Reactive_Power_kVarh"
    factors = "Lagging_Current_Power_Factor,Leading_Current_Power_Factor"
    return lines(f"date,Usage_kWh,{reactive},CO2(tCO2),{factors},NSM,WeekStatus,Day_of_week,Load_Type", *rows)


def heats_of(day: date) -> int:
    """The number of heats that these works melted on a day: none on weekends."""
    return 0 if day.weekday() >= 5 else 10 + day.toordinal() * 13 % 31
