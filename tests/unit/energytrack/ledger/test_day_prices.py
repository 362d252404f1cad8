from pathlib import Path

from msgspec.structs import replace

from energytrack.ledger.day_prices import DayPrices, PriceOfDay, repriced, without_prices
from energytrack.ledger.documents import from_document, to_document
from energytrack.plant import load_plant
from testkit.builders.ledger import a_day

PLANT = load_plant(Path(__file__).parents[4] / "plant.toml")
NEW_PRICES = PriceOfDay((0.5,) * 96, "new contract", (None,) * 96)


def test_a_new_price_changes_no_past() -> None:
    day = a_day(measured_kwh={0: 2.0, 1: 2.0}, measured_seconds={0: 900.0, 1: 900.0}, idle_kwh=0.0)
    day = replace(day, price_per_kwh=(0.25, None, *[0.25] * 94))
    new = repriced(day, NEW_PRICES)
    assert new.price_per_kwh == (0.25, 0.5, *[0.5] * 94)
    assert repriced(day, NEW_PRICES, whole=True).price_per_kwh == (0.5,) * 96


def test_prices_go_with_their_import_and_not_with_an_equal_one() -> None:
    """Whose price it is decides, not its value: a file, or another import, may say the same."""
    day = a_day(measured_kwh={0: 2.0, 1: 2.0, 2: 2.0}, measured_seconds={0: 900.0, 1: 900.0, 2: 900.0}, idle_kwh=0.0)
    day = replace(day, price_per_kwh=(0.25,) * 96, price_batches={"a": (0,), "b": (1,)})
    assert without_prices(day, {"c"}, NEW_PRICES) == day
    gone = without_prices(day, {"a"}, NEW_PRICES)
    assert gone.price_per_kwh == (0.5, *[0.25] * 95)
    assert gone.price_batches == {"b": (1,)}
    others = PriceOfDay((0.25,) * 96, "contract", ("b",) * 96)
    assert without_prices(day, {"a"}, others).price_batches == {"b": (0, 1)}
    assert from_document(to_document(gone)) == gone


def test_a_stored_day_loses_the_prices_of_an_import_that_was_taken_back() -> None:
    """Whenever it is read to be counted on: the undo may have missed it."""
    prices = DayPrices(PLANT)
    day = a_day(measured_kwh={0: 2.0, 1: 2.0}, measured_seconds={0: 900.0, 1: 900.0}, idle_kwh=0.0)
    current = prices.of(day.date).per_kwh
    day = replace(day, price_per_kwh=(7.0, 7.0, *current[2:]), price_batches={"a": (0,)})
    assert prices.of_stored(day) is day
    prices.forget({"a"})
    assert prices.of_stored(day).price_per_kwh == (current[0], 7.0, *current[2:])
