"""A file's content, independent of its form: energy and parts of intervals, signals, events. All times are UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from energytrack.events import DeviceEvent
from energytrack.importer.choices import FileFinding

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
RateKind = Literal["price", "location", "market"]


@dataclass(frozen=True, eq=False)
class Energy:
    """The energy that one machine used, interval by interval, oldest first."""

    start_ms: Ints
    end_ms: Ints
    kwh: Floats
    """NaN where it is not known."""

    def __len__(self) -> int:
        return len(self.start_ms)

    @property
    def total(self) -> float:
        """The sum of the known energy in kilowatt hours."""
        return float(np.nansum(self.kwh))


@dataclass(frozen=True, eq=False)
class ProducedParts:
    """The parts that one machine produced, interval by interval, oldest first."""

    start_ms: Ints
    end_ms: Ints
    count: Floats
    """Good and rejected parts; NaN where not known."""
    scrap: Floats | None = None
    """The rejected ones among them, NaN where not known; None if no column counts them."""

    def __len__(self) -> int:
        return len(self.start_ms)

    @property
    def total(self) -> float:
        """The sum of the known parts."""
        return float(np.nansum(self.count))


@dataclass(frozen=True, eq=False)
class Signals:
    """What one machine's sensors measured, oldest first; its register is the signal `energy_kwh`."""

    at_ms: Ints
    values: Mapping[str, Floats]
    """NaN where a value is not known."""

    def __len__(self) -> int:
        return len(self.at_ms)


class EnergyUnit(NamedTuple):
    """The unit of a machine's energy as understood, and its ratio to the power in the same rows."""

    unit: str
    """In lower case."""
    beside: float | None = None
    """All energy divided by that of a column of power over the same rows; None without such a column."""


class Rate(NamedTuple):
    """The meaning of a column of prices or emission factors per kilowatt hour."""

    kind: RateKind
    factor: float
    """Converts its values into money or kilograms per kilowatt hour."""
    currency: str | None
    """None if the heading names none, as with cents."""


@dataclass(frozen=True, eq=False)
class DatedRates:
    """A column of prices or emission factors, oldest first."""

    heading: str
    rate: Rate
    start_ms: Ints
    per_kwh: Floats
    width_ms: int
    """How long each value applies."""


@dataclass(frozen=True, eq=False)
class Content:
    """The content of a file that was understood."""

    name: str
    energy: Mapping[str, Energy] = field(default_factory=dict)
    """By machine."""
    signals: Mapping[str, Signals] = field(default_factory=dict)
    """By machine."""
    parts: Mapping[str, ProducedParts] = field(default_factory=dict)
    """By machine."""
    units: Mapping[str, EnergyUnit] = field(default_factory=dict)
    """By machine; empty if the format itself states the unit."""
    rates: tuple[DatedRates, ...] = ()
    """Prices and emission factors."""
    events: tuple[DeviceEvent, ...] = ()
    """Oldest first."""
    findings: tuple[FileFinding, ...] = ()
    rows: int = 0
    samples: tuple[tuple[str, ...], ...] = ()
    """Some rows of the file, unchanged, headings first."""

    @property
    def machines(self) -> tuple[str, ...]:
        """All machines in the content, sorted."""
        return tuple(sorted({*self.energy, *self.signals, *self.parts, *(event.device_id for event in self.events)}))

    def __len__(self) -> int:
        series: list[Energy | Signals | ProducedParts] = [
            *self.energy.values(),
            *self.signals.values(),
            *self.parts.values(),
        ]
        return sum(len(each) for each in series) + len(self.events)


FEWEST_DIGITS: Final = 4
"""The fewest digits of a register that rolls over."""
SMALL_SHARE: Final = 0.01
"""The distance to its end before a register rolls over, and to zero after that, as a share of its range."""
MOST_TIMES: Final = 3.0
"""How many times faster than its fastest other step a register may rise while it rolls over."""


def _rolled_over(at_ms: Ints, kwh: Floats, steps: Floats, findings: list[FileFinding]) -> Floats:
    """The steps of a register, with the energy counted while it rolled over, for example from 99999.9 to 0.2."""
    lasted = np.diff(at_ms)
    fastest = float((steps / lasted).max(initial=0.0))
    made, over = steps.copy(), []
    for place in np.flatnonzero(steps < 0).tolist() if fastest > 0.0 else []:
        before, after = float(kwh[place]), float(kwh[place + 1])
        digits = len(str(int(max(before, 0.0))))
        end = 10.0**digits
        passed = end - before + after
        is_at_the_end = digits >= FEWEST_DIGITS and before >= (1.0 - SMALL_SHARE) * end and after <= SMALL_SHARE * end
        if is_at_the_end and passed <= MOST_TIMES * fastest * lasted[place]:
            made[place] = passed
            over.append((before, after))
    if over:
        before, after = over[0]
        why = f"the register went from {before:,.10g} on to {after:,.10g}: it rolled over"
        findings.append(FileFinding("rollovers", str(len(over)), why))
    return made


def differences(at_ms: Ints, register_kwh: Floats) -> tuple[Energy, tuple[FileFinding, ...]]:
    """The energy between the values of a register; a fall to a lower value is an exchange or a reset, and unknown.

    A value that falls and recovers at once (a blink) is left out.
    """
    good = np.isfinite(register_kwh)
    at, kwh = at_ms[good], register_kwh[good]
    findings: list[FileFinding] = []
    if len(kwh) > 2:
        blink = np.zeros(len(kwh), dtype=np.bool_)
        before, here, after = kwh[:-2], kwh[1:-1], kwh[2:]
        blink[1:-1] = ((here < before) | (here > after)) & (after >= before)
        if blink.any():
            at, kwh = at[~blink], kwh[~blink]
            findings.append(
                FileFinding("blinks", str(int(blink.sum())), "registers that fall and come back are left out")
            )
    used = _rolled_over(at, kwh, np.diff(kwh), findings)
    exchanged = used < 0
    if exchanged.any():
        why = "the register falls: an exchanged meter, or a reset; the energy between the two values is not known"
        findings.append(FileFinding("exchanges", str(int(exchanged.sum())), why))
    return Energy(at[:-1], at[1:], np.where(exchanged, np.nan, used)), tuple(findings)
