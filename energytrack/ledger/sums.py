"""Sums of energy, time and cost: of a quarter hour, a day, a month, a line, a plant."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from msgspec.structs import astuple

from energytrack.ledger.sources import PartsSource, sources_of


class EnergySums(Struct, frozen=True, kw_only=True, gc=False):
    """Kilowatt hours, seconds and money; every field adds up, so sums of sums are sums."""

    measured_kwh: float = 0.0
    bridged_kwh: float = 0.0
    estimated_kwh: float = 0.0
    imported_kwh: float = 0.0
    """Energy from files, for quarter hours that were not measured."""
    corrected_kwh: float = 0.0
    """What decisions of people add."""
    suspect_kwh: float = 0.0
    """Suspect energy: in no other figure until somebody decides."""
    idle_kwh: float = 0.0
    idle_estimated_kwh: float = 0.0
    measured_seconds: float = 0.0
    bridged_seconds: float = 0.0
    estimated_seconds: float = 0.0
    imported_seconds: float = 0.0
    corrected_seconds: float = 0.0
    unknown_seconds: float = 0.0
    cost: float = 0.0
    """Cost of the energy whose price is known, in the currency of the contract."""
    idle_cost: float = 0.0
    unpriced_kwh: float = 0.0
    """Energy without a known price: it counts, but is not in `cost`."""
    idle_unknown_kwh: float = 0.0
    """Energy that counts, but it is unknown whether the machine was idle."""

    parts: float = 0.0
    """Parts produced, as far as counted."""
    parts_seconds: float = 0.0
    """The quarter hours in which they were counted."""
    estimated_parts: float = 0.0
    """The part of them that was estimated from cycles in the current."""
    estimated_parts_seconds: float = 0.0
    counter_parts_seconds: float = 0.0
    """The quarter hours whose parts the machine's own counter reported; 0 in sums of releases that did not note it."""
    event_parts_seconds: float = 0.0
    """Those that events reported, likewise."""
    file_parts_seconds: float = 0.0
    """Those that files reported, likewise."""
    scrap: float = 0.0
    """The rejected ones among them, as far as counted."""
    scrap_seconds: float = 0.0
    metered_parts: float = 0.0
    """Parts of the quarter hours whose energy is completely known."""
    metered_parts_kwh: float = 0.0
    """That energy, including quarter hours without a part."""
    priced_parts: float = 0.0
    """Parts of the quarter hours whose energy and price are known."""
    priced_parts_cost: float = 0.0

    @property
    def kwh_per_part(self) -> float | None:
        """Energy per part, over the quarter hours in which both are known; None if they have no part."""
        return self.metered_parts_kwh / self.metered_parts if self.metered_parts > 0.0 else None

    @property
    def cost_per_part(self) -> float | None:
        """Cost of energy per part, likewise."""
        return self.priced_parts_cost / self.priced_parts if self.priced_parts > 0.0 else None

    @property
    def parts_from(self) -> tuple[PartsSource, ...]:
        """The sources of the parts, as far as they are recorded."""
        return sources_of(self)

    @property
    def known_estimated_parts(self) -> float | None:
        """The estimated ones among the parts; None if no part is known."""
        return self.estimated_parts if self.parts_seconds else None

    @property
    def known_scrap(self) -> float | None:
        """Rejected parts; None if not counted."""
        return self.scrap if self.scrap_seconds else None

    @property
    def known_parts(self) -> float | None:
        """Parts produced; None if not counted."""
        return self.parts if self.parts_seconds else None

    @property
    def kwh(self) -> float | None:
        """The energy that counts; None if nothing is known."""
        return self.counted_kwh if self.counted_kwh or self.known_seconds else None

    @property
    def counted_kwh(self) -> float:
        """The energy that counts."""
        return self.measured_kwh + self.bridged_kwh + self.estimated_kwh + self.imported_kwh + self.corrected_kwh

    @property
    def known_seconds(self) -> float:
        """Time for which the energy is known, measured or not."""
        known = self.measured_seconds + self.bridged_seconds + self.estimated_seconds
        return known + self.imported_seconds + self.corrected_seconds

    @property
    def known_cost(self) -> float | None:
        """Cost of the energy whose price is known; None if nothing has a price."""
        return None if self.kwh is None or (self.unpriced_kwh and not self.priced_kwh) else self.cost

    @property
    def known_idle_kwh(self) -> float | None:
        """Energy used while idle; None if unknown."""
        return None if self.kwh is None or (self.idle_unknown_kwh and not self.attributed_kwh) else self.idle_kwh

    @property
    def known_idle_cost(self) -> float | None:
        """Cost of idle energy; None if unknown or without a price."""
        return None if self.known_idle_kwh is None or self.known_cost is None else self.idle_cost

    @property
    def attributed_kwh(self) -> float:
        """The counted energy for which it is known whether it was used while idle."""
        return self.counted_kwh - self.idle_unknown_kwh

    @property
    def idle_ratio(self) -> float | None:
        """The idle share of the energy for which that is known; None if unknown."""
        return self.idle_kwh / self.attributed_kwh if self.attributed_kwh else None

    @property
    def priced_kwh(self) -> float:
        """The energy that counts and has a price."""
        return self.counted_kwh - self.unpriced_kwh

    def __add__(self, other: "EnergySums") -> "EnergySums":
        """The sum of both."""
        return EnergySums(**{name: getattr(self, name) + getattr(other, name) for name in FIELDS})

    def __sub__(self, other: "EnergySums") -> "EnergySums":
        """The difference; may be negative."""
        return EnergySums(**{name: getattr(self, name) - getattr(other, name) for name in FIELDS})


FIELDS: Final = EnergySums.__struct_fields__
NOTHING: Final = EnergySums()


def total(sums: Iterable[EnergySums]) -> EnergySums:
    """The sum of all; zero if there are none."""
    several = list(sums)
    if len(several) == 1:
        return several[0]
    columns = zip(*map(astuple, several), strict=True)
    return EnergySums(**dict(zip(FIELDS, map(sum, columns), strict=True))) if several else NOTHING
