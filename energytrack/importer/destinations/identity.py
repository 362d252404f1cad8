"""The id of an import: the same content has the same id, even if its machines have been renamed since."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice, product
from typing import Final

import msgspec
import numpy as np

from energytrack.event_ids import imported_event_id
from energytrack.events import DeviceEvent
from energytrack.importer.choices import What
from energytrack.importer.content import Content
from energytrack.store import Store

MOST_NAMES: Final = 256
"""How many combinations of former names of a file's machines are tried."""


def identity_of(store: Store, content: Content, what: What) -> str:
    """The id of an import: the one already in the store, even if its machines have been renamed since."""
    batch_id = batch_id_of(content, what)
    if store.imports.get(batch_id) is not None:
        return batch_id
    former = store.machines.former_names()
    names = [(machine, *former.get(machine, ())) for machine in content.machines]
    if all(len(each) == 1 for each in names):
        return batch_id
    for chosen in islice(product(*names), 1, MOST_NAMES):
        under = dict(zip(content.machines, chosen, strict=True))
        if len(set(chosen)) < len(chosen):
            continue
        known = store.imports.get(batch_id_of(_renamed(content, under), what))
        if known is not None and known.state != "taken_back" and set(known.machines) == set(content.machines):
            return known.batch_id
    return batch_id


def batch_id_of(content: Content, what: What) -> str:
    """The hash of everything that would be stored, independent of the file's name and format."""
    digest = hashlib.sha256(what.encode())
    for machine, energy in sorted(content.energy.items()):
        for column in (energy.start_ms, energy.end_ms, energy.kwh):
            digest.update(machine.encode() + np.ascontiguousarray(column).tobytes())
    for machine, signals in sorted(content.signals.items()):
        digest.update(machine.encode() + signals.at_ms.tobytes())
        for name, values in sorted(signals.values.items()):
            digest.update(name.encode() + values.tobytes())
    for machine, parts in sorted(content.parts.items()):
        for column in (parts.start_ms, parts.end_ms, parts.count):
            digest.update(f"{machine} parts".encode() + np.ascontiguousarray(column).tobytes())
        if parts.scrap is not None:
            digest.update(f"{machine} scrap".encode() + np.ascontiguousarray(parts.scrap).tobytes())
    for event in content.events:
        digest.update(event.event_id.encode())
    return digest.hexdigest()[:16]


def _renamed(content: Content, under: Mapping[str, str]) -> Content:
    """The content under other names of its machines."""
    return replace(
        content,
        energy={under[machine]: each for machine, each in content.energy.items()},
        signals={under[machine]: each for machine, each in content.signals.items()},
        parts={under[machine]: each for machine, each in content.parts.items()},
        events=tuple(_of_machine(event, under[event.device_id]) for event in content.events),
    )


def _of_machine(event: DeviceEvent, device_id: str) -> DeviceEvent:
    kind, ms = event.__struct_config__.tag, round(event.timestamp.timestamp() * 1000)
    label = next((getattr(event, name) for name in ("mode", "code", "component") if getattr(event, name, None)), "")
    key = imported_event_id(str(kind), device_id, ms, label)
    renamed: DeviceEvent = msgspec.structs.replace(event, device_id=device_id, event_id=key)
    return renamed
