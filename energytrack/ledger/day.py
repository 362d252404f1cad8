"""A machine's energy of one local day by quarter hour: one document of the ledger. Pure, frozen values.

Energy is in kilowatt hours, as columns with one value for each quarter hour of the day. What a machine used is
`measured + bridged + estimated + imported + corrected`; suspect energy counts nowhere until a person decides.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Final, Literal, NamedTuple

from msgspec import Struct

from energytrack.ledger.local_days import utc
from energytrack.ledger.sources import PARTS_SOURCES, PartsSource
from energytrack.ledger.sums import EnergySums
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.metering.reasons import Reason

Column = tuple[float, ...]
Why = Literal["late readings", "rebuild", "import"]

COUNTED: Final = ("measured_kwh", "bridged_kwh", "estimated_kwh", "imported_kwh", "corrected_kwh")
"""The columns whose sum is what a machine used."""
KNOWN: Final = ("measured_seconds", "bridged_seconds", "estimated_seconds", "imported_seconds", "corrected_seconds")
"""Columns of time whose energy is known."""
WHOLE_SECONDS: Final = QUARTER_SECONDS - 10.0
"""A quarter hour with at least this much known time counts as completely known."""


class Revision(Struct, frozen=True):
    """A day that was recounted, with another result."""

    revision: int
    at: datetime
    why: Why | str
    """Possibly another value, if a newer release wrote it."""
    kwh_before: float | None
    """The energy that counted before; None if nothing was known."""


class Quarter(Struct, frozen=True):
    start: datetime
    """Aware, UTC."""
    sums: EnergySums
    """Its energy, time and cost."""
    price_per_kwh: float | None
    """None if it is not known: unknown is not free."""
    reasons: tuple[Reason, ...]
    """Why its energy is not simply measured."""
    batch_id: str | None
    """The import that has a value for it, whether that value counts or not."""
    correction_id: str | None
    """The decision that applies to it."""
    parts: float | None
    """Parts produced; None if not counted."""
    scrap: float | None
    """The rejected ones among them; None if not counted."""
    parts_from: PartsSource | None = None
    """The source of the parts; None if they are not known."""

    @property
    def kwh(self) -> float | None:
        """What the machine used; None if nothing is known."""
        return self.sums.kwh


class Day(Struct, frozen=True, kw_only=True):
    """One machine and one local day."""

    device_id: str
    date: date
    device_type: str | None
    line: str | None
    """The machine's line on that day."""
    start: float
    """Local midnight, seconds since the epoch; every quarter hour begins a multiple of 900 s later."""
    measured_kwh: Column
    bridged_kwh: Column
    estimated_kwh: Column
    suspect_kwh: Column
    """Suspect energy that waits for a decision."""
    idle_kwh: Column
    """The part of what counts that was used while idle."""
    idle_estimated_kwh: Column
    """The part of `idle_kwh` that was inferred from the current, or whose energy is itself an estimate."""
    measured_seconds: Column
    bridged_seconds: Column
    estimated_seconds: Column
    unknown_seconds: Column
    """Time that the meter reported as unknown; what all columns together lack of 900 s was not reported at all."""
    price_per_kwh: tuple[float | None, ...]
    """The price when the energy was counted: a new price does not change the past."""
    price_version: str | None
    """The version of the contract that the prices come from."""
    price_batches: Mapping[str, tuple[int, ...]] = {}
    """The imports that prices come from, and the places of their quarter hours in the day."""
    through: float
    """Time of the last reading that added to this day: readings up to it are included, and never count again."""
    revision: int = 1
    revisions: tuple[Revision, ...] = ()
    reasons: Mapping[Reason, tuple[int, ...]] = {}
    """Quarter hours by the reasons why their energy is not simply measured."""
    idle_known: bool = True
    """Whether state or current showed when the machine was idle; if not, idle energy is unknown instead of zero."""
    parts: tuple[float | None, ...] | None = None
    """Parts produced by quarter hour; None if not counted."""
    scrap: tuple[float | None, ...] | None = None
    """The rejected ones among them, likewise."""
    finished_parts: tuple[float | None, ...] | None = None
    """Parts that events report for each quarter hour, whether they count or not; None if there are none."""
    finished_scrap: tuple[float | None, ...] | None = None
    """The rejected ones among them, likewise."""
    finished_before: bool = False
    """Whether the day before has such events as well: then no part was finished before the first event of this day."""
    finished_after: bool = False
    """The same for the day after."""
    imported: tuple[float | None, ...] | None = None
    """Energy that files have for each quarter hour, whether it counts or not; None if they have none."""
    import_batches: Mapping[str, tuple[int, ...]] = {}
    """The imports that it comes from, and the places of their quarter hours in the day."""
    imported_parts: tuple[float | None, ...] | None = None
    """Parts that files have, whether they count or not; None if they have none."""
    parts_batches: Mapping[str, tuple[int, ...]] = {}
    """The imports that those come from, likewise."""
    imported_scrap: tuple[float | None, ...] | None = None
    """The rejected ones among those, likewise."""
    cycle_parts: tuple[float | None, ...] | None = None
    """Parts estimated from cycles in the current, whether they count or not; None before the current is searched."""
    cycles_until: float | None = None
    """The time up to which the current was searched for cycles, in seconds since the epoch."""
    parts_finished: tuple[int, ...] = ()
    """The quarter hours whose `parts` are reported by events (`ledger.imported.filled`), by their place in the day."""
    parts_imported: tuple[int, ...] = ()
    """Those whose `parts` come from files, likewise."""
    parts_estimated: tuple[int, ...] = ()
    """Those whose `parts` are estimated from cycles, likewise."""
    imported_kwh: Column = ()
    """The energy that counts from imports and events (`ledger.imported.filled`); empty before that is computed."""
    imported_seconds: Column = ()
    corrected_kwh: Column = ()
    """What decisions of people add; empty without decisions."""
    corrected_seconds: Column = ()
    corrections: Mapping[int, str] = {}
    """The decision that applies to a quarter hour, by its place in the day."""

    def __len__(self) -> int:
        """The number of its quarter hours: 92, 96 or 100."""
        return len(self.measured_kwh)

    @property
    def end(self) -> float:
        """The next local midnight, seconds since the epoch."""
        return self.start + len(self) * QUARTER_SECONDS

    @property
    def begun(self) -> float:
        """Start of the first quarter hour with a report, seconds since the epoch."""
        columns = zip(
            self.measured_seconds, self.bridged_seconds, self.estimated_seconds, self.unknown_seconds, strict=True
        )
        first = next((index for index, seconds in enumerate(columns) if any(seconds)), 0)
        return self.start + first * QUARTER_SECONDS

    def whole_kwh(self, index: int) -> float | None:
        """The energy that counts in a quarter hour; None unless it is completely known and has no suspect energy."""
        known = sum(column[index] for name in KNOWN if (column := getattr(self, name)))
        if known < WHOLE_SECONDS or self.suspect_kwh[index] > 0.0:
            return None
        return float(sum(column[index] for name in COUNTED if (column := getattr(self, name))))

    def quarters(self) -> Iterator[Quarter]:
        """Its quarter hours, oldest first."""
        for index in range(len(self)):
            yield self.quarter(index)

    def quarter(self, index: int) -> Quarter:
        """One of its quarter hours, counted from 0."""
        return Quarter(
            start=utc(self.start + index * QUARTER_SECONDS),
            sums=self.sums(index, index + 1),
            price_per_kwh=self.price_per_kwh[index],
            reasons=tuple(reason for reason, where in self.reasons.items() if index in where),
            batch_id=_batch(self.import_batches, index) or _batch(self.parts_batches, index),
            correction_id=self.corrections.get(index),
            parts=None if self.parts is None else self.parts[index],
            scrap=None if self.scrap is None else self.scrap[index],
            parts_from=self.parts_from(index),
        )

    def parts_from(self, index: int) -> PartsSource | None:
        """The source of a quarter hour's parts; None if they are not known."""
        if self.parts is None or self.parts[index] is None:
            return None
        if index in self.parts_estimated:
            return "current"
        if index in self.parts_imported:
            return "file"
        return "events" if index in self.parts_finished else "counter"

    def sums(self, first: int = 0, until: int | None = None) -> EnergySums:
        """Energy, time and cost of the day, or of some of its quarter hours."""
        stretch = slice(first, until)
        cost = idle_cost = unpriced = 0.0
        counted = [getattr(self, name)[stretch] for name in COUNTED if getattr(self, name)]
        for price, idle, *kwh in zip(self.price_per_kwh[stretch], self.idle_kwh[stretch], *counted, strict=True):
            if price is None:
                unpriced += sum(kwh)
            else:
                cost += price * sum(kwh)
                idle_cost += price * idle
        imported_kwh = sum(self.imported_kwh[stretch])
        per_part = self._per_part(stretch) if self.parts is not None else PerPart()
        scrap = [each for each in (self.scrap or ())[stretch] if each is not None]
        return EnergySums(
            measured_kwh=sum(self.measured_kwh[stretch]),
            bridged_kwh=sum(self.bridged_kwh[stretch]),
            estimated_kwh=sum(self.estimated_kwh[stretch]),
            imported_kwh=imported_kwh,
            corrected_kwh=sum(self.corrected_kwh[stretch]),
            suspect_kwh=sum(self.suspect_kwh[stretch]),
            idle_kwh=sum(self.idle_kwh[stretch]),
            idle_estimated_kwh=sum(self.idle_estimated_kwh[stretch]),
            measured_seconds=sum(self.measured_seconds[stretch]),
            bridged_seconds=sum(self.bridged_seconds[stretch]),
            estimated_seconds=sum(self.estimated_seconds[stretch]),
            imported_seconds=sum(self.imported_seconds[stretch]),
            corrected_seconds=sum(self.corrected_seconds[stretch]),
            unknown_seconds=sum(self.unknown_seconds[stretch]),
            cost=cost,
            idle_cost=idle_cost,
            unpriced_kwh=unpriced,
            scrap=sum(scrap),
            scrap_seconds=len(scrap) * QUARTER_SECONDS,
            **per_part._asdict(),
            idle_unknown_kwh=imported_kwh if self.idle_known else sum(map(sum, counted)),
        )

    def _per_part(self, stretch: slice) -> "PerPart":
        """The parts, energy and cost of the quarter hours in which parts and energy are completely known.

        At the edges of a gap, for example, only a part of the energy is known, but all of the parts.
        """
        parts = seconds = metered = metered_kwh = priced = priced_cost = estimated_parts = 0.0
        seconds_of: dict[PartsSource, float] = dict.fromkeys(PARTS_SOURCES, 0.0)
        for index in range(*stretch.indices(len(self))):
            made = (self.parts or ())[index]
            if made is None:
                continue
            parts, seconds = parts + made, seconds + QUARTER_SECONDS
            source = self.parts_from(index) or "counter"
            seconds_of[source] += QUARTER_SECONDS
            if source == "current":
                estimated_parts += made
            kwh = self.whole_kwh(index)
            if kwh is None:
                continue
            metered, metered_kwh = metered + made, metered_kwh + kwh
            price = self.price_per_kwh[index]
            if price is not None:
                priced, priced_cost = priced + made, priced_cost + price * kwh
        return PerPart(
            parts, seconds, metered, metered_kwh, priced, priced_cost, estimated_parts,
            seconds_of["current"], seconds_of["counter"], seconds_of["events"], seconds_of["file"],
        )  # fmt: skip


class PerPart(NamedTuple):
    """What energy and cost per part are computed from; fields of `EnergySums`."""

    parts: float = 0.0
    parts_seconds: float = 0.0
    metered_parts: float = 0.0
    metered_parts_kwh: float = 0.0
    priced_parts: float = 0.0
    priced_parts_cost: float = 0.0
    estimated_parts: float = 0.0
    estimated_parts_seconds: float = 0.0
    counter_parts_seconds: float = 0.0
    event_parts_seconds: float = 0.0
    file_parts_seconds: float = 0.0


def places_by_batch(batches: Iterable[str | None]) -> dict[str, tuple[int, ...]]:
    """The places of each import in a day; `batches` are the imports of its quarter hours, None if there is none."""
    places: dict[str, list[int]] = {}
    for index, batch in enumerate(batches):
        if batch is not None:
            places.setdefault(batch, []).append(index)
    return {batch: tuple(where) for batch, where in sorted(places.items())}


def _batch(batches: Mapping[str, tuple[int, ...]], index: int) -> str | None:
    return next((batch for batch, where in batches.items() if index in where), None)
