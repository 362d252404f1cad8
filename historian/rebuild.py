"""`python -m historian rebuild`: the energy ledger of past days, recounted from the readings."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from energytrack.bill.imported import ImportedPrices
from energytrack.clock import Clock, SystemClock
from energytrack.errors import EnergyTrackError
from energytrack.ledger.day import Day
from energytrack.ledger.local_days import date_at, midnight, utc
from energytrack.plant import Plant, load_plant
from energytrack.settings import MongoSettings, PlantSettings, read_all
from energytrack.store import Store
from energytrack.store.open import open_store
from historian.ledger.cycles import looks_for_cycles, with_cycles
from historian.ledger.files import LedgerFiles
from historian.ledger.finished_parts import with_finished_parts
from historian.ledger.plant_meters import files_of_meters
from historian.ledger.recount import Recount

ATTEMPTS: Final = 5


@dataclass(eq=False)
class RebuildRefused(EnergyTrackError):
    """These days cannot be recounted."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence


class Rebuilt(NamedTuple):
    """The result for one machine."""

    device_id: str
    days: Sequence[Day]
    """As they are stored now."""
    revised: Sequence[Day]
    """The days with another result than before."""
    left: Sequence[date]
    """Days in the ledger whose readings are missing: they stay as they were."""


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """The parsed command line; without arguments the historian runs."""
    parser = argparse.ArgumentParser(prog="./et historian", description="Stores what machines send; counts energy.")
    verbs = parser.add_subparsers(dest="verb")
    rebuild = verbs.add_parser("rebuild", help="count days of the energy ledger again from the stored readings")
    rebuild.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DATE")
    rebuild.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DATE", help="included; default: today")
    rebuild.add_argument("--device", action="append", metavar="ID", help="only this machine; may be repeated")
    rebuild.add_argument("--reprice", action="store_true", help="at the prices of today's plant file, not as they were")
    sums = verbs.add_parser("sums", help="sum up days and months again from the days of the energy ledger")
    sums.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DATE")
    sums.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DATE", help="included; default: today")
    return parser.parse_args(arguments)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Carry out the command; returns the exit code."""
    mongo, site = read_all(env, MongoSettings, PlantSettings)
    plant = load_plant(site.file, devices=site.devices)
    with closing(open_store(mongo)) as store:
        store.prepare()
        ImportedPrices(store, plant).look()
        last = arguments.last or date_at(SystemClock().now().timestamp(), plant.zone)
        machines = days = revised = 0
        try:
            for each in rebuild(
                store, plant, SystemClock(), arguments.first, last, devices=arguments.device, reprice=arguments.reprice
            ):
                machines, days, revised = machines + 1, days + len(each.days), revised + len(each.revised)
                _print(each)
        except RebuildRefused as refused:
            sys.stderr.write(f"{refused}\n")
            return 1
    sys.stdout.write(f"{machines} machines, {days} days recounted: {revised} came out differently.\n")
    return 0


def rebuild(
    store: Store,
    plant: Plant,
    clock: Clock,
    first: date,
    last: date,
    *,
    devices: Sequence[str] | None = None,
    reprice: bool = False,
) -> Iterator[Rebuilt]:
    """Recount days, machine after machine; raises RebuildRefused. People's decisions stay."""
    _check(store, plant, clock.now(), first, last)
    meters = (name for name in store.meter_states.reading_spans() if name in plant.meters)
    device_ids = list(dict.fromkeys([*store.devices.ids(), *meters]))  # some meters sent before they were listed
    for device_id in devices or ():
        if device_id not in device_ids:
            raise RebuildRefused(f"There is no machine {device_id!r} in the database.")
    files = LedgerFiles(store, plant, clock=clock, persist=lambda action: action())
    files_above = files_of_meters(store, plant, clock=clock, persist=lambda action: action())
    for device_id in devices or device_ids:
        own, its_files = (store.of_meters(), files_above) if device_id in plant.meters else (store, files)
        rebuilt = _rebuild(Recount(device_id, first, store=own, plant=plant, files=its_files), its_files, own, clock,
                           last, reprice=reprice)  # fmt: skip
        if rebuilt is not None:
            yield rebuilt


def _rebuild(
    recount: Recount, files: LedgerFiles, store: Store, clock: Clock, last: date, *, reprice: bool
) -> Rebuilt | None:
    if not recount.is_possible:
        return None
    device_id = recount.device_id
    first_stored: dict[date, Day] | None = None
    for attempt in range(ATTEMPTS):
        now = clock.now().astimezone(UTC)
        recount.go_on_until_settled(last, now + timedelta(milliseconds=1))
        stored_days = store.ledger.counted_since([device_id], recount.first)
        stored = {day.date: day for day in stored_days if day.date <= last}
        first_stored = stored if first_stored is None else first_stored
        days = recount.days(stored, last=last, at=now, why="rebuild", reprice=reprice)
        if looks_for_cycles(recount.machine, recount.plant):
            days = [with_cycles(day, store, recount.plant, until=now.timestamp()) for day in days]
        days = [with_finished_parts(day, store, zone=recount.plant.zone, now=now.timestamp()) for day in days]
        whole = [day for day in days if day.date not in stored or day.through >= stored[day.date].through]
        if len(whole) == len(days) or attempt == ATTEMPTS - 1:
            recount.machine.spells.let_go(after=last)
            machine = files.with_days(device_id, None, whole, stored=stored, counted=recount.machine)
            openings = recount.machine.openings
            machine.openings = {day: meter for day, meter in openings.items() if recount.first < day <= last}
            if not files.store([machine], meters=False):
                store.meters.note_new_sums(device_id)
                store.edition.rise()
                revised = [day for day in whole if _is_revised(day, first_stored)]
                return Rebuilt(device_id, whole, revised, sorted(stored.keys() - {day.date for day in whole}))
        recount.go_back()
    raise RebuildRefused(f"{device_id} is counted by the historian at the same time; choose a --to before today.")


def _is_revised(day: Day, before: Mapping[date, Day]) -> bool:
    return day.date not in before or day.revision > before[day.date].revision


def _check(store: Store, plant: Plant, now: datetime, first: date, last: date) -> None:
    today = date_at(now.timestamp(), plant.zone)
    kept = now - timedelta(days=store.readings.days)
    earliest = date_at(kept.timestamp(), plant.zone)
    if utc(midnight(earliest, plant.zone)) < kept:
        earliest += timedelta(days=1)
    if last > today:
        raise RebuildRefused(f"--to {last} is in the future; today is {today}.")
    if first > last:
        raise RebuildRefused(f"--from {first} is after --to {last}.")
    if first < earliest:
        raise RebuildRefused(
            f"Readings are kept for {store.readings.days} days (ENERGYTRACK_MONGO_READINGS_DAYS): those of {first} are "
            f"gone, and the ledger of that day stays as it is. The earliest --from is {earliest}."
        )
    if not store.readings.indexed:
        raise RebuildRefused("Recounting needs the index on readings (ENERGYTRACK_MONGO_INDEX_READINGS=true).")


def _print(rebuilt: Rebuilt) -> None:
    for day in rebuilt.revised:
        kwh = day.sums().kwh
        before = day.revisions[-1].kwh_before if day.revisions else None
        sys.stdout.write(f"{rebuilt.device_id} {day.date}: {_kwh(before)} before, {_kwh(kwh)} now\n")
    if rebuilt.left:
        sys.stdout.write(
            f"{rebuilt.device_id}: readings of {len(rebuilt.left)} days from {rebuilt.left[0]} on are missing; the "
            "ledger of these days stays as it is\n"
        )


def _kwh(kwh: float | None) -> str:
    return "nothing" if kwh is None else f"{kwh:,.3f} kWh"
