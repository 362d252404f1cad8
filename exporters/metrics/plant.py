"""The plant file as metrics, for panels and rules: limits and ratings of each type, shifts, tariff, planned devices."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from energytrack.clock import Clock
from energytrack.contract.tariff import Band, Price
from energytrack.machines.power import power_watts
from energytrack.plant import Plant
from exporters.metrics.devices import PASCALS_PER_BAR
from exporters.metrics.families import filled, plain_gauge

TEMPERATURE_LIMIT: Final = plain_gauge(
    "energytrack_type_temperature_limit_celsius", "Temperature limit of the type.", "device_type"
)
PRESSURE_MINIMUM: Final = plain_gauge(
    "energytrack_type_pressure_minimum_pascals", "Lowest pressure of a running machine of the type.", "device_type"
)
RATED_POWER: Final = plain_gauge(
    "energytrack_type_rated_power_watts", "Active power of the type at full load.", "device_type"
)
IDLE_POWER: Final = plain_gauge(
    "energytrack_type_idle_power_watts", "Active power of the type when it runs without a job.", "device_type"
)
PLANNED: Final = plain_gauge("energytrack_plant_devices", "Number of devices in the plant file.", "line", "device_type")
IN_SHIFT: Final = plain_gauge(
    "energytrack_line_in_shift", "1 during the line's shifts, 0 in breaks and between shifts.", "line"
)
PRICE: Final = plain_gauge(
    "energytrack_tariff_price_per_kwh", "Price of a kilowatt hour in each tariff band.", "band", "currency"
)
BAND_ACTIVE: Final = plain_gauge(
    "energytrack_tariff_band_active", "1 for the tariff band that applies now, 0 for the others.", "band"
)
EMISSIONS: Final = plain_gauge(
    "energytrack_emission_factor_kg_per_kwh",
    "What a kilowatt hour emits now, kg CO2e: location-based (grid) and market-based (contract). Absent if not known.",
    "basis",
)
BUDGET: Final = plain_gauge(
    "energytrack_budget_cost_per_month",
    "What the plant's energy is meant to cost in a month. Absent without a budget in the plant file.",
    "currency",
)
PLANT: Final = (
    TEMPERATURE_LIMIT, PRESSURE_MINIMUM, RATED_POWER, IDLE_POWER, PLANNED, IN_SHIFT, PRICE, BAND_ACTIVE,
    EMISSIONS, BUDGET,
)  # fmt: skip


class PlantCollector(Collector):
    """Exports the plant at the time of the scrape."""

    def __init__(self, plant: Plant, clock: Clock) -> None:
        self._plant = plant
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Each family with its samples."""
        plant, now = self._plant, self._clock.now()
        types = plant.types.items()
        price = plant.price(now)
        currency = plant.tariff.currency
        planned: Counter[tuple[str, ...]] = Counter((device.line, device.device_type) for device in plant.devices)
        yield filled(TEMPERATURE_LIMIT, {(kind,): rating.thermal.limit_celsius for kind, rating in types})
        yield filled(
            PRESSURE_MINIMUM, {(kind,): rating.circuit.minimum_bar * PASCALS_PER_BAR for kind, rating in types}
        )
        yield filled(RATED_POWER, {(kind,): power_watts(rating.rated_amperes, rating) for kind, rating in types})
        yield filled(IDLE_POWER, {(kind,): power_watts(rating.idle_amperes, rating) for kind, rating in types})
        yield filled(PLANNED, planned)
        yield filled(IN_SHIFT, {(line,): float(plant.in_shift(line, now)) for line in plant.lines})
        bands = price.version.bands if price else ()
        yield filled(PRICE, {(each.name, currency): cost for each in bands if (cost := _cost(each, price)) is not None})
        factors = plant.emission_factors(now)._asdict()
        yield filled(EMISSIONS, {(basis,): factor for basis, factor in factors.items() if factor is not None})
        budget = plant.tariff.budget_per_month
        yield filled(BUDGET, {} if budget is None else {(currency,): budget})
        yield filled(BAND_ACTIVE, {(each.name,): float(price is not None and each is price.band) for each in bands})


def _cost(band: Band, price: Price | None) -> float | None:
    """The price of a kilowatt hour in a band now; None while the market price is unknown."""
    if price is None or price.version.market_prices is None:
        return band.price_per_kwh
    if price.per_kwh is None:
        return None
    return price.per_kwh - price.band.price_per_kwh + band.price_per_kwh
