"""Clients of kafka-python whose first connection fails."""

import gc
import socket
import threading
import warnings

import pytest
from kafka import KafkaConsumer
from kafka.errors import KafkaError

from energytrack.bus.kafka.client import connected
from local.site import HOST


def test_a_client_whose_first_connection_fails_leaves_nothing_behind() -> None:
    """A broker that starts takes connections before it answers."""
    before = set(threading.enumerate())
    with socket.create_server((HOST, 0)) as silent, warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        address = f"{HOST}:{silent.getsockname()[1]}"
        with pytest.raises(KafkaError):
            connected(KafkaConsumer, bootstrap_servers=address, bootstrap_timeout_ms=300)
        gc.collect()
    assert set(threading.enumerate()) <= before, "those of other tests may end meanwhile"
