"""What the plant should do about a machine: a catalogue of sentences, each with the rule that opens and closes it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from msgspec import Struct

from energytrack.messages import Recommendation
from ml.alarms import CALM, Rule, Watch, failure_rule, step
from ml.arrays import Floats, Integers, Mask

SECOND: Final = 1000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE

INSPECT: Final = "inspect_24h"
SHUTDOWN: Final = "scheduled_shutdown"


@dataclass(frozen=True, eq=False)
class Situation:
    """What is known of machines at M readings, as far as recommendations need it; NaN where unknown."""

    device: Integers
    at_ms: Integers
    probability: Floats
    threshold: float
    idle_minutes: Floats
    """How long the machine has been idle without a break; 0 where it is not idle."""


class Advice(Struct, frozen=True):
    """One entry of the catalogue."""

    code: str
    text: str
    value: Callable[[Situation], Floats]
    """How much speaks for it, [M]; NaN where nothing is known, which closes it."""
    rule: Rule

    def recommendation(self) -> Recommendation:
        """As it stands in an insight."""
        return Recommendation(self.code, self.text)


def catalogue(*, idle_minutes: float = 15.0) -> tuple[Advice, ...]:
    """All recommendations, in the order in which they are listed in an insight."""
    return (
        Advice(
            INSPECT,
            "High failure risk: Inspect machine within 24 hours.",
            lambda s: s.probability / s.threshold,
            failure_rule(1.0),
        ),
        Advice(
            SHUTDOWN,
            "High idle energy usage: Consider scheduled shutdown.",
            lambda s: s.idle_minutes,
            Rule(raise_at=idle_minutes, clear_at=min(1.0, idle_minutes), cool_down_ms=5 * MINUTE),
        ),
    )


class Book:
    """Which recommendations are open for which machine: states, opened and closed with hysteresis."""

    def __init__(self, entries: tuple[Advice, ...]) -> None:
        self.entries = entries
        self._watches: tuple[dict[int, Watch], ...] = tuple({} for _ in entries)
        self._told: dict[int, tuple[Recommendation, ...]] = {0: ()}

    def turn(self, situation: Situation) -> Sequence[tuple[Recommendation, ...]]:
        """Move on by M readings, each device's in the order of time; returns what is open at each of them."""
        bits = np.zeros(len(situation.device), dtype=np.int64)
        for place, (advice, watches) in enumerate(zip(self.entries, self._watches, strict=True)):
            value = advice.value(situation)
            for i in _concerned(situation.device, value >= advice.rule.clear_at, watches):
                device = int(situation.device[i])
                known = None if np.isnan(value[i]) else float(value[i])
                watch = step(watches.get(device, CALM), known, int(situation.at_ms[i]), advice.rule)
                if watch == CALM:
                    watches.pop(device, None)
                else:
                    watches[device] = watch
                bits[i] |= watch.open << place
        return [self._list(open_bits) for open_bits in bits.tolist()]

    def forget(self, devices: Integers) -> None:
        """Let go of machines that are watched elsewhere now."""
        for watches in self._watches:
            for device in devices.tolist():
                watches.pop(device, None)

    def _list(self, bits: int) -> tuple[Recommendation, ...]:
        told = self._told.get(bits)
        if told is None:
            told = tuple(advice.recommendation() for i, advice in enumerate(self.entries) if bits >> i & 1)
            self._told[bits] = told
        return told


def _concerned(device: Integers, stirred: Mask, watches: Mapping[int, Watch]) -> Sequence[int]:
    """The readings that can change a state: those of machines under watch, or about to be."""
    if not watches and not stirred.any():
        return ()
    flagged = np.zeros(int(device.max(initial=0)) + 1, dtype=np.bool_)
    flagged[device[stirred]] = True
    under_watch = np.fromiter(watches, dtype=np.int64, count=len(watches))
    flagged[under_watch[under_watch < len(flagged)]] = True
    rows: list[int] = np.flatnonzero(flagged[device]).tolist()
    return rows
