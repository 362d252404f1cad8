"""Energy and decisions about it through the API, on a real database."""

import csv
import io
import zipfile
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from energytrack.ledger.day import Day
from energytrack.ledger.rollup import DaySums, MonthSums
from energytrack.ledger.sums import total
from energytrack.plant import Place
from testkit.builders.ledger import DAY, ZONE, a_day
from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import ApiUnderTest

YESTERDAY = DAY - timedelta(days=1)
CORRECTIONS = "/api/energy/corrections"


def kept(plant: ApiUnderTest, *days: Day) -> None:
    """Days are in the ledger, with the sums of their months, as the historian keeps them."""
    store = plant.services.store
    store.ledger.put(days)
    for day in days:
        plant.says(day.device_id, device_type=day.device_type, line=day.line)
    sums = [DaySums(day.device_id, day.date, Place(day.device_type, day.line), day.sums()) for day in days]
    months = {(each.device_id, each.date.year, each.date.month, each.place) for each in sums}
    store.rollups.put(
        sums,
        [
            MonthSums(
                *key,
                total(
                    each.sums
                    for each in sums
                    if (each.device_id, each.date.month, each.place) == (key[0], key[2], key[3])
                ),
            )
            for key in sorted(months, key=str)
        ],
    )


@pytest.fixture
def plant_with_energy(plant: ApiUnderTest) -> ApiUnderTest:
    plant.clock.advance(24 * 3600)
    kept(
        plant,
        a_day(
            "press-0001",
            device_type="press",
            line="press-shop",
            suspect_kwh={40: 7.0, 41: 3.0},
            reasons={"leap": (40, 41)},
        ),
        a_day("press-0002", device_type="press", line="press-shop"),
        a_day("cnc-0007"),
        a_day("cnc-0007", YESTERDAY),
    )
    return plant


def rows(plant: ApiUnderTest, **query: str) -> Any:
    given = {"from": YESTERDAY.isoformat(), "to": DAY.isoformat(), **query}
    response = plant.client.get("/api/energy", query_string=given)
    assert response.status_code == 200, response.text
    return response.get_json()["rows"]


def decide(plant: ApiUnderTest, first: int = 40, count: int = 2, **body: Any) -> Any:
    start = datetime.fromtimestamp(a_day().start + 900 * first, ZONE)
    given = {
        "device_id": "press-0001", "start": start.isoformat(),
        "end": (start + count * timedelta(minutes=15)).isoformat(),
        "decision": "accept", "reason": "the gateway had held them back",
    }  # fmt: skip
    return plant.client.post(CORRECTIONS, json=given | body)


def test_energy_comes_by_machine_line_type_and_plant(plant_with_energy: ApiUnderTest) -> None:
    """Each with the same total."""
    by = {
        by: {(row["start"][:10], row["name"]): row["kwh"] for row in rows(plant_with_energy, by=by)}
        for by in ("machine", "line", "type", "plant")
    }
    today = DAY.isoformat()
    assert by["line"][today, "press-shop"] == pytest.approx(384.0)
    assert by["machine"][YESTERDAY.isoformat(), "cnc-0007"] == pytest.approx(192.0)
    assert by["type"][today, "cnc_machine"] == pytest.approx(192.0)
    assert by["plant"] == {(YESTERDAY.isoformat(), None): pytest.approx(192.0), (today, None): pytest.approx(576.0)}


@pytest.mark.parametrize("resolution", ["hour", "day", "month", "year"])
def test_a_young_plant_is_known_since_its_first_reading(plant: ApiUnderTest, resolution: str) -> None:
    """The time before is not unknown; a gap after it is, and so is a machine that fell silent."""
    plant.clock.advance(3600)  # half an hour into the next day
    now = plant.clock.now()
    today = now.astimezone(ZONE).date()
    first = now - timedelta(minutes=15)
    store = plant.services.store
    kept(
        plant,
        a_day("cnc-0007", today, measured_kwh={1: 2.0}, idle_kwh={}, measured_seconds={1: 900.0}),
        a_day("cnc-0008", today, measured_kwh={1: 2.0}, idle_kwh={}, measured_seconds={1: 450.0}),
    )
    store.meters.note_since({"cnc-0007": first.timestamp(), "cnc-0008": first.timestamp()})
    found = rows(plant, **{"from": today.isoformat(), "to": today.isoformat()}, by="machine", resolution=resolution)
    assert [(row["name"], row["coverage"], row["unknown_seconds"]) for row in found] == [
        ("cnc-0007", 1.0, 0.0),
        ("cnc-0008", 0.5, 450.0),
    ]
    assert {datetime.fromisoformat(row["since"]) for row in found} == {first}
    store.meters.note_since({"press-0001": first.timestamp()})
    plant.says("press-0001", device_type="press", line="press-shop")
    (whole,) = rows(plant, **{"from": today.isoformat(), "to": today.isoformat()}, resolution=resolution)
    assert (whole["coverage"], whole["unknown_seconds"]) == (0.5, 1350.0)


@pytest.mark.parametrize(
    ("resolution", "count"), [("15min", 192), ("hour", 48), ("day", 2), ("month", None), ("year", 1)]
)
def test_every_resolution_has_the_same_total(
    plant_with_energy: ApiUnderTest, resolution: str, count: int | None
) -> None:
    """In energy, cost, idle energy and time."""
    found = rows(plant_with_energy, resolution=resolution)
    assert count is None or len(found) == count
    assert sum(row["kwh"] for row in found) == pytest.approx(768.0)
    assert sum(row["cost"] for row in found) == pytest.approx(192.0)
    assert sum(row["idle_kwh"] for row in found) == pytest.approx(192.0)
    assert sum(row["suspect_kwh"] for row in found) == pytest.approx(10.0)
    assert sum(row["measured_seconds"] for row in found) == 4 * 86_400


def test_a_decision_changes_every_sum_and_is_on_record(plant_with_energy: ApiUnderTest) -> None:
    """Who, when, why, and what counted before; the old figure stays with it."""
    made = decide(plant_with_energy)
    assert made.status_code == 201
    body = made.get_json()
    assert (body["before_kwh"], body["after_kwh"], body["decided_by"]) == (4.0, 14.0, "grafana:maria")
    for resolution in ("15min", "hour", "day", "month", "year"):
        found = rows(plant_with_energy, resolution=resolution)
        assert sum(row["kwh"] for row in found) == pytest.approx(778.0), resolution
        assert sum(row["suspect_kwh"] for row in found) == pytest.approx(0.0), resolution
        assert sum(row["cost"] for row in found) == pytest.approx(194.5), resolution
    assert plant_with_energy.client.get("/api/energy/suspects").get_json() == {"suspects": []}
    again = decide(plant_with_energy, decision="value", kwh=1.0, reason="read off the meter").get_json()
    assert (again["before_kwh"], again["after_kwh"]) == (14.0, 1.0)
    withdrawn = decide(plant_with_energy, decision="withdraw").get_json()
    assert (withdrawn["before_kwh"], withdrawn["after_kwh"]) == (1.0, 4.0)
    listed = plant_with_energy.client.get(CORRECTIONS).get_json()["corrections"]
    assert [each["decision"] for each in listed] == ["withdraw", "value", "accept"]
    page = plant_with_energy.client.get(CORRECTIONS + "?limit=2").get_json()
    assert page["next"] == listed[1]["correction_id"]


def test_what_waits_for_a_decision_is_listed_with_what_to_do(plant_with_energy: ApiUnderTest) -> None:
    (suspect,) = plant_with_energy.client.get("/api/energy/suspects").get_json()["suspects"]
    assert (suspect["device_id"], suspect["suspect_kwh"], suspect["counted_kwh"]) == ("press-0001", 10.0, 4.0)
    assert suspect["reasons"] == ["leap"]
    assert "Decide whether the energy was used" in suspect["text"]
    assert decide(plant_with_energy, decision="reject").get_json()["after_kwh"] == 4.0
    assert plant_with_energy.client.get("/api/energy/suspects").get_json() == {"suspects": []}


def test_a_day_that_is_counted_again_keeps_the_decision_and_shows_what_is_new(plant_with_energy: ApiUnderTest) -> None:
    decide(plant_with_energy)
    day = plant_with_energy.services.store.ledger.metered([("press-0001", DAY)])["press-0001", DAY]
    suspect = (*day.suspect_kwh[:41], 5.0, *day.suspect_kwh[42:])
    kept(plant_with_energy, replace(day, suspect_kwh=suspect, revision=2))
    (left,) = plant_with_energy.client.get("/api/energy/suspects").get_json()["suspects"]
    assert left["suspect_kwh"] == pytest.approx(2.0)
    (press,) = (row for row in rows(plant_with_energy, device_id="press-0001"))
    assert press["corrected_kwh"] == pytest.approx(10.0)


def test_who_may_decide_and_about_what(plant_with_energy: ApiUnderTest) -> None:
    """Editors, with a reason, about quarter hours that the ledger has."""
    assert problem(decide(plant_with_energy, first=10)) == (409, "nothing_suspect")
    assert problem(decide(plant_with_energy, decision="withdraw")) == (409, "no_correction")
    assert problem(decide(plant_with_energy, first=-96, decision="value", kwh=1.0)) == (409, "not_in_ledger")
    assert problem(decide(plant_with_energy, reason="")) == (422, "invalid_request")
    assert problem(decide(plant_with_energy, decision="value")) == (422, "invalid_request")
    assert problem(decide(plant_with_energy, device_id="lathe-9")) == (404, "unknown_device")
    assert problem(plant_with_energy.signed_in("victor").post(CORRECTIONS, json={})) == (403, "not_allowed")
    assert plant_with_energy.signed_in("victor").get("/api/energy").status_code == 200
    assert problem(plant_with_energy.nobody().get("/api/energy")) == (401, "not_signed_in")


def test_energy_is_exported_for_spreadsheets(plant_with_energy: ApiUnderTest) -> None:
    """CSV as the standard has it, CSV as Europe expects it, and XLSX with numbers."""
    query = f"?from={YESTERDAY}&to={DAY}&by=line"
    plain = plant_with_energy.client.get("/api/energy.csv" + query)
    table = list(csv.DictReader(io.StringIO(plain.text)))
    assert [(row["name"], float(row["kwh"])) for row in table] == [
        ("machining-a", 192.0),
        ("machining-a", 192.0),
        ("press-shop", 384.0),
    ]
    european = plant_with_energy.client.get("/api/energy.csv" + query + "&separator=semicolon")
    assert european.data.startswith(b"\xef\xbb\xbfstart;name;kwh;")
    assert ";192,0;48,0;" in european.text
    book = plant_with_energy.client.get("/api/energy.xlsx" + query)
    assert "energy.xlsx" in book.headers["Content-Disposition"]
    sheet = zipfile.ZipFile(io.BytesIO(book.data)).read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 4
    assert "<v>384</v>" in sheet


def test_an_answer_that_would_be_too_long_says_what_to_do(plant_with_energy: ApiUnderTest) -> None:
    query = {"from": (DAY - timedelta(days=2000)).isoformat(), "by": "machine", "resolution": "15min"}
    response = plant_with_energy.client.get("/api/energy", query_string=query)
    assert problem(response) == (422, "too_many_rows")
    assert "coarser resolution" in response.get_json()["detail"]
    backwards = plant_with_energy.client.get(
        "/api/energy", query_string={"from": DAY.isoformat(), "to": YESTERDAY.isoformat()}
    )
    assert problem(backwards) == (422, "invalid_request")


def test_a_plant_without_a_ledger_has_no_rows(plant: ApiUnderTest) -> None:
    """And not rows of zeros."""
    for resolution in ("15min", "day", "month"):
        assert rows(plant, resolution=resolution) == []
