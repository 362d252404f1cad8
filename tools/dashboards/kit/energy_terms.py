"""Energy, cost and power as expressions on recording rules: sums over time of each minute's increase are exact."""

from typing import Final

from tools.dashboards.kit.queries import LINES, MACHINES

USED: Final = "energy_kwh:increase1m"
USED_IDLE: Final = "idle_energy_kwh:increase1m"
COST: Final = "energy_cost:increase1m"
COST_OF_IDLE: Final = "idle_energy_cost:increase1m"

BEFORE: Final = (("", "today"), ("1d", "yesterday by now"), ("7d", "yesterday by now"))
"""What today is compared with: the same hours of the day before and of the same weekday."""


def power(by: str = "") -> str:
    """Watts now, summed over machines; by labels if given."""
    return f"sum{_by(by)} (line_type:power_watts:sum{{{LINES}}})"


def peak() -> str:
    """The highest mean over a quarter of an hour in the time range, in watts.

    The steps of a subquery are aligned to the clock, not to the range. In a plant that started less than a step ago,
    the current mean is used instead.
    """
    mean = f"sum(avg_over_time(line_type:power_watts:sum{{{LINES}}}[15m]))"
    return f"max_over_time({mean}[$__range:5m]) or {mean}"


def added(what: str, *, window: str = "$__range", by: str = "", before: str = "") -> str:
    """The increase over a window, summed over lines and types; `before` moves the window back."""
    shift = f" offset {before}" if before else ""
    return f"sum{_by(by)} (sum_over_time(line_type:{what}{{{LINES}}}[{window}]{shift}))"


def added_by_machine(what: str, *, window: str = "$__range") -> str:
    """The increase over a window, by machine."""
    return f"sum by (device_id, device_type, line) (sum_over_time(device:{what}{{{MACHINES}}}[{window}]))"


def _by(labels: str) -> str:
    return f" by ({labels})" if labels else ""
