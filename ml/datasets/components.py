"""Adds components to failures whose events do not name one: the plant file has that of each failure mode."""

from dataclasses import replace

from msgspec import structs

from energytrack.events import DeviceEvent, Failure
from energytrack.plant import Plant
from energytrack.recording import Recording


def with_component(plant: Plant, event: DeviceEvent) -> DeviceEvent:
    """A failure with its component or, if it has none, with that of its mode in the plant file."""
    if not isinstance(event, Failure) or event.component is not None:
        return event
    component = plant.component(event)
    return event if component is None else structs.replace(event, component=component)


def with_components(plant: Plant | None, recording: Recording) -> Recording:
    """The same for all events of a recording; without a plant file it does not change."""
    if plant is None:
        return recording
    return replace(recording, events=tuple(with_component(plant, event) for event in recording.events))
