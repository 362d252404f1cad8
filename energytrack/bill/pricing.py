"""From a month's load to the lines of an invoice, under the contract in force or under another one. Pure."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from energytrack.bill.invoice import Bill, Invoice, InvoiceLine, Peak, cents
from energytrack.bill.load import Load, Month
from energytrack.contract.calendar import DayKind
from energytrack.contract.tariff import DemandCharge, MarketPrices, Price, Tariff, TariffVersion, price_at
from energytrack.metering.quarters import QUARTER_SECONDS


class ContractContext(NamedTuple):
    """What is needed to apply a contract: the plant's zone, its holidays, and the market prices of a version."""

    zone: ZoneInfo
    kind_of: Callable[[date], DayKind]
    market: Callable[[TariffVersion], MarketPrices | None]


class ContractStretch(NamedTuple):
    """The part of a month in which one tariff version is valid; None if none was yet."""

    version: TariffVersion | None
    quarters: range
    """Its quarter hours, as indices within the month."""
    share: float
    """Its share of the month's days."""


def bill_of(
    plant: str, tariff: Tariff, month: Month, load: Load, terms: ContractContext, *, paid_kw: float | None = None
) -> Bill:
    """The bill of a month; `paid_kw` is the highest power of the year's earlier months, for demand charged by year."""
    whole = range(len(load.kwh))
    stretches = tuple(_stretches(tariff, month, load, terms.zone))
    held = [stretch.version for stretch in stretches]
    others = [version for version in (*tariff.dated(), *tariff.offers) if version not in held]
    rules = _Rules(month, load, terms, paid_kw)
    return Bill(
        plant=plant,
        month=str(month),
        currency=tariff.currency,
        until=None if load.until is None else datetime.fromtimestamp(load.until, terms.zone),
        machines=load.machines,
        sums=load.sums,
        known_ratio=load.sums.known_seconds / load.seconds if load.seconds else None,
        peak=rules.peak(whole),
        invoice=rules.invoice(stretches, as_counted=True),
        others=tuple(rules.invoice([ContractStretch(version, whole, 1.0)], as_counted=False) for version in others),
    )


def _stretches(tariff: Tariff, month: Month, load: Load, zone: ZoneInfo) -> Iterator[ContractStretch]:
    first, held, days = 0, tariff.version(month.first), 0
    seen: date = month.first
    for index in range(len(load.kwh)):
        day = _local(load, index, zone).date()
        if day == seen:
            continue
        seen, days = day, days + 1
        if (version := tariff.version(day)) != held:
            yield ContractStretch(held, range(first, index), days / month.days)
            first, held, days = index, version, 0
    yield ContractStretch(held, range(first, len(load.kwh)), (days + 1) / month.days)


class _BandEnergy:
    def __init__(self) -> None:
        self.kwh = self.cost = self.unpriced = 0.0
        self.prices: set[float] = set()

    def add(self, kwh: float, cost: float, unpriced: float) -> None:
        self.kwh += kwh
        self.cost += cost
        self.unpriced += unpriced
        if kwh - unpriced:
            self.prices.add(round(cost / (kwh - unpriced), 9))


class _Rules:
    """Prices a month's load by the terms of a contract."""

    def __init__(self, month: Month, load: Load, terms: ContractContext, paid_kw: float | None) -> None:
        self._month = month
        self._load = load
        self._terms = terms
        self._paid_kw = paid_kw

    def invoice(self, stretches: Sequence[ContractStretch], *, as_counted: bool) -> Invoice:
        """All lines; `as_counted` uses the prices in the ledger, not the present ones of the plant file."""
        several = len(stretches) > 1
        lines: list[InvoiceLine] = []
        for stretch in stretches:
            title = stretch.version.title if stretch.version else "no contract"
            own = self._lines(stretch, as_counted=as_counted)
            lines += (_renamed(line, f"{title}: {line.name}") for line in own) if several else own
        return Invoice(", ".join(each.version.title for each in stretches if each.version), tuple(lines))

    def peak(self, quarters: range) -> Peak | None:
        """The highest quarter hour; None if no energy was used."""
        highest = max(quarters, key=self._load.kw, default=None)
        if highest is None or self._load.kw(highest) <= 0.0:
            return None
        return Peak(self._load.kw(highest), _local(self._load, highest, self._terms.zone))

    def _lines(self, stretch: ContractStretch, *, as_counted: bool) -> list[InvoiceLine]:
        version, share = stretch.version, stretch.share
        lines = list(self._energy(stretch, as_counted=as_counted))
        if version is None:
            return lines
        if version.standing_charge_per_month:
            charge = version.standing_charge_per_month
            lines.append(
                InvoiceLine("standing_charge", "standing charge", share, "months", charge, cents(share * charge))
            )
        if version.demand is not None:
            lines.append(self._demand(version.demand, stretch))
        kwh = sum(line.quantity or 0.0 for line in lines if line.kind == "energy")
        for levy in version.levies:
            if levy.per_kwh is not None:
                line = InvoiceLine("levy", levy.name, kwh, "kWh", levy.per_kwh, cents(kwh * levy.per_kwh))
            elif levy.per_month is not None:
                line = InvoiceLine("levy", levy.name, share, "months", levy.per_month, cents(share * levy.per_month))
            else:
                percent = levy.percent or 0.0
                above = cents(sum(each.amount or 0.0 for each in lines))
                line = InvoiceLine("levy", levy.name, percent, "%", above, cents(above * percent / 100.0))
            lines.append(line)
        return lines

    def _energy(self, stretch: ContractStretch, *, as_counted: bool) -> Iterator[InvoiceLine]:
        load, version = self._load, stretch.version
        bands: dict[str, _BandEnergy] = {} if version is None else {band.name: _BandEnergy() for band in version.bands}
        for index in stretch.quarters:
            kwh = load.kwh[index]
            if not kwh:
                continue
            price = None if version is None else self._price(version, index)
            used = bands.setdefault("energy" if price is None else price.band.name, _BandEnergy())
            if as_counted:
                used.add(kwh, load.cost[index], load.unpriced[index])
            elif price is None or price.per_kwh is None:
                used.add(kwh, 0.0, kwh)
            else:
                used.add(kwh, kwh * price.per_kwh, 0.0)
        for name, used in bands.items():
            priced = used.kwh - used.unpriced
            if priced:
                note = "mean of its prices" if len(used.prices) > 1 else ""
                yield InvoiceLine("energy", name, priced, "kWh", used.cost / priced, cents(used.cost), note)
            if used.unpriced:
                yield InvoiceLine("energy", name, used.unpriced, "kWh", None, None, "its price is not known")

    def _price(self, version: TariffVersion, index: int) -> Price:
        local = _local(self._load, index, self._terms.zone)
        return price_at(version, local, kind_of=self._terms.kind_of, market=self._terms.market(version))

    def _demand(self, demand: DemandCharge, stretch: ContractStretch) -> InvoiceLine:
        """Charged by month: the peak, or the floor. By year: what the peak exceeds the power already paid for."""
        peak = self.peak(stretch.quarters)
        highest = 0.0 if peak is None else peak.kw
        note = "no peak" if peak is None else f"peak {peak.kw:,.1f} kW on {peak.start:%a %d %b, %H:%M}"
        kw = max(highest, demand.floor_kw)
        floor_kw = already = None
        if demand.period == "year":
            already = 0.0 if self._month.month == 1 else max(demand.floor_kw, self._paid_kw or 0.0)
            kw = max(0.0, kw - already)
            note += f"; {already:,.1f} kW of the year are paid"
        else:
            kw *= stretch.share
            if demand.floor_kw:
                floor_kw = demand.floor_kw
                note += f"; {demand.floor_kw:,.1f} kW are paid in any case"
        amount = cents(kw * demand.price_per_kw)
        return InvoiceLine("demand", "demand", kw, "kW", demand.price_per_kw, amount, note, peak, floor_kw, already)


def _local(load: Load, index: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(load.start + index * QUARTER_SECONDS, zone)


def _renamed(line: InvoiceLine, name: str) -> InvoiceLine:
    return replace(line, name=name)
