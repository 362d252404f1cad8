"""Prices and emission factors in the database, for all services of the plant: first shown, then stored."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from energytrack.contract.rates import ImportedRates, RateKind, RateSeries
from energytrack.contract.tariff import IMPORTED
from energytrack.importer.choices import Choices, FileFinding, NotProved, What, settled
from energytrack.importer.content import Content
from energytrack.importer.destinations.batches import headings_of, priced_days
from energytrack.importer.destinations.prices import UnusablePrices, rate_series
from energytrack.plant import Plant
from energytrack.store import Store
from energytrack.store.telemetry.imports import Batch


class RateSummary(NamedTuple):
    """A price or a factor from a file."""

    kind: RateKind
    first: datetime
    last: datetime
    """When its last interval begins."""
    values: int
    lowest: float
    """Per kilowatt hour."""
    highest: float


@dataclass(frozen=True)
class RatePlan:
    """The effects of storing prices and factors."""

    batch: Batch
    rates: ImportedRates
    findings: tuple[FileFinding, ...]
    known: Batch | None
    """The same content, stored before."""
    new: int
    """Prices for times without a price in the contract."""
    changed: int
    """Prices that differ from the contract's: the import counts."""

    @property
    def summaries(self) -> Sequence[RateSummary]:
        """A summary of each series."""
        return [
            RateSummary(
                each.kind, _moment(each.start_ms[0]), _moment(each.start_ms[-1]), len(each), min(each.per_kwh),
                max(each.per_kwh),
            )
            for each in self.rates.series
        ]  # fmt: skip


def holds_rates(content: Content, what: What) -> bool:
    """Whether prices and factors will be stored: a file of machines may have such a column beside others."""
    return what == "prices" or (what == "auto" and bool(content.rates) and not len(content))


def plan_rates(store: Store, content: Content, choices: Choices, *, plant: Plant, by: str, now: datetime) -> RatePlan:
    """Plan how prices and factors would be stored; raises NotProved, UnreadableFile or UnusablePrices."""
    series, findings = rate_series(content, choices, currency=plant.tariff.currency)
    series = tuple(each for each in series if len(each))
    prices = [each for each in series if each.kind == "price"]
    market = _market(choices, plant) if prices else ""
    rates = ImportedRates(_batch_id(market, series), market, series)
    imported = {at: value for each in prices for at, value in zip(each.start_ms, each.per_kwh, strict=True)}
    before = {at: plant.market(market).at(_moment(at)) for at in imported}
    same = store.imports.get(rates.batch_id)
    batch = Batch(
        batch_id=rates.batch_id,
        file=content.name,
        state="storing",
        by=by,
        at=now,
        machines=(),
        first=_moment(min(each.start_ms[0] for each in series)),
        last=_moment(max(each.start_ms[-1] + each.width_ms for each in series)),
        headings=headings_of(content),
        choices=msgspec.to_builtins(settled(choices, content.findings)),
        rates=sum(map(len, series)),
        market=market,
    )
    return RatePlan(
        batch=batch,
        rates=rates,
        findings=findings,
        known=same if same is not None and same.state == "stored" else None,
        new=sum(each is None for each in before.values()),
        changed=sum(each is not None and each.price_per_kwh != imported[at] for at, each in before.items()),
    )


def store_rates(store: Store, planned: RatePlan) -> Batch:
    """Store what was planned; after an interruption it is stored again, and nothing is there twice.

    The services apply it within seconds, and the historian prices what it counted without a price.
    """
    if planned.known is not None:
        return planned.known
    batch = planned.batch
    store.imports.put(batch)
    store.imported_rates.put(planned.rates)
    store.imports.mark(batch.batch_id, priced_days(store, batch))
    stored = msgspec.structs.replace(batch, state="stored")
    store.imports.put(stored)
    return stored


def _market(choices: Choices, plant: Plant) -> str:
    """The name of the contract's market prices to which a file's prices belong."""
    if not plant.markets:
        raise UnusablePrices(
            f'the contract has no market prices: write market_prices = "{IMPORTED}" into the version of [tariff] in '
            "plant.toml that has them, and restart the services"
        )
    if choices.market in plant.markets:
        return choices.market
    if choices.market is not None or len(plant.markets) > 1:
        raise NotProved("market", "the contract has several market prices", options=plant.markets)
    return plant.markets[0]


def _batch_id(market: str, series: Sequence[RateSeries]) -> str:
    """The hash of everything that would be stored, independent of the file's name."""
    digest = hashlib.sha256(f"rates {market}".encode())
    for each in series:
        digest.update(msgspec.msgpack.encode(each))
    return digest.hexdigest()[:16]


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
