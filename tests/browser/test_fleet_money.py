"""What the fleet costs today, as a plant manager sees it without Grafana."""

from playwright.sync_api import expect

from energytrack.ledger.local_days import date_at
from testkit.dates import PLANT_ZONE
from tests.browser.conftest import People, ServedPlant
from tests.browser.test_energy_page import kept


def test_energy_cost_and_risk_are_shown_for_plant_line_and_machine(plant: ServedPlant, people: People) -> None:
    """Machines are sorted by what their idling costs; what is not known is a dash, not zero."""
    today = date_at(plant.clock.now().timestamp(), PLANT_ZONE)
    used = kept(plant, "conv-0045", today, device_type="conveyor_belt", line="shipping").sums()
    plant.says("conv-0045", "idle", risk=0.1)
    plant.says("conv-0046", "idle", risk=0.9)
    page = people("victor").open("/?line=shipping&type=conveyor_belt")
    tiles = page.locator(".tile.money")
    expect(tiles.filter(has_text="energy today")).to_contain_text(f"{used.kwh:.0f} kWh")
    expect(tiles.filter(has_text="at risk")).to_contain_text("144.00 EUR")
    page.get_by_text("Lines: energy and cost today").click()
    line = page.locator(".lines tr").filter(has_text="shipping")
    expect(line).to_contain_text(f"{used.known_idle_cost:.2f} EUR")
    expect(line).to_contain_text("144.00 EUR")
    expect(page.locator(".lines tr").filter(has_text="drilling")).to_contain_text("\N{EN DASH}")
    page.get_by_role("button", name="Idling today").click()
    first = page.locator("table.fleet tbody tr").first
    expect(first).to_contain_text("conv-0045")
    expect(first).to_contain_text(f"{used.known_idle_cost:.2f} EUR")
    page.goto(f"{plant.origin}/control/devices/conv-0046")
    expect(page.get_by_text("At risk: 144.00 EUR (90 % of the 160.00 EUR that a failure costs)")).to_be_visible()
