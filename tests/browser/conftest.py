"""The operators' page as people get it: Chromium, the front door, the service, real servers, a Grafana stand-in."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from control_api.web import assets
from energytrack.bus import Bus
from energytrack.bus.open import open_bus
from energytrack.catalogue import CATALOGUE
from energytrack.clock import SystemClock
from energytrack.fields import State
from energytrack.machines.state import MachineState
from energytrack.messages import Factor, Insight, Reading, encode
from energytrack.settings import KafkaSettings
from energytrack.store import Store
from energytrack.topics import INSIGHTS, READINGS, TOPICS
from local.install.programs import CADDY, find
from local.lifecycle.child import Child
from local.services.front_door import caddy_service
from local.site import Site
from testkit.builders.control import a_store
from testkit.patience import milliseconds_here
from testkit.stack.control_service import obedient_machines, serving
from testkit.stack.servers import site_in, started
from testkit.stand_ins.grafana import GrafanaStandIn
from testkit.stand_ins.webhook import Webhooks, webhooks

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PAGE_SECONDS = 60.0
"""What a page may take on a machine with nothing else to do; what people wait for is far less."""
ALERTS_TOKEN = "the-alerting-token"  # noqa: S105  # of this test only


ROTA = """
[duty]
escalate_to = ["anna"]
[[duty.watches]]
who = "maria"
windows = [{ days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"], start = 00:00:00, end = 00:00:00 }]
"""


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        """Nothing."""


@dataclass
class ServedPlant:
    """Everything behind the page."""

    site: Site
    bus: Bus
    store: Store
    env: dict[str, str]
    grafana: GrafanaStandIn
    clock: SystemClock = field(default_factory=SystemClock)
    child: Child | None = None
    phones: Webhooks = field(default_factory=lambda: Webhooks(""))
    """What the people on duty got."""

    @property
    def origin(self) -> str:
        """What is in the browser's address bar."""
        return self.site.url(self.site.ports.caddy, "")

    def says(
        self,
        device_id: str,
        state: State,
        *,
        temperature: float = 60.0,
        risk: float | None = None,
        ago: timedelta = timedelta(0),
        every: timedelta = timedelta(minutes=1),
    ) -> None:
        """A machine that reports so often sends a reading, filed as by the historian; one of long ago is only filed."""
        now = self.clock.now() - ago
        reading = Reading(device_id, now, temperature, 5.5, 12.0, state=state)
        insight = Insight(
            device_id, now, risk, None if risk is None else 1 if risk > 0.5 else 0, "v1", now,
            top_factors=(Factor("codes_24h", round((risk or 0) * 0.62, 4), "3 warning codes in 24 h"),),
            recommendations=tuple(one for one in CATALOGUE if one.code == "scheduled_shutdown"),
        )  # fmt: skip
        self.store.devices.put([MachineState(device_id, reading=reading, insight=insight)], now)
        if ago:
            return
        with closing(self.bus.sink()) as sink:
            sink.put(READINGS, device_id, encode(msgspec.structs.replace(reading, timestamp=now - every)))
            sink.put(READINGS, device_id, encode(reading))
            sink.put(INSIGHTS, device_id, encode(insight))
            sink.flush()

    def restart(self) -> None:
        """End the service as a crash would, and start another."""
        assert self.child is not None
        self.child.kill()
        self.child = Child(self.child.service, self.site)

    def end(self) -> None:
        """End the service, whichever it is by now."""
        if self.child is not None:
            self.child.kill()


def with_a_rota(file: Path) -> Path:
    """The example plant, with maria on duty at all times and anna after her."""
    example = (Path(__file__).parents[2] / "plant.toml").read_text(encoding="utf-8")
    file.write_text(example.replace("# --- Meters and clocks", f"{ROTA}\n# --- Meters and clocks", 1), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def plant_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the service reads; a module that needs another contract has a fixture of this name."""
    return with_a_rota(tmp_path_factory.mktemp("plant") / "plant.toml")


@pytest.fixture(scope="module")
def plant(
    kafka_servers: str, mongo_uri: str, plant_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServedPlant]:
    if find(CADDY) is None:
        pytest.skip("no caddy here, and the page lives behind the front door")
    if not assets.are_there():
        assets.fetch()
    folder = tmp_path_factory.mktemp("browser")
    site = replace(site_in(folder), grafana_home=folder)  # the front door leads to the stand-in
    kafka = {
        "ENERGYTRACK_KAFKA_SERVERS": kafka_servers,
        "ENERGYTRACK_KAFKA_TOPIC_PREFIX": f"{site.var.name}.",
        "ENERGYTRACK_KAFKA_PARTITIONS": "3",
    }
    origin = site.url(site.ports.caddy, "")
    env = kafka | {
        "ENERGYTRACK_MONGO_URI": mongo_uri,
        "ENERGYTRACK_MONGO_DATABASE": f"browser_{site.ports.caddy}",
        "ENERGYTRACK_CONTROL_API_ORIGINS": origin,
        "ENERGYTRACK_CONTROL_API_GRAFANA_URL": site.url(site.ports.grafana, ""),
        "ENERGYTRACK_CONTROL_API_ALERTS_TOKEN": ALERTS_TOKEN,
        "ENERGYTRACK_PLANT_FILE": str(plant_file),
    }
    bus = open_bus(KafkaSettings.from_env(kafka), "test")
    bus.create_topics(TOPICS)
    store = a_store(mongo_uri, env["ENERGYTRACK_MONGO_DATABASE"])
    with ExitStack() as stack:
        stack.enter_context(closing(store))
        grafana = GrafanaStandIn()
        server = stack.enter_context(make_server("127.0.0.1", site.ports.grafana, grafana, handler_class=_Quiet))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.shutdown)
        phones = stack.enter_context(webhooks(0))
        at = phones.url.removeprefix("http://")
        env["ENERGYTRACK_CONTROL_API_CHANNELS"] = f"maria = json://{at}/maria\nanna = json://{at}/anna"
        made = ServedPlant(site, bus, store, env, grafana, phones=phones)
        stack.enter_context(obedient_machines(bus))
        made.child = stack.enter_context(serving(site, env))
        stack.callback(made.end)
        stack.enter_context(started(caddy_service(site), site))
        yield made


@pytest.fixture(autouse=True)
def pages_may_be_slow() -> None:
    """Whatever a test expects of a page may take so long."""
    expect.set_options(timeout=milliseconds_here(PAGE_SECONDS))


def patient(context: BrowserContext) -> BrowserContext:
    """A browser in which clicks and ways to pages may take as long."""
    context.set_default_timeout(milliseconds_here(PAGE_SECONDS))
    return context


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@dataclass
class Person:
    """Somebody at a browser, and what went wrong in it."""

    context: BrowserContext
    page: Page
    origin: str
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def open(self, path: str) -> Page:
        """Go to a view."""
        self.page.goto(f"{self.origin}/control{path}")
        return self.page


class People:
    """Signs people in, each in a browser of their own."""

    def __init__(self, browser: Browser, origin: str, grafana: GrafanaStandIn) -> None:
        self._browser = browser
        self._origin = origin
        self._grafana = grafana
        self.there: list[Person] = []

    def __call__(self, login: str | None, **settings: object) -> Person:
        context = patient(self._browser.new_context(**settings))  # type: ignore[arg-type]  # passed through
        if login is not None:
            context.add_cookies(
                [{"name": "grafana_session", "value": self._grafana.session(login), "url": self._origin}]
            )
        person = Person(context, context.new_page(), self._origin)
        person.page.on("pageerror", lambda error: person.errors.append(str(error)))
        person.page.on("request", lambda request: person.hosts.add(request.url.split("/")[2]))
        self.there.append(person)
        return person


@pytest.fixture
def people(browser: Browser, plant: ServedPlant) -> Iterator[People]:
    made = People(browser, plant.origin, plant.grafana)
    yield made
    for person in made.there:
        person.context.close()
        assert person.errors == []
        assert person.hosts <= {plant.origin.split("/")[2]}, "everything the page loads comes from its own origin"
