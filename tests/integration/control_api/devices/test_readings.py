"""Readings through the API, on a real database."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest

from testkit.builders.messages import a_reading
from testkit.dates import written
from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import ApiUnderTest


@pytest.fixture
def plant_with_readings(plant: ApiUnderTest) -> ApiUnderTest:
    now = plant.clock.now()
    plant.services.store.readings.put([
        a_reading(
            "press-0001", timestamp=now - timedelta(minutes=n), energy_kwh=10.5, temperature=None, line="press-shop",
            device_type="press", signals={"flow": 2.5},
        )
        for n in range(1, 11)
    ])  # fmt: skip
    return plant


def test_readings_come_as_they_were_sent(plant_with_readings: ApiUnderTest) -> None:
    """The oldest first; null where a sensor was lost."""
    body = plant_with_readings.client.get("/api/readings?device_id=press-0001").get_json()
    assert len(body["rows"]) == 10
    first = body["rows"][0]
    assert (first["temperature_celsius"], first["energy_kwh"], first["signals"]) == (None, 10.5, {"flow": 2.5})
    assert first["timestamp"] < body["rows"][1]["timestamp"]
    since = written(plant_with_readings.clock.now() - timedelta(minutes=3))
    assert len(plant_with_readings.client.get(f"/api/readings?line=press-shop&since={since}").get_json()["rows"]) == 3


def test_readings_are_exported_for_spreadsheets(plant_with_readings: ApiUnderTest) -> None:
    plain = plant_with_readings.client.get("/api/readings.csv?device_id=press-0001")
    table = list(csv.DictReader(io.StringIO(plain.text)))
    assert (len(table), table[0]["temperature_celsius"], table[0]["current_amperes"]) == (10, "", "12.4")
    european = plant_with_readings.client.get("/api/readings.csv?device_id=press-0001&separator=semicolon")
    assert ";12,4;10,5;" in european.text
    book = plant_with_readings.client.get("/api/readings.xlsx?device_id=press-0001")
    sheet = zipfile.ZipFile(io.BytesIO(book.data)).read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 11


def test_a_question_that_is_too_large_or_makes_no_sense_says_what_to_do(plant_with_readings: ApiUnderTest) -> None:
    client = plant_with_readings.client
    since = written(plant_with_readings.clock.now() - timedelta(days=30))
    response = client.get(f"/api/readings?since={since}")
    assert problem(response) == (422, "too_many_rows")
    assert "fewer machines" in response.get_json()["detail"]
    assert problem(client.get("/api/readings?device_id=none")) == (404, "unknown_device")
    without_zone = written(plant_with_readings.clock.now()).removesuffix("Z")
    assert problem(client.get(f"/api/readings?since={without_zone}")) == (422, "invalid_request")
    later = written(plant_with_readings.clock.now() + timedelta(days=1))
    assert problem(client.get(f"/api/readings?since={later}")) == (422, "invalid_request")
    assert problem(client.get("/api/readings?since=0001-01-01T00:00:00%2B02:00")) == (422, "invalid_request")
    assert problem(plant_with_readings.nobody().get("/api/readings")) == (401, "not_signed_in")
