"""The live line: rates through the whole pipeline, from Prometheus."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from energytrack.topics import INSIGHTS, READINGS
from local.services.passwords import authorization, server_password
from local.site import Site

PATIENCE_SECONDS: Final = 2.0

QUERIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # The stage that received most, so that one stage that is down does not hide the plant.
        "readings": f'max(sum by (stage) (rate(energytrack_pipeline_received_total{{topic="{READINGS}"}}[20s])))',
        "insights": f'sum(rate(energytrack_pipeline_emitted_total{{topic="{INSIGHTS}"}}[20s]))',
        "stored": 'sum(rate(energytrack_pipeline_emitted_total{stage="historian",topic="readings"}[20s]))',
        "devices": "count(energytrack_device_info)",
    }
)


@dataclass(frozen=True)
class Throughput:
    """Rates per second and the number of devices; None if Prometheus does not have the value yet."""

    readings: float | None
    insights: float | None
    stored: float | None
    devices: float | None

    def __str__(self) -> str:
        parts = (
            (self.readings, "readings/s in"),
            (self.insights, "insights/s out"),
            (self.stored, "stored/s"),
            (self.devices, "devices exported"),
        )
        return " · ".join(f"{'?' if number is None else format(number, ',.0f')} {what}" for number, what in parts)


Query = Callable[[str], float | None]


def measure_throughput(query: Query) -> Throughput:
    """The current numbers; `query` evaluates a PromQL expression to one number, None or an OSError."""
    return Throughput(**{name: query(expression) for name, expression in QUERIES.items()})


def prometheus_query(site: Site) -> Query:
    """Queries the Prometheus of a site."""
    base = site.url(site.ports.prometheus, "")

    def query(expression: str) -> float | None:
        address = f"{base}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
        headers = authorization(server_password(site, "prometheus"))
        request = urllib.request.Request(address, headers=headers)  # noqa: S310  # one of our own
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310  # likewise
            result = json.load(answer)["data"]["result"]
        return float(result[0]["value"][1]) if result else None

    return query
