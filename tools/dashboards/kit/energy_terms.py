"""Energy, cost and power as expressions on recording rules: sums over time of each minute's increase are exact."""

from typing import Final

from tools.dashboards.kit.queries import LINES

USED: Final = "energy_kwh:increase1m"
USED_IDLE: Final = "idle_energy_kwh:increase1m"
COST: Final = "energy_cost:increase1m"
COST_OF_IDLE: Final = "idle_energy_cost:increase1m"

BEFORE: Final = (("", "today"), ("1d", "yesterday by now"), ("7d", "a week ago by now"))
"""The times that today is compared with: the same hours of the day before and of the same weekday."""


def power(by: str = "") -> str:
    """Watts now, summed over machines; by labels if given."""
    return f"sum{_by(by)} (line_type:power_watts:sum{{{LINES}}})"


def peak() -> str:
    """The highest mean over a full quarter hour in the time range, in watts.

    The steps of a subquery are aligned to the clock: these are the quarter hours that utilities bill. Quarter hours
    that lack more than a tenth of their samples are left out: their mean may be of a few minutes only.
    """
    quarter = f"line_type:power_watts:sum{{{LINES}}}[15m]"
    full = f"max(count_over_time({quarter})) >= {54}"
    return f"max_over_time((sum(avg_over_time({quarter})) and on () ({full}))[$__range:15m])"


def added(what: str, *, window: str = "$__range", by: str = "", before: str = "") -> str:
    """The increase over a window, summed over lines and types; `before` moves the window back."""
    shift = f" offset {before}" if before else ""
    return f"sum{_by(by)} (sum_over_time(line_type:{what}{{{LINES}}}[{window}]{shift}))"


def added_by_machine(what: str, *, window: str = "$__range") -> str:
    """The increase over a window, by machine."""
    return f"sum by (device_id, device_type, line) (sum_over_time(device:{what}{{{LINES}}}[{window}]))"


def of_month(what: str, *, by: str = "") -> str:
    """The ledger's sum since the first of the month. The panel's time range must be the month so far (`now/M`).

    A day's sample lies at noon, so today's may be ahead of now: the window is moved by just under half a day.
    """
    return f"sum{_by(by)} (sum_over_time({_ledger(what)}[$__range] offset -719m))"


def of_today(what: str, *, by: str = "") -> str:
    """The ledger's sum of today so far."""
    return f"sum{_by(by)} (last_over_time({_ledger(what)}[1d] offset -719m))"


def of_yesterday(what: str, *, by: str = "") -> str:
    """The ledger's sum of yesterday."""
    return f"sum{_by(by)} ({_ledger(what, 'previous_day')})"


def of_last_days(what: str, *, by: str = "") -> str:
    """The ledger's sum of the seven days before today."""
    return f"sum{_by(by)} ({_ledger(what, 'previous_week')})"


SHORT_DAYS: Final = 32
"""Whoever is known for longer has whole days, weeks and months."""


def only_since(*, by: str) -> str:
    """Since when the ledger knows anything, in milliseconds, if that is not long ago."""
    since = f'min{_by(by)} (energytrack_ledger_since_timestamp_seconds{{source="ledger",{LINES}}})'
    return f"1000 * ({since} > time() - {SHORT_DAYS * 86_400})"


def month_ahead(what: str) -> str:
    """The whole month, if its remaining days are like those of the last week; from the second day of a plant on."""
    week = f"{_ledger(what)}[7d] offset 12h"
    by_day = f"sum(sum_over_time({week})) / max(count_over_time({week}))"
    left = "(days_in_month(vector(time())) - $__range_s / 86400)"
    return f"{of_month(what)} + {by_day} * on () group_left () {left}"


def _ledger(what: str, period: str = "day") -> str:
    return f'energytrack_ledger_{period}_{what}{{source="ledger",{LINES}}}'


def kept(what: str, *, by: str, only: str = "") -> str:
    """The ledger's sums by day or month: `day_kwh` has those of days. Exact, and as far back as the ledger goes.

    Its samples lie within the day: a step of a day finds it at the midnight before. `only` limits the machines.
    """
    return f"sum{_by(by)} ({_of_each(what)}{only})"


def with_estimated_parts(*, are: bool) -> str:
    """Limit `kept` to machines with estimated parts on the day, or to those without."""
    return f" {'and' if are else 'unless'} on (device_id) ({_of_each('day_estimated_parts')} > 0)"


def _of_each(what: str) -> str:
    return f'last_over_time(energytrack_ledger_{what}{{source="ledger",{LINES}}}[1d] offset -1d)'


def _by(labels: str) -> str:
    return f" by ({labels})" if labels else ""
