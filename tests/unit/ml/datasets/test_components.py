"""Components of failures whose events do not tell one."""

from pathlib import Path

from energytrack.events import DeviceEvent
from energytrack.plant import Plant, load_plant
from ml.datasets.components import with_component, with_components
from testkit.builders.messages import an_event
from testkit.builders.recordings import a_worn_recording

PLANT = load_plant(Path("plant.toml"))


def component_of(event: DeviceEvent, plant: Plant = PLANT) -> object:
    return getattr(with_component(plant, event), "component", None)


def test_the_plant_file_names_the_component_of_a_failure_mode() -> None:
    assert component_of(an_event("failure", mode="bearing_wear")) == "bearing"


def test_what_the_event_says_goes_first() -> None:
    assert component_of(an_event("failure", mode="bearing_wear", component="spindle")) == "spindle"


def test_nothing_is_made_up_and_other_events_stay_as_they_are() -> None:
    unknown, warning = an_event("failure", mode="never_heard_of"), an_event("fault_code", code="bearing_wear")
    assert with_component(PLANT, unknown) is unknown
    assert with_component(PLANT, warning) is warning


def test_a_recording_is_completed_by_a_plant_file_only() -> None:
    recording = a_worn_recording(devices=1)
    assert with_components(None, recording) is recording
    completed = with_components(PLANT, recording)
    assert [event.event_id for event in completed.events] == [event.event_id for event in recording.events]
    failures = [event for event in completed.events if type(event).__name__ == "Failure"]
    assert failures
    assert {getattr(failure, "component", None) for failure in failures} == {"bearing"}
