"""A service pauses before the stores' disk is full, and goes on when there is room."""

import threading
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from energytrack.clock import ManualClock
from energytrack.running import disk_room
from energytrack.running.disk_room import Room, RoomGuard, room_of
from energytrack.settings import DiskSettings
from testkit.builders.messages import NOW


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The share of every disk that is free; a test changes it."""
    share = [0.5]
    monkeypatch.setattr(disk_room, "room_of", lambda _: Room(1_000_000, round(share[0] * 1_000_000)))
    return share


def a_guard(clock: ManualClock, registry: CollectorRegistry | None = None, folders: str = "/data") -> RoomGuard:
    return RoomGuard(DiskSettings(folders=folders), clock=clock, registry=registry or CollectorRegistry())


def test_it_pauses_below_the_reserve_and_goes_on_a_fifth_above_it(free: list[float]) -> None:
    clock, registry = ManualClock(NOW), CollectorRegistry()
    guard = a_guard(clock, registry)
    paused = []
    for share in (0.5, 0.051, 0.049, 0.055, 0.061, 0.055):
        free[0] = share
        clock.sleep(1.0)
        paused.append((bool(guard.why_short()), registry.get_sample_value("energytrack_disk_paused")))
    assert paused == [(False, 0), (False, 0), (True, 1), (True, 1), (False, 0), (False, 0)]


def test_the_reason_names_the_folder_and_what_is_left(free: list[float]) -> None:
    free[0] = 0.03
    assert "the disk of /data has been nearly full (3.0% free" in a_guard(ManualClock(NOW)).why_short()


def test_a_disk_is_looked_at_once_a_second_and_no_more(free: list[float]) -> None:
    clock = ManualClock(NOW)
    guard = a_guard(clock)
    assert not guard.why_short()
    free[0] = 0.01
    clock.sleep(0.5)
    assert not guard.why_short()
    clock.sleep(0.5)
    assert guard.why_short()


def test_without_folders_nothing_is_looked_at(free: list[float]) -> None:
    free[0] = 0.0
    assert not a_guard(ManualClock(NOW), folders="").why_short()


def test_a_folder_that_is_not_there_is_no_reason_to_pause(tmp_path: Path) -> None:
    assert not a_guard(ManualClock(NOW), folders=f"{tmp_path / 'none'}").why_short()


def test_whoever_waits_is_released_on_a_stop(free: list[float]) -> None:
    free[0] = 0.0
    stop = threading.Event()
    stop.set()
    a_guard(ManualClock(NOW)).wait(stop)


def test_room_is_counted_as_df_does(tmp_path: Path) -> None:
    found = room_of(tmp_path)
    assert 0 < found.free <= found.size
    assert 0 < found.share <= 1


def test_folders_are_separated_by_commas() -> None:
    assert DiskSettings(folders="/a, /b,").paths == (Path("/a"), Path("/b"))
