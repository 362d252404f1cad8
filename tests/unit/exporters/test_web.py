"""The answer to a scrape."""

import gzip

import pytest
from prometheus_client import CollectorRegistry, Gauge
from werkzeug.test import Client

from exporters.web import accepts_gzip, metrics_app


def test_the_answer_is_compressed_where_the_client_accepts_it() -> None:
    """The page of the devices comes first, then what the registry has."""
    registry = CollectorRegistry()
    Gauge("of_the_registry", "One.", registry=registry).set(1)
    client = Client(metrics_app(registry, lambda: b"of_the_devices 2\n"))
    plain = client.get("/metrics")
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert plain.data.startswith(b"of_the_devices 2\n")
    assert plain.data.endswith(b"of_the_registry 1.0\n")
    packed = client.get("/metrics", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Length"] == str(len(packed.data))
    assert gzip.decompress(packed.data) == plain.data


@pytest.mark.parametrize(
    ("header", "accepted"),
    [("", False), ("gzip", True), ("deflate, GZIP;q=0.5", True), ("gzip;q=0", False), ("br", False), ("*", True)],
)
def test_what_a_client_accepts_is_read_from_its_header(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted
