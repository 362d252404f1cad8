"""How many false alarms a threshold may cost."""

from typing import Final

DAY_MS: Final = 86_400_000


def false_alarms_per_month(budget: float, *, horizon_ms: int) -> float:
    """The budget per machine and calendar month, of one that is meant for a model that looks a day ahead.

    A model that looks ahead 20 minutes, on a plant where a day of wear takes 20 minutes, says 72 times as often yes or
    no. Where it looks further than a day, or at labelled stretches (0), the budget stays what it is.
    """
    return budget * max(1.0, DAY_MS / horizon_ms) if horizon_ms else budget
