"""Exporters, historian, live page and control API know the same of a machine, whatever it sends in whatever order."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from control_api.devices.rules import machine_now
from control_api.live.fleet import LiveFleet
from energytrack.clock import ManualClock
from energytrack.fields import STATES
from energytrack.machines.state import MachineState
from energytrack.messages import Message, Reading
from exporters.machines.fleet import Fleet
from historian.fold import Deadband, KnownMachine, with_message
from testkit.builders.messages import NOW, a_reading, an_event
from testkit.exporters.devices import PATIENCE, PLANT, deliver, record_of

DEVICE = "cnc-0001"
MINUTE = timedelta(minutes=1)
TIMES = st.integers(-600, 600).map(lambda seconds: NOW + timedelta(seconds=seconds))
"""Ten minutes late to ten minutes ahead of the clock."""
WORDS = st.none() | st.sampled_from(["lathe", "annex"])


@st.composite
def messages(draw: st.DrawFn) -> Message:
    state = draw(st.sampled_from(STATES))
    kind = draw(st.sampled_from(["reading", "state_changed", "command_result"]))
    if kind == "reading":
        return a_reading(
            DEVICE,
            timestamp=draw(TIMES),
            state=draw(st.none() | st.just(state)),
            current=draw(st.floats(0, 20)),
            device_type=draw(WORDS),
            line=draw(WORDS),
        )
    return an_event(kind, DEVICE, event_id=draw(st.uuids()).hex, timestamp=draw(TIMES), state=state)


def as_exporters_see_it(sent: list[Message], now: datetime) -> tuple[object, ...]:
    fleet = Fleet(PLANT, PATIENCE)
    deliver(fleet, [record_of(message) for message in sent], now)
    (device,) = fleet.snapshot(now).known
    return device.reading, device.state, device.identity.device_type, device.identity.line


def as_the_historian_files_it(sent: list[Message], now: datetime) -> MachineState:
    machine = KnownMachine(MachineState(DEVICE), arrived=0.0)
    for message in sent:
        machine, _ = with_message(machine, message, Deadband(step=0.02, every_seconds=60), arrived=0.0, now=now)
    return machine.latest


@given(st.lists(messages(), min_size=1, max_size=12))
@settings(deadline=None)
def test_all_of_them_know_the_same(sent: list[Message]) -> None:
    if not any(isinstance(message, Reading) for message in sent):
        sent.append(a_reading(DEVICE))
    reading, state, device_type, line = as_exporters_see_it(sent, NOW)
    filed = as_the_historian_files_it(sent, NOW)
    asked = machine_now(filed, plant=PLANT, now=NOW, silent_after=MINUTE, lock=None, open_order=None)
    live = LiveFleet(PLANT, ManualClock(NOW))
    for message in sent:
        live.take(message)
    shown = live.update(DEVICE)
    assert isinstance(reading, Reading)
    assert (filed.reading, filed.state) == (reading, state)
    assert (asked.latest.reading, asked.state, asked.device_type, asked.line) == (reading, state, device_type, line)
    assert (shown.at, shown.state, shown.current) == (reading.timestamp.timestamp(), state, reading.current)
    assert live.line_of(DEVICE) == line
