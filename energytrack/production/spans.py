"""Spans of time, in seconds since the epoch: sorted and without overlaps. Pure."""

from collections.abc import Iterable, Iterator

from energytrack.metering.quarters import QUARTER_SECONDS

Span = tuple[float, float]
"""Start and end."""


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The union of the spans; empty ones are left out."""
    merged: list[Span] = []
    for start, end in sorted(each for each in spans if each[0] < each[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


def common(some: Iterable[Span], others: Iterable[Span]) -> tuple[Span, ...]:
    """The time in both; each argument is sorted and without overlaps."""
    return tuple(_common(tuple(some), tuple(others)))


def without(some: Iterable[Span], others: Iterable[Span]) -> tuple[Span, ...]:
    """The time in the first only; each argument is sorted and without overlaps."""
    taken = tuple(others)
    remaining: list[Span] = []
    for start, end in some:
        at = start
        for from_, until in taken:
            if until <= at or from_ >= end:
                continue
            if from_ > at:
                remaining.append((at, from_))
            at = max(at, until)
        if at < end:
            remaining.append((at, end))
    return tuple(remaining)


def seconds(spans: Iterable[Span]) -> float:
    """The total length of the spans."""
    return sum(end - start for start, end in spans)


def by_quarter(spans: Iterable[Span], start: float, count: int) -> list[float]:
    """The seconds of each of `count` quarter hours from `start` on."""
    seconds = [0.0] * count
    for from_, until in spans:
        first = max(0, int((from_ - start) // QUARTER_SECONDS))
        last = min(count - 1, int((until - start) // QUARTER_SECONDS))
        for index in range(first, last + 1):
            begun = start + index * QUARTER_SECONDS
            seconds[index] += max(0.0, min(until, begun + QUARTER_SECONDS) - max(from_, begun))
    return seconds


def _common(some: tuple[Span, ...], others: tuple[Span, ...]) -> Iterator[Span]:
    i = j = 0
    while i < len(some) and j < len(others):
        start, end = max(some[i][0], others[j][0]), min(some[i][1], others[j][1])
        if start < end:
            yield start, end
        if some[i][1] <= others[j][1]:
            i += 1
        else:
            j += 1
