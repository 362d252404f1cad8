"""`python -m centre.watch`: runs at a plant beside MirrorMaker, and tells Prometheus how far behind the centre is."""

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import SecretStr

from centre.mirroring import Mirroring, Partition
from energytrack.bus.kafka.newest import NewestMessages
from energytrack.centre.settings import CentreSettings
from energytrack.errors import BusUnavailable, InvalidSettings
from energytrack.running.health import Health
from energytrack.running.launcher import launch_command
from energytrack.running.service import entry, running
from energytrack.security.rights import MIRROR, RIGHTS
from energytrack.settings import KafkaSettings, ServiceSettings, read_all

log = structlog.get_logger(__name__)

NAME: Final = "mirror_watch"
COMPARE_SECONDS: Final = 15.0


class MirrorWatch(Collector):
    """Compares the newest messages on both brokers, and shows by how much the centre is behind."""

    def __init__(self, plant: NewestMessages, centre: NewestMessages, names: Mapping[str, str], health: Health) -> None:
        """`names` has each topic of the plant, and what it is called at the centre."""
        self._plant = plant
        self._centre = centre
        self._names = names
        self._health = health
        self._mirroring = Mirroring()
        self._away: set[NewestMessages] = set()
        self._lag: float | None = None

    def compare(self, now: float) -> None:
        """Ask both brokers; `now` is in Unix seconds."""
        plant = self._asked(self._plant, self._names)
        centre = self._asked(self._centre, self._names.values())
        own = {there: topic for topic, there in self._names.items()}
        arrived = {(own[topic], number): newest for (topic, number), newest in (centre or {}).items()}
        self._lag = None if plant is None else self._mirroring.lag(plant, arrived, now)

    def collect(self) -> Iterator[Metric]:
        """Nothing while the plant's own broker does not answer."""
        family = GaugeMetricFamily(
            "energytrack_mirror_lag_seconds",
            "How long the centre's Kafka has lacked a reading or event that the plant's already had; 0 if it has all "
            "of them. Absent while the plant's own Kafka does not answer.",
        )
        if self._lag is not None:
            family.add_metric([], self._lag)
        yield family

    def _asked(self, broker: NewestMessages, topics: Iterable[str]) -> Mapping[Partition, float] | None:
        try:
            answer = broker.of(topics)
        except BusUnavailable as error:
            if broker not in self._away:
                log.warning("a broker does not answer", error=str(error))
                self._away.add(broker)
            self._health.waiting(broker, "kafka", f"Kafka at {broker.servers} has not answered")
            return None
        if broker in self._away:
            log.info("a broker answers again", servers=broker.servers)
            self._away.remove(broker)
        self._health.served(broker)
        return answer


def at_centre(centre: CentreSettings) -> KafkaSettings:
    """The centre's brokers as this plant's user reaches them. Raises InvalidSettings."""
    if centre.plant is None or centre.kafka_servers is None:
        raise InvalidSettings((f"{centre.variable('kafka_servers')}: needed to watch what is sent there",))
    return KafkaSettings.model_validate(
        {
            "servers": centre.kafka_servers,
            "security_protocol": centre.kafka_security_protocol,
            "ca_file": centre.ca_file,
            "username": centre.plant,
            "password": _password(centre),
        }
    )


def _password(centre: CentreSettings) -> SecretStr | None:
    if not centre.kafka_security_protocol.startswith("SASL"):
        return None
    variable = centre.variable("password_file")
    if centre.password_file is None:
        raise InvalidSettings((f"{variable}: needed, because the centre's Kafka requires this plant's password",))
    try:
        return SecretStr(centre.password_file.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettings((f"{variable}: cannot be read: {error}",)) from error


def main(env: Mapping[str, str], command_line: Sequence[str] | None = None) -> None:
    """Compare every few seconds until `stop` is set."""
    argparse.ArgumentParser(prog=launch_command("centre.watch"), description=__doc__).parse_args(command_line)
    common, kafka, centre = read_all(env, ServiceSettings, KafkaSettings, CentreSettings)
    target = at_centre(centre)
    topics = [kafka.topic_prefix + topic for topic in RIGHTS[MIRROR].copies]
    ours, theirs = NewestMessages(kafka, NAME), NewestMessages(target, NAME)
    with running(NAME, common) as service:
        watch = MirrorWatch(ours, theirs, {topic: f"{centre.plant}.{topic}" for topic in topics}, service.health)
        service.registry.register(watch)
        while not service.stop.is_set():
            watch.compare(service.clock.now().timestamp())
            service.ready()
            service.pause(COMPARE_SECONDS)


if __name__ == "__main__":
    entry(main)
