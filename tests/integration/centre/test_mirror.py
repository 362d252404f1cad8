"""Readings reach the centre by Kafka's own MirrorMaker, each once, whatever happens to the line meanwhile."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pytest

from centre.plants import add
from centre.watch import MirrorWatch, at_centre
from deploy.compose.certificates import make_authority, make_broker
from energytrack.bus import Source
from energytrack.bus.kafka.newest import NewestMessages
from energytrack.bus.open import open_bus
from energytrack.centre.settings import CentreSettings
from energytrack.running.health import Health
from energytrack.security.rights import ADMIN, MIRROR
from energytrack.topics import COMMANDS, EVENTS, READINGS, TOPICS
from local.lifecycle.child import Child
from local.services.access import kafka_settings, password_file
from local.services.kafka import kafka_service, prepare_kafka
from local.services.mirror import mirror_service, prepare_mirror
from local.services.secrets import kept_in
from local.site import HOST, Site
from local.topics import grant, read_passwords
from testkit.line import BreakableConnection, a_line
from testkit.stack.servers import eventually, site_in, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PLANT: Final = "plant-a"
THERE: Final = f"{PLANT}.{READINGS}"
REVOKED: Final = "Revoking previous assignment"
"""What its log says when its session at the centre has ended."""
LINE: Final = """
listeners=INTERNAL://{own},LINE://{far},CONTROLLER://{controller}
advertised.listeners=INTERNAL://{own},LINE://{near}
listener.security.protocol.map=CONTROLLER:SASL_PLAINTEXT,INTERNAL:SASL_PLAINTEXT,LINE:SASL_SSL
listener.name.line.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.line.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.line.ssl.keystore.type=PEM
listener.name.line.ssl.keystore.location={certificate}
"""
"""A second listener, encrypted, at the other end of a line."""


@pytest.fixture(scope="module")
def line(site: Site) -> Iterator[BreakableConnection]:
    with a_line(site.ports.caddy, site.ports.grafana) as made:
        yield made


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One broker is both the plant's and the centre's: who comes by the line is at the centre."""
    made = replace(site_in(tmp_path_factory.mktemp("centre")), kafka_users=True)
    authority = make_authority(datetime.now(UTC))
    broker = make_broker(authority, [HOST], datetime.now(UTC))
    (made.var / "ca.crt").write_text(authority.certificate, encoding="utf-8")
    (made.var / "server.pem").write_text(broker.key + broker.certificate + authority.certificate, encoding="utf-8")
    made = replace(
        made,
        centre=CentreSettings(
            plant=PLANT,
            kafka_servers=f"{HOST}:{made.ports.caddy}",
            kafka_security_protocol="SASL_SSL",
            ca_file=made.var / "ca.crt",
            password_file=password_file(made, PLANT),
        ),
    )
    prepare_kafka(made)
    kept_in(password_file(made, PLANT))
    given = {
        "certificate": made.var / "server.pem",
        "own": made.address(made.ports.kafka),
        "far": made.address(made.ports.grafana),
        "near": made.address(made.ports.caddy),
        "controller": made.address(made.ports.kafka_controller),
    }
    with (made.var / "kafka" / "server.properties").open("a", encoding="utf-8") as settings:
        settings.write(LINE.format(**given))
    with started(kafka_service(made), made):
        admin = kafka_settings(made, ADMIN)
        open_bus(admin, "test").create_topics(TOPICS)
        grant(admin, read_passwords(password_file(made, ADMIN).parent))
        add(PLANT, admin, password_file=password_file(made, PLANT))
        prepare_mirror(made)
        yield made


@pytest.fixture(scope="module")
def mirror(site: Site, line: BreakableConnection) -> Iterator[Child]:
    with started(mirror_service(site), site) as child:
        yield child


def send(site: Site, numbers: range, *, topic: str = READINGS) -> None:
    with closing(open_bus(kafka_settings(site, ADMIN), "test").sink()) as sink:
        for number in numbers:
            sink.put(topic, f"cnc-{number % 7:04d}", str(number).encode())
        sink.flush()


def revoked(site: Site) -> int:
    """How often MirrorMaker's session at the centre has ended."""
    return site.log("mirror").read_text(encoding="utf-8").count(REVOKED)


class Centre:
    """Whoever reads the mirrored topics, and counts."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.seen: Counter[tuple[str, int]] = Counter()

    def has(self, numbers: range, *, topic: str = THERE) -> bool:
        """Whether all of them have come; whatever comes is counted."""
        self.seen.update((each.topic, int(each.value or b"")) for each in self._source.take(1000, 0.2))
        return all((topic, number) in self.seen for number in numbers)


@pytest.fixture(scope="module")
def centre(site: Site, mirror: Child) -> Iterator[Centre]:
    send(site, range(100))
    send(site, range(5), topic=EVENTS)
    send(site, range(5), topic=COMMANDS)
    wanted = [THERE, f"{PLANT}.{EVENTS}"]
    bus = open_bus(kafka_settings(site, ADMIN), "test")
    source = bus.source("centre", wanted)
    with closing(source):
        yield Centre(source)


def test_a_plant_goes_on_alone_while_the_line_is_cut_and_then_catches_up(
    site: Site, mirror: Child, line: BreakableConnection, centre: Centre
) -> None:
    eventually(lambda: centre.has(range(100)), 60.0)
    line.cut()
    send(site, range(100, 400))  # the plant's own broker takes them at once
    assert not centre.has(range(100, 101))
    line.mend()
    eventually(lambda: centre.has(range(400)), 60.0)
    mirror.check_alive()
    if not revoked(site):  # a slow machine's cut may end its session
        assert {centre.seen[THERE, number] for number in range(400)} == {1}


@pytest.fixture
def watch(site: Site) -> MirrorWatch:
    """As `python -m centre.watch` is: with the rights of the plant's mirror here, and of the plant there."""
    here = NewestMessages(kafka_settings(site, MIRROR), "test")
    there = NewestMessages(at_centre(site.centre), "test")
    return MirrorWatch(here, there, {topic: f"{PLANT}.{topic}" for topic in (READINGS, EVENTS)}, Health())


def lag(watch: MirrorWatch, *, later: float = 0.0) -> float:
    """What it shows if so many seconds have passed."""
    watch.compare(time.time() + later)
    (family,) = watch.collect()
    return float(family.samples[0].value)


def test_after_a_cut_that_ended_its_session_it_goes_on_at_once_and_the_watch_sees_all_of_it(
    site: Site, mirror: Child, line: BreakableConnection, centre: Centre, watch: MirrorWatch
) -> None:
    """The worker comes back as a new member of its group; what it had sent may come twice."""
    eventually(lambda: centre.has(range(100)), 60.0)
    eventually(lambda: lag(watch) == 0, 60.0)
    expired = revoked(site)
    line.cut()
    send(site, range(1000, 1100))
    assert lag(watch) < 60  # it has just seen them
    assert lag(watch, later=900) >= 900
    eventually(lambda: revoked(site) > expired, 60.0)
    line.mend()
    eventually(lambda: centre.has(range(1000, 1100)), 60.0)
    eventually(lambda: lag(watch) == 0, 60.0)
    mirror.check_alive()
