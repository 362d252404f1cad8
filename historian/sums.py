"""`python -m historian sums`: recomputes the sums of days and months from the ledger's days, which do not change.

If a release adds a figure to the sums, such as energy per part, only new days have it; older days get it from this
command. Unlike `rebuild` it needs no readings, so it reaches back as far as the ledger does.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date

from energytrack.clock import SystemClock
from energytrack.ledger.day import Day
from energytrack.ledger.imported import filled
from energytrack.ledger.local_days import ONE_DAY, date_at, last_of_month
from energytrack.ledger.rollup import DaySums, MonthSums
from energytrack.ledger.sums import EnergySums, total
from energytrack.plant import Place, load_plant
from energytrack.settings import MongoSettings, PlantSettings, read_all
from energytrack.store import Store
from energytrack.store.open import open_store


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Carry out the command; returns the exit code."""
    mongo, site = read_all(env, MongoSettings, PlantSettings)
    zone = load_plant(site.file, devices=site.devices).zone
    last = arguments.last or date_at(SystemClock().now().timestamp(), zone)
    if arguments.first > last:
        sys.stderr.write(f"--from {arguments.first} is after --to {last}.\n")
        return 1
    with closing(open_store(mongo)) as store:
        store.prepare()
        months = sum_up(store, arguments.first, last)
    sys.stdout.write(f"{months} months of machines and meters were summed up again.\n")
    return 0


def sum_up(store: Store, first: date, last: date) -> int:
    """Recompute the months of `first` to `last`; returns the number of months, of all machines and meters."""
    done = 0
    for own in (store, store.of_meters()):
        for device_id in sorted({*own.meters.reading_spans(), *(store.devices.ids() if own is store else ())}):
            for begins, ends in _months(first, last):
                days = list(own.ledger.counted_between(device_id, begins, ends))
                if days:
                    own.rollups.put(*sums_of(days))
                    own.meters.note_new_sums(device_id)
                    done += 1
    return done


def sums_of(days: Sequence[Day]) -> tuple[Sequence[DaySums], Sequence[MonthSums]]:
    """The sums of all days of one machine and month, and of the month on each of its lines."""
    by_day = [DaySums(day.device_id, day.date, Place(day.device_type, day.line), filled(day).sums()) for day in days]
    by_place: dict[Place, list[EnergySums]] = {}
    for each in by_day:
        by_place.setdefault(each.place, []).append(each.sums)
    first = days[0]
    return by_day, [
        MonthSums(first.device_id, first.date.year, first.date.month, place, total(sums))
        for place, sums in by_place.items()
    ]


def _months(first: date, last: date) -> Iterator[tuple[date, date]]:
    begins = first.replace(day=1)
    while begins <= last:
        yield begins, last_of_month(begins)
        begins = last_of_month(begins) + ONE_DAY
