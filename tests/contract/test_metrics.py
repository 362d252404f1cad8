"""The metrics that dashboards, rules and people's own queries rely on: their names, kinds and labels."""

from exporters.subjects import SUBJECTS

DEVICE = ("device_id", "device_type", "line")
DEVICE_METRICS = {
    "device_info": ("gauge", DEVICE),
    "device_energy_joules_total": ("counter", DEVICE),
    "device_idle_energy_joules_total": ("counter", DEVICE),
    "device_power_watts": ("gauge", DEVICE),
    "device_temperature_celsius": ("gauge", DEVICE),
    "device_pressure_pascals": ("gauge", DEVICE),
    "device_current_amperes": ("gauge", DEVICE),
    "device_state": ("gauge", (*DEVICE, "state")),
    "device_last_reading_timestamp_seconds": ("gauge", DEVICE),
    "device_failure_probability_ratio": ("gauge", DEVICE),
    "device_failure_factor_ratio": ("gauge", (*DEVICE, "feature")),
    "device_recommendations_total": ("counter", (*DEVICE, "recommendation")),
    "device_recommendation_active": ("gauge", (*DEVICE, "recommendation")),
    "device_command_last_result_timestamp_seconds": ("gauge", (*DEVICE, "action", "outcome")),
}
"""As the design names them. Alarms and locks are the control API's to show, the model's scores are ml's."""


def test_the_design_s_metrics_are_exported_under_their_names_with_their_labels() -> None:
    exported = {
        family.name.removeprefix("energytrack_"): (family.kind, family.labels)
        for families in SUBJECTS.values()
        for family in families
    }
    assert {name: exported.get(name) for name in DEVICE_METRICS} == DEVICE_METRICS


def test_every_series_of_a_device_has_the_three_labels_that_panels_join_on() -> None:
    for subject in ("devices", "energy", "predictions"):
        for family in SUBJECTS[subject]:
            assert family.labels[:3] == DEVICE, family.name
