"""Requests are counted by their route, never by the address that somebody typed."""

from flask import Flask
from prometheus_client import CollectorRegistry

from control_api.metrics import UNKNOWN_ROUTE, count_requests
from energytrack.clock import ManualClock
from testkit.builders.messages import NOW

COUNT = "energytrack_control_api_request_duration_seconds_count"


def test_requests_are_counted_by_route() -> None:
    app, registry = Flask(__name__), CollectorRegistry()
    count_requests(app, registry, ManualClock(NOW))
    app.add_url_rule("/api/devices/<device_id>", view_func=lambda device_id: device_id, endpoint="device")
    client = app.test_client()
    for path in ("/api/devices/cnc-0001", "/api/devices/cnc-0002", "/nowhere/1", "/nowhere/2"):
        client.get(path)

    def counted(method: str, route: str, status: str) -> float | None:
        return registry.get_sample_value(COUNT, {"method": method, "route": route, "status": status})

    assert counted("GET", "/api/devices/<device_id>", "200") == 2
    assert counted("ANY", UNKNOWN_ROUTE, "404") == 2
