"""What is printed about the disk: nothing while the space lasts for long."""

from pathlib import Path

import pytest

from energytrack.running.disk_room import Room
from local.terminal.disk import GIB, DiskUse, disk_notes, in_words

TAKEN = "the stack uses 6.3 GiB (kafka 6.0 GiB, mongo 300 MiB)"


def use(free: float, lasts_seconds: float | None = None) -> DiskUse:
    return DiskUse(
        Room(100 * GIB, round(free * 100 * GIB)), 0.05, {"kafka": 6 * GIB, "mongo": 300 * 2**20}, lasts_seconds
    )


@pytest.mark.parametrize(
    ("free", "lasts", "said"),
    [
        (0.6, 3600.0, ""),
        (0.3, None, ""),
        (0.3, 10 * 86_400.0, ""),
        (0.3, 5 * 3600.0, "disk 70% full, lasts 5 h, " + TAKEN),
        (0.14, None, "disk 86% full, " + TAKEN),
        (
            0.04,
            None,
            f"services have paused until there is space: disk 96.0% full, {TAKEN}",
        ),
    ],
)
def test_a_warning_comes_before_the_disk_is_full(free: float, lasts: float | None, said: str) -> None:
    assert use(free, lasts).warning() == said


def test_the_whole_truth_for_who_asks() -> None:
    assert str(use(0.6, 14 * 86_400.0)) == (
        "40% full, 60.0 of 100.0 GiB free, the stack uses 6.3 GiB (kafka 6.0 GiB, mongo 300 MiB), "
        "lasts 14 days at this growth"
    )


def test_a_prometheus_that_does_not_answer_hides_no_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: str) -> float | None:
        raise OSError("refused")

    monkeypatch.setattr("local.terminal.disk.room_of", lambda _: Room(100, 1))
    (said,) = disk_notes(tmp_path, away)
    assert said.startswith("services have paused until there is space: disk 99.0% full")


def test_a_time_is_said_as_people_say_it() -> None:
    assert [in_words(seconds) for seconds in (300, 7000, 3600 * 30, 86_400 * 3)] == [
        "5 min",
        "117 min",
        "30 h",
        "3 days",
    ]
