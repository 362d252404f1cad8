"""`python -m local.topics`: create missing topics, then end."""

from collections.abc import Mapping

from energytrack.bus.open import open_bus
from energytrack.running.service import entry
from energytrack.settings import KafkaSettings
from energytrack.topics import TOPICS


def main(env: Mapping[str, str]) -> None:
    """Create them on the broker of the environment."""
    open_bus(KafkaSettings.from_env(env), "topics").create_topics(TOPICS)


if __name__ == "__main__":
    entry(main)
