"""The settings of Kafka's MirrorMaker 2, which copies a plant's readings to the centre. Pure.

It runs at the plant, which opens all connections itself. It copies messages and nothing else: no orders, no groups, no
rights. At the centre a topic has the plant's name before its own: `plant-a.factory-sensor-data`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from energytrack.centre.settings import CentreSettings
from energytrack.errors import InvalidSettings
from energytrack.security.rights import MIRROR, RIGHTS
from energytrack.settings import KafkaSettings

CENTRE: Final = "centre"
"""The centre's name in these settings; no plant may have it."""
JAAS: Final = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}
FIXED: Final = """\
# Messages only: no groups, no rights, no heartbeats.
groups=
emit.checkpoints.enabled=false
emit.heartbeats.enabled=false
emit.offset-syncs.enabled=false
refresh.groups.enabled=false
sync.group.offsets.enabled=false
sync.topic.acls.enabled=false
sync.topic.configs.enabled=false
refresh.topics.interval.seconds=60

# How many copies a topic has is up to the centre's brokers.
replication.factor=-1
offset.storage.replication.factor=-1
config.storage.replication.factor=-1
status.storage.replication.factor=-1

# A producer that waits for the line neither gives up nor writes a message twice.
centre.producer.acks=all
centre.producer.enable.idempotence=true
centre.producer.compression.type=zstd
centre.producer.delivery.timeout.ms=2147483647
tasks.max=2

# MirrorMaker passes these on to its worker only with the target's name before them. What it sent since it last noted
# how far it has come, it sends again after a fault. A worker that was cut off comes back as a new member of its group;
# by default the work of the member that is gone, which is all of it, then rests for five minutes.
centre.offset.flush.interval.ms=5000
centre.scheduled.rebalance.max.delay.ms=0
"""


def properties(centre: CentreSettings, kafka: KafkaSettings, passwords: Mapping[str, str]) -> str:
    """The file for `MirrorMaker`; `passwords` has the `place` of each side's.

    Raises InvalidSettings.
    """
    if centre.plant is None or centre.kafka_servers is None:
        raise InvalidSettings(
            (f"{centre.variable('kafka_servers')}: needed to copy readings; the centre's brokers, as host:port",)
        )
    if centre.plant == CENTRE:
        raise InvalidSettings((f"{centre.variable('plant')}: a plant needs a name of its own, got {CENTRE!r}",))
    plant = centre.plant
    topics = ",".join(kafka.topic_prefix + topic for topic in RIGHTS[MIRROR].copies)
    lines = [
        f"clusters={plant},{CENTRE}",
        f"{plant}.bootstrap.servers={kafka.servers}",
        f"{CENTRE}.bootstrap.servers={centre.kafka_servers}",
        f"{plant}->{CENTRE}.enabled=true",
        f"{CENTRE}->{plant}.enabled=false",
        f"{plant}->{CENTRE}.topics={topics}",
        # All that it keeps at the centre begins with the plant's name, which is where its user may write.
        *(f"{kind}.storage.topic={plant}.mirror-{kind}" for kind in ("offset", "config", "status")),
        "config.providers=file",
        "config.providers.file.class=org.apache.kafka.common.config.provider.DirectoryConfigProvider",
        *_connection(plant, kafka.security_protocol, kafka.ca_file),
        *_sign_in(plant, kafka.security_protocol, kafka.sasl_mechanism, kafka.username, passwords["plant"]),
        *_connection(CENTRE, centre.kafka_security_protocol, centre.ca_file),
        *_sign_in(CENTRE, centre.kafka_security_protocol, "SCRAM-SHA-512", plant, passwords["centre"]),
    ]
    return "\n".join(lines) + "\n\n" + FIXED


def place(file: Path) -> str:
    """Where a password is, as `properties` takes it: MirrorMaker reads the file itself, and uses it unchanged."""
    return f"${{file:{file.parent}:{file.name}}}"


def _connection(cluster: str, protocol: str, authority: Path | None) -> Iterator[str]:
    yield f"{cluster}.security.protocol={protocol}"
    if protocol.endswith("SSL") and authority is not None:
        yield f"{cluster}.ssl.truststore.type=PEM"
        yield f"{cluster}.ssl.truststore.location={authority}"


def _sign_in(cluster: str, protocol: str, mechanism: str, user: str | None, password: str) -> Iterator[str]:
    if protocol.startswith("SASL"):
        yield f"{cluster}.sasl.mechanism={mechanism}"
        yield f'{cluster}.sasl.jaas.config={JAAS[mechanism]} required username="{user}" password="{password}";'
