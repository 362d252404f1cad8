"""Metrics of the outcomes of alarms: counters, so several consumers add up."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from ml.scoring.outcome_tracker import ALARM_OUTCOMES, OutcomeCounts

HOUR: Final = 3600.0
LEADS: Final = tuple(
    hours * HOUR
    for hours in (
        0.05, 0.075, 0.1, 0.125, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 20, 24, 36, 48,
    )
)  # fmt: skip
"""In seconds, from three minutes on, which is much in the simulated plant: its horizon is twenty."""


class OutcomeMetrics:
    """Failures caught and missed, alarms by outcome, lead times, and the monitored machine time."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._failures = Counter(
            "energytrack_model_failures",
            "Failures of machines that had a probability: caught if an alarm was raised within the horizon before "
            "them.",
            ["outcome"],
            registry=registry,
        )
        self._alarms = Counter(
            "energytrack_model_alarms",
            "Alarms by outcome: a failure followed, none did within the horizon, or the machine was maintained first.",
            ["outcome"],
            registry=registry,
        )
        self._leads = Histogram(
            "energytrack_model_lead_seconds",
            "How long before a failure its first alarm was raised; caught failures only.",
            registry=registry,
            buckets=LEADS,
        )
        self._watched = Counter(
            "energytrack_model_watched_seconds",
            "Machine time during which a failure probability was known, over all machines.",
            registry=registry,
        )
        for outcome in ("caught", "missed"):
            self._failures.labels(outcome)
        for outcome in ALARM_OUTCOMES:
            self._alarms.labels(outcome)

    def add(self, tally: OutcomeCounts) -> None:
        """Count outcomes."""
        self._failures.labels("caught").inc(len(tally.leads_ms))
        self._failures.labels("missed").inc(tally.missed)
        for outcome in tally.alarms:
            self._alarms.labels(outcome).inc()
        for lead_ms in tally.leads_ms:
            self._leads.observe(lead_ms / 1000.0)
        self._watched.inc(tally.watched_ms / 1000.0)
