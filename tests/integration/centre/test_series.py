"""What a plant's Prometheus records reaches the centre's, in the plant's name, whatever happens to the line."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import pytest

from centre.catch_up import HEADERS, CatchUp
from energytrack.centre.settings import CentreSettings
from energytrack.clock import SystemClock
from energytrack.samples import Series, packed, time_series
from local.lifecycle.child import Child
from local.services.centre import prepare_centre, prometheus_of_centre, write_url
from local.services.observability import configuration_folder, prepare_prometheus, prometheus_service
from local.site import HOST, Site
from testkit.clients.http import HTTP
from testkit.line import BreakableConnection, a_line
from testkit.stack.servers import eventually, site_in, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

PLANT: Final = "plant-a"
RECORDED: Final = "plant:power_watts:sum"
WATTS: Final = {"cnc-0001": 1_000.0, "cnc-0002": 500.0}


class SendingMachines(threading.Thread):
    """Writes what an exporter would show of two machines, every half second."""

    def __init__(self, site: Site) -> None:
        super().__init__(daemon=True)
        self.enough = threading.Event()
        self._url = write_url(site)

    def run(self) -> None:
        while not self.enough.wait(0.5):
            at = round(1000 * time.time())
            names = {"__name__": "energytrack_device_power_watts", "line": "line-a", "device_type": "cnc_machine"}
            series = [Series({**names, "device_id": each}, [(at, watts)]) for each, watts in WATTS.items()]
            try:
                HTTP.post(self._url, content=packed(time_series(series)), headers=HEADERS)
            except httpx.HTTPError:  # it is being restarted
                continue


class PlantPrometheus:
    """A Prometheus with the committed rules, evaluated every second, at one end of a line."""

    def __init__(self, site: Site, stack: ExitStack) -> None:
        self.site = site
        self._stack = stack
        prepare_prometheus(site, [])
        rules = configuration_folder(site) / "rules"
        committed = rules.resolve()
        rules.unlink()
        rules.mkdir()
        for file in committed.glob("*.yml"):
            hurried = file.read_text(encoding="utf-8").replace("interval: 15s", "interval: 1s")
            (rules / file.name).write_text(hurried, encoding="utf-8")
        self.child = self._start()

    def restart(self) -> None:
        assert self.child.terminate() == 0
        self.child = self._start()

    def _start(self) -> Child:
        service = prometheus_service(self.site)
        receiving = replace(service, command=(*service.command, "--web.enable-remote-write-receiver"))
        return self._stack.enter_context(started(receiving, self.site))


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = replace(site_in(tmp_path_factory.mktemp("centre")), plants=(PLANT,))
    prepare_centre(site)
    with started(prometheus_of_centre(site), site):
        yield site


@pytest.fixture(scope="module")
def line(centre: Site) -> Iterator[BreakableConnection]:
    with a_line(centre.ports.replay, centre.ports.prometheus) as made:
        yield made


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory, line: BreakableConnection) -> Iterator[PlantPrometheus]:
    settings = CentreSettings(plant=PLANT, write_url=f"http://{HOST}:{line.port}/api/v1/write")
    site = replace(site_in(tmp_path_factory.mktemp("plant")), centre=settings)
    machines = SendingMachines(site)
    with ExitStack() as stack:
        made = PlantPrometheus(site, stack)
        machines.start()
        yield made
        machines.enough.set()
        machines.join()


def ask(site: Site, expression: str, at: float | None = None) -> list[dict[str, Any]]:
    params = {"query": expression} | ({} if at is None else {"time": str(at)})
    answer = HTTP.get(site.url(site.ports.prometheus, "/api/v1/query"), params=params)
    assert answer.status_code == 200, answer.text
    result: list[dict[str, Any]] = answer.json()["data"]["result"]
    return result


def samples(site: Site, since: float, until: float) -> list[tuple[float, str]]:
    """The recorded ones between two moments."""
    found = ask(site, f"{RECORDED}[15m]", until)
    return [(at, value) for at, value in found[0]["values"] if since < at <= until - 1] if found else []


def newest(site: Site) -> float:
    found = ask(site, f"timestamp({RECORDED})")
    return float(found[0]["value"][1]) if found else 0.0


def test_the_centre_has_what_is_recorded_in_the_plants_name_and_nothing_else(
    plant: PlantPrometheus, centre: Site
) -> None:
    eventually(lambda: newest(centre) > 0, 30.0)
    (recorded,) = ask(centre, RECORDED)
    assert recorded["metric"] == {"__name__": RECORDED, "plant": PLANT}
    assert float(recorded["value"][1]) == sum(WATTS.values())
    assert ask(plant.site, RECORDED)[0]["metric"] == {"__name__": RECORDED}  # at the plant itself it has no such label
    names = {each["metric"]["__name__"] for each in ask(centre, f'count by (__name__) ({{plant="{PLANT}"}})')}
    assert {name for name in names if ":" not in name} <= {"up", "ALERTS"}


def test_a_cut_line_delays_and_loses_nothing(plant: PlantPrometheus, centre: Site, line: BreakableConnection) -> None:
    eventually(lambda: newest(centre) > 0, 30.0)
    line.cut()
    cut_at = newest(centre)
    eventually(lambda: newest(plant.site) > cut_at + 5, 30.0)  # the plant goes on alone
    assert newest(centre) <= cut_at + 1
    line.mend()
    mended = time.time()
    eventually(lambda: newest(centre) > mended, 60.0)
    assert samples(centre, cut_at, mended) == samples(plant.site, cut_at, mended) != []


def test_what_a_restart_in_a_cut_forgot_is_caught_up_by_a_command(
    plant: PlantPrometheus, centre: Site, line: BreakableConnection
) -> None:
    """Prometheus forgets at a restart what it had not sent; after two hours of a cut it does too."""
    eventually(lambda: newest(centre) > 0, 30.0)
    line.cut()
    cut_at = newest(centre)
    eventually(lambda: newest(plant.site) > cut_at + 5, 30.0)
    plant.restart()
    line.mend()
    mended = time.time()
    eventually(lambda: newest(centre) > mended, 60.0)
    assert len(samples(centre, cut_at, mended)) < len(samples(plant.site, cut_at, mended))
    catch_up(plant, centre)
    assert samples(centre, cut_at, mended) == samples(plant.site, cut_at, mended)
    catch_up(plant, centre)  # what is there already counts once
    assert samples(centre, cut_at, mended) == samples(plant.site, cut_at, mended)


def catch_up(plant: PlantPrometheus, centre: Site) -> None:
    now = datetime.now(UTC)
    with (
        httpx.Client(base_url=plant.site.url(plant.site.ports.prometheus, "")) as source,
        httpx.Client() as target,
    ):
        settings = CentreSettings(plant=PLANT, write_url=write_url(centre))
        sent = CatchUp(settings, source, target, clock=SystemClock()).send(
            now - timedelta(minutes=15), now, report=lambda *_: None
        )
    assert sent.samples > 0
