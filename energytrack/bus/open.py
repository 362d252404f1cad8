"""Opens the bus that the settings name."""

from energytrack.bus import Bus
from energytrack.errors import ExtraMissing
from energytrack.running.health import Health
from energytrack.settings import KafkaSettings


def open_bus(settings: KafkaSettings, client_id: str, *, health: Health | None = None) -> Bus:
    """The bus of the configured client library; it connects at its first use.

    Sinks and sources that wait for Kafka report it to `health`.
    """
    if settings.client == "confluent":
        try:
            from energytrack.bus.confluent.client import ConfluentBus  # noqa: PLC0415  # its library is an optional extra
        except ImportError as error:
            raise ExtraMissing("confluent-kafka", "fast", "ENERGYTRACK_KAFKA_CLIENT=confluent") from error
        return ConfluentBus(settings, client_id, health=health)
    from energytrack.bus.kafka.client import KafkaBus  # noqa: PLC0415  # 0.2 s of imports that the other client spares

    return KafkaBus(settings, client_id, health=health)
