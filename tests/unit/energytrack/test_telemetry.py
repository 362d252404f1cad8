"""The metrics of a stage."""

from itertools import pairwise

import pytest
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from energytrack.telemetry import LATENCY_BUCKETS, Latencies, Stage

NAME = "energytrack_pipeline_latency_seconds"


def histogram(registry: CollectorRegistry) -> dict[tuple[str, str | None], float]:
    """The samples of the latencies on a registry's page, by name and bound."""
    return {
        (sample.name, sample.labels.get("le")): sample.value
        for family in text_string_to_metric_families(generate_latest(registry).decode())
        for sample in family.samples
        if sample.name.startswith(NAME) and not sample.name.endswith("_created")
    }


def test_a_quantile_of_latencies_is_never_off_by_more_than_threefold() -> None:
    """It lies somewhere between two bounds: with 60 and 300 beside each other, 61 seconds could read as 298."""
    assert [(lower, upper) for lower, upper in pairwise(LATENCY_BUCKETS) if upper > 3 * lower] == []


def test_a_batch_of_latencies_is_counted_as_one_by_one() -> None:
    """The page shows what the library's own histogram shows of the same values, those on a bound included."""
    batches = [[0.0, 0.05, 0.051], [], [3600.0, 3600.5, 0.3, 1.0, 1.0]]
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    latencies = Latencies("a stage")
    ours.register(latencies)
    one_by_one = Histogram(NAME, "As above.", ["stage"], registry=theirs, buckets=LATENCY_BUCKETS).labels("a stage")
    for batch in batches:
        latencies.add(batch)
        for seconds in batch:
            one_by_one.observe(seconds)
    assert histogram(ours) == pytest.approx(histogram(theirs))


def test_a_stage_shows_its_latencies_before_the_first_message() -> None:
    """Every bucket is there and zero, so that the first rise is seen."""
    registry = CollectorRegistry()
    took = Stage("a stage", registry, takes=[], puts=[]).took
    assert set(histogram(registry).values()) == {0.0}
    assert len(histogram(registry)) == len(LATENCY_BUCKETS) + 3
    took([0.3])
    assert histogram(registry)[f"{NAME}_count", None] == 1.0


def test_a_stage_that_measures_no_latencies_shows_none() -> None:
    """A histogram that stays empty is a line without values on a dashboard of all stages."""
    registry = CollectorRegistry()
    Stage("a stage", registry, takes=[], puts=[])
    assert histogram(registry) == {}
