"""From a file of a works' energy to a proved baseline, through the API, beside an independent calculation."""

from datetime import date, timedelta

import numpy as np
import pytest

from energytrack.ledger.imported import FromFile, with_imports
from testkit.builders.import_files import heats_of, works_year
from testkit.builders.ledger import a_day
from tests.integration.control_api.conftest import Plant
from tests.integration.control_api.presses import ONE, today

FILE = {"content_type": "application/octet-stream"}
DAYS = 90
WORKS = "works-0001"


def taken_over(plant: Plant, first: date, last: date) -> None:
    """As the historian does: the file's energy is part of the ledger."""
    store = plant.services.store
    unmetered = {"measured_kwh": 0.0, "measured_seconds": 0.0, "idle_kwh": 0.0}
    store.ledger.put(
        [
            with_imports(a_day(WORKS, day.date, **unmetered), [FromFile(day.batch_id, day.kwh)])
            for day in store.imports.days(WORKS, first, last)
        ]
    )


def test_a_file_becomes_a_baseline_that_agrees_with_least_squares_by_hand(plant: Plant) -> None:
    """No machine was metered: the energy is the file's, what was melted comes from another file."""
    first, last = today(plant) - DAYS * ONE, today(plant) - ONE
    options = f"name=works.csv&zone=Europe/Berlin&labels=end&device={WORKS}&what=energy"
    raw = works_year(first, DAYS).encode()
    seen = plant.client.post(f"/api/imports/inspect?{options}", data=raw, **FILE)
    assert seen.status_code == 200, seen.text
    batch_id = seen.get_json()["would_store"]["batch_id"]
    stored = plant.client.post(f"/api/imports?{options}&batch_id={batch_id}", data=raw, **FILE)
    assert stored.status_code == 201, stored.text
    taken_over(plant, first, last)
    dates = [first + timedelta(days=n) for n in range(DAYS)]
    melted = "\n".join(["day,heats,noise", *(f"{day},{heats_of(day)},{day.toordinal() * 37 % 11}" for day in dates)])
    sent = plant.client.post("/api/variables/import?together=sum", data=melted.encode(), **FILE)
    assert sent.status_code == 200, sent.text
    request = {"device_id": WORKS, "first": str(first), "last": str(last), "variables": ["heats", "noise"],
               "note": "as it was"}  # fmt: skip
    response = plant.client.post("/api/baselines", json=request)
    assert response.status_code == 201, response.text
    baseline = response.get_json()
    days = plant.services.store.imports.days(WORKS, first, last)
    kwh = np.array([sum(value or 0.0 for value in day.kwh) for day in days])
    columns = np.array([[1.0, heats_of(day)] for day in dates])
    (intercept, slope), _, _, _ = np.linalg.lstsq(columns, kwh, rcond=None)
    assert [term["variable"] for term in baseline["terms"]] == ["heats"]
    assert [each["variable"] for each in baseline["rejected"]] == ["noise"]
    assert (baseline["intercept"], baseline["terms"][0]["coefficient"]) == pytest.approx((intercept, slope))
    assert slope == pytest.approx(100.0, rel=0.01)
    assert (baseline["days"], baseline["r_squared"] > 0.99) == (DAYS, True)
    assert baseline["grade"] != "not valid"
