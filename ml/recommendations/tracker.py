"""Which recommendations are open for which machine."""

from collections.abc import Iterable, Mapping, Sequence
from math import isnan

import numpy as np

from energytrack.messages import Recommendation
from ml.arrays import Integers, Mask
from ml.measures.alarms import NO_ALARM, AlarmState, begun_by, next_state
from ml.recommendations.rules import RecommendationRule
from ml.recommendations.situation import Situation


class RecommendationTracker:
    """The open recommendations of each machine: opened and closed with hysteresis."""

    def __init__(self, rules: tuple[RecommendationRule, ...]) -> None:
        self.rules = rules
        self._states: tuple[dict[int, AlarmState], ...] = tuple({} for _ in rules)
        """For each rule, the state of the machines, by row, that are not in the initial state."""
        self._lists: dict[int, tuple[Recommendation, ...]] = {0: ()}
        """The recommendations of each set of open rules, bit i standing for rule i: insights share these few lists."""

    def update(self, situation: Situation) -> Sequence[tuple[Recommendation, ...]]:
        """Process M readings, each device's in the order of time; returns the open recommendations at each of them."""
        open_rules = np.zeros(len(situation.device), dtype=np.int64)  # [M], bit i is set where rule i is open
        for place, (rule, states) in enumerate(zip(self.rules, self._states, strict=True)):
            value = rule.value(situation)
            rows = _concerned(situation.device, value >= rule.hysteresis.raise_at, states)
            columns = (situation.device[rows], value[rows], situation.at_ms[rows])
            is_open: list[bool] = []
            for device, own_value, at_ms in zip(*(column.tolist() for column in columns), strict=True):
                known = None if isnan(own_value) else own_value
                state = next_state(states.get(device, NO_ALARM), known, at_ms, rule.hysteresis)
                if state == NO_ALARM:
                    states.pop(device, None)
                else:
                    states[device] = state
                is_open.append(state.open)
            open_rules[rows] |= np.array(is_open, dtype=np.int64) << place
        return [self._list(bits) for bits in open_rules.tolist()]

    def reopen(self, device: int, codes: Iterable[str], at_ms: int) -> None:
        """Take over the stored open recommendations of a machine; unknown codes are ignored."""
        wanted = set(codes)
        for rule, states in zip(self.rules, self._states, strict=True):
            if rule.code in wanted:
                states[device] = AlarmState(open=True, since_ms=at_ms)

    def set_back(self, devices: Integers, moment_ms: Integers) -> None:
        """Continue with machines whose clocks were set back to these moments, [n] each."""
        for rule, states in zip(self.rules, self._states, strict=True):
            for device, at_ms in zip(devices.tolist(), moment_ms.tolist(), strict=True):
                if device in states:
                    states[device] = begun_by(states[device], at_ms, rule.hysteresis)

    def forget(self, devices: Integers) -> None:
        """Forget machines that moved to another consumer."""
        for states in self._states:
            for device in devices.tolist():
                states.pop(device, None)

    def _list(self, bits: int) -> tuple[Recommendation, ...]:
        recommendations = self._lists.get(bits)
        if recommendations is None:
            recommendations = tuple(rule.recommendation() for i, rule in enumerate(self.rules) if bits >> i & 1)
            self._lists[bits] = recommendations
        return recommendations


def _concerned(device: Integers, raised: Mask, states: Mapping[int, AlarmState]) -> Integers:
    """The readings that can change a state: those of machines that are not in the initial state, or about to leave it.

    `device` and `raised` are [M]; most batches concern only a few machines, so the rest is not processed one by one.
    """
    if not states and not raised.any():
        return np.zeros(0, dtype=np.int64)
    concerned = np.zeros(int(device.max(initial=0)) + 1, dtype=np.bool_)  # by device
    concerned[device[raised]] = True
    active = np.fromiter(states, dtype=np.int64, count=len(states))
    concerned[active[active < len(concerned)]] = True
    return np.flatnonzero(concerned[device])
