"""Measures and watched baselines as metrics."""

from datetime import date
from threading import Event

import pytest
from prometheus_client import CollectorRegistry

from control_api.baselines.service import BaselineService
from control_api.measures.rules import Outcome
from energytrack.baselines.comparison import BaselineComparison
from energytrack.ledger.local_days import midnight
from energytrack.store.energy.baselines import Baseline
from testkit.dates import PLANT_ZONE
from tests.integration.control_api.conftest import ApiUnderTest
from tests.integration.control_api.measures.test_routes import accepted
from tests.integration.control_api.presses import PRESS, idled_for_weeks, later, ran, today


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    """Of the one series with these labels, whatever else it has."""
    found = [
        sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.name == f"energytrack_{name}" and labels.items() <= sample.labels.items()
    ]
    assert len(found) <= 1
    return found[0] if found else None


def test_what_was_saved_is_a_series_with_its_uncertainty(plant: ApiUnderTest) -> None:
    """In base units; before anything was worked out there is none."""
    registry = plant.services.registry
    idled_for_weeks(plant)
    accepted(plant)
    assert value(registry, "measure_proved") is None
    ran(plant, today(plant), 12, idle_kwh=0.02)
    later(plant, 12)
    plant.services.measures.look()
    (outcome,) = plant.services.measures.outcomes
    assert outcome.saving is not None
    labels = {"measure": f"{PRESS} off after work", "device_id": PRESS, "line": "press-shop"}
    assert value(registry, "measure_saved_joules", **labels) == outcome.saving.kwh * 3.6e6
    assert value(registry, "measure_saved_uncertainty_joules") == (outcome.saving.half_width_kwh or 0.0) * 3.6e6
    assert value(registry, "measure_saved_cost") == outcome.saving.cost
    assert [value(registry, f"measure_{name}") for name in ("proved", "kept", "days", "broken_days")] == [1, 1, 10, 0]
    assert value(registry, "measure_cost_of_doing") is None
    assert value(registry, "measure_start_timestamp_seconds") == midnight(outcome.measure.start, PLANT_ZONE)
    assert (value(registry, "measure_metered"), value(registry, "measure_adjusted_joules")) == (1.0, 0.0)
    assert value(registry, "baseline_rising", baseline=f"{PRESS} out of shift") == 0.0


def test_energy_that_rises_for_days_is_reported(plant: ApiUnderTest) -> None:
    """And a measure that is not kept."""
    registry = plant.services.registry
    idled_for_weeks(plant)
    accepted(plant)
    ran(plant, today(plant), 12, idle_kwh=1.5)
    later(plant, 12)
    plant.services.measures.look()
    assert value(registry, "baseline_rising") == 1.0
    ratio, used, expected = (
        value(registry, f"baseline_{name}") or 0.0 for name in ("excess_ratio", "actual_joules", "expected_joules")
    )
    assert 0.4 < ratio < 0.6
    assert abs(used / expected - 1.0 - ratio) < 1e-9
    assert value(registry, "measure_kept") == 0.0


def test_what_is_worked_out_while_the_ledger_changes_is_not_kept(
    plant: ApiUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else asks meanwhile, and takes note of the change first."""
    idled_for_weeks(plant)
    accepted(plant)
    first = today(plant)
    ran(plant, first, 12, idle_kwh=0.02)
    later(plant, 12)
    measures, against = plant.services.measures, BaselineService.against
    changed, is_changed = list[Outcome](), Event()

    def slow(baselines: BaselineService, baseline: Baseline, since: date, last: date) -> BaselineComparison:
        made = against(baselines, baseline, since, last)
        if not is_changed.is_set():
            is_changed.set()
            ran(plant, first, 12, idle_kwh=0.5)
            plant.services.store.edition.rise()
            changed.extend(measures.all())
        return made

    monkeypatch.setattr(BaselineService, "against", slow)
    (before,) = measures.all()
    (after,) = measures.all()
    assert [after.saving] == [each.saving for each in changed]
    assert after.saving != before.saving
