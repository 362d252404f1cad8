"""The allow-list: which machines obey, and the only nodes and values that may ever be written."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from energytrack.fields import Action, DeviceId, State
from energytrack.toml_files import decoded
from gateway.errors import InvalidFile

Node = Annotated[str, Meta(min_length=1, max_length=500)]
Value = bool | int | float | str


class StateNode(Struct, frozen=True, forbid_unknown_fields=True):
    """The node of the machine's state."""

    node: Node
    means: dict[str, State]
    """What its values mean; any other value is an unknown state."""


class Release(Struct, frozen=True, forbid_unknown_fields=True):
    """The machine's own switch between local and remote."""

    node: Node
    value: Value = True
    """Orders are carried out only while the node has this value."""


class NodeWrite(Struct, frozen=True, forbid_unknown_fields=True):
    """The node and the value that an action writes."""

    node: Node
    value: Value
    until: Annotated[tuple[State, ...], Meta(min_length=1)]
    """The states in which the action is done."""
    within_seconds: Annotated[float, Meta(gt=0, le=3600)] = 60.0
    """How long the machine may take."""


class ControlledMachine(Struct, frozen=True, forbid_unknown_fields=True):
    """A machine on the allow-list: how to connect to it, and what may be written."""

    endpoint: Annotated[str, Meta(pattern=r"^opc\.tcp://")]
    state: StateNode
    actions: dict[Action, NodeWrite]
    released: Release | None = None
    """None: the machine has no such switch."""
    username: str = ""
    password_file: str = ""
    """Beside the list, or an absolute path."""
    encrypted: bool = True
    """Basic256Sha256, signed and encrypted; false only for a controller that cannot."""


class AllowList(Struct, frozen=True, forbid_unknown_fields=True):
    """All machines of a gateway."""

    machines: dict[DeviceId, ControlledMachine]


def load(path: Path) -> AllowList:
    """The list in a file, with the full paths of passwords; raises InvalidFile."""
    try:
        allowed = decoded(path.read_bytes(), AllowList)
    except (OSError, msgspec.DecodeError) as error:
        raise InvalidFile(str(path), str(error)) from error
    return AllowList({name: _with_full_path(machine, path.parent) for name, machine in allowed.machines.items()})


def check_passwords(path: Path, allowed: AllowList) -> None:
    """Raises InvalidFile if the password of a machine cannot be read."""
    for name, machine in allowed.machines.items():
        if machine.username:
            try:
                Path(machine.password_file).read_text(encoding="utf-8")
            except (OSError, ValueError) as error:
                raise InvalidFile(str(path), f"machines.{name}.password_file: {error}") from error


def _with_full_path(machine: ControlledMachine, folder: Path) -> ControlledMachine:
    if not machine.password_file:
        return machine
    return replace(machine, password_file=str(folder.resolve() / machine.password_file))
