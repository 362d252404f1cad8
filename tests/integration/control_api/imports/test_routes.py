"""Files through the API: looked at, corrected, stored as they were seen, and taken back."""

import io
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from control_api.imports import service
from control_api.imports.routes import IMPORT_SECONDS
from energytrack.store import Store
from testkit.builders.import_files import columns, counts, price_stretches, starts, vibration
from testkit.builders.ledger import a_day
from testkit.builders.plants import SPOT, a_plant_file
from testkit.stand_ins.grafana import GrafanaStandIn
from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import EVENING, ApiUnderTest, a_control_api

ONE = timedelta(days=1)
YESTERDAY = EVENING.date() - ONE
PROFILE = columns(starts(YESTERDAY, 1)[10:], "%Y-%m-%dT%H:%M%z").encode()


def posted(client: FlaskClient, path: str, body: bytes, **query: Any) -> Any:
    return client.post(path, data=body, content_type="application/octet-stream", query_string=query)


def sent(plant: ApiUnderTest, path: str, body: bytes = PROFILE, **query: Any) -> Any:
    return posted(plant.client, path, body, **{"name": "press.csv", **query})


def per_kwh(plant: ApiUnderTest, at: datetime) -> float | None:
    """What the contract says of a time, as this service counts."""
    price = plant.services.plant.price(at)
    return None if price is None else price.per_kwh


def test_what_a_file_does_not_prove_is_asked(plant: ApiUnderTest) -> None:
    """One thing at a time, with what it may be; nothing is stored."""
    seen = sent(plant, "/api/imports/inspect").get_json()
    assert seen["question"]["what"] == "labels"
    assert seen["question"]["options"] == ["begin", "end"]
    assert plant.client.get("/api/imports").get_json() == {"imports": []}


def test_a_file_is_shown_stored_and_taken_back(plant: ApiUnderTest) -> None:
    """As it was seen; who did it, and why it was taken back, stays."""
    said: dict[str, Any] = {"labels": "begin", "device": "press-0001"}
    seen = sent(plant, "/api/imports/inspect", **said).get_json()
    assert seen["question"] is None
    assert seen["samples"][0] == ["Zeit", "Verbrauch [kWh]"]
    assert {"what": "labels", "value": "begin", "why": "as given"} in seen["findings"]
    (held,) = seen["holds"]
    assert (held["device_id"], held["kwh"], held["is_known"]) == ("press-0001", 21.5, True)
    batch_id = seen["would_store"]["batch_id"]
    stored = sent(plant, "/api/imports", batch_id=batch_id, **said)
    assert (stored.status_code, stored.get_json()["by"]) == (201, "grafana:maria")
    (day,) = plant.services.store.imports.days("press-0001", YESTERDAY, YESTERDAY)
    assert day.kwh[9:12] == (None, 0.25, 0.25)
    assert sent(plant, "/api/imports/inspect", **said).get_json()["already"]["batch_id"] == batch_id
    gone = plant.client.post(f"/api/imports/{batch_id}/take-back", json={"reason": "another press"}).get_json()
    assert (gone["state"], gone["taken_back_why"]) == ("taken_back", "another press")
    assert list(plant.services.store.imports.days("press-0001", YESTERDAY, YESTERDAY)) == []
    assert problem(plant.client.post(f"/api/imports/{batch_id}/take-back", json={"reason": "x"})) == (
        404,
        "unknown_import",
    )


def test_counts_of_parts_are_shown_asked_about_and_stored(plant: ApiUnderTest) -> None:
    body = counts(starts(YESTERDAY, 1), [12] * 96).encode()
    seen = sent(plant, "/api/imports/inspect", body, device="press-0001").get_json()
    assert (seen["question"]["what"], seen["question"]["options"]) == ("parts_values", ["interval", "register", "lots"])
    said: dict[str, Any] = {"device": "press-0001", "parts_values": "interval"}
    seen = sent(plant, "/api/imports/inspect", body, **said).get_json()
    (held,) = seen["holds"]
    assert (held["what"], held["parts"], held["kwh"]) == ("parts", 1152.0, None)
    assert {"what": "parts", "value": "parts", "why": "the heading says that it counts parts"} in seen["findings"]
    stored = sent(plant, "/api/imports", body, batch_id=seen["would_store"]["batch_id"], **said).get_json()
    assert (stored["parts"], stored["kwh"], stored["readings"]) == (1152.0, None, 0)
    (day,) = plant.services.store.imports.days("press-0001", YESTERDAY, YESTERDAY)
    assert day.parts == (12.0,) * 96


def test_the_next_file_of_this_kind_is_read_like_the_last(plant: ApiUnderTest) -> None:
    said: dict[str, Any] = {"labels": "begin", "device": "press-0001"}
    seen = sent(plant, "/api/imports/inspect", **said).get_json()
    sent(plant, "/api/imports", batch_id=seen["would_store"]["batch_id"], **said)
    following = columns(starts(YESTERDAY - timedelta(days=1), 1)[20:], "%Y-%m-%dT%H:%M%z").encode()
    seen = sent(plant, "/api/imports/inspect", following, name="press-2.csv").get_json()
    assert seen["question"] is None
    assert [held["device_id"] for held in seen["holds"]] == ["press-2"], "the machine is the file's own"


def test_only_what_was_seen_is_stored(plant: ApiUnderTest) -> None:
    seen = sent(plant, "/api/imports/inspect", labels="begin").get_json()
    batch_id = seen["would_store"]["batch_id"]
    assert problem(sent(plant, "/api/imports", batch_id=batch_id, labels="end")) == (409, "import_changed")


def test_what_cannot_be_read_is_a_sentence(plant: ApiUnderTest) -> None:
    for body in (b"", b"\x00\x01", b"hello", b"PK\x03\x04", b"time,kWh\n1,2\n"):
        answer = sent(plant, "/api/imports/inspect", body)
        assert answer.status_code in {200, 422}, answer.text
    assert problem(sent(plant, "/api/imports/inspect", b"PK\x03\x04")) == (422, "unreadable_file")
    assert problem(sent(plant, "/api/imports/inspect", labels="middle")) == (422, "invalid_request")
    assert sent(plant, "/api/imports/inspect", b"x" * 32_000_001).status_code == 413


def test_a_viewer_may_look_at_the_list_and_store_nothing(plant: ApiUnderTest) -> None:
    victor = plant.signed_in("victor")
    assert victor.get("/api/imports").status_code == 200
    assert problem(victor.post("/api/imports/inspect?name=x", data=PROFILE)) == (403, "not_allowed")
    assert problem(plant.nobody().post("/api/imports?name=x&batch_id=1", data=PROFILE))[0] == 401


def spot(first: float = 80.0) -> bytes:
    """Day-ahead prices of yesterday."""
    hours = starts(YESTERDAY, 1, step=timedelta(hours=1))
    return price_stretches(hours, [first + i for i in range(len(hours))]).encode()


@pytest.fixture
def spot_plant(store: Store, grafana: GrafanaStandIn, tmp_path: Path) -> ApiUnderTest:
    """A plant whose contract has imported prices."""
    return a_control_api(store, grafana, a_plant_file(tmp_path, SPOT))


def test_prices_are_looked_at_by_an_editor_and_stored_by_an_administrator(spot_plant: ApiUnderTest) -> None:
    """Here they count at once; the ledger's days are noted for the historian; nothing of it without the role."""
    plant = spot_plant
    said: dict[str, Any] = {"name": "spot.csv", "zone": "Europe/Berlin"}
    noon = starts(YESTERDAY, 1, step=timedelta(hours=1))[12]
    seen = sent(plant, "/api/imports/inspect", spot(), **said).get_json()
    (rate,) = seen["rates"]
    assert (rate["kind"], rate["values"], rate["lowest"], rate["highest"]) == ("price", 24, 0.08, 0.103)
    assert (seen["new_prices"], seen["changed_prices"], seen["currency"], seen["holds"]) == (24, 0, "EUR", [])
    assert seen["samples"][0][0] == "MTU (CET/CEST)"
    batch_id = seen["would_store"]["batch_id"]
    for path in ("/api/imports", "/api/imports/prices"):
        assert problem(sent(plant, path, spot(), batch_id=batch_id, **said)) == (403, "not_allowed")
    assert plant.client.get("/api/imports").get_json() == {"imports": []}
    anna = plant.signed_in("anna")
    stored = posted(anna, "/api/imports/prices", spot(), batch_id=batch_id, **said)
    assert (stored.status_code, stored.get_json()["rates"], stored.get_json()["by"]) == (201, 24, "grafana:anna")
    assert per_kwh(plant, noon) == pytest.approx(0.112)
    assert sent(plant, "/api/imports/inspect", spot(), **said).get_json()["already"]["batch_id"] == batch_id
    take_back = f"/api/imports/{batch_id}/take-back"
    assert problem(plant.client.post(take_back, json={"reason": "x"})) == (403, "not_allowed")
    assert anna.post(take_back, json={"reason": "another zone"}).get_json()["state"] == "taken_back"
    assert per_kwh(plant, noon) is None
    recorded = [(each.deed, each.subject) for each in plant.services.store.audit.entries() if each.stream == "imports"]
    assert recorded[-1] == (f"POST {take_back}", "grafana:anna")
    assert ("POST /api/imports/prices", "grafana:anna") in recorded


def test_taking_back_may_take_as_long_as_storing(plant: ApiUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each machine's days are noted for the historian, both times."""
    store = plant.services.store
    allowed: list[float] = []
    within = type(store).within

    def noted(self: Store, seconds: float) -> Any:
        allowed.append(seconds)
        return within(self, seconds)

    monkeypatch.setattr(type(store), "within", noted)
    plant.client.post("/api/imports/0/take-back", json={"reason": "another machine"})
    assert IMPORT_SECONDS in allowed


def test_prices_that_were_seen_otherwise_are_not_stored(spot_plant: ApiUnderTest) -> None:
    anna = spot_plant.signed_in("anna")
    answer = posted(anna, "/api/imports/prices", spot(), batch_id="0", name="s.csv", zone="Europe/Berlin")
    assert problem(answer) == (409, "import_changed")
    answer = posted(anna, "/api/imports/prices", PROFILE, batch_id="0", name="p.csv", labels="begin")
    assert problem(answer) == (422, "unreadable_file")


def test_a_contract_without_market_prices_says_what_to_write(plant: ApiUnderTest) -> None:
    answer = sent(plant, "/api/imports/inspect", spot(), zone="Europe/Berlin")
    assert problem(answer) == (422, "unreadable_file")
    assert 'market_prices = "imported"' in answer.get_json()["detail"]


def test_events_are_shown_with_what_is_left_out_and_stored(plant: ApiUnderTest) -> None:
    """Failures, repairs and codes of a maintenance system's list."""
    rows = ["Maschine;Datum;Art;Beschreibung", f"press-0001;{YESTERDAY:%d.%m.%Y} 06:10;Ausfall;Spindellager",
            f"press-0001;{YESTERDAY:%d.%m.%Y} 09:40;Reparatur;Lager", f"press-0002;{YESTERDAY:%d.%m.%Y} 10:00;Pause;",
            f"press-0002;{YESTERDAY:%d.%m.%Y} 11:00;Fehlercode;E142"]  # fmt: skip
    body = "\n".join(rows).encode()
    said: dict[str, Any] = {"name": "sap.csv", "zone": "Europe/Berlin"}
    seen = sent(plant, "/api/imports/inspect", body, **said).get_json()
    assert [(held["device_id"], held["what"], held["values"]) for held in seen["holds"]] == [
        ("press-0001", "events", 2), ("press-0002", "events", 1),
    ]  # fmt: skip
    assert {"what": "rows", "value": "1", "why": "rows of no known kind or time are left out: 'Pause'"} in seen[
        "findings"
    ]
    stored = sent(plant, "/api/imports", body, batch_id=seen["would_store"]["batch_id"], **said).get_json()
    assert stored["events"] == 3
    since = EVENING - timedelta(days=2)
    events = plant.services.store.events
    assert len(list(events.of_device("press-0001", since=since, until=EVENING))) == 2
    plant.client.post(f"/api/imports/{stored['batch_id']}/take-back", json={"reason": "tried"})
    assert list(events.of_device("press-0001", since=since, until=EVENING)) == []


def recordings(count: int = 3, *, folder: str = "press-0001/") -> bytes:
    """A ZIP archive of numbered vibration files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(count):
            archive.writestr(f"{folder}acc_{n + 1:05d}.csv", vibration(seed=n))
    return packed.getvalue()


def test_vibration_comes_as_an_archive_and_is_stored_as_features(plant: ApiUnderTest) -> None:
    """The machine is called like the folder in it; what the files do not say is asked for."""
    said: dict[str, Any] = {"name": "bearing.zip", "vibration_hz": 25_600}
    answer = sent(plant, "/api/imports/inspect", recordings(), **said)
    assert problem(answer) == (422, "unreadable_file")
    assert "its name contains no time" in answer.get_json()["detail"]
    first = EVENING - timedelta(hours=2)
    assert (
        problem(sent(plant, "/api/imports/inspect", recordings(), starts=f"{first:%Y-%m-%dT%H:%M}", **said))[0] == 422
    )
    said |= {"starts": first.isoformat(), "every_seconds": 10}
    seen = sent(plant, "/api/imports/inspect", recordings(), **said).get_json()
    (held,) = seen["holds"]
    assert (held["device_id"], held["values"]) == ("press-0001", 3)
    assert "horizontal_rms" in held["what"]
    stored = sent(plant, "/api/imports", recordings(), batch_id=seen["would_store"]["batch_id"], **said).get_json()
    assert (stored["file"], stored["readings"]) == ("bearing.zip", 3)
    reading, *_ = plant.services.store.readings.latest("press-0001", 3, until=EVENING)
    assert reading.signals["horizontal_rms"] == pytest.approx(1.0, abs=0.1)


def test_an_archive_of_vibration_has_bounds_and_one_machine(
    plant: ApiUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: dict[str, Any] = {"name": "b.zip", "vibration_hz": 25_600, "starts": EVENING.isoformat(), "every_seconds": 10}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for folder in ("a", "b"):
            archive.writestr(f"{folder}/acc_1.csv", vibration())
    answer = sent(plant, "/api/imports/inspect", packed.getvalue(), **said)
    assert "its files are in 2 folders" in answer.get_json()["detail"]
    assert problem(sent(plant, "/api/imports/inspect", recordings()[:2000], **said)) == (422, "unreadable_file")
    monkeypatch.setattr(service, "MOST_UPLOADED_BYTES", 100_000)
    assert "unpacks to more than 100,000 bytes" in sent(plant, "/api/imports/inspect", recordings(), **said).text


def test_two_names_that_would_be_one_machine_are_asked_about(plant: ApiUnderTest) -> None:
    """And answered where the question says: a pair on each line, of machines as of signals."""
    rows = [f"{name};{at:%Y-%m-%dT%H:%MZ};0,25;7" for name in ("Presse 1", "Presse-1") for at in starts(YESTERDAY, 1)]
    body = "\n".join(["Maschine;Zeit;Verbrauch [kWh];Druck [bar]", *rows]).encode()
    said: dict[str, Any] = {"labels": "begin", "values": "interval"}
    asked = sent(plant, "/api/imports/inspect", body, **said).get_json()["question"]
    assert (asked["what"], asked["suggestion"]) == ("devices", "Presse-1=Presse-1_2")
    assert "'Presse 1' and 'Presse-1' would both be the machine 'Presse-1'" in asked["problem"]
    said |= {"devices": "Presse 1=press-0001\nPresse-1=press-0002\n", "signals": "Druck [bar]="}
    seen = sent(plant, "/api/imports/inspect", body, **said).get_json()
    assert [(held["device_id"], held["what"], held["is_known"]) for held in seen["holds"]] == [
        ("press-0001", "energy", True), ("press-0002", "energy", True),
    ]  # fmt: skip
    assert sent(plant, "/api/imports", body, batch_id=seen["would_store"]["batch_id"], **said).status_code == 201
    seen = sent(plant, "/api/imports/inspect", body[:-400], signals="Druck [bar]=").get_json()
    assert {held["device_id"] for held in seen["holds"]} == {"press-0001", "press-0002"}, "as the last file of its kind"


@pytest.mark.parametrize(
    ("field", "value"), [("devices", "Presse 1"), ("devices", "Presse 1=press 1"), ("devices", "=x"), ("signals", "T1")]
)
def test_a_pair_that_is_none_is_named(plant: ApiUnderTest, field: str, value: str) -> None:
    said: dict[str, Any] = {field: value}
    answer = sent(plant, "/api/imports/inspect", **said)
    assert problem(answer) == (422, "invalid_request")
    assert f"{field}, line 1: expected" in answer.text


def test_counts_of_cycles_and_columns_cut_by_spaces_are_read(plant: ApiUnderTest) -> None:
    body = "".join(f"{cycle}  {600 + cycle}.5   {cycle / 8}\n" for cycle in range(1, 60)).encode()
    said: dict[str, Any] = {"device": "press-0001", "time_column": "column 1", "separator": " "}
    said |= {"starts": f"{YESTERDAY}T06:00:00Z", "every_seconds": 60}
    seen = sent(plant, "/api/imports/inspect", body, **said).get_json()
    assert seen["would_store"]["readings"] == 59
    assert seen["would_store"]["first"].startswith(f"{YESTERDAY}T06:00:00")


def test_that_no_column_counts_parts_can_be_said(plant: ApiUnderTest) -> None:
    body = counts(starts(YESTERDAY, 1), [12] * 96).encode()
    seen = sent(plant, "/api/imports/inspect", body, device="press-0001", parts="-").get_json()
    assert seen["would_store"]["readings"] == 96


def in_watt_hours(day: date) -> bytes:
    """A press of 38 kW, whose watt hours have a heading that says kWh."""
    return columns(starts(day, 1), "%Y-%m-%dT%H:%M%z", value="6500").encode()


def test_energy_that_a_machine_cannot_have_used_is_asked_about(plant: ApiUnderTest) -> None:
    """With the unit that it looks like; nothing is stored by another way, and the answer holds for the next file."""
    said: dict[str, Any] = {"labels": "begin", "values": "interval", "device": "press-0001"}
    body = in_watt_hours(YESTERDAY)
    seen = sent(plant, "/api/imports/inspect", body, **said).get_json()
    question = seen["question"]
    assert (question["what"], question["suggestion"], seen["would_store"]) == ("unit", "Wh", None)
    assert "26 MW is 172 times the most that its rating allows, 151 kW: it looks like Wh" in question["problem"]
    assert question["problem"].endswith("if kWh is right, set “Amounts” to “are right as stated”.")
    assert problem(sent(plant, "/api/imports", body, batch_id="x", **said)) == (422, "unreadable_file")
    seen = sent(plant, "/api/imports/inspect", body, unit="Wh", **said).get_json()
    assert seen["holds"][0]["kwh"] == pytest.approx(96 * 6.5)
    assert {"what": "unit", "value": "Wh", "why": "as given; the file says kWh"} in seen["findings"]
    sent(plant, "/api/imports", body, unit="Wh", batch_id=seen["would_store"]["batch_id"], **said)
    following = sent(plant, "/api/imports/inspect", in_watt_hours(YESTERDAY - ONE), device="press-0001").get_json()
    assert (following["question"], following["holds"][0]["kwh"]) == (None, pytest.approx(96 * 6.5))


def test_a_person_may_know_better(plant: ApiUnderTest) -> None:
    said: dict[str, Any] = {"labels": "begin", "values": "interval", "device": "press-0001", "amounts": "as_stated"}
    seen = sent(plant, "/api/imports/inspect", in_watt_hours(YESTERDAY), **said).get_json()
    (odd,) = [each for each in seen["findings"] if each["what"] == "amounts"]
    assert (seen["question"], odd["why"].endswith("it looks like Wh: as stated")) == (None, True)


def test_what_a_machine_used_before_is_what_is_known_of_it(plant: ApiUnderTest) -> None:
    """Of one that the plant file does not list."""
    used = [a_day("saw-7", YESTERDAY - n * ONE, measured_kwh=dict.fromkeys(range(96), 0.5)) for n in range(2, 5)]
    plant.services.store.ledger.put(used)
    body = columns(starts(YESTERDAY, 1), "%Y-%m-%dT%H:%M%z", value="500").encode()
    said: dict[str, Any] = {"labels": "begin", "values": "interval", "device": "saw-7"}
    question = sent(plant, "/api/imports/inspect", body, **said).get_json()["question"]
    assert question["suggestion"] == "Wh"
    assert "the most that it used before" in question["problem"]
    body = columns(starts(YESTERDAY, 1), "%Y-%m-%dT%H:%M%z", value="0,0005").encode()
    question = sent(plant, "/api/imports/inspect", body, **said).get_json()["question"]
    assert (question["suggestion"], "1/1,000 of what it used before" in question["problem"]) == ("MWh", True)
