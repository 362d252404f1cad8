"""Production through the API, on a real database: a part counted, a stop explained, the OEE of a day."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest

from energytrack.ledger.local_days import utc
from energytrack.ledger.presence import Presence
from energytrack.metering.limits import UsageHistory
from energytrack.metering.values import Meter, MeterRecord
from energytrack.plant import load_plant
from energytrack.production.reading import ProductionReader
from energytrack.production.spells import Spell, SpellDay
from energytrack.store import Store
from testkit import dates
from testkit.builders.ledger import a_day
from testkit.builders.messages import an_event
from testkit.builders.plants import a_plant_file
from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import ApiUnderTest

PRESS = "press-0003"
OTHER = "press-0004"
SIX = dates.at_plant("mon", "06:00").timestamp()
NINE, TEN = SIX + 3 * 3600.0, SIX + 4 * 3600.0


def worked(plant: ApiUnderTest, device_id: str = PRESS, *, scrap: float | None = 1.0) -> None:
    """The early shift up to ten: a break at nine, idle from 9:05 to 9:45, a micro-stop at seven, 95 parts per quarter
    hour.
    """
    store, (_, later) = plant.services.store, (SIX, TEN)
    spells = (
        Spell(SIX, SIX + 3600, "running"), Spell(SIX + 3600, SIX + 3660, "idle"),
        Spell(SIX + 3660, NINE + 300, "running"), Spell(NINE + 300, NINE + 2700, "idle"),
        Spell(NINE + 2700, later, "running"),
    )  # fmt: skip
    counted: Any = tuple(95.0 if 24 <= n < 40 else None for n in range(96))
    rejected: Any = None if scrap is None else tuple(scrap if 24 <= n < 40 else None for n in range(96))
    day = a_day(device_id, dates.MONDAY, device_type="press", line="press-shop", parts=counted, scrap=rejected)
    store.ledger.put([day])
    store.spells.put([SpellDay(device_id, dates.MONDAY, day.start, later, spells)])
    meter = Meter(later, None, None, False, later, MeterRecord(UsageHistory(0.0)))
    store.meters.put_counted([(device_id, meter)])
    store.meters.note_since({device_id: SIX})
    plant.services.store.devices.put([], plant.clock.now())
    plant.clock.advance(later + 60.0 - plant.clock.now().timestamp())


def production(plant: ApiUnderTest, **query: Any) -> list[Any]:
    response = plant.client.get("/api/production", query_string=query)
    assert response.status_code == 200, response.text
    rows: list[Any] = response.get_json()["rows"]
    return rows


def stops(plant: ApiUnderTest, **query: Any) -> Any:
    response = plant.client.get("/api/stops", query_string=query)
    assert response.status_code == 200, response.text
    return response.get_json()


def test_a_state_that_was_reported_days_ago_still_holds(plant: ApiUnderTest) -> None:
    """Of a machine that reports changes of state only as events, and has reported none since."""
    worked(plant)
    day = plant.services.store.spells
    (stored,) = day.days(dates.MONDAY, dates.MONDAY)
    day.put([SpellDay(PRESS, dates.MONDAY, stored.start, stored.through + 1, ())])
    (row,) = production(plant, by="machine")
    assert row["availability"] is None
    event = an_event("state_changed", device_id=PRESS, timestamp=utc(SIX - 3 * 86_400), state="running")
    plant.services.store.events.put([event])
    (row,) = production(plant, by="machine")
    assert (row["availability"], row["unknown_seconds"]) == (1.0, 0.0)


def test_the_oee_of_a_day(plant: ApiUnderTest) -> None:
    """Four hours less a break of a quarter of an hour, of which half an hour and a minute were lost."""
    worked(plant)
    (row,) = production(plant, by="machine")
    assert (row["device_id"], row["device_type"], row["line"], row["cycle_seconds"]) == (
        PRESS,
        "press",
        "press-shop",
        9.0,
    )
    assert (row["planned_seconds"], row["unknown_seconds"]) == (13_500, 0)
    assert row["running_seconds"] == 13_500 - 1800 - 60
    assert row["availability"] == pytest.approx(row["running_seconds"] / 13_500)
    assert row["parts"] == 16 * 95 - 95  # the quarter hour of the break has no planned time
    assert row["parts_from"] == ["counter"]
    assert row["quality"] == pytest.approx(94 / 95)
    assert row["oee"] == pytest.approx(row["availability"] * row["performance"] * row["quality"])
    assert (row["stops"], row["stop_seconds"], row["micro_stops"], row["micro_stop_seconds"]) == (1, 1800, 1, 60)


def test_machines_of_one_kind_are_added_up_those_of_unknown_quality_not(plant: ApiUnderTest) -> None:
    worked(plant)
    worked(plant, OTHER, scrap=None)
    (kind,) = production(plant)
    assert (kind["machines"], kind["machines_complete"], kind["device_id"]) == (2, 1, None)
    assert kind["planned_seconds"] == 2 * 13_500
    machines = {row["device_id"]: row for row in production(plant, by="machine", resolution="day")}
    assert kind["oee"] == pytest.approx(machines[PRESS]["oee"])
    assert machines[OTHER]["oee"] is None
    assert machines[OTHER]["date"] == dates.MONDAY.isoformat()
    written = plant.client.get("/api/production.csv").text.splitlines()
    assert len(written) == 2
    assert "press-shop" in written[1]


def test_a_stop_over_midnight_is_whole_on_the_day_on_which_it_began(plant: ApiUnderTest) -> None:
    """Also in an answer about that day alone; its planned time ends at midnight nevertheless."""
    device = next(each for each in plant.services.production.plant.devices if each.line == "machining-b").device_id
    store, day = plant.services.store, dates.MONDAY + timedelta(days=1)
    ten, stood = (dates.at_plant("mon", clock).timestamp() for clock in ("22:00", "23:30"))
    midnight, works, later = (dates.at_plant("tue", clock).timestamp() for clock in ("00:00", "00:30", "01:00"))
    before = (Spell(ten, stood, "running"), Spell(stood, midnight, "idle"))
    since = (Spell(midnight, works, "idle"), Spell(works, later, "running"))
    store.spells.put([
        SpellDay(device, dates.MONDAY, dates.at_plant("mon", "00:00").timestamp(), midnight, before),
        SpellDay(device, day, midnight, later, since),
    ])  # fmt: skip
    store.meters.put_counted([(device, Meter(later, None, None, False, later, MeterRecord(UsageHistory(0.0))))])
    store.meters.note_since({device: ten})
    plant.clock.advance(later + 60.0 - plant.clock.now().timestamp())
    (stop,) = stops(plant, **{"from": dates.MONDAY, "to": dates.MONDAY})["stops"]
    assert (stop["seconds"], stop["is_open"], stop["end"][11:16]) == (3600, False, "00:30")
    assert stops(plant, **{"from": dates.MONDAY, "to": day})["stops"] == [stop]
    assert stops(plant, **{"from": day, "to": day})["stops"] == []
    (row,) = production(plant, by="machine", **{"from": dates.MONDAY, "to": dates.MONDAY})
    assert (row["planned_seconds"], row["running_seconds"], row["stop_seconds"]) == (7200, 5400, 1800)
    taken = [
        [(loss["stops"], loss["seconds"]) for loss in stops(plant, **{"from": first, "to": last})["pareto"]]
        for first, last in ((dates.MONDAY, dates.MONDAY), (day, day), (dates.MONDAY, day))
    ]
    assert taken == [[(1, 1800.0)], [(0, 1800.0)], [(1, 3600.0)]]


def test_an_ideal_cycle_that_is_not_known_is_looked_for_again_after_an_hour(store: Store, tmp_path: Path) -> None:
    """By then the machine may have worked for the ten hours that it takes."""
    plant = load_plant(a_plant_file(tmp_path, ("press = { cycle_seconds = 9.0 }\n", "")))
    reader = ProductionReader(store, plant)

    def cycle_at(now: float) -> float | None:
        (day,) = reader.days(dates.MONDAY, dates.MONDAY, {PRESS: Presence(SIX)}, now=utc(now))
        return day.cycle_seconds

    def counts(quarters: int) -> None:
        parts = tuple(90.0 if 24 <= n < 24 + quarters else None for n in range(96))
        day = a_day(PRESS, dates.MONDAY, device_type="press", line="press-shop", parts=parts)
        ran = Spell(SIX, SIX + 900.0 * quarters, "running")
        store.ledger.put([day])
        store.spells.put([SpellDay(PRESS, dates.MONDAY, day.start, ran.end, (ran,))])

    counts(39)
    first = SIX + 39 * 900.0
    assert cycle_at(first) is None
    counts(40)
    assert cycle_at(first + 3599.0) is None
    assert cycle_at(first + 3600.0) == pytest.approx(10.0)


def test_a_stop_is_explained_by_a_tap(plant: ApiUnderTest) -> None:
    """By the moment that the page shows; who said so is kept, and the list has it at once."""
    worked(plant)
    seen = stops(plant, unexplained="true")
    (stop,) = seen["stops"]
    assert (stop["device_id"], stop["seconds"], stop["reason"], stop["state"]) == (PRESS, 1800, None, "idle")
    assert seen["pareto"][0]["text"] == "No reason given"
    assert [each["code"] for each in seen["reasons"]][:2] == ["material", "setup"]
    body = {"device_id": PRESS, "start": stop["start"], "reason": "material", "note": "no blanks"}
    given = plant.client.post("/api/stops/reason", json=body)
    assert given.status_code == 201, given.text
    (stop,) = stops(plant)["stops"]
    assert (stop["reason"], stop["given_by"], stop["note"]) == ("material", "grafana:maria", "no blanks")
    assert stops(plant, unexplained="true")["found"] == 0
    (loss,) = stops(plant)["pareto"]
    assert (loss["code"], loss["stops"], loss["seconds"], loss["cumulative"]) == ("material", 1, 1800, 1.0)
    assert loss["cost"] == pytest.approx(180.0 / 2)
    assert [entry.stream for entry in plant.services.store.audit.entries()] == ["stops"]
    written = plant.client.get("/api/stops.csv").text
    assert "no blanks" in written


def test_a_button_of_grafana_names_the_reason_by_its_text(plant: ApiUnderTest) -> None:
    """A later reason holds instead; a planned one takes the stop out of the planned time."""
    worked(plant)
    before = production(plant)[0]["availability"]
    start = utc(NINE + 1000.0).isoformat()
    body = {"device_id": PRESS, "start": start}
    assert plant.client.post("/api/stops/reason?reason=Tool change", json=body).status_code == 201
    assert plant.client.post("/api/stops/reason?reason=no order&note=", json=body).status_code == 201
    (stop,) = stops(plant)["stops"]
    assert (stop["reason"], stop["is_planned"]) == ("no_order", True)
    after = production(plant)[0]
    assert after["planned_seconds"] == 13_500 - 1800
    assert after["availability"] > before


def test_what_cannot_be_explained_is_refused(plant: ApiUnderTest) -> None:
    worked(plant)
    body = {"device_id": PRESS, "start": utc(SIX + 60.0).isoformat(), "reason": "material"}
    assert problem(plant.client.post("/api/stops/reason", json=body)) == (404, "unknown_stop")
    stop = body | {"start": utc(NINE + 1000.0).isoformat()}
    assert problem(plant.client.post("/api/stops/reason", json=stop | {"reason": "bad mood"})) == (
        422,
        "invalid_request",
    )
    assert problem(plant.client.post("/api/stops/reason?reason=$reason", json=stop | {"reason": None})) == (
        422, "invalid_request",
    )  # fmt: skip
    assert problem(plant.client.post("/api/stops/reason", json=stop | {"device_id": "gone-1"})) == (
        404,
        "unknown_device",
    )
    assert problem(plant.signed_in("victor").post("/api/stops/reason", json=stop)) == (403, "not_allowed")
    assert problem(plant.client.get("/api/production?from=2100-01-02&to=2100-01-01")) == (422, "invalid_request")


def test_a_failure_is_a_breakdown_without_anybody_saying_so(plant: ApiUnderTest) -> None:
    worked(plant)
    plant.services.store.events.put(
        [an_event("failure", PRESS, timestamp=utc(NINE + 1000.0)), an_event("state_changed", PRESS)]
    )
    (stop,) = stops(plant)["stops"]
    assert (stop["reason"], stop["state"], stop["given_by"]) == ("breakdown", "failed", None)


def test_today_is_on_metrics_once_it_is_worked_out(plant: ApiUnderTest) -> None:
    worked(plant)
    before = generate_latest(plant.services.registry).decode()
    assert "energytrack_production_oee_ratio{device_id=" not in before
    plant.services.production.look()
    shown = generate_latest(plant.services.registry).decode()
    oee = production(plant)[0]["oee"]
    of_press = f'{{device_id="{PRESS}",device_type="press",line="press-shop"}}'
    assert f"energytrack_production_oee_ratio{of_press} {oee}" in shown
    assert f'energytrack_production_kind_oee_ratio{{device_type="press",line="press-shop"}} {oee}' in shown
    assert f"energytrack_production_parts{of_press} {15 * 95.0}" in shown
    labels = 'device_type="press",line="press-shop",planned="no",reason="No reason given"'
    assert f"energytrack_production_stop_seconds{{{labels}}} 1800.0" in shown
    assert f'energytrack_production_unexplained_stop_seconds{{device_id="{PRESS}"' in shown
