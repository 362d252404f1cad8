"""Years of energy in PromQL: a real Prometheus reads the ledger from a real database, through the exporters."""

import sys
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import make_server

import cramjam
import pytest

from energytrack.clock import ManualClock, SystemClock
from energytrack.ledger.rollup import DaySums, MonthSums
from energytrack.ledger.sums import EnergySums, total
from energytrack.metering.limits import UsageHistory
from energytrack.metering.values import Meter, MeterRecord
from energytrack.plant import Place, Plant, load_plant
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.open import open_store
from exporters.ledger.remote_read import Matcher, Question
from exporters.ledger.series import LedgerSeries
from exporters.web import LEDGER_PATH, ledger_app
from local.services.definition import HttpAnswers, ServiceDefinition
from local.site import HOST, Site
from testkit.builders.ledger import a_correction, a_day
from testkit.clients.http import HTTP
from testkit.dates import last_sunday
from testkit.patience import seconds_here
from testkit.stack.servers import eventually, prometheus_running, site_in, started
from testkit.stand_ins.wsgi import QuietHandler

Ask = Callable[..., list[Mapping[str, Any]]]
PLACES = {"cnc-0001": Place("cnc_machine", "machining-a"), "press-0001": Place("press", "press-shop")}
TODAY = SystemClock().now().date()
LONG_AGO = TODAY.replace(day=1) - timedelta(days=400)
"""Further back than Prometheus keeps anything."""

CHANGING = "drill-0001"
"""A machine that there is around the days on which clocks change."""
CHANGED = tuple(last_sunday(month, year=LONG_AGO.year - 1) for month in (3, 10))
"""In spring and in autumn."""


@pytest.fixture(scope="module")
def store(mongo_uri: str) -> Iterator[Store]:
    """A month of two machines more than a year ago, and an hour of it that somebody decided."""
    settings = MongoSettings.model_validate({"uri": mongo_uri, "database": "ledger_series"})
    first = LONG_AGO.replace(day=1)
    days = [
        a_day(device_id, first + timedelta(days=number), device_type=place.device_type, line=place.line)
        for device_id, place in PLACES.items()
        for number in range(28)
    ]
    sums = [DaySums(day.device_id, day.date, PLACES[day.device_id], day.sums()) for day in days]
    months = [
        MonthSums(
            device_id, first.year, first.month, place, total(each.sums for each in sums if each.device_id == device_id)
        )
        for device_id, place in PLACES.items()
    ]
    with closing(open_store(settings)) as store:
        store.prepare()
        store.ledger.put(days)
        store.rollups.put([*sums, *_around_changes()], months)
        store.corrections.add(a_correction(0, 4, day=LONG_AGO, device_id="cnc-0001", decision="value", kwh=100.0))
        yield store


def _around_changes() -> Iterator[DaySums]:
    for changed in CHANGED:
        for number in range(-7, 8):
            date = changed + timedelta(days=number)
            yield DaySums(CHANGING, date, Place("drill", "drilling"), a_day(CHANGING, date).sums())


@pytest.fixture(scope="module")
def ask(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks PromQL of a Prometheus that has scraped nothing."""
    plant: Plant = load_plant(Path("plant.toml"))
    site: Site = site_in(tmp_path_factory.mktemp("prometheus"))
    app = ledger_app(LedgerSeries(store, plant, SystemClock()))
    with make_server(HOST, site.ports.exporters, app, handler_class=QuietHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with prometheus_running(site, ()):

            def ask(query: str, *, at: datetime | None = None, path: str = "query", **more: str) -> Any:
                asked = {"query": query, **more} | ({} if at is None else {"time": str(at.timestamp())})
                url = site.url(site.ports.prometheus, f"/api/v1/{path}?{urllib.parse.urlencode(asked)}")
                said = HTTP.get(url, timeout=seconds_here(30)).json()
                assert said.get("warnings") is None, said
                return said["data"]["result"]

            eventually(lambda: ask("vector(1)"))
            yield ask
        server.shutdown()


def midnight(plus_days: int = 0) -> datetime:
    zone = load_plant(Path("plant.toml")).zone
    return datetime.combine(LONG_AGO + timedelta(days=plus_days), time(), zone)


def values(result: list[Mapping[str, Any]], label: str) -> dict[str, float]:
    return {series["metric"].get(label, ""): float(series["value"][1]) for series in result}


def test_a_day_more_than_a_year_ago(ask: Ask) -> None:
    """At the midnight with which it began; what somebody decided is in it, as in the ledger."""
    query = 'last_over_time(energytrack_ledger_day_kwh{source="ledger"}[1d] offset -1d)'
    quarters = len(a_day(day=LONG_AGO))
    found = values(ask(query, at=midnight()), "device_id")
    assert found == {"cnc-0001": pytest.approx(2.0 * (quarters - 4) + 100.0), "press-0001": 2.0 * quarters}


@pytest.mark.parametrize("hours", [0.02, 3, 9, 12, 18, 23.9])
def test_at_any_instant_a_day_and_a_month_have_their_value(ask: Ask, hours: float) -> None:
    """Also before noon, and in the first minutes of a plant; over a range, each day counts once."""
    at = midnight() + timedelta(hours=hours)
    by_day = values(ask('energytrack_ledger_day_kwh{source="ledger"}', at=at), "device_id")
    assert by_day["press-0001"] == 2.0 * len(a_day(day=LONG_AGO))
    by_month = values(ask('energytrack_ledger_month_kwh{source="ledger"}', at=at), "device_id")
    assert by_month["press-0001"] > 27 * by_day["press-0001"] / 28 * 24 / 25
    (two,) = ask(
        'sum_over_time(energytrack_ledger_day_kwh{source="ledger",device_id="press-0001"}[30h])', at=midnight(2)
    )
    assert float(two["value"][1]) == 2.0 * len(a_day(day=LONG_AGO + timedelta(days=1)))


@pytest.mark.parametrize("hours", [0.02, 0.9, 12, 23.02, 23.9, 24.9])
def test_the_days_before_are_whole_where_clocks_change(ask: Ask, hours: float) -> None:
    """At any hour: a day of 25 hours, each of the seven days after it, and those of 23 hours likewise."""
    zone = load_plant(Path("plant.toml")).zone
    for changed in CHANGED:
        for day in (changed + timedelta(days=number) for number in range(8)):
            begun, ends = (datetime.combine(each, time(), zone).timestamp() for each in (day, day + timedelta(days=1)))
            at = datetime.fromtimestamp(begun + hours * 3600, UTC)
            if at.timestamp() >= ends:
                continue
            for period, days in (("day", 1), ("week", 7)):
                query = f'energytrack_ledger_previous_{period}_kwh{{source="ledger",device_id="{CHANGING}"}}'
                before = [day - timedelta(days=number) for number in range(1, days + 1)]
                used = sum(2.0 * len(a_day(CHANGING, each)) for each in before)
                assert values(ask(query, at=at), "device_id") == {CHANGING: pytest.approx(used)}, (day, period)


def test_a_month_is_the_sum_of_its_days(ask: Ask) -> None:
    """Over the whole range and by line, by day and by month: the same number."""
    end = midnight() + timedelta(days=40)
    by_day = ask('sum by (line) (sum_over_time(energytrack_ledger_day_kwh{source="ledger"}[70d]))', at=end)
    by_month = ask('sum by (line) (sum_over_time(energytrack_ledger_month_kwh{source="ledger"}[70d]))', at=end)
    assert values(by_day, "line") == pytest.approx(values(by_month, "line"))
    assert set(values(by_day, "line")) == {"machining-a", "press-shop"}


def test_quarter_hours_of_one_machine(ask: Ask) -> None:
    query = 'sum_over_time(energytrack_ledger_quarter_kwh{source="ledger",device_id="cnc-0001"}[1h])'
    (found,) = ask(query, at=midnight() + timedelta(hours=1))
    assert float(found["value"][1]) == pytest.approx(100.0)


def test_a_course_by_day(ask: Ask) -> None:
    """As a panel asks: one step a day."""
    (found,) = ask(
        'sum(last_over_time(energytrack_ledger_day_kwh{source="ledger",line=~"press.*"}[1d] offset -1d))',
        path="query_range", start=str(midnight(-1).timestamp()), end=str(midnight(1).timestamp()), step="1d",
    )  # fmt: skip
    assert len(found["values"]) == 3


def test_what_is_not_the_ledger_s_is_not_asked_of_it(ask: Ask) -> None:
    """A selector without `source` is answered by Prometheus alone."""
    assert ask("energytrack_ledger_day_kwh", at=midnight()) == []


def test_the_service_itself_answers(mongo_uri: str, kafka_servers: str, tmp_path: Path) -> None:
    """At /ledger of its port, beside /metrics; what is no question is refused."""
    site = site_in(tmp_path)
    env = {
        "ENERGYTRACK_MONGO_URI": mongo_uri, "ENERGYTRACK_KAFKA_SERVERS": kafka_servers,
        "ENERGYTRACK_METRICS_PORT": str(site.ports.exporters), "ENERGYTRACK_KAFKA_TOPIC_PREFIX": "ledger-series.",
        "ENERGYTRACK_PLANT_FILE": str(Path("plant.toml").resolve()),
    }  # fmt: skip
    service = ServiceDefinition(
        name="exporters", purpose="under test", command=(sys.executable, "-m", "exporters"),
        ready=HttpAnswers(site.url(site.ports.exporters, "/livez")), ports=("exporters",), env=env,
    )  # fmt: skip
    with started(service, site):
        address = site.url(site.ports.exporters, LEDGER_PATH)
        eventually(lambda: HTTP.get(address).status_code == 405, 30)  # alive before it has its pages
        assert HTTP.post(address, content=b"no question").status_code == 400
        answer = HTTP.post(address, content=bytes(cramjam.snappy.compress_raw(b"\x0a\x00")))
        assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "snappy")


def test_the_time_since_the_last_reading_is_unknown_before_the_next_comes(store: Store) -> None:
    """A machine that fell silent on a day, and one whole day later: the same as the API says."""
    plant = load_plant(Path("plant.toml"))
    day, after = LONG_AGO.replace(day=1) + timedelta(days=27), LONG_AGO.replace(day=1) + timedelta(days=28)
    heard = datetime.combine(day, time(6), plant.zone)
    meter = Meter(heard.timestamp(), None, None, False, heard.timestamp(), MeterRecord(UsageHistory(0.0)))
    store.rollups.put([DaySums("press-0101", day, PLACES["press-0001"], EnergySums(measured_seconds=6 * 3600.0))], [])
    store.meters.put_counted([("press-0101", meter)])
    store.meters.note_since({"press-0101": datetime.combine(day, time(), plant.zone).timestamp()})
    asked = LedgerSeries(store, plant, ManualClock(datetime.combine(after, time(22), plant.zone)))
    unknown = {
        round(at / 1000): value
        for series in asked.answer(_question("energytrack_ledger_day_unknown_seconds", "press-0101", day, after))
        for at, value in series.samples
    }
    noons = [datetime.combine(each, time(12), plant.zone).timestamp() for each in (day, after)]
    assert unknown == {noons[0]: len(a_day(day=day)) * 900.0 - 6 * 3600.0, noons[1]: 22 * 3600.0}


def test_since_when_a_machine_is_known_is_told_with_its_days(store: Store) -> None:
    """On each day of it, and for a week after the last; a machine without this record has no sample."""
    plant, first = load_plant(Path("plant.toml")), LONG_AGO.replace(day=1)
    begun = datetime.combine(first, time(14, 5), plant.zone).timestamp()
    store.meters.note_since({"press-0001": begun})
    asked = LedgerSeries(store, plant, ManualClock(datetime.combine(first + timedelta(days=60), time(), plant.zone)))
    name, last = "energytrack_ledger_since_timestamp_seconds", first + timedelta(days=50)
    (series,) = asked.answer(_question(name, "press-0001", first, last))
    assert (series.labels["line"], {value for _, value in series.samples}) == ("press-shop", {begun})
    sampled = [datetime.fromtimestamp(at / 1000, plant.zone).date() for at, _ in series.samples]
    assert sampled == [first + timedelta(days=number) for number in range(28 + 7)]
    assert asked.answer(_question(name, "cnc-0001", first, last)) == []


def _question(name: str, device_id: str, first: date, last: date) -> Question:
    zone = load_plant(Path("plant.toml")).zone
    start, end = datetime.combine(first, time(), zone), datetime.combine(last, time(22), zone)
    wanted = (("__name__", name), ("device_id", device_id), ("source", "ledger"))
    matchers = tuple(Matcher(0, *each) for each in wanted)
    return Question(round(start.timestamp() * 1000), round(end.timestamp() * 1000), matchers)
