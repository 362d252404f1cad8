"""A machine tool with an MTConnect agent, which answers as agents do (MTConnect Streams 2.0)."""

import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from local.site import HOST, Site
from testkit.dates import written
from testkit.gateways.telegraf import example, gateway
from tests.gateways.conftest import Arriving

STREAMS = """<?xml version="1.0" encoding="UTF-8"?>
<MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:2.0">
  <Header creationTime="{now}" sender="agent" instanceId="1" version="2.0.0.0" bufferSize="131072"/>
  <Streams>
    <DeviceStream name="VMC-3Axis" uuid="000">
      <ComponentStream component="Controller" name="controller" componentId="cont">
        <Events>
          <Execution dataItemId="exec" sequence="11" timestamp="{now}">{execution}</Execution>
          <PartCount dataItemId="parts" sequence="12" timestamp="{now}">{parts}</PartCount>
        </Events>
        <Samples>
          <Temperature dataItemId="spindle_temp" sequence="13" timestamp="{now}">{temperature}</Temperature>
          <Pressure dataItemId="hyd_pressure" sequence="14" timestamp="{now}">610000</Pressure>
          <Amperage dataItemId="x1_amps" sequence="15" timestamp="{now}">4.2</Amperage>
          <ElectricalEnergy dataItemId="energy" sequence="16" timestamp="{now}">4249584000</ElectricalEnergy>
        </Samples>
      </ComponentStream>
    </DeviceStream>
  </Streams>
</MTConnectStreams>"""
MACHINE = "cnc-0008"


AT_WORK = {"execution": "ACTIVE", "parts": "118", "temperature": "61.4"}


class Agent:
    """What it shows now."""

    def __init__(self) -> None:
        self.shows = AT_WORK


@pytest.fixture(scope="module")
def agent(site: Site) -> Iterator[Agent]:
    shown = Agent()

    class AgentHandler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = STREAMS.format(**shown.shows, now=written(datetime.now(UTC))).encode()
            self.send_response(200 if self.path == "/current" else 404)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((HOST, site.ports.caddy), AgentHandler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield shown
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module", autouse=True)
def running_gateway(site: Site, agent: Agent, kafka_env: Mapping[str, str]) -> Iterator[None]:
    file = example("mtconnect", **{"cnc-0008.plant.example:5000": site.address(site.ports.caddy)})
    with gateway(site, {"cnc-0008.conf": file}, env=kafka_env) as child:
        yield
        child.check_alive()


def test_execution_parts_and_units_are_those_of_readings(arriving: Arriving) -> None:
    reading = arriving.first(lambda _: True, device=MACHINE)
    assert (reading.state, reading.temperature, reading.current) == ("running", 61.4, 4.2)
    assert reading.pressure == pytest.approx(6.1)
    assert reading.energy_kwh == pytest.approx(1180.44)
    assert reading.signals == {"parts": 118.0}
    assert arriving.problems == []


def test_what_is_unavailable_is_lost(agent: Agent, arriving: Arriving) -> None:
    agent.shows = {"execution": "UNAVAILABLE", "parts": "UNAVAILABLE", "temperature": "UNAVAILABLE"}
    reading = arriving.first(lambda reading: reading.temperature is None, device=MACHINE)
    assert (reading.state, reading.signals, reading.current) == (None, {"parts": None}, 4.2)
    agent.shows = AT_WORK
    arriving.first(lambda reading: reading.state == "running", device=MACHINE)


@pytest.mark.parametrize("execution", ["READY", "INTERRUPTED", "FEED_HOLD", "STOPPED", "PROGRAM_COMPLETED"])
def test_a_machine_that_is_on_and_does_not_cut_is_idle(execution: str, agent: Agent, arriving: Arriving) -> None:
    agent.shows = {"execution": execution, "parts": "119", "temperature": "50.0"}
    assert arriving.first(lambda reading: reading.temperature == 50.0, device=MACHINE).state == "idle"
    agent.shows = AT_WORK
    arriving.first(lambda reading: reading.state == "running", device=MACHINE)
