"""Days of a line, made up for tests of the cheapest time to stop."""

from datetime import timedelta

from energytrack.stopping.worktimes import WorkPeriod, WorkTimes
from testkit.dates import NOW


def a_day(*, work_until: float, break_hours: float = 0.0) -> WorkTimes:
    """Work for so many hours from now, then a break and work again; without a break, the shift ends."""
    turn, end = NOW + timedelta(hours=work_until), NOW + timedelta(hours=48)
    work = WorkPeriod(NOW, turn, "work")
    if not break_hours:
        return WorkTimes((work, WorkPeriod(turn, end, "off")), (turn,))
    back = turn + timedelta(hours=break_hours)
    return WorkTimes((work, WorkPeriod(turn, back, "break"), WorkPeriod(back, end, "work")))
