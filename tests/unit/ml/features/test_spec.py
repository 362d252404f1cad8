import msgspec
import pytest

from ml.features.spec import PLAIN, FeatureSpec, duration
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


def test_warnings_since_a_repair_are_features_where_a_spec_has_spans_for_them() -> None:
    """A model of an earlier release has none, and its features stay what they were; the longest span counts back."""
    spec, older = a_spec(repair_hours=(1 / 3, 168.0)), a_spec(repair_hours=())
    assert spec.codes_since_repair == ("codes_since_repair_20m", "codes_since_repair_168h")
    assert tuple(name for name in spec.names if name not in spec.codes_since_repair) == older.names
    assert (spec.codes_reach_hours, older.codes_reach_hours) == (168.0, 24.0)


def test_a_card_of_an_earlier_release_has_no_such_features() -> None:
    """Its spec does not name the spans, and the model gets the features that it was trained with."""
    older = a_spec(repair_hours=())
    written = msgspec.json.decode(msgspec.json.encode(older), type=dict[str, object])
    del written["repair_hours"]
    assert msgspec.convert(written, FeatureSpec) == older


def test_a_spec_without_a_model_keeps_the_three_signals_by_the_minute() -> None:
    assert PLAIN.signals == ("temperature", "pressure", "current")
    assert PLAIN.bucket_ms == 60_000


@pytest.mark.parametrize(("seconds", "name"), [(45, "45s"), (300, "5m"), (3600, "1h"), (5400, "90m"), (86_400, "24h")])
def test_lengths_of_time_in_names(seconds: float, name: str) -> None:
    assert duration(seconds) == name
