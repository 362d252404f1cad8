from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from control_api.windows import Proposal, last_due, proposal
from energytrack.calendar import WEEKDAYS
from energytrack.plant import load_plant

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23T21:14:59+00:00", date(2026, 11, 20)),  # a Monday, before 22:15 in Berlin: last Friday's
        ("2026-11-23T21:15:00+00:00", date(2026, 11, 23)),
        ("2026-11-24T00:10:00+00:00", date(2026, 11, 23)),  # late, after midnight: still Monday's
        ("2026-11-29T12:00:00+00:00", date(2026, 11, 27)),  # a Sunday
    ],
)
def test_a_run_belongs_to_the_day_it_was_due(now: str, expected: date) -> None:
    """However late it comes."""
    assert last_due(WEEKDAYS[:5], "22:15", now=datetime.fromisoformat(now), zone=BERLIN) == expected


def test_the_hour_that_the_clock_skips_has_its_run() -> None:
    """On 29 March 2026 there is no 02:30 in Berlin: it is due when the clock has moved on, at 01:30 UTC."""
    before, after = datetime(2026, 3, 29, 1, 29, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert last_due(WEEKDAYS, "02:30", now=before, zone=BERLIN) == date(2026, 3, 28)
    assert last_due(WEEKDAYS, "02:30", now=after, zone=BERLIN) == date(2026, 3, 29)


def test_the_hour_that_comes_twice_has_one_run() -> None:
    """On 25 October 2026 it is 02:30 in Berlin at 00:30 and at 01:30 UTC; both belong to one date."""
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert last_due(WEEKDAYS, "02:30", now=first, zone=BERLIN) == date(2026, 10, 25)
    assert last_due(WEEKDAYS, "02:30", now=second, zone=BERLIN) == date(2026, 10, 25)


def test_a_line_is_proposed_a_shutdown_after_its_last_shift() -> None:
    """On the days on which nobody works then; a line that works around the clock gets none on those days."""
    plant = load_plant(Path("plant.toml"))
    assert proposal("press-shop", plant) == Proposal(("mon", "tue", "wed", "thu", "fri"), "22:15")
    assert proposal("shipping", plant) is None or "22:15" not in str(proposal("shipping", plant))
    assert proposal("unheard-of", plant) is None
