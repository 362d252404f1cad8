"""Counts what a campaign lost, or counted twice: every fact from its origin to all its destinations."""

from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from bench.faults.load import RULE, CampaignLoad
from bench.pipeline.arrivals import Arrivals
from energytrack.machines.power import JOULES_PER_KWH
from energytrack.security.audit import Chains
from energytrack.settings import MongoSettings
from energytrack.store.open import open_store
from energytrack.topics import DEAD_LETTERS
from local.services.mongo import mongo_uri
from local.services.passwords import authorization, server_password
from local.site import Site
from testkit.clients.http import HTTP
from testkit.stack.balance import KWH, MachineBalance, balances
from testkit.stack.facts import COUNTER, database, plant_meters, registers

MARGIN: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Counts:
    """Facts by their fate; everything but the first of each kind should be 0."""

    readings: int
    """Different readings on the topic."""
    not_stored: int
    never_sent: int
    """Readings in the database, but not on the topic."""
    counted_twice: int
    """Readings that queries of the database count twice."""
    without_insight: int
    registers_set_back: int
    """Readings with a lower register than the one before."""
    machines: int
    uneven: Mapping[str, MachineBalance]
    """Machines, and other meters, whose quarter hours or months do not match their registers."""
    meters_behind: int
    """Machines, and other meters, whose stored meter is not at their last register."""
    prometheus_apart: int
    """Machines whose counter in Prometheus is not at their last register."""
    prometheus_set_back: int
    """How often a counter in Prometheus went back: sums by minutes would count that twice.

    Exporters that were killed have done so (docs/benchmarks.md). One campaign without it is no proof, so it is not
    `wrong` yet.
    """
    orders: int
    """Accepted orders."""
    orders_lost: int
    orders_open: int
    """Orders that are still without an answer."""
    orders_done_twice: int
    alarms: int
    alarms_lost: int
    alarms_twice: int
    audit_faults: int
    dead_letters: int

    @property
    def wrong(self) -> dict[str, Any]:
        """The counts that are wrong, by name."""
        expected = {"readings", "machines", "orders", "alarms", "prometheus_set_back"}
        return {name: value for name, value in vars(self).items() if name not in expected and value}


def counted(site: Site, load: CampaignLoad, arrivals: Arrivals, *, since: datetime, until: datetime) -> Counts:
    """Count all facts; everything must have arrived before."""
    stretch = arrivals.counted(since=since, until=until)
    filed, above = registers(site), plant_meters(site)
    with closing(open_store(MongoSettings(uri=mongo_uri(site)))) as store:
        queried = sum(store.readings.counts(since=since, until=until).values())
        faults = list(Chains().check(store.audit.entries()))
        meters = {**store.meters.get(load.machines), **store.meter_states.get(above)}
    with database(site) as client:
        plant = client["energytrack"]
        orders = {each["_id"]: each for each in plant["commands"].find({"_id": {"$in": list(load.orders.values())}})}
        done = Counter(
            each["command_id"] for each in plant["events"].find({"kind": "command_result", "outcome": "done"})
        )
        alarms = Counter(each["device_id"] for each in plant["alarms"].find({"rule": RULE}))
    return Counts(
        readings=stretch.sent,
        not_stored=stretch.not_stored,
        never_sent=stretch.never_sent,
        counted_twice=queried - stretch.stored,
        without_insight=stretch.without_insight,
        registers_set_back=sum(after < before - KWH for values in filed.values() for before, after in pairwise(values)),
        machines=len(filed.keys() - above),
        uneven={name: balance for name, balance in balances(site).items() if not balance.is_even},
        meters_behind=sum(
            1
            for name, values in filed.items()
            if name not in meters or (register := meters[name].register) is None or abs(register.kwh - values[-1]) > KWH
        ),
        prometheus_apart=len(apart(site)),
        prometheus_set_back=_set_back(site, since),
        orders=len(load.orders),
        orders_lost=len(load.orders) - len(orders),
        orders_open=sum(1 for each in orders.values() if each.get("open")),
        orders_done_twice=sum(count - 1 for count in done.values()),
        alarms=len(load.alarmed),
        alarms_lost=len(load.alarmed - alarms.keys()),
        alarms_twice=sum(count - 1 for count in alarms.values()),
        audit_faults=len(faults),
        dead_letters=arrivals.written(DEAD_LETTERS),
    )


def apart(site: Site) -> Mapping[str, tuple[float, float | None]]:
    """Machines whose last register differs from their last counter in Prometheus, both in kWh."""
    above = plant_meters(site)
    last = {name: values[-1] for name, values in registers(site).items() if name not in above}
    query = f"last_over_time({COUNTER}[1h])"
    seen = {
        each["metric"]["device_id"]: float(each["value"][1]) / JOULES_PER_KWH
        for each in prometheus_samples(site, query)
    }
    return {
        name: (kwh, seen.get(name)) for name, kwh in last.items() if name not in seen or abs(seen[name] - kwh) > KWH
    }


def _set_back(site: Site, since: datetime) -> int:
    """The number of times that Prometheus saw an energy counter go back."""
    seconds = round((datetime.now(UTC) - since + MARGIN).total_seconds())
    return round(
        sum(float(each["value"][1]) for each in prometheus_samples(site, f"sum(resets({COUNTER}[{seconds}s]))"))
    )


def prometheus_samples(site: Site, query: str) -> list[dict[str, Any]]:
    """Prometheus' answer to an instant query."""
    sign_in = authorization(server_password(site, "prometheus"))
    address = site.url(site.ports.prometheus, "/api/v1/query")
    answer = HTTP.get(address, params={"query": query}, headers=sign_in, timeout=60)
    result: list[dict[str, Any]] = answer.json()["data"]["result"]
    return result
