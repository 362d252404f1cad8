"""The families of the ledger's series of machines, each with its value of a machine's energy."""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Final

from energytrack.ledger.sums import EnergySums
from exporters.metrics.families import Family

LABELS: Final = ("device_id", "device_type", "line", "source")
_MEANINGS: Final = {
    "kwh": "What a machine used: measured, bridged, estimated and what people decided.",
    "estimated_kwh": "The part of it that is estimated from current.",
    "suspect_kwh": "Energy that is not plausible: it counts nowhere until somebody decides.",
    "idle_kwh": "The part of it that was used while idle.",
    "cost": "What it cost, at the prices of its time, in the currency of the contract.",
    "idle_cost": "What the idle part of it cost.",
    "parts": "Parts produced, by the machines' counters, files, or cycles in the current.",
    "estimated_parts": "The part of them that was estimated from cycles in the current, not counted.",
    "scrap": "The rejected ones among the parts, from the same sources.",
    "metered_parts": "Parts of the quarter hours whose energy is completely known: the divisor of energy per part.",
    "metered_parts_kwh": "Energy of the quarter hours in which both are known, energy as a whole.",
    "priced_parts": "Parts of the quarter hours whose energy and price are known.",
    "priced_parts_cost": "Cost of the energy of these quarter hours.",
    "known_seconds": "Time of which the energy is known.",
    "unknown_seconds": "Time of which nothing is known, also what has passed since a machine's last reading.",
}


def _families(period: str, help_text: str, names: Iterable[str]) -> dict[str, Family]:
    return {
        name: Family(f"energytrack_ledger_{period}_{name}", "gauge", f"{help_text}: {_MEANINGS[name]}", LABELS)
        for name in names
    }


DAY: Final = _families("day", "By local day", _MEANINGS)
MONTH: Final = _families("month", "By calendar month", _MEANINGS)
PREVIOUS_DAY: Final = _families("previous_day", "Of the local day before", ("kwh", "cost"))
PREVIOUS_WEEK: Final = _families("previous_week", "Of the seven local days before, as far as known", ("kwh", "cost"))
QUARTER: Final = _families("quarter", "By quarter hour", ("kwh", "idle_kwh", "suspect_kwh", "cost", "parts"))
SINCE: Final = {
    "since": Family(
        "energytrack_ledger_since_timestamp_seconds",
        "gauge",
        "When a machine was first known, by a reading or a file: sums over a time that began before are of less time.",
        LABELS,
    )
}
MACHINE_FAMILIES: Final = tuple(
    family for each in (DAY, PREVIOUS_DAY, PREVIOUS_WEEK, MONTH, QUARTER, SINCE) for family in each.values()
)

_KNOWN: Final[Mapping[str, Callable[[EnergySums], float | None]]] = {
    "kwh": attrgetter("kwh"),
    "cost": attrgetter("known_cost"),
    "parts": attrgetter("known_parts"),
    "scrap": attrgetter("known_scrap"),
}


def value_of(name: str) -> Callable[[EnergySums], float | None]:
    """The function that returns a family's value; None if that is not known, because unknown is not zero."""
    value_known: Callable[[EnergySums], float | None] | None = _KNOWN.get(name)
    if value_known is not None:
        return value_known
    value: Callable[[EnergySums], float] = attrgetter(name)
    if "parts" in name:
        return lambda sums: value(sums) if sums.parts_seconds else None
    if name.endswith("seconds") or name == "suspect_kwh":
        return value
    return lambda sums: None if sums.kwh is None else value(sums)
