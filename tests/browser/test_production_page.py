"""Production on the operators' page: a stop is explained by one tap."""

from datetime import date, timedelta

from playwright.sync_api import expect

from energytrack.ledger.local_days import date_at, midnight, utc
from energytrack.production.planned import PlannedTime
from energytrack.production.spans import Span
from energytrack.production.spells import Spell, SpellDay
from testkit.builders.plants import a_plant
from testkit.dates import PLANT_ZONE
from tests.browser.conftest import People, ServedPlant

PRESS = "press-0009"


def last_shift(today: date) -> tuple[date, Span]:
    """The beginning of the last day on which the press shop worked, up to its first break."""
    planned = PlannedTime(a_plant())
    for days in range(1, 30):
        day = today - timedelta(days=days)
        if found := planned.between("press-shop", day, day):
            return day, found[0]
    raise AssertionError("nobody works in the press shop")


def test_a_tap_says_why_a_machine_stood(plant: ServedPlant, people: People) -> None:
    """The stop moves to those with a reason, which say who gave it; a Viewer sees no button."""
    day, (start, end) = last_shift(date_at(plant.clock.now().timestamp(), PLANT_ZONE))
    spells = (
        Spell(start, start + 600, "running"), Spell(start + 600, start + 2400, "idle"),
        Spell(start + 2400, end, "running"),
    )  # fmt: skip
    plant.store.spells.put([SpellDay(PRESS, day, midnight(day, PLANT_ZONE), end, spells)])
    plant.store.meters.note_since({PRESS: start})
    page = people("maria").open("/production")
    page.get_by_label("Day").fill(str(day))
    open_stops = page.get_by_role("region", name="Stops without a reason")
    row = open_stops.get_by_role("row", name=PRESS)
    expect(row).to_contain_text("30 min")
    row.get_by_role("button", name="No material").click()
    expect(page.get_by_text("Written down.")).to_be_visible()
    row = page.get_by_role("region", name="Stops with a reason").get_by_role("row", name=PRESS)
    expect(row).to_contain_text("No material, by maria")
    expect(open_stops).to_contain_text("Every stop has its reason.")
    losses = page.get_by_role("region", name="Time lost by reason").get_by_role("row", name="No material")
    expect(losses).to_contain_text("90.00 EUR")
    viewer = people("victor").open("/production")
    viewer.get_by_label("Day").fill(str(day))
    expect(viewer.get_by_role("row", name="No material, by")).to_be_visible()
    expect(viewer.get_by_role("button", name="Change …")).to_have_count(0)
    (given,) = plant.store.stop_reasons.within(utc(start), utc(end))
    assert (given.code, given.by) == ("material", "grafana:maria")
