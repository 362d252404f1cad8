"""The exporters between a real broker and a real Prometheus: a reading goes in, PromQL brings it out."""

import gzip
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from energytrack.bus import Bus, Sink
from energytrack.messages import Factor, Message, Reading, Recommendation, encode
from energytrack.topics import EVENTS, INSIGHTS, READINGS
from local.services.definition import HttpAnswers, ServiceDefinition
from local.site import Site
from testkit.builders.messages import a_reading, an_event, an_insight
from testkit.patience import seconds_here
from testkit.rules.promtool import promtool
from testkit.stack.servers import eventually, free_ports, prometheus_running, started

DEVICES = [f"cnc-{i:04d}" for i in range(1, 41)]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
def env(kafka_env: Mapping[str, str], mongo_env: Mapping[str, str]) -> Mapping[str, str]:
    """Of a broker and of a database that has no meter yet."""
    return {**kafka_env, **mongo_env}


@pytest.fixture
def sink(bus: Bus) -> Iterator[Sink]:
    with closing(bus.sink()) as opened:
        yield opened


def exporter(site: Site, env: Mapping[str, str], port: int) -> ServiceDefinition:
    return ServiceDefinition(
        name="exporters",
        purpose="under test",
        command=(sys.executable, "-m", "exporters"),
        ready=HttpAnswers(f"http://127.0.0.1:{port}/healthz"),
        ports=("exporters",),
        env={**env, "ENERGYTRACK_METRICS_PORT": str(port), "ENERGYTRACK_PLANT_FILE": str(site.root / "plant.toml")},
    )


def send(sink: Sink, *messages: Message) -> None:
    for message in messages:
        topic = READINGS if isinstance(message, Reading) else EVENTS
        sink.put(topic, message.device_id, encode(message))
    sink.flush()


def page(port: int) -> bytes:
    request = Request(f"http://127.0.0.1:{port}/metrics", headers={"Accept-Encoding": "gzip"})
    with urlopen(request, timeout=seconds_here(10)) as answer:  # noqa: S310  # our own
        assert answer.headers["Content-Encoding"] == "gzip"
        return gzip.decompress(answer.read())


def energy(port: int) -> dict[str, float]:
    """The energy counter of each device on one exporter's page."""
    return {
        sample.labels["device_id"]: sample.value
        for family in text_string_to_metric_families(page(port).decode())
        for sample in family.samples
        if sample.name == "energytrack_device_energy_joules_total"
    }


def ask(site: Site, query: str) -> dict[str, float]:
    """What Prometheus answers to an instant query, by device or else by everything that it says."""
    address = site.url(site.ports.prometheus, f"/api/v1/query?{urlencode({'query': query})}")
    with urlopen(address, timeout=seconds_here(10)) as answer:  # noqa: S310  # our own
        found = json.load(answer)
    assert found["status"] == "success", found
    return {each["metric"].get("device_id", ""): float(each["value"][1]) for each in found["data"]["result"]}


def test_a_reading_comes_out_as_promql(site: Site, env: Mapping[str, str], sink: Sink) -> None:
    service = exporter(site, env, site.ports.exporters)
    with started(service, site), prometheus_running(site, [service]):
        now = datetime.now(UTC)
        for second in range(3):
            at = now - timedelta(seconds=2 - second)
            send(sink, a_reading("cnc-0001", timestamp=at, energy_kwh=48211.25, temperature=61.5, state="idle"))
        insight = an_insight(
            "cnc-0001",
            timestamp=now,
            scored_at=now,
            failure_probability=0.83,
            top_factors=(Factor("temperature_slope_10m", 0.31),),
            recommendations=(Recommendation("inspect_24h", "Inspect"),),
        )
        sink.put(INSIGHTS, "cnc-0001", encode(insight))
        send(sink, an_event("fault_code", "cnc-0001", timestamp=now, code='W-"17"'))
        sink.put(READINGS, "cnc-0001", b"{no reading")
        sink.flush()

        eventually(lambda: ask(site, "energytrack_device_fault_codes_total == 1") == {"cnc-0001": 1}, 30)
        assert ask(site, "energytrack_device_temperature_celsius") == {"cnc-0001": 61.5}
        assert ask(site, 'energytrack_device_state{state="idle",line="machining-a",device_type="cnc_machine"}') == {
            "cnc-0001": 1
        }
        assert ask(site, "energytrack_device_energy_joules_total / 3.6e6") == {"cnc-0001": pytest.approx(48211.25)}
        assert ask(site, "energytrack_device_failure_probability_ratio") == {"cnc-0001": 0.83}
        assert ask(site, 'energytrack_device_failure_factor_ratio{feature="temperature_slope_10m"}') == {
            "cnc-0001": 0.31
        }
        assert ask(site, 'energytrack_device_recommendation_active{recommendation="inspect_24h"}') == {"cnc-0001": 1}
        assert ask(site, "time() - energytrack_device_last_reading_timestamp_seconds < 120").keys() == {"cnc-0001"}
        assert ask(site, 'energytrack_pipeline_rejected_total{stage="exporters",reason="not_json"}') == {"": 1}
        # Recorded every 15 seconds: what the rules make of it.
        eventually(lambda: ask(site, "device:failure_probability_ratio:max") == {"cnc-0001": 0.83}, 40)
        assert ask(site, "plant:devices_at_risk:sum") == {"": 1}
        assert promtool("check", "metrics", stdin=page(site.ports.exporters)) == ""


def test_exporters_share_the_devices_and_none_of_the_energy_is_lost_when_one_is_killed(
    site: Site, env: Mapping[str, str], sink: Sink
) -> None:
    """Each device is on one page, and its counter is its register, whoever shows it."""
    second_site = Site(var=site.var / "second", ports=free_ports(), kafka_users=False)
    registers = {device_id: 1000.0 + number for number, device_id in enumerate(DEVICES)}

    def run_for_a_moment() -> None:
        now = datetime.now(UTC)
        for device_id in DEVICES:
            registers[device_id] += 0.001
            send(sink, a_reading(device_id, timestamp=now, energy_kwh=registers[device_id]))

    def shown(*ports: int) -> list[dict[str, float]]:
        run_for_a_moment()
        return [energy(port) for port in ports]

    def all_shown_once(*ports: int) -> bool:
        pages = shown(*ports)
        assert sum(len(each) for each in pages) == len(DEVICES)
        assert {device_id for each in pages for device_id in each} == set(DEVICES)
        assert all(pages)
        return True

    first, second = site.ports.exporters, second_site.ports.exporters
    with started(exporter(site, env, first), site):
        eventually(lambda: all_shown_once(first), 30)
        with started(exporter(site, env, second), second_site):
            eventually(lambda: all_shown_once(first, second), 60)
        # The second one was killed without a word; when its session is over the first one shows everything again.
        eventually(lambda: all_shown_once(first), 90)
        eventually(
            lambda: (
                energy(first)
                == {device_id: pytest.approx(register * 3.6e6, rel=1e-12) for device_id, register in registers.items()}
            ),
            10,
        )
    with started(exporter(site, env, first), site):
        run_for_a_moment()
        expected = {device_id: pytest.approx(register * 3.6e6, rel=1e-12) for device_id, register in registers.items()}
        eventually(lambda: energy(first) == expected, 60)
