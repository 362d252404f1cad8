"""Availability, performance, quality and OEE after ISO 22400-2. Pure.

What is not known stays unknown: unknown time is in neither part of a ratio, and a ratio without data is None.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from msgspec import Struct

from energytrack.ledger.sources import PartsSource, sources_of

LEAST_KNOWN: Final = 0.5
"""If less of the planned time is known, the availability is not."""


class Amounts(Struct, frozen=True, kw_only=True):
    """The amounts behind the ratios; every field adds up, over a machine's days or over machines of one type."""

    planned_seconds: float = 0.0
    """Planned busy time (PBT): shifts without breaks, without planned down time, while the machine was there."""
    unknown_seconds: float = 0.0
    """The part of it in which it is not known what the machine did."""
    running_seconds: float = 0.0
    """Actual production time (APT): the part of it in which the machine worked."""
    estimated_seconds: float = 0.0
    """The part of what is known that was inferred from the current."""
    counted_seconds: float = 0.0
    """Running time of the quarter hours in which parts were counted, and whose ideal cycle is known."""
    ideal_seconds: float = 0.0
    """What these parts would have taken at the ideal cycle (PRI times PQ)."""
    parts: float = 0.0
    """Produced quantity (PQ), in quarter hours with planned time."""
    parts_seconds: float = 0.0
    """The quarter hours in which parts were counted."""
    estimated_parts: float = 0.0
    """The part of them that was estimated from cycles in the current."""
    estimated_parts_seconds: float = 0.0
    """The quarter hours in which they were estimated from that."""
    counter_parts_seconds: float = 0.0
    """Those in which the machine's own counter reported them."""
    event_parts_seconds: float = 0.0
    """Those in which events did."""
    file_parts_seconds: float = 0.0
    """Those in which files did."""
    judged_parts: float = 0.0
    """Parts of quarter hours in which rejected ones were counted as well, or whose share is assumed."""
    good_parts: float = 0.0
    """Good quantity (GQ) among those."""

    def __add__(self, other: "Amounts") -> "Amounts":
        """The sum of both."""
        return Amounts(**{name: getattr(self, name) + getattr(other, name) for name in FIELDS})

    @property
    def known_seconds(self) -> float:
        """Planned time in which it is known what the machine did."""
        return self.planned_seconds - self.unknown_seconds

    @property
    def known_parts(self) -> float | None:
        """Parts; None if not counted."""
        return self.parts if self.parts_seconds else None

    @property
    def parts_from(self) -> tuple[PartsSource, ...]:
        """The sources of the parts."""
        return sources_of(self)

    @property
    def known_estimated_parts(self) -> float | None:
        """The estimated ones among the parts; None if no part is known."""
        return self.estimated_parts if self.parts_seconds else None

    @property
    def coverage(self) -> float | None:
        """The share of the planned time that is known; None if none is planned."""
        return self.known_seconds / self.planned_seconds if self.planned_seconds else None

    @property
    def availability(self) -> float | None:
        """APT / PBT, over the known time; None if less than half of the planned time is known."""
        coverage = self.coverage
        if coverage is None or coverage < LEAST_KNOWN:
            return None
        return self.running_seconds / self.known_seconds

    @property
    def performance(self) -> float | None:
        """Effectiveness, PRI x PQ / APT; above 1 if the machine can be faster than the ideal cycle."""
        return self.ideal_seconds / self.counted_seconds if self.counted_seconds else None

    @property
    def quality(self) -> float | None:
        """Quality ratio, GQ / PQ; None if no part was made, or if it is not known which were good."""
        return self.good_parts / self.judged_parts if self.judged_parts else None

    @property
    def oee(self) -> float | None:
        """Overall equipment effectiveness index; None if one of the three is not known."""
        availability, performance, quality = self.availability, self.performance, self.quality
        if availability is None or performance is None or quality is None:
            return None
        return availability * performance * quality


FIELDS: Final = Amounts.__struct_fields__
NOTHING: Final = Amounts()


class Kind(NamedTuple):
    """Machines that may be compared: of one type and, if lines are distinguished, of one line."""

    device_type: str | None
    line: str | None = None


class GroupPerformance(NamedTuple):
    """Machines of one kind together, weighted by their time."""

    amounts: Amounts
    """The amounts of all machines."""
    complete: Amounts
    """The amounts of machines whose OEE is known."""
    machines: int
    machines_complete: int

    @property
    def oee(self) -> float | None:
        """OEE of the machines whose own OEE is known; None if there are none."""
        return self.complete.oee


def together(machines: Iterable[tuple[Kind, Amounts]]) -> Mapping[Kind, GroupPerformance]:
    """OEE by kind. Machines of different kinds are never added up: their parts are different things.

    Within a kind, times and parts are added up before they are divided, so that a machine counts by its time.
    """
    totals: dict[Kind, GroupPerformance] = {}
    for kind, amounts in machines:
        all_, complete, count, counted = totals.get(kind, GroupPerformance(NOTHING, NOTHING, 0, 0))
        is_complete = amounts.oee is not None
        totals[kind] = GroupPerformance(
            all_ + amounts, complete + amounts if is_complete else complete, count + 1, counted + is_complete
        )
    return totals
