"""Formats measured numbers for people: a dash if there is none, never "nan"."""

from math import isfinite


def number(value: float | None, digits: int = 3) -> str:
    return f"{value:,.{digits}f}" if value is not None and isfinite(value) else "-"


def interval(edges: tuple[float, float] | None, digits: int = 3) -> str:
    """Both edges; empty without an interval."""
    return f"{number(edges[0], digits)} to {number(edges[1], digits)}" if edges and isfinite(edges[0]) else ""


def percent(share: float | None) -> str:
    """A share of 1: "62 %", and "under 1 %" if a positive share rounds to zero."""
    if share is None or not isfinite(share):
        return "-"
    return "under 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def rate(value: float | None) -> str:
    """A rate, which may be tiny, with two significant digits."""
    return f"{value:.2g}" if value is not None and isfinite(value) else "-"
