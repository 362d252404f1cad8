"""How full the disks are, and what fills them."""

from pathlib import Path

from prometheus_client import CollectorRegistry

from energytrack.clock import ManualClock
from energytrack.settings import DiskSettings
from exporters.disk import DISKS, DiskCollector, used_by_parts
from testkit.builders.messages import NOW


def a_registry(*folders: Path) -> CollectorRegistry:
    registry = CollectorRegistry()
    settings = DiskSettings(folders=",".join(map(str, folders)), reserve=0.1)
    registry.register(DiskCollector(settings, ManualClock(NOW)))
    return registry


def test_a_disk_tells_its_size_what_is_free_what_is_kept_free_and_what_takes_it(tmp_path: Path) -> None:
    var = tmp_path / "var"
    (var / "kafka" / "data").mkdir(parents=True)
    (var / "kafka" / "data" / "segment").write_bytes(b"x" * 1_000_000)
    registry = a_registry(var)
    size = registry.get_sample_value("energytrack_disk_size_bytes", {"disk": "var"})
    free = registry.get_sample_value("energytrack_disk_free_bytes", {"disk": "var"})
    assert size is not None
    assert free is not None
    assert 0 < free < size
    assert registry.get_sample_value("energytrack_disk_reserve_bytes", {"disk": "var"}) == 0.1 * size
    used = registry.get_sample_value("energytrack_disk_used_bytes", {"disk": "var", "part": "kafka"})
    assert used is not None
    assert 1_000_000 <= used < 1_100_000


def test_holes_in_files_take_no_room(tmp_path: Path) -> None:
    (tmp_path / "kafka").mkdir()
    with (tmp_path / "kafka" / "index").open("wb") as file:
        file.truncate(10_000_000)
    assert used_by_parts(tmp_path)["kafka"] < 100_000


def test_a_folder_that_is_not_there_has_no_series(tmp_path: Path) -> None:
    assert [sample for family in a_registry(tmp_path / "none").collect() for sample in family.samples] == []


def test_what_is_exported_is_what_is_declared(tmp_path: Path) -> None:
    (tmp_path / "kafka").mkdir()
    assert [family.name for family in a_registry(tmp_path).collect()] == [family.name for family in DISKS]
