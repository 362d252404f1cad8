"""The peak guard with a ledger, live power, orders and its record; through the API and as metrics."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from control_api.live.fleet import Update
from control_api.peak.metrics import PeakCollector
from control_api.peak.service import SETTLED_SECONDS, PeakGuard
from energytrack.ledger.local_days import date_at
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.plant import load_plant
from energytrack.store.energy.quarters import WatchedQuarter
from testkit.builders.control import an_order
from testkit.builders.ledger import a_day
from testkit.builders.messages import a_reading
from testkit.builders.plants import PLANT_FILE, a_plant_file
from testkit.dates import PLANT_ZONE
from tests.integration.control_api.conftest import ApiUnderTest

CONTRACT = """
[tariff]
currency = "EUR"

[[tariff.versions]]
valid_from = 2000-01-01
demand = { price_per_kw = 10.0, floor_kw = 20.0 }
bands = [{ name = "all day", price_per_kwh = 0.25 }]

[peak]
deferrable = [{ line = "press-shop", longest_minutes = 20 }]
"""


DEVICES: Final = 12
MACHINE: Final = next(
    each.device_id for each in load_plant(PLANT_FILE, devices=DEVICES).devices if each.line == "press-shop"
)


class Guarded:
    """A guard of a plant with a price of power; one machine's live power is set by hand."""

    def __init__(self, plant: ApiUnderTest, file: Path) -> None:
        self.plant, self.store, self.clock = plant, plant.services.store, plant.clock
        self.watts = 60_000.0
        services = plant.services
        own = load_plant(file, devices=DEVICES)
        self.guard = PeakGuard(self.store, own, services.devices, services.bulk, self.clock, lambda: [self._update()])

    def _update(self) -> Update:
        return Update(
            MACHINE, self.clock.now().timestamp(), "running", 60.0, 160.0, 40.0, self.watts, None, None,
            (), (), (), (), silent=False,
        )  # fmt: skip

    def watch(self, seconds: int) -> None:
        for _ in range(0, seconds, 5):
            self.guard.step()
            self.clock.advance(5.0)
        self.guard.step()


@pytest.fixture
def guarded(plant: ApiUnderTest, tmp_path: Path) -> Guarded:
    """The machine used 8 kW until now; the clock stands at the beginning of a quarter hour."""
    text = Path("plant.toml").read_text(encoding="utf-8")
    file = a_plant_file(tmp_path, (text[text.index("[tariff]") : text.index("# --- The quarter hour")], CONTRACT))
    today = date_at(plant.clock.now().timestamp(), PLANT_ZONE)
    now = plant.clock.now().timestamp() // QUARTER_SECONDS * QUARTER_SECONDS
    for day in (today, today - timedelta(days=1)):
        made = a_day(MACHINE, day)
        used = {index: 2.0 for index in range(len(made)) if made.start + 900 * index < now}
        known = dict.fromkeys(used, 900.0)
        made = a_day(MACHINE, day, measured_kwh=used, measured_seconds=known, idle_kwh=0.0, through=min(now, made.end))
        plant.services.store.ledger.put([made])
    return Guarded(plant, file)


def test_a_rise_is_forecast_with_its_cost_and_a_proposal(guarded: Guarded) -> None:
    """60 kW from the start of the quarter hour, of which 20 are paid for in any case."""
    guarded.plant.says(MACHINE, state="running", current=40.0)
    guarded.watch(120)
    outlook = guarded.guard.outlook()
    assert outlook is not None
    assert outlook.forecast.kw == pytest.approx(60.0, abs=0.5)
    assert outlook.cost == pytest.approx(400.0, abs=5.0)
    assert outlook.sentence.startswith("Ends at 60 kW, 40 above what is paid for (20 kW), costs")
    assert outlook.proposal is not None
    assert outlook.proposal.device_ids == (MACHINE,)
    assert not guarded.plant.commands()


def test_what_people_did_is_on_record_with_what_it_avoided(guarded: Guarded) -> None:
    guarded.watch(180)
    start = guarded.clock.now() - timedelta(seconds=180)
    guarded.store.commands.add(an_order(MACHINE, action="shutdown", requested_at=guarded.clock.now()))
    guarded.watts = 0.0
    guarded.watch(720)
    made = a_day(MACHINE, date_at(start.timestamp(), PLANT_ZONE))
    index = round((start.timestamp() - made.start) / QUARTER_SECONDS)
    guarded.store.ledger.put([a_day(MACHINE, made.date, measured_kwh={index: 3.0}, through=made.end)])
    guarded.watch(round(SETTLED_SECONDS) + 65)
    (quarter,) = guarded.store.quarters.latest(10, acted=True)
    assert (quarter.start, quarter.kw, quarter.stopped) == (start, 12.0, (MACHINE,))
    assert quarter.avoided_kw == pytest.approx(40.0, abs=1.0)
    assert quarter.avoided_cost == pytest.approx(400.0, abs=10.0)
    shown = guarded.plant.client.get("/api/peak/avoided").get_json()["quarters"]
    assert [each["stopped"] for each in shown] == [[MACHINE]]


def test_past_errors_survive_a_restart(guarded: Guarded) -> None:
    """The interval is there from the first forecast on."""
    for number in range(60):
        start = guarded.clock.now() - timedelta(hours=1 + number)
        guarded.store.quarters.add(WatchedQuarter(start=start, kw=50.0, forecasts=(48.0,) * 15, limit_kw=None))
    guarded.watch(60)
    outlook = guarded.guard.outlook()
    assert outlook is not None
    assert outlook.forecast.past_error_kw == 2.0
    assert outlook.forecast.high == pytest.approx(outlook.forecast.kw + 2.0)


def test_metrics_are_there_once_the_quarter_hour_is_known(guarded: Guarded) -> None:
    registry = CollectorRegistry()
    registry.register(PeakCollector(guarded.guard))
    assert generate_latest(registry) == b""
    guarded.watch(60)
    page = generate_latest(registry).decode()
    assert "energytrack_peak_limit_watts 20000.0" in page
    assert "energytrack_peak_forecast_watts" in page
    assert "energytrack_peak_forecast_low_watts " not in page


def test_before_anything_is_known_the_api_says_so(plant: ApiUnderTest) -> None:
    shown = plant.signed_in("victor").get("/api/peak").get_json()
    assert (shown["known"], shown["forecast_kw"]) == (False, None)


def test_a_contract_without_a_price_of_power_has_a_forecast_and_no_cost(plant: ApiUnderTest) -> None:
    plant.services.fleet.take(a_reading(MACHINE, timestamp=plant.clock.now()))
    plant.services.peak.step()
    plant.clock.advance(5.0)
    plant.services.peak.step()
    shown = plant.client.get("/api/peak").get_json()
    assert (shown["known"], shown["limit_kw"], shown["cost"], shown["proposal"]) == (True, None, None, None)
