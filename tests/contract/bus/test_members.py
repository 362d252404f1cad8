"""Members of a group that have a name, on a real broker with both clients: killed, replaced, and gone for good."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from energytrack.bus import Bus, Source, limits
from energytrack.bus.open import open_bus
from energytrack.errors import AccessRefused
from energytrack.topics import READINGS
from tests.contract.bus.traffic import DEVICES, KAFKA_CLIENTS, PARTITIONS, TOPICS, put, settings_for, shared_out, take

LONG_SECONDS = 600
"""A session that does not expire during a test."""
JOINED = """
import sys

from energytrack.bus import limits

limits.SESSION_SECONDS = int(sys.argv[1])

from energytrack.bus.open import open_bus
from energytrack.settings import KafkaSettings

source = open_bus(KafkaSettings.model_validate_json(sys.argv[2]), "contract").source("g", [sys.argv[3]])
while not source.partitions():
    source.take(1, 0.2)
print("joined", flush=True)
while True:
    source.take(1, 0.2)
"""


@pytest.fixture(params=KAFKA_CLIENTS)
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def named(client: str, topic_prefix: str, kafka_servers: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Bus]:
    """The bus of a process with a name, whose session lasts."""
    monkeypatch.setattr(limits, "SESSION_SECONDS", LONG_SECONDS)
    plain = settings_for(client, kafka_servers, topic_prefix)
    open_bus(plain, "contract").create_topics(TOPICS)
    return lambda name: open_bus(plain.model_copy(update={"member": name}), "contract")


@pytest.fixture
def killed(client: str, topic_prefix: str, kafka_servers: str, named: Callable[[str], Bus]) -> str:
    """The name of a member that has joined, and was then killed."""
    settings = settings_for(client, kafka_servers, topic_prefix).model_copy(update={"member": "historian"})
    command = [sys.executable, "-c", JOINED, str(LONG_SECONDS), settings.model_dump_json(exclude_none=True), READINGS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "joined\n"
        finally:
            process.kill()
    return "historian"


def test_who_was_killed_gets_its_partitions_back_at_once(
    killed: str, named: Callable[[str], Bus], joined: Callable[[Source], Source]
) -> None:
    """It does not wait until the session of its earlier life has expired."""
    put(named(""), DEVICES)
    again = joined(named(killed).source("g", [READINGS]))
    assert {record.key for record in take(again, len(DEVICES))} == {device.encode() for device in DEVICES}
    again.commit()


def test_who_leaves_leaves_for_good(named: Callable[[str], Bus], joined: Callable[[Source], Source]) -> None:
    """Its partitions go to the others now, and not when its session has expired."""
    leaver, stayer = named("one").source("g", [READINGS]), joined(named("two").source("g", [READINGS]))
    shared_out([leaver, stayer], each=PARTITIONS // 2)
    leaver.close()
    shared_out([stayer], each=PARTITIONS)


def test_a_namesake_replaces_who_is_still_there(
    named: Callable[[str], Bus], joined: Callable[[Source], Source]
) -> None:
    """One that hangs, or runs by mistake, can commit nothing any longer, and is told why."""
    first = joined(named("one").source("g", [READINGS]))
    shared_out([first], each=PARTITIONS)
    put(named(""), DEVICES)
    take(first, len(DEVICES))
    second = joined(named("one").source("g", [READINGS]))
    assert len(take(second, len(DEVICES))) == len(DEVICES)
    second.commit()
    with pytest.raises(AccessRefused, match=r"another process is the member 'one' .* ENERGYTRACK_KAFKA_MEMBER"):
        first.commit()
