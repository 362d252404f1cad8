import pytest

from ml.features.spec import PLAIN, duration
from testkit.builders.recordings import a_spec


@pytest.mark.parametrize("reference", [0, 6])
def test_each_feature_has_one_name(reference: int) -> None:
    """And those of the readings stand first."""
    spec = a_spec(reference_blocks=reference)
    assert len(set(spec.names)) == len(spec.names)
    first_of_events = next(i for i, name in enumerate(spec.names) if name.startswith("codes_"))
    assert spec.of_readings == first_of_events


def test_general_features_and_levels_are_features() -> None:
    """General ones name no signal, code or component."""
    spec = a_spec()
    assert spec.general < set(spec.names)
    assert spec.levels < set(spec.names)
    for word in (*spec.signals, *spec.codes, *spec.components):
        assert not any(word in name for name in spec.general)


def test_a_spec_without_a_model_keeps_the_three_signals_by_the_minute() -> None:
    assert PLAIN.signals == ("temperature", "pressure", "current")
    assert PLAIN.bucket_ms == 60_000


@pytest.mark.parametrize(("seconds", "name"), [(45, "45s"), (300, "5m"), (3600, "1h"), (5400, "90m"), (86_400, "24h")])
def test_lengths_of_time_in_names(seconds: float, name: str) -> None:
    assert duration(seconds) == name
