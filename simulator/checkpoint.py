"""The plant's state on disk: one file, replaced atomically, from which a plant continues after a restart."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct, field
from msgspec.structs import replace

from energytrack.errors import EnergyTrackError
from energytrack.replacing import replacing
from simulator.plant.factory import Factory, FactoryState
from simulator.plant.opening import opening
from simulator.plant.orders import OrdersInProgress

FORMAT: Final = 1
_PARTS: Final = ("surroundings", "schedule", "machines", "output", "lots", "wear", "upkeep", "sensors")
"""The parts of a state that are structs of arrays."""


class _Head(Struct, frozen=True):
    format: int
    seed: int
    at_ms: int
    orders: OrdersInProgress = field(name="desk")  # as files of earlier releases call it
    device_ids: tuple[str, ...]


@dataclass(eq=False)
class UnusableCheckpoint(EnergyTrackError):
    """A state file that this simulator cannot use."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path} has no usable state: {self.problem}"


def save(path: Path, factory: Factory, state: FactoryState) -> None:
    """Write the state so that a crash at any moment leaves the old file or the new one."""
    head = _Head(FORMAT, factory.seed, state.at_ms, state.orders, tuple(d.device_id for d in factory.fleet.devices))
    columns = {f"{part}.{name}": column for part in _PARTS for name, column in _columns(getattr(state, part)).items()}
    columns |= {"head": np.frombuffer(msgspec.json.encode(head), dtype=np.uint8), "shown": state.shown}
    with replacing(path) as file:
        np.savez(file, **columns)  # type: ignore[arg-type]  # numpy's stub takes the arrays for its flag


def load(path: Path, factory: Factory) -> FactoryState | None:
    """The saved state; None if there is none. Raises UnusableCheckpoint.

    A changed plant file is no obstacle: machines that still exist continue, new ones start.
    """
    if not path.exists():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            head = msgspec.json.decode(stored["head"].tobytes(), type=_Head)
            columns = {name: stored[name] for name in stored.files if name != "head"}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, msgspec.DecodeError) as error:
        raise UnusableCheckpoint(str(path), str(error) or type(error).__name__) from error
    if head.format != FORMAT or head.seed != factory.seed:
        raise UnusableCheckpoint(str(path), f"it is of format {head.format} and seed {head.seed}")
    return _restored(path, factory, head, columns)


def _restored(path: Path, factory: Factory, head: _Head, columns: dict[str, npt.NDArray[Any]]) -> FactoryState:
    ids = [device.device_id for device in factory.fleet.devices]
    same = list(head.device_ids) == ids
    base = factory.opened(head.at_ms) if same else opening(factory, head.at_ms)
    row_of = {device_id: i for i, device_id in enumerate(head.device_ids)}
    new = np.array([i for i, device_id in enumerate(ids) if device_id in row_of], dtype=np.int64)
    old = np.array([row_of[ids[i]] for i in new], dtype=np.int64)

    def column(name: str, fresh: npt.NDArray[Any]) -> npt.NDArray[Any]:
        stored = columns.get(name)
        if stored is None and name.startswith(("output.", "lots.")):
            return fresh  # saved by a release whose machines made no parts, or reported none
        if stored is None or stored.shape[:-1] != fresh.shape[:-1] or stored.dtype != fresh.dtype:
            raise UnusableCheckpoint(str(path), f"{name} does not fit")
        if name.startswith("surroundings."):
            return stored if stored.shape == fresh.shape else fresh
        merged = fresh.copy()
        merged[..., new] = stored[..., old]
        return merged

    parts = {
        part: type(getattr(base, part))(
            **{name: column(f"{part}.{name}", fresh) for name, fresh in _columns(getattr(base, part)).items()}
        )
        for part in _PARTS
    }
    orders = head.orders if same else OrdersInProgress(answered=head.orders.answered)
    return replace(base, **parts, shown=column("shown", base.shown), orders=orders)


def _columns(part: Struct) -> dict[str, npt.NDArray[Any]]:
    return {name: getattr(part, name) for name in part.__struct_fields__}
