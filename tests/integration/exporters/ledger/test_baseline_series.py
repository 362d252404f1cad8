"""Approved baselines as series: a real Prometheus answers the panels' own questions, from a real database."""

import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import make_server

import httpx
import pytest
from msgspec.structs import replace

from energytrack.baselines.validity import grade_of
from energytrack.clock import SystemClock
from energytrack.ledger.day import Day
from energytrack.machines.state import MachineState
from energytrack.plant import load_plant
from energytrack.samples import Series
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.energy.baselines import Baseline
from energytrack.store.open import open_store
from exporters.ledger import baseline_series
from exporters.ledger.baseline_series import BASELINE_DAY, BaselineSeries
from exporters.ledger.remote_read import QueryTooLarge, Question
from exporters.ledger.series import LedgerSeries
from exporters.web import ledger_app
from local.site import HOST
from testkit.builders.baselines import a_baseline
from testkit.builders.ledger import a_day
from testkit.builders.messages import a_reading
from testkit.patience import seconds_here
from testkit.stack.servers import eventually, prometheus_running, site_in
from testkit.stand_ins.wsgi import QuietHandler
from tests.unit.grafana.dashboards import boards, plain

Ask = Callable[[str], list[Mapping[str, Any]]]
PLANT = load_plant(Path("plant.toml"))
TODAY = SystemClock().now().astimezone(PLANT.zone).date()
DAYS = 20
"""Of which the last is today, which is not over."""
BASE_KWH = 192.0
"""What a day of the builder uses."""
pytestmark = pytest.mark.slow


def a_press_baseline(baseline_id: str, **fields: Any) -> Baseline:
    """In all hours, up to three weeks ago."""
    last = TODAY - timedelta(days=DAYS)
    defaults = {
        "device_id": None,
        "line": "press-shop",
        "hours": "all",
        "first": last - timedelta(days=55),
        "last": last,
    }
    return a_baseline(baseline_id=baseline_id, name=f"press shop {baseline_id}", **(defaults | fields))


def approved(baseline: Baseline, **fields: Any) -> Baseline:
    return replace(baseline, approved_by="grafana:maria", **fields)


def days() -> list[Day]:
    """500 parts a day, on one 5000, which the baseline never saw, and on one nobody knows how many."""
    made: dict[int, float | None] = {4: 5000.0, 5: None}
    whole = []
    for back in range(DAYS):
        day = a_day("press-0003", TODAY - timedelta(days=back), device_type="press", line="press-shop")
        parts = made.get(back, 500.0)
        whole.append(day if parts is None else replace(day, parts=(parts / len(day),) * len(day)))
    return whole


@pytest.fixture(scope="module")
def store(mongo_uri: str) -> Iterator[Store]:
    with closing(open_store(MongoSettings.model_validate({"uri": mongo_uri, "database": "baseline_series"}))) as store:
        store.prepare()
        store.ledger.put(days())
        reading = a_reading("press-0003", timestamp=SystemClock().now())
        store.devices.put([MachineState("press-0003", "press", "press-shop", reading)], SystemClock().now())
        yield store


@pytest.fixture(scope="module")
def ask(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """At the end of a panel, or step by step as its queries say."""
    site = site_in(tmp_path_factory.mktemp("prometheus"))
    app = ledger_app(LedgerSeries(store, PLANT, SystemClock()))
    with make_server(HOST, site.ports.exporters, app, handler_class=QuietHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with prometheus_running(site, ()):

            def ask(query: str) -> Any:
                now = datetime.now(PLANT.zone)
                today = datetime.combine(now.date(), time(), PLANT.zone)
                span = {"start": str((today - timedelta(days=29)).timestamp()), "end": str(now.timestamp())}
                asked = {"query": query, **span, "step": "1d"}
                url = site.url(site.ports.prometheus, f"/api/v1/query_range?{urllib.parse.urlencode(asked)}")
                said = httpx.get(url, timeout=seconds_here(60)).json()
                assert said.get("warnings") is None, said
                return said["data"]["result"]

            eventually(lambda: ask("vector(1)"))
            yield ask
        server.shutdown()


def queries(title: str) -> list[str]:
    """What a panel of *Energy* asks."""
    (board,) = (each for each in boards() if each.file == "energy.json")
    (panel,) = (each for each in board.panels if each.get("title") == title)
    return [plain(target["expr"]) for target in panel["targets"]]


def by_name(result: list[Mapping[str, Any]]) -> dict[tuple[str, str], list[float]]:
    return {
        (each["metric"]["baseline"], each["metric"].get("grade", "")): [float(value) for _, value in each["values"]]
        for each in result
    }


def test_only_an_approved_baseline_is_shown(ask: Ask, store: Store) -> None:
    """Neither one that nobody stands for, nor one that is retired; of two versions, the newest that is approved."""
    actual, expected = queries("Used and expected energy")
    store.baselines.add(a_press_baseline("01N"))
    store.baselines.add(approved(a_press_baseline("01R"), state="retired"))
    before = {"press shop 01N", "press shop 01R"}
    assert before & {name for query in (actual, expected) for name, _ in by_name(ask(query))} == set()
    good = approved(a_press_baseline("01A"))
    grade = grade_of(good.checks)
    store.baselines.add(good)
    store.baselines.add(replace(a_press_baseline("01A"), version=2, name="a draft"))
    found = by_name(ask(actual))
    assert {shown for name, shown in found if name == "press shop 01A"} == {grade}
    assert "a draft" not in {name for name, _ in found}
    known = DAYS - 2  # of the day on which the parts are not known there is none, nor of today
    assert found["press shop 01A", grade] == pytest.approx([BASE_KWH] * known, rel=0.05)
    slope = good.fit.terms[0].coefficient
    constant = good.fit.intercept
    course = by_name(ask(expected))["press shop 01A", grade]
    assert len(course) == known
    assert sorted({round(each) for each in course}) == sorted({round(constant + slope * n) for n in (500, 5000)})


def test_the_table_says_whether_to_believe_it(ask: Ask, store: Store) -> None:
    """Used, expected and their difference over the days that are known, and those out of the baseline's range."""
    table = approved(a_press_baseline("01T"))
    store.baselines.add(table)
    used, expected, ratio, outside, _ = queries("Against the baseline")
    asked = {"used": used, "expected": expected, "ratio": ratio, "outside": outside}
    courses = {name: by_name(ask(query)) for name, query in asked.items()}
    last = {name: found["press shop 01T", grade_of(table.checks)][-1] for name, found in courses.items()}
    assert last["used"] == pytest.approx(BASE_KWH * (DAYS - 2), rel=0.02)
    assert last["ratio"] == pytest.approx(last["used"] / last["expected"] - 1)
    assert last["outside"] == 1.0


def test_a_chosen_line_shows_its_baselines_alone(ask: Ask, store: Store) -> None:
    """Whoever looks at one line does not read the plant's."""
    store.baselines.add(approved(a_press_baseline("01P", line=None)))
    store.baselines.add(approved(a_press_baseline("01L")))

    def shown(line: str) -> set[str]:
        series = f'energytrack_ledger_day_baseline_actual_kwh{{source="ledger",line=~"{line}"}}'
        found = ask(f"max by (baseline) (last_over_time({series}[1d] offset -1d))")
        return {each["metric"]["baseline"].split()[-1] for each in found} & {"01P", "01L"}

    assert shown("press-shop") == {"01L"}
    assert shown(".*") == {"01P", "01L"}
    assert shown("welding") == set()


def test_only_what_is_read_is_too_much(mongo_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large plant without baselines has an answer, and so has the baseline of one machine."""
    monkeypatch.setattr(baseline_series, "MOST_DAYS", 2 * DAYS)
    question = Question(0, 2**53, ())
    first, last = TODAY - timedelta(days=DAYS - 1), TODAY
    with closing(open_store(MongoSettings.model_validate({"uri": mongo_uri, "database": "large_plant"}))) as store:
        store.prepare()
        at = SystemClock().now()
        states = [MachineState(name, reading=a_reading(name, timestamp=at)) for name in ("p1", "p2", "p3")]
        store.devices.put(states, at)
        series = BaselineSeries(store, PLANT, SystemClock())

        def answered() -> list[Series]:
            asked = series.series(question, BASELINE_DAY, first, last, lambda day: day.toordinal(), source="ledger")
            return list(asked)

        assert answered() == []
        store.baselines.add(approved(a_press_baseline("01M", line=None, device_id="p1")))
        assert answered() == []
        store.baselines.add(approved(a_press_baseline("01L")))
        with pytest.raises(QueryTooLarge, match="3 machines and 19 days"):
            answered()
