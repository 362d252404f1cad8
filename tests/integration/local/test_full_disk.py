"""A full disk, and whatever is killed however often: everything is back by itself, and nothing acknowledged is lost."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from pydantic import SecretStr

from energytrack.bus.open import open_bus
from energytrack.decoding.parsing import parse_reading
from energytrack.messages import Reading
from energytrack.security.rights import ADMIN
from energytrack.settings import MongoSettings
from energytrack.store.open import open_store
from energytrack.topics import READINGS
from local.errors import NotReady
from local.lifecycle.readiness import ask
from local.lifecycle.supervisord import connected
from local.services.access import kafka_settings
from local.services.catalogue import services
from local.services.mongo import mongo_uri
from testkit.patience import seconds_here
from testkit.stack.disks import NoDisk, filled, small_disk
from testkit.stack.facts import plant_meters
from testkit.stack.local_stack import LocalStack, a_stack, pretend_to_have_a_model
from testkit.stack.servers import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
DEVICES = 10
DISK_MIB = 3600
BACK_SECONDS = 30.0
FULL_SECONDS = 10.0
SERVERS = {"kafka", "mongo"}
KILLS = 3
EXACT = {f"ENERGYTRACK_SIMULATOR_{each}_SHARE": "0" for each in ("LATE", "DUPLICATE", "OUT_OF_ORDER")}
"""Each machine sends one reading a second, in order."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with ExitStack() as stack:
        try:
            yield stack.enter_context(small_disk(tmp_path / "var", mib=DISK_MIB))
        except NoDisk as why:
            pytest.skip(str(why))


@pytest.fixture
def stack(disk: Path) -> Iterator[LocalStack]:
    with a_stack(disk, {"ENERGYTRACK_SIMULATOR_CATCH_UP_SECONDS": "3600", **EXACT}) as made:
        pretend_to_have_a_model(disk)
        started = made.say("up", "--devices", str(DEVICES))
        assert started.returncode == 0, started.stdout + started.stderr
        yield made


def test_everything_is_back_after_a_full_disk_and_after_kills_and_nothing_is_lost(stack: LocalStack) -> None:
    """Nearly full: it pauses and says so. Full to the last byte for 10 s. Then each process is killed three times."""
    eventually(lambda: _filed(stack), 60, pause=1)

    with filled(stack.site.var, leave=0.03):
        eventually(lambda: "services have paused until there is space" in stack.say("status").stdout, 60, pause=1)
        eventually(lambda: "paused until there is space" in stack.site.log("historian").read_text(), 30, pause=0.5)
    eventually(lambda: "continuing" in stack.site.log("historian").read_text(), seconds_here(BACK_SECONDS), pause=0.5)

    with filled(stack.site.var, leave=0.0) as fill:
        until = monotonic() + FULL_SECONDS
        while monotonic() < until:
            fill()
            sleep(0.2)  # the pace of the filling: what services free meanwhile is taken at once
    eventually(lambda: not _away(stack), seconds_here(BACK_SECONDS), pause=0.5)

    for names in (["kafka"], ["mongo"], [each.name for each in services(stack.site) if each.name not in SERVERS]):
        for name in names * KILLS:
            _kill(stack, name)
        eventually(lambda: not _away(stack), seconds_here(BACK_SECONDS), pause=0.5)

    assert stack.say("status").returncode == 0
    acknowledged = _on_kafka(stack)
    meters = plant_meters(stack.site)  # they send less often
    assert _seconds_without_a_reading({each for each in acknowledged if each[0] not in meters}) == 0
    eventually(lambda: acknowledged <= _filed(stack), 60, pause=1)


def _away(stack: LocalStack) -> list[str]:
    """The services that do not answer."""
    away = []
    for service in services(stack.site):
        try:
            ask(service.ready)
        except NotReady:
            away.append(service.name)
    with connected(stack.site) as supervisor:
        return away if supervisor is not None else ["supervisord"]


def _kill(stack: LocalStack, name: str) -> None:
    """kill -9 of what runs by that name now; while it is away there is nothing to kill."""
    with suppress(ProcessLookupError):
        pid = eventually(lambda: stack.supervised(name), 10)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: stack.supervised(name) != pid, 10)


def _filed(stack: LocalStack) -> set[tuple[str, datetime]]:
    """What is in the database: device and time of each reading."""
    store = open_store(MongoSettings(uri=SecretStr(mongo_uri(stack.site))))
    with closing(store):
        now = datetime.now(UTC)
        today = {"since": now - timedelta(hours=2), "until": now + timedelta(hours=1)}
        filed = store.readings.stream([*store.devices.ids(), *plant_meters(stack.site)], **today)
        return {(reading.device_id, reading.timestamp) for reading in filed}


def _on_kafka(stack: LocalStack) -> set[tuple[str, datetime]]:
    """What the broker has: all that it ever acknowledged."""
    bus = open_bus(kafka_settings(stack.site, ADMIN), "test")
    found: list[Reading] = []
    with closing(bus.source("test-full-disk", [READINGS])) as source:
        quiet = 0
        while quiet < 3:
            records = source.take(5000, 2.0)
            quiet = 0 if records and len(records) > DEVICES * 3 else quiet + bool(found)
            found += [parse_reading(record.value or b"", datetime.now(UTC)) for record in records]
    return {(reading.device_id, reading.timestamp) for reading in found}


def _seconds_without_a_reading(readings: set[tuple[str, datetime]]) -> int:
    """Summed over the machines, each of which sends one reading a second."""
    times: dict[str, list[datetime]] = {}
    for device, at in sorted(readings):
        times.setdefault(device, []).append(at)
    return sum(round((each[-1] - each[0]).total_seconds()) + 1 - len(each) for each in times.values())
