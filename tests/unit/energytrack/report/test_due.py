"""When the report of a month that is over is sent."""

from datetime import datetime, time, timedelta

from energytrack.bill.load import Month
from energytrack.report.due import LATE, due_month
from testkit.dates import DAY, PLANT_ZONE

DUE = datetime.combine(DAY.replace(day=2), time(6), PLANT_ZONE)


def test_from_its_time_on_for_a_few_days() -> None:
    month = Month.before(DUE)
    for local, due in (
        (DUE - timedelta(seconds=1), None), (DUE, month), (DUE + LATE, month), (DUE + 1.01 * LATE, None),
    ):  # fmt: skip
        assert due_month(local, day=2, at=time(6)) == due
