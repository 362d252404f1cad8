"""Which bus the settings ask for."""

from energytrack.bus import Bus
from energytrack.settings import KafkaSettings


def open_bus(settings: KafkaSettings, client_id: str) -> Bus:
    """The bus of the client library that the settings name; it connects at its first use."""
    from energytrack.bus.kafka import KafkaBus  # noqa: PLC0415  # 0.2 s of imports that the other client spares

    return KafkaBus(settings, client_id)
