"""Kafka's own client, signed in if a site's broker requires it."""

from typing import Any

from kafka import KafkaConsumer

from energytrack.bus.kafka.client import connected
from energytrack.security.rights import ADMIN
from local.services.access import ADMIN_MECHANISM, PROTOCOL, password_file
from local.site import Site


def consumer(site: Site, **more: Any) -> KafkaConsumer:
    """A consumer; raises KafkaError. Its callers need offsets, which our own bus hides."""
    signed_in = (
        {}
        if not site.kafka_users
        else {
            "security_protocol": PROTOCOL,
            "sasl_mechanism": ADMIN_MECHANISM,
            "sasl_plain_username": ADMIN,
            "sasl_plain_password": password_file(site, ADMIN).read_text(encoding="utf-8").strip(),
        }
    )
    client: KafkaConsumer = connected(KafkaConsumer, **more, **signed_in, bootstrap_servers=site.kafka_servers)
    return client
