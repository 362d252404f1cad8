"""What machines used before, and around the time of a file; its energy is compared with that."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from energytrack.errors import StoreUnavailable
from energytrack.importer.content import Content
from energytrack.machines.power import JOULES_PER_KWH
from energytrack.metering.limits import UsageHistory
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.plant import Plant
from energytrack.store import Store

AROUND: Final = timedelta(days=60)
"""Energy from this long before and after a file is compared with the file's energy."""
LEAST_QUARTERS: Final = 96
"""Fewer quarter hours of a machine's past prove nothing."""


class MachinePast(NamedTuple):
    """What is known of a machine besides the file."""

    habits: UsageHistory
    usual_watts: float | None = None
    """Median of its quarter hours with energy around the file's time; None if too few are known."""


NOTHING_KNOWN: Final = MachinePast(UsageHistory(0.0))


def past_of(store: Store, plant: Plant, content: Content, wanted: Collection[str]) -> dict[str, MachinePast]:
    """The past of those wanted of the machines whose energy a file has; raises StoreUnavailable."""
    known: dict[str, MachinePast] = {}
    described = [machine for machine, energy in content.energy.items() if len(energy)]
    above = [machine for machine in described if machine in plant.meters]
    machines = [machine for machine in described if machine not in plant.meters]
    for all_ids, is_above in ((machines, False), (above, True)):
        if ids := [machine for machine in all_ids if machine in wanted]:
            known |= _past(store.of_meters() if is_above else store, ids, _times(content, all_ids))
    return known


def past_if_known(store: Store, plant: Plant, content: Content, wanted: Collection[str]) -> dict[str, MachinePast]:
    """The same; empty after a few seconds if no database answers."""
    if not wanted:
        return {}
    try:
        store.ping()
        return past_of(store, plant, content, wanted)
    except StoreUnavailable:
        return {}


def _times(content: Content, machines: Collection[str]) -> tuple[datetime, datetime]:
    """When the energy of these machines begins and ends."""
    first = min(int(content.energy[each].start_ms.min()) for each in machines)
    last = max(int(content.energy[each].end_ms.max()) for each in machines)
    return datetime.fromtimestamp(first / 1000, UTC), datetime.fromtimestamp(last / 1000, UTC)


def _past(store: Store, machines: Collection[str], times: tuple[datetime, datetime]) -> dict[str, MachinePast]:
    first, last = times
    watts: dict[str, list[float]] = {machine: [] for machine in machines}
    for since, until in ((first - AROUND, first), (last, last + AROUND)):
        for day in store.ledger.days(machines, since.date(), until.date()):
            known = (day.whole_kwh(index) for index in range(len(day)))
            watts[day.device_id] += [kwh * JOULES_PER_KWH / QUARTER_SECONDS for kwh in known if kwh]
    meters = store.meters.get(machines)
    past = {}
    until_at = last.timestamp()
    for machine in machines:
        meter = meters.get(machine)
        habits = UsageHistory(until_at) if meter is None else meter.record.habits
        if len(quarters := watts[machine]) >= LEAST_QUARTERS:
            begun = min(habits.since, until_at - len(quarters) * QUARTER_SECONDS)
            most = max(habits.most_watts, *quarters)
            past[machine] = MachinePast(UsageHistory(begun, habits.most_amperes, most), float(np.median(quarters)))
        else:
            past[machine] = MachinePast(habits)
    return past
