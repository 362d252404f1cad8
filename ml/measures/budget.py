"""The number of false alarms that a threshold may cause."""

from typing import Final

DAY_MS: Final = 86_400_000


def false_alarms_per_month(budget: float, *, horizon_ms: int) -> float:
    """The budget per machine and calendar month, from `budget`, which is meant for a model that looks a day ahead.

    A model that looks ahead 20 minutes, on a plant where a day of wear takes 20 minutes, decides 72 times as often. If
    it looks further ahead than a day, or at labelled ranges (0), the budget does not change.
    """
    return budget * max(1.0, DAY_MS / horizon_ms) if horizon_ms else budget
