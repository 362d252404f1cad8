"""Stands in for scraped services and for recording rules: exports the series that a test sets."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

OWN: Final = "of_"
"""The prefix of labels that Prometheus would add itself (`job`): it removes the prefix."""
SCRAPE: Final = {
    "job_name": "told",
    "metric_relabel_configs": [
        {"action": "labeldrop", "regex": "instance|job"},
        {"action": "labelmap", "regex": f"{OWN}(.+)"},
        {"action": "labeldrop", "regex": f"{OWN}.+"},
    ],
}
"""The job of Prometheus' configuration, without its target."""


@dataclass
class StandInExporter:
    """The stand-in's address, and the values of the next scrape, by series as PromQL writes them."""

    address: str
    series: dict[str, float] = field(default_factory=dict)

    def text(self) -> str:
        """The values in Prometheus' format."""
        return "".join(f"{series} {value!r}\n" for series, value in self.series.items())


def a_series(name: str, labels: Mapping[str, str]) -> str:
    """A series with these labels, instead of that of a service or a rule."""
    said = ",".join(f'{OWN if label == "job" else ""}{label}="{value}"' for label, value in labels.items())
    return f"{name}{{{said}}}"


@contextmanager
def exported_series() -> Iterator[StandInExporter]:
    """Listens on any free port of the loopback interface."""
    made = StandInExporter("")

    class Scraped(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = made.text().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002  # the base class names it so

    with ThreadingHTTPServer(("127.0.0.1", 0), Scraped) as server:
        made.address = f"127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()
