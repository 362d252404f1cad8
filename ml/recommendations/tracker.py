"""Which recommendations are open for which machine."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from energytrack.messages import Recommendation
from ml.arrays import Integers, Mask
from ml.measures.alarms import NO_ALARM, AlarmState, next_state
from ml.recommendations.rules import RecommendationRule
from ml.recommendations.situation import Situation


class RecommendationTracker:
    """States of recommendations, opened and closed with hysteresis, each machine's by itself."""

    def __init__(self, entries: tuple[RecommendationRule, ...]) -> None:
        self.entries = entries
        self._watches: tuple[dict[int, AlarmState], ...] = tuple({} for _ in entries)
        self._told: dict[int, tuple[Recommendation, ...]] = {0: ()}

    def update(self, situation: Situation) -> Sequence[tuple[Recommendation, ...]]:
        """Move on by M readings, each device's in the order of time; returns what is open at each of them."""
        bits = np.zeros(len(situation.device), dtype=np.int64)
        for place, (advice, watches) in enumerate(zip(self.entries, self._watches, strict=True)):
            value = advice.value(situation)
            for i in _concerned(situation.device, value >= advice.rule.raise_at, watches):
                device = int(situation.device[i])
                known = None if np.isnan(value[i]) else float(value[i])
                watch = next_state(watches.get(device, NO_ALARM), known, int(situation.at_ms[i]), advice.rule)
                if watch == NO_ALARM:
                    watches.pop(device, None)
                else:
                    watches[device] = watch
                bits[i] |= watch.open << place
        return [self._list(open_bits) for open_bits in bits.tolist()]

    def reopen(self, device: int, codes: Iterable[str], at_ms: int) -> None:
        """Take over what was open for a machine where it was watched before; codes that are not known are left out."""
        wanted = set(codes)
        for advice, watches in zip(self.entries, self._watches, strict=True):
            if advice.code in wanted:
                watches[device] = AlarmState(open=True, since_ms=at_ms)

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


def _concerned(device: Integers, stirred: Mask, watches: Mapping[int, AlarmState]) -> Sequence[int]:
    """The readings that can change a state: those of machines under watch, or about to be."""
    if not watches and not stirred.any():
        return ()
    flagged = np.zeros(int(device.max(initial=0)) + 1, dtype=np.bool_)
    flagged[device[stirred]] = True
    under_watch = np.fromiter(watches, dtype=np.int64, count=len(watches))
    flagged[under_watch[under_watch < len(flagged)]] = True
    rows: list[int] = np.flatnonzero(flagged[device]).tolist()
    return rows
