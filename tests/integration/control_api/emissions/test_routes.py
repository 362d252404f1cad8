"""Emissions through the API; the example plant has no factors, so nothing is known of them."""

from datetime import timedelta

from testkit.builders.ledger import a_day
from testkit.dates import PLANT_ZONE
from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import ApiUnderTest


def test_energy_is_listed_and_what_it_emitted_is_not_known(plant: ApiUnderTest) -> None:
    day = plant.clock.now().astimezone(PLANT_ZONE).date() - timedelta(days=1)
    plant.says("press-0001")
    plant.services.store.ledger.put([a_day("press-0001", day)])
    client = plant.signed_in("victor")
    (row,) = client.get("/api/emissions?by=machine").get_json()["rows"]
    assert (row["name"], row["kwh"], row["location_kg"], row["market_kg"]) == ("press-0001", 192.0, None, None)
    text = client.get("/api/emissions.csv?resolution=hour").get_data(as_text=True)
    assert len(text.splitlines()) == 25


def test_too_much_at_once_is_refused_with_a_sentence(plant: ApiUnderTest) -> None:
    today = plant.clock.now().date()
    long_ago = today - timedelta(days=1000)
    status, code, *_ = problem(plant.client.get(f"/api/emissions?from={long_ago}&to={today}"))
    assert (status, code) == (422, "too_many_rows")
