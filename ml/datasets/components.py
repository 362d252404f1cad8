"""Components of failures whose events do not tell one: the plant file names that of each failure mode."""

from dataclasses import replace

from msgspec import structs

from energytrack.events import DeviceEvent, Failure
from energytrack.plant import Plant
from energytrack.recording import Recording


def with_component(plant: Plant, event: DeviceEvent) -> DeviceEvent:
    """A failure with the component that the plant file says of its mode, if it does not tell one itself."""
    if not isinstance(event, Failure) or event.component is not None:
        return event
    component = plant.component(event)
    return event if component is None else structs.replace(event, component=component)


def with_components(plant: Plant | None, recording: Recording) -> Recording:
    """The same of all events of a recording; without a plant file it stays as it is."""
    if plant is None:
        return recording
    return replace(recording, events=tuple(with_component(plant, event) for event in recording.events))
