"""A machine that obeys, for tests of the gateway for orders: in memory, without a server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from energytrack.fields import State
from gateway.errors import NoAnswer
from gateway.orders.allowed import AllowList, ControlledMachine, NodeWrite, Release, StateNode
from gateway.orders.controls import Controls
from gateway.orders.rules import ObservedState

MACHINE: Final = "cnc-0007"
MEANS: Final[dict[str, State]] = {"0": "stopped", "1": "idle", "2": "running", "3": "failed", "4": "maintenance"}


def machine(endpoint: str = "opc.tcp://cnc-0007.plant.example:4840", **fields: object) -> ControlledMachine:
    """The machine of deploy/gateway/orders.toml."""
    return ControlledMachine(
        endpoint,
        StateNode("ns=3;s=Controller.Mode", MEANS),
        {
            "shutdown": NodeWrite("ns=3;s=Remote.Command", 1, ("stopped",)),
            "restart": NodeWrite("ns=3;s=Remote.Command", 2, ("idle", "running")),
        },
        released=Release("ns=3;s=Remote.Enabled"),
        **fields,  # type: ignore[arg-type]
    )


ALLOWED: Final = AllowList({MACHINE: machine()})


@dataclass
class FakeMachine:
    """Obeys at once, unless set otherwise."""

    state: State | None = "running"
    released: bool = True
    answers: bool = True
    obeys: bool = True
    written: list[object] = field(default_factory=list)

    async def look(self) -> ObservedState:
        return ObservedState(self.state, self.released)

    async def write(self, write: NodeWrite) -> None:
        self.written.append(write.value)
        if self.obeys:
            self.state = write.until[-1]

    @asynccontextmanager
    async def connect(self, asked: ControlledMachine) -> AsyncIterator[Controls]:
        if not self.answers:
            raise NoAnswer(asked.endpoint, "nobody answers")
        yield self
