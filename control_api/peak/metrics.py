"""The current quarter hour as metrics; absent while it is not known."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from control_api.peak.service import PeakGuard

WATTS: Final = 1000.0


@dataclass(frozen=True, eq=False)
class PeakCollector(Collector):
    """Asks the guard at each scrape."""

    guard: PeakGuard

    def describe(self) -> Iterator[Metric]:
        """The families."""
        yield from _families().values()

    def collect(self) -> Iterator[Metric]:
        """Those with a value."""
        outlook = self.guard.current()
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
        families = _families()
        for name, value in values.items():
            if value is not None:
                families[name].add_metric([], value)
                yield families[name]


def _families() -> dict[str, GaugeMetricFamily]:
    """All of them, empty."""
    return {
        "forecast_watts": GaugeMetricFamily(
            "energytrack_peak_forecast_watts",
            "Mean power of the running quarter hour when it ends.",
            labels=(),
        ),
        "forecast_low_watts": GaugeMetricFamily(
            "energytrack_peak_forecast_low_watts",
            "Nine of ten forecasts at this minute ended above this.",
            labels=(),
        ),
        "forecast_high_watts": GaugeMetricFamily(
            "energytrack_peak_forecast_high_watts",
            "Nine of ten forecasts at this minute ended below this.",
            labels=(),
        ),
        "forecast_past_error_watts": GaugeMetricFamily(
            "energytrack_peak_forecast_past_error_watts",
            "Mean absolute error of the last week's forecasts at this minute.",
            labels=(),
        ),
        "limit_watts": GaugeMetricFamily(
            "energytrack_peak_limit_watts",
            "Up to this mean power, a quarter hour costs nothing more: it is paid for, or expected.",
            labels=(),
        ),
        "forecast_cost": GaugeMetricFamily(
            "energytrack_peak_forecast_cost",
            "What the running quarter hour adds to the bill if it ends as forecast, in the plant's currency.",
            labels=(),
        ),
    }
