from datetime import timedelta

from energytrack.messages import StopOption
from energytrack.stopping.words import advice
from testkit.dates import PLANT_ZONE, at_plant

TWELVE = at_plant("mon", "12:00")
RUN_ON = StopOption("run_on", 1850.4)


def test_the_cheapest_time_is_named_with_its_sum_and_what_it_saves() -> None:
    stop_options = (StopOption("break", 210.0, TWELVE), RUN_ON)
    assert advice(stop_options, PLANT_ZONE, "EUR") == (
        "Cheapest time to stop: in the next break (Mon 12:00). 210 EUR expected, 1,640 EUR less than running on."
    )


def test_now_needs_no_clock() -> None:
    stop_options = (StopOption("now", 210.0, TWELVE), StopOption("break", 300.0, TWELVE + timedelta(hours=1)), RUN_ON)
    assert advice(stop_options, PLANT_ZONE, "USD").startswith("Cheapest time to stop: now. 210 USD expected")


def test_running_on_may_be_cheapest() -> None:
    stop_options = (StopOption("run_on", 12.0), StopOption("now", 210.0, TWELVE))
    assert advice(stop_options, PLANT_ZONE, "EUR") == "Running on is cheapest: 12 EUR expected."
