"""The composition root of retraining: `python -m ml.retrain` uses the site's database, tests their own."""

import os
from typing import Final

import numpy as np
from prometheus_client import CollectorRegistry
from ulid import ULID

from energytrack.clock import Clock
from energytrack.plant import Plant
from energytrack.running.health import Health
from energytrack.store import Store
from energytrack.store.retrying import RetryPolicy
from ml.retraining.challenge import ChallengePlan
from ml.retraining.gate import GateTerms
from ml.retraining.metrics import RetrainingMetrics
from ml.retraining.registry import ModelRegistry
from ml.retraining.retrainer import Retrainer
from ml.retraining.service import RetrainingService
from ml.settings import JoblibSettings, MlSettings, RetrainSettings

NAME: Final = "retrain"


def build_retrainer(
    store: Store, plant: Plant, *, ml: MlSettings, settings: RetrainSettings, joblib: JoblibSettings, clock: Clock
) -> Retrainer:
    """Create everything that one run needs; connects and starts nothing."""
    jobs = settings.jobs if settings.jobs > 0 or joblib.backend else os.cpu_count() or 1
    terms = GateTerms(false_alarms=ml.false_alarms, least_events=settings.least_events)
    return Retrainer(
        store=store,
        plant=plant,
        registry=ModelRegistry(store, ml.model_file, ml.key(), keep=settings.keep, clock=clock),
        plan=ChallengePlan(terms, rows=settings.rows, jobs=jobs, prices=plant.alarm_costs),
        history_days=settings.history_days,
        joblib=joblib,
        clock=clock,
        new_id=lambda: str(ULID.from_datetime(clock.now())),
    )


def build(
    retrainer: Retrainer,
    settings: RetrainSettings,
    *,
    persist: RetryPolicy,
    registry: CollectorRegistry,
    health: Health | None = None,
) -> RetrainingService:
    """The service around a retrainer, with its clock and with metrics in `registry`."""
    metrics = RetrainingMetrics(registry)
    clock = retrainer.clock
    return RetrainingService(
        retrainer, settings, metrics, persist, clock, np.random.default_rng(), health or Health(clock)
    )
