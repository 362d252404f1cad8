"""The days in a real database, as the historian filed them and people decided, and the services that tell of them."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from wsgiref.simple_server import make_server

import httpx
import pytest
from prometheus_client import CollectorRegistry

from control_api.annotations import annotating_client
from control_api.app import create_app
from control_api.auth.grafana import GrafanaSessions
from control_api.composition import build
from control_api.settings import ControlApiSettings
from energytrack.clock import ManualClock
from energytrack.plant import Plant, load_plant
from energytrack.store import Store
from exporters.ledger.series import LedgerSeries
from exporters.web import ledger_app
from local.site import HOST
from testkit.builders.control import a_store
from testkit.clients.http import HTTP
from testkit.patience import seconds_here
from testkit.stack.servers import eventually, prometheus_running, site_in
from testkit.stand_ins.grafana import SERVICE_TOKEN, GrafanaStandIn
from testkit.stand_ins.wsgi import QuietHandler
from tests.integration.control_api.conftest import SETTINGS, ApiUnderTest, BrittleBus
from tests.integration.historian.filings import a_filing, taken
from tests.integration.one_number.by_hand import AFTERNOON_PRICE, DAYS, MENDED, MORNING_PRICE, CountedDay, readings

CONTRACT: Final = f"""
[tariff]
currency = "EUR"
bands = [
    {{ name = "morning", price_per_kwh = {MORNING_PRICE}, windows = [
        {{ days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], start = 00:00:00, end = 12:00:00 }}] }},
    {{ name = "afternoon", price_per_kwh = {AFTERNOON_PRICE} }},
]
"""
PATIENT: Final = {"ENERGYTRACK_CONTROL_API_PATIENCE_SECONDS": "60"}
Ask = Callable[[str, datetime], Mapping[str, float]]


@pytest.fixture(scope="package")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """The example plant, whose price changes at noon."""
    before, rest = Path("plant.toml").read_text(encoding="utf-8").split("[tariff]", 1)
    file = tmp_path_factory.mktemp("plant") / "plant.toml"
    file.write_text(before + CONTRACT + rest[rest.index("\n[[shifts]]") :], encoding="utf-8")
    return load_plant(file)


@pytest.fixture(scope="package")
def clock() -> ManualClock:
    return ManualClock(DAYS[0].start)


@pytest.fixture(scope="package")
def store(mongo_uri: str, plant: Plant, clock: ManualClock) -> Iterator[Store]:
    """Three days as the historian has filed them."""
    with closing(a_store(mongo_uri, "one_number")) as store:
        store.prepare()
        filing = a_filing(store, clock, plant=plant, ledger_every_seconds=0.0)
        for day in DAYS:
            given = sorted(
                (each for name in (day.even, day.uneven) for each in readings(day, name)),
                key=lambda reading: reading.timestamp,
            )
            for first in range(0, len(given), 50):
                some = given[first : first + 50]
                clock.advance(max(0.0, (some[-1].timestamp - clock.now()).total_seconds()) + 1)
                filing.handle(taken(some))
                filing.settle()
        filing.finish()
        yield store


@pytest.fixture(scope="package")
def api(store: Store, plant: Plant, clock: ManualClock) -> ApiUnderTest:
    """The control API, over which people have decided."""
    bus, numbers = BrittleBus(), iter(range(1, 1000))
    services = build(
        ControlApiSettings.from_env(SETTINGS | PATIENT),
        plant=plant,
        bus=bus,
        store=store,
        clock=clock,
        registry=CollectorRegistry(),
        new_id=lambda: f"{next(numbers):026d}",
        annotating=annotating_client(
            "http://grafana.test", SERVICE_TOKEN, transport=httpx.WSGITransport(GrafanaStandIn())
        ),
        grafana=GrafanaSessions(
            "http://grafana.test", org_id=1, clock=clock, transport=httpx.WSGITransport(GrafanaStandIn())
        ),
    )
    made = ApiUnderTest(services, bus, clock, create_app(services, is_ready=lambda: True))
    for day in DAYS:
        decide(made, day, "08:00", "08:15", decision="accept")
        decide(made, day, "09:30", "09:45", decision="reject")
        decide(made, day, "14:00", "15:00", decision="value", kwh=MENDED)
    return made


def decide(api: ApiUnderTest, day: CountedDay, start: str, end: str, **body: Any) -> None:
    given = {
        "device_id": day.uneven, "start": day.at(start).isoformat(), "end": day.at(end).isoformat(),
        "reason": "read off the meter", **body,
    }  # fmt: skip
    response = api.client.post("/api/energy/corrections", json=given)
    assert response.status_code == 201, response.text


@pytest.fixture(scope="package")
def ask(store: Store, api: ApiUnderTest, plant: Plant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks PromQL at an instant that is now for whoever answers; gives values by line."""
    site = site_in(tmp_path_factory.mktemp("prometheus"))
    now = ManualClock(DAYS[-1].start)
    app = ledger_app(LedgerSeries(store, plant, now))
    with make_server(HOST, site.ports.exporters, app, handler_class=QuietHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with prometheus_running(site, ()):

            def ask(query: str, at: datetime) -> Mapping[str, float]:
                now.advance((at - now.now()).total_seconds())
                url = site.url(site.ports.prometheus, "/api/v1/query")
                said = HTTP.get(url, params={"query": query, "time": at.timestamp()}, timeout=seconds_here(30)).json()
                assert said.get("warnings") is None, said
                return {each["metric"].get("line", ""): float(each["value"][1]) for each in said["data"]["result"]}

            eventually(lambda: ask("vector(1)", DAYS[-1].start))
            yield ask
        server.shutdown()
