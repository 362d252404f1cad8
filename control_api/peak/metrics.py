"""The running quarter hour as metrics; absent while it is not known."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from control_api.peak.service import PeakGuard

WATTS: Final = 1000.0
NAMES: Final = {
    "forecast_watts": "Mean power of the running quarter hour when it ends.",
    "forecast_low_watts": "Nine of ten forecasts at this minute ended above this.",
    "forecast_high_watts": "Nine of ten forecasts at this minute ended below this.",
    "forecast_past_error_watts": "Mean absolute error of the last week's forecasts at this minute.",
    "limit_watts": "Up to this mean power, a quarter hour costs nothing more: it is paid for, or expected.",
    "forecast_cost": "What the running quarter hour adds to the bill if it ends as forecast, in the plant's currency.",
}


@dataclass(frozen=True, eq=False)
class PeakCollector(Collector):
    """Asks the guard at each scrape."""

    guard: PeakGuard

    def describe(self) -> Iterator[Metric]:
        """The families."""
        yield from (_family(name) for name in NAMES)

    def collect(self) -> Iterator[Metric]:
        """Those with a value."""
        outlook = self.guard.glance()
        if outlook is None:
            return
        forecast, defence = outlook
        values = {
            "forecast_watts": forecast.kw * WATTS,
            "forecast_low_watts": None if forecast.low is None else forecast.low * WATTS,
            "forecast_high_watts": None if forecast.high is None else forecast.high * WATTS,
            "forecast_past_error_watts": None if forecast.past_error_kw is None else forecast.past_error_kw * WATTS,
            "limit_watts": None if defence is None else defence.limit_kw * WATTS,
            "forecast_cost": None if defence is None else defence.cost(forecast.kw),
        }
        for name, value in values.items():
            if value is not None:
                family = _family(name)
                family.add_metric([], value)
                yield family


def _family(name: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"energytrack_peak_{name}", NAMES[name], labels=())
