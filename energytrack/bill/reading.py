"""Computes a month's bill from the ledger, reading only the days that it needs."""

from collections.abc import Iterable, Iterator
from datetime import date

from energytrack.bill.invoice import Bill
from energytrack.bill.load import Load, Month, load_of
from energytrack.bill.pricing import ContractContext, bill_of
from energytrack.clock import Clock
from energytrack.ledger.day import Day
from energytrack.ledger.presence import presences
from energytrack.plant import Plant
from energytrack.store import Store


class Bills:
    """Bills of one plant. Past months are read once for the demand of their year: they seldom change."""

    def __init__(self, store: Store, plant: Plant, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._plant = plant
        self._peaks: dict[Month, float] = {}

    def forget(self) -> None:
        """Read the demand of earlier months again, because the ledger has changed."""
        self._peaks.clear()

    def of(self, month: Month) -> Bill:
        """The bill of a month; of the current month, up to now."""
        return self.priced(month, self.load(month))

    def priced(self, month: Month, load: Load) -> Bill:
        """The bill of a month whose load has been read already."""
        plant = self._plant
        terms = ContractContext(plant.zone, plant.calendar.kind, plant.market_prices)
        return bill_of(plant.name, plant.tariff, month, load, terms, paid_kw=self.paid_kw(month))

    def paid_kw(self, month: Month) -> float | None:
        """The highest power of the year's earlier months; None if no contract charges demand by the year."""
        return self._highest_before(month) if self._is_paid_by_year() else None

    def days(self, month: Month) -> Iterator[Day]:
        """The ledger's days of a month, one machine after the other."""
        return self._days(month.first, month.last)

    def load(self, month: Month, days: Iterable[Day] | None = None) -> Load:
        """The month's quarter hours; `days` can pass in the result of `days(month)` if the caller reads it anyway."""
        presence_of = presences(
            self._store.meters.reading_spans(), self._store.machines.retired_at(), now=self._clock.now()
        )
        return load_of(self.days(month) if days is None else days, month, self._plant.zone, presence_of)

    def _is_paid_by_year(self) -> bool:
        tariff = self._plant.tariff
        return any(
            each.demand is not None and each.demand.period == "year" for each in (*tariff.dated(), *tariff.offers)
        )

    def _highest_before(self, month: Month) -> float | None:
        for earlier in month.earlier:
            if earlier not in self._peaks:
                load = self.load(earlier)
                self._peaks[earlier] = max(map(load.kw, range(len(load.kwh))), default=0.0)
        return max((self._peaks[earlier] for earlier in month.earlier), default=None)

    def _days(self, first: date, last: date) -> Iterator[Day]:
        listed = (device.device_id for device in self._plant.devices)
        device_ids = dict.fromkeys([*self._store.devices.ids(), *self._store.meters.reading_spans(), *listed])
        return self._store.ledger.days(device_ids, first, last)
