"""Orders to many machines, and their undoing."""

from tests.integration.control_api.calls import bulk, problem, three_idle
from tests.integration.control_api.conftest import ApiUnderTest


def test_a_dry_run_says_what_would_happen_and_does_nothing(plant: ApiUnderTest) -> None:
    """It is what happens unless one says otherwise."""
    three_idle(plant)
    given = bulk(plant, select={"device_ids": ["press-0001", "press-0002", "press-0003", "press-0004"]}).json
    assert given["sentence"] == "Stops 3 machines, saves 24.1 kW; 1 is in mid-cycle and is skipped."
    assert (given["dry_run"], given["batch_id"], plant.commands()) == (True, None, [])


def test_a_bulk_order_names_its_machines(plant: ApiUnderTest) -> None:
    """Never all of them by leaving something out."""
    assert problem(bulk(plant, select={})) == (422, "invalid_request")
