"""Kafka is away, and the gateway is killed meanwhile: what machines sent is in Kafka afterwards, with its own time.

Telegraf does not acknowledge messages that it passes on unchanged (mqtt.conf) before they are in Kafka: those are kept
by the MQTT broker. All others are kept on the gateway's disk, as here.
"""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from energytrack.bus.open import open_bus
from energytrack.messages import Reading
from energytrack.settings import KafkaSettings
from energytrack.topics import READINGS, TOPICS
from local.site import Site
from testkit.gateways.mqtt_broker import PASSWORD, USER, MqttBroker, mqtt_broker
from testkit.gateways.telegraf import example, gateway
from testkit.stack.servers import eventually, kafka_running
from tests.gateways.conftest import PATIENCE, Arriving

SENT = 20


@pytest.fixture
def broker(site: Site) -> Iterator[MqttBroker]:
    with mqtt_broker(site.var, site.ports.caddy) as running:
        yield running


def on_disk(site: Site) -> list[int]:
    """The readings that wait in each output's buffer: that of the health check is soon empty, Kafka's is not."""
    return sorted(
        sum(segment.read_bytes().count(b"conv-0003") for segment in buffer.iterdir())
        for buffer in (site.var / "buffer").iterdir()
    )


def test_readings_of_an_outage_arrive_after_it_even_if_the_gateway_is_killed(site: Site, broker: MqttBroker) -> None:
    env = {"ENERGYTRACK_KAFKA_SERVERS": site.address(site.ports.kafka)}
    files = {"machines.conf": example("tasmota", **{"ssl://mqtt.plant.example:8883": broker.address})}
    secrets = {"mqtt_username": USER, "mqtt_password": PASSWORD}
    log = site.log("telegraf")
    begun = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=SENT)
    sent = [begun + timedelta(seconds=second) for second in range(SENT)]
    with gateway(site, files, env=env, secrets=secrets) as killed:  # it starts while Kafka is away
        eventually(lambda: "Connected [" in log.read_text(encoding="utf-8"), PATIENCE)
        for at in sent:
            message = {"Time": at.isoformat(), "ENERGY": {"Total": 1180.44}}
            broker.publish("tele/tasmota_conv_0003/SENSOR", json.dumps(message))
        eventually(lambda: on_disk(site) == [0, SENT], PATIENCE)
        killed.kill()
    with kafka_running(site):
        bus = open_bus(KafkaSettings.from_env(env), "test")
        bus.create_topics(TOPICS)
        with (
            gateway(site, files, env=env, secrets=secrets),
            closing(bus.source("seen", [READINGS], linger=0.0)) as source,
        ):
            arriving = Arriving(source)

            def arrived() -> set[datetime]:
                arriving.take()
                seen = {reading.timestamp for reading in arriving.seen if isinstance(reading, Reading)}
                return seen if seen >= set(sent) else set()

            assert eventually(arrived, PATIENCE)
