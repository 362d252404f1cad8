"""The runs: each moves the machine's day, hour or zone, or the tests' own day."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

DAYS: Final = (0, 40, 120, 400)
"""Days by which the fixed day of the tests is moved (`testkit/dates.py`)."""
ZONES: Final = ("UTC", "America/Chicago", "Asia/Kolkata")
"""Zones of the machine."""
HOURS: Final = ("00:00:05", "05:59:50", "11:59:30", "17:04:58", "23:58:30")
"""In the machine's zone: just after midnight, before a shift, before noon, before a minute of five, across midnight."""
MOVED_CLOCK: Final = Path(__file__).parent / "moved_clock"
BESIDE: Final = 3
"""How often the tests run on a busy machine."""


@dataclass(frozen=True)
class SuiteRun:
    """One run of the tests."""

    days: int = 0
    zone: str = "UTC"
    hour: str | None = None
    """The machine's clock at the start of the run; None leaves it alone."""
    busy: bool = False

    @property
    def name(self) -> str:
        """The name of the run in the table."""
        return ", ".join(
            (
                f"+{self.days} days",
                self.zone,
                *((f"from {self.hour}",) if self.hour else ()),
                *(("beside a busy machine",) if self.busy else ()),
            )
        )

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment of the tests; if the clock is moved, the monotonic clock is not."""
        moved = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "PYTHONPATH": str(MOVED_CLOCK)} if self.hour else {}
        return {"TESTS_DAYS_LATER": str(self.days), "TZ": self.zone, **moved}

    def prefix(self, today: date) -> tuple[str, ...]:
        """The prefix of the command: the clock runs from `hour` on."""
        return ("faketime", "-f", f"@{today} {self.hour}") if self.hour else ()


def _mixed() -> Iterator[SuiteRun]:
    """Every hour, every zone and every move of the day, in as few runs as there are hours."""
    for number, hour in enumerate(HOURS):
        yield SuiteRun(DAYS[-number % len(DAYS)], ZONES[number % len(ZONES)], hour)


KINDS: Final[Mapping[str, Callable[[], Iterable[SuiteRun]]]] = {
    "mixed": _mixed,
    "days": lambda: (SuiteRun(days, zone) for days in DAYS[1:] for zone in ZONES),
    "zones": lambda: (SuiteRun(zone=zone) for zone in ZONES),
    "hours": lambda: (SuiteRun(hour=hour) for hour in HOURS),
    "busy": lambda: (SuiteRun(busy=True) for _ in range(BESIDE)),
}
"""The kinds of run to choose from."""
USUAL: Final = ("mixed", "busy")
