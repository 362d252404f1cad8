"""The energy ledger: its cost for the historian, its size, and the time to read a year of a plant.

`python -m bench.ledger` prints a table. It starts its own database.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from bson import encode as to_bson
from msgspec.structs import replace

from control_api.devices.cache import FleetCache
from control_api.devices.service import DeviceService
from control_api.energy.service import EnergySelection, EnergyService
from energytrack.clock import SystemClock
from energytrack.ledger.documents import to_document
from energytrack.ledger.local_days import date_at, midnight, utc
from energytrack.ledger.rollup import DaySums, MonthSums
from energytrack.ledger.sums import total
from energytrack.machines.state import MachineState
from energytrack.messages import Reading
from energytrack.metering.step import step
from energytrack.metering.values import Meter
from energytrack.plant import Place, Plant, load_plant
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.open import open_store
from energytrack.store.telemetry.openings import Opening
from historian.ledger.files import LedgerFiles
from historian.ledger.machine_energy import MachineEnergy
from historian.rebuild import rebuild
from testkit.stack.servers import mongo_running, site_in

MACHINES: Final = 300
SECONDS: Final = 200
FIRST: Final = date(2026, 1, 1)
YEARS: Final = 5
PLACE: Final = Place("cnc_machine", "machining-a")


def readings(machine: int, seconds: int, *, every: int = 1) -> Sequence[Reading]:
    """Readings of a machine whose load and state change, and whose register has three decimals."""
    start = datetime(2026, 1, 5, 8, tzinfo=UTC)
    kwh, made_readings = 1000.0 * machine, []
    for n in range(0, seconds, every):
        working = (n // 40 + machine) % 3 > 0
        current = 14.0 + 0.01 * (n * 7919 % 500) if working else 4.0
        kwh += current * 0.6 * every / 3600.0
        made_readings.append(
            Reading(
                f"cnc-{machine:04d}", start + timedelta(seconds=n), 61.5, 5.3, current, PLACE.device_type, PLACE.line,
                round(kwh, 3), "running" if working else "idle",
            )
        )  # fmt: skip
    return made_readings


def microseconds(plant: Plant, files: LedgerFiles, batch: Sequence[Reading]) -> tuple[float, float]:
    """Processor time per reading in microseconds: of the meter alone, and of meter and ledger."""
    limits = plant.limits("cnc-0001", PLACE.device_type)
    alone, both = [], []
    for _ in range(3):
        meter: Meter | None = None
        began = time.process_time()
        for reading in batch:
            meter = step(meter, reading, limits).meter
        alone.append(time.process_time() - began)
        machine = files.machine("cnc-0001", None)
        began = time.process_time()
        for reading in batch:
            machine.take(reading, limits)
        both.append(time.process_time() - began)
    return min(alone) / len(batch) * 1e6, min(both) / len(batch) * 1e6


def storing(plant: Plant, files: LedgerFiles) -> tuple[float, float]:
    """Milliseconds to store a machine's ledger: processor time, and time by the clock."""
    machines: list[MachineEnergy] = []
    for number in range(MACHINES):
        machine = files.machine(f"cnc-{number:04d}", None)
        for reading in readings(number, 8 * 3600, every=60):
            machine.take(reading, plant.limits(reading.device_id, reading.device_type))
        machines.append(machine)
    files.store(machines)
    for machine in machines:
        for day in machine.days:
            day.changed = True
    cpu, clock = time.process_time(), time.perf_counter()
    for start in range(0, MACHINES, 50):
        files.store(machines[start : start + 50])
    return (time.process_time() - cpu) / MACHINES * 1e3, (time.perf_counter() - clock) / MACHINES * 1e3


def a_year(store: Store, plant: Plant, files: LedgerFiles) -> int:
    """Store sums of a year of the plant; returns the bytes of one machine's day."""
    machine = files.machine("cnc-0001", None)
    for reading in readings(1, 86_400, every=10):
        machine.take(reading, plant.limits("cnc-0001", PLACE.device_type))
    (first, *_) = sorted((day.day() for day in machine.days), key=lambda day: day.date)
    sums = first.sums()
    for month in range(1, 13):
        dates = [date(2026, month, day) for day in range(1, 29)]
        for number in range(MACHINES):
            days = [DaySums(f"cnc-{number:04d}", day, PLACE, sums) for day in dates]
            months = [MonthSums(f"cnc-{number:04d}", 2026, month, PLACE, total(each.sums for each in days))]
            store.rollups.put(days, months)
    store.ledger.put([
        replace(first, device_id=f"cnc-{number:04d}", date=day, start=midnight(day, plant.zone))
        for number in range(20) for day in (FIRST + timedelta(days=n) for n in range(60))
    ])  # fmt: skip
    return len(to_bson(to_document(first)))


def service(store: Store, plant: Plant) -> EnergyService:
    """The service behind /api/energy."""
    clock = SystemClock()
    devices = DeviceService(
        store=store, plant=plant, clock=clock, silent_after=timedelta(seconds=10),
        cache=FleetCache(store.devices.all, clock, within=store.within),
        held=FleetCache(lambda: ({}, {}), clock, within=store.within),
    )  # fmt: skip
    return EnergyService(store=store, plant=plant, devices=devices, clock=clock, new_id=str)


def recounting(store: Store, plant: Plant, *, every: int = 10) -> tuple[int, float, float]:
    """Recount one machine's day; returns the number of readings, seconds to read them, and seconds in all."""
    clock = SystemClock()
    yesterday = date_at(clock.now().timestamp(), plant.zone) - timedelta(days=1)
    start = utc(midnight(yesterday, plant.zone))
    day = readings(1, 86_400, every=every)
    shift = start - day[0].timestamp
    day = [replace(each, timestamp=each.timestamp + shift) for each in day]
    for first in range(0, len(day), 2000):
        store.readings.put(day[first : first + 2000])
    store.devices.put([MachineState(day[0].device_id, reading=day[-1])], clock.now())
    store.openings.put([Opening(day[0].device_id, yesterday, None)])
    began = time.perf_counter()
    count = sum(1 for _ in store.readings.stream([day[0].device_id], since=start, until=clock.now()))
    reading = time.perf_counter() - began
    began = time.perf_counter()
    list(rebuild(store, plant, clock, yesterday, yesterday, devices=[day[0].device_id]))
    return count, reading, time.perf_counter() - began


def main() -> None:
    """Measure, and print the results."""
    argparse.ArgumentParser(prog="python -m bench.ledger", description=__doc__).parse_args()
    plant = load_plant(Path("plant.toml"))
    with tempfile.TemporaryDirectory() as folder:
        site = site_in(Path(folder))
        with mongo_running(site):
            uri = f"mongodb://{site.address(site.ports.mongo)}"
            settings = MongoSettings.from_env({"ENERGYTRACK_MONGO_URI": uri})
            with closing(open_store(settings)) as store:
                store.prepare()
                files = LedgerFiles(store, plant, clock=SystemClock(), persist=lambda action: action())
                batch = readings(1, 20_000)
                alone, both = microseconds(plant, files, batch)
                cpu, clock = storing(plant, files)
                size = a_year(store, plant, files)
                energy = service(store, plant)
                began = time.perf_counter()
                rows = list(
                    energy.rows(FIRST, date(2026, 12, 31), by="line", resolution="month", selection=EnergySelection())
                )
                year = time.perf_counter() - began
                began = time.perf_counter()
                days = list(store.rollups.days(date(2026, 3, 1), date(2026, 3, 31)))
                month = time.perf_counter() - began
                count, reading, recount = recounting(store, plant)
    per_second = 3000 * (both - alone) / 1e6
    print(f"meter alone {alone:.1f} us a reading, with the ledger {both:.1f} us")
    print(f"storing one machine: {cpu:.2f} ms of our processor, {clock:.2f} ms by the clock")
    for machines, each in ((300, 10), (3000, 1)):
        cores = per_second + machines / 60 * cpu / 1e3
        print(f"ledger at 3,000 readings/s, {machines} machines at {each}/s: {cores:.3f} cores of the historian")
    whole = size * MACHINES * 365 * YEARS
    print(f"a day of a machine: {size} bytes; {MACHINES} machines, {YEARS} years: {whole / 1e9:.2f} GB of documents")
    print(f"a year by month, {MACHINES} machines: {len(rows)} rows in {year * 1e3:.0f} ms")
    minutes = MACHINES * recount / 60
    print(f"counting a day again, {count:,} readings of a machine: {recount:.1f} s, {reading:.1f} s to read them;")
    print(f"  {MACHINES} machines at a reading each 10 s: {minutes:.0f} min; at one a second: {10 * minutes:.0f} min")
    print(f"a month by day, {MACHINES} machines: {len(days)} sums in {month * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
