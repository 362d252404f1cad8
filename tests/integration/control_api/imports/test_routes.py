"""Files through the API: looked at, corrected, stored as they were seen, and taken back."""

from datetime import timedelta
from typing import Any

from testkit.builders.import_files import columns, counts, starts
from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import EVENING, Plant

YESTERDAY = EVENING.date() - timedelta(days=1)
PROFILE = columns(starts(YESTERDAY, 1)[10:], "%Y-%m-%dT%H:%M%z").encode()


def sent(plant: Plant, path: str, body: bytes = PROFILE, **query: Any) -> Any:
    return plant.client.post(
        path, data=body, content_type="application/octet-stream", query_string={"name": "press.csv", **query}
    )


def test_what_a_file_does_not_prove_is_asked(plant: Plant) -> None:
    """One thing at a time, with what it may be; nothing is stored."""
    seen = sent(plant, "/api/imports/inspect").get_json()
    assert seen["question"]["what"] == "labels"
    assert seen["question"]["options"] == ["begin", "end"]
    assert plant.client.get("/api/imports").get_json() == {"imports": []}


def test_a_file_is_shown_stored_and_taken_back(plant: Plant) -> None:
    """As it was seen; who did it, and why it was taken back, stays."""
    said: dict[str, Any] = {"labels": "begin", "device": "press-0001"}
    seen = sent(plant, "/api/imports/inspect", **said).get_json()
    assert seen["question"] is None
    assert seen["samples"][0] == ["Zeit", "Verbrauch [kWh]"]
    assert {"what": "labels", "value": "begin", "why": "as told"} in seen["findings"]
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


def test_counts_of_parts_are_shown_asked_about_and_stored(plant: Plant) -> None:
    body = counts(starts(YESTERDAY, 1), [12] * 96).encode()
    seen = sent(plant, "/api/imports/inspect", body, device="press-0001").get_json()
    assert (seen["question"]["what"], seen["question"]["options"]) == ("parts_values", ["interval", "register"])
    said: dict[str, Any] = {"device": "press-0001", "parts_values": "interval"}
    seen = sent(plant, "/api/imports/inspect", body, **said).get_json()
    (held,) = seen["holds"]
    assert (held["what"], held["parts"], held["kwh"]) == ("parts", 1152.0, None)
    assert {"what": "parts", "value": "parts", "why": "the heading says that it counts parts"} in seen["findings"]
    stored = sent(plant, "/api/imports", body, batch_id=seen["would_store"]["batch_id"], **said).get_json()
    assert (stored["parts"], stored["kwh"], stored["readings"]) == (1152.0, None, 0)
    (day,) = plant.services.store.imports.days("press-0001", YESTERDAY, YESTERDAY)
    assert day.parts == (12.0,) * 96


def test_the_next_file_of_this_kind_is_read_like_the_last(plant: Plant) -> None:
    said: dict[str, Any] = {"labels": "begin", "device": "press-0001"}
    seen = sent(plant, "/api/imports/inspect", **said).get_json()
    sent(plant, "/api/imports", batch_id=seen["would_store"]["batch_id"], **said)
    following = columns(starts(YESTERDAY - timedelta(days=1), 1)[20:], "%Y-%m-%dT%H:%M%z").encode()
    seen = sent(plant, "/api/imports/inspect", following, name="press-2.csv").get_json()
    assert seen["question"] is None
    assert [held["device_id"] for held in seen["holds"]] == ["press-2"], "the machine is the file's own"


def test_only_what_was_seen_is_stored(plant: Plant) -> None:
    seen = sent(plant, "/api/imports/inspect", labels="begin").get_json()
    batch_id = seen["would_store"]["batch_id"]
    assert problem(sent(plant, "/api/imports", batch_id=batch_id, labels="end")) == (409, "import_changed")


def test_what_cannot_be_read_is_a_sentence(plant: Plant) -> None:
    for body in (b"", b"\x00\x01", b"hello", b"PK\x03\x04", b"time,kWh\n1,2\n"):
        answer = sent(plant, "/api/imports/inspect", body)
        assert answer.status_code in {200, 422}, answer.text
    assert problem(sent(plant, "/api/imports/inspect", b"PK\x03\x04")) == (422, "unreadable_file")
    assert problem(sent(plant, "/api/imports/inspect", labels="middle")) == (422, "invalid_request")
    assert sent(plant, "/api/imports/inspect", b"x" * 32_000_001).status_code == 413


def test_a_viewer_may_look_at_the_list_and_store_nothing(plant: Plant) -> None:
    victor = plant.signed_in("victor")
    assert victor.get("/api/imports").status_code == 200
    assert problem(victor.post("/api/imports/inspect?name=x", data=PROFILE)) == (403, "not_allowed")
    assert problem(plant.nobody().post("/api/imports?name=x&batch_id=1", data=PROFILE))[0] == 401
