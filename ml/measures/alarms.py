"""From probabilities to alarms: hysteresis and cool-down, the same for live alarms, evaluation and the gate."""

from typing import Final

import numpy as np
from msgspec import Struct

from ml.arrays import Floats, Integers


class AlarmRule(Struct, frozen=True):
    """When an alarm is raised, and when it is cleared."""

    raise_at: float
    """A value at or above this raises, after `confirm_ms`."""
    clear_at: float
    """A value below this clears; between the two nothing changes."""
    confirm_ms: int = 0
    cool_down_ms: int = 0
    """After an alarm was cleared, none is raised for this long."""


def failure_rule(threshold: float) -> AlarmRule:
    """How failure probabilities become alarms, live and in every evaluation."""
    return AlarmRule(raise_at=threshold, clear_at=0.6 * threshold, confirm_ms=5_000, cool_down_ms=600_000)


class AlarmState(Struct, frozen=True):
    """The state of one alarm of one machine."""

    open: bool = False
    since_ms: int | None = None
    """When it was raised; for a closed one, since when the value has been high enough to raise it."""
    rest_until_ms: int = 0


NO_ALARM: Final = AlarmState()


def next_state(watch: AlarmState, value: float | None, at_ms: int, rule: AlarmRule) -> AlarmState:
    """The alarm after one more value; None (unknown, or the machine is down) clears it."""
    if watch.open:
        if value is not None and value >= rule.clear_at:
            return watch
        rest = 0 if value is None else rule.cool_down_ms
        return AlarmState(rest_until_ms=at_ms + rest) if rest else NO_ALARM
    resting = at_ms < watch.rest_until_ms
    if value is None or value < rule.raise_at or resting:
        return AlarmState(rest_until_ms=watch.rest_until_ms) if resting else NO_ALARM
    since = at_ms if watch.since_ms is None else watch.since_ms
    return AlarmState(
        open=at_ms - since >= rule.confirm_ms, since_ms=at_ms if at_ms - since >= rule.confirm_ms else since
    )


def begun_by(watch: AlarmState, at_ms: int, rule: AlarmRule) -> AlarmState:
    """The alarm of a machine whose clock was set back to a moment: it did not begin later, and cools down no longer."""
    since = None if watch.since_ms is None else min(watch.since_ms, at_ms)
    return AlarmState(watch.open, since, min(watch.rest_until_ms, at_ms + rule.cool_down_ms))


def episodes(device: Integers, at_ms: Integers, value: Floats, rule: AlarmRule, *, gap_ms: int) -> Integers:
    """The alarms raised by a series of values, [alarms, 3]: device, from, until; NaN clears, and so does a gap.

    A gap is longer than `gap_ms` without a row: the machine was down, or its readings are missing.
    """
    order = np.lexsort((at_ms, device))
    device, at_ms, value = device[order], at_ms[order], value[order]
    first = np.ones(len(device), dtype=np.bool_)
    first[1:] = (device[1:] != device[:-1]) | (at_ms[1:] - at_ms[:-1] > gap_ms)
    stays = (value >= rule.clear_at) & ~first
    may_raise = value >= rule.raise_at
    ended = first.copy()
    ended[1:] |= may_raise[:-1]
    # The rows that can change an alarm: those that may raise a closed one, the next ones, and ends of an open one.
    for_closed, for_open = np.flatnonzero(may_raise | ended), np.flatnonzero(~stays)
    spans: list[tuple[int, int, int]] = []
    watch = NO_ALARM
    i = 0 if len(device) else None
    while i is not None:
        at = int(at_ms[i])
        if first[i]:
            if watch.open and watch.since_ms is not None:
                spans.append((int(device[i - 1]), watch.since_ms, int(at_ms[i - 1])))
            same = i > 0 and device[i] == device[i - 1]
            watch = AlarmState(rest_until_ms=watch.rest_until_ms) if same else NO_ALARM
        before, watch = watch, next_state(watch, None if np.isnan(value[i]) else float(value[i]), at, rule)
        if before.open and not watch.open and before.since_ms is not None:
            spans.append((int(device[i]), before.since_ms, at))
        i = _after(for_open if watch.open else for_closed, i)
    if watch.open and watch.since_ms is not None:
        spans.append((int(device[-1]), watch.since_ms, int(at_ms[-1])))
    return np.array(spans, dtype=np.int64).reshape(-1, 3)


def _after(rows: Integers, row: int) -> int | None:
    """The first of rising rows that comes after a row."""
    place = rows.searchsorted(row, side="right")
    return int(rows[place]) if place < len(rows) else None
