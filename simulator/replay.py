"""`python -m simulator.replay`: sends recorded data to Kafka, at its own speed or faster."""

import argparse
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import structlog
from msgspec.structs import replace
from rich.console import Console
from rich.progress import Progress

from energytrack.bus import Sink
from energytrack.bus.open import open_bus
from energytrack.clock import Clock
from energytrack.importer.arguments import add_choices, choices_of, pair
from energytrack.importer.choices import Choices
from energytrack.importer.destinations.recordings import recording_at
from energytrack.messages import Reading, encode
from energytrack.plant import Device
from energytrack.recording import Recording
from energytrack.running.disk_room import RoomGuard
from energytrack.running.launcher import launch_command
from energytrack.running.service import Service, entry, running
from energytrack.settings import DiskSettings, KafkaSettings, ServiceSettings, read_all
from energytrack.telemetry import CountedSink, Stage
from energytrack.topics import EVENTS, READINGS
from simulator.plant.events import milliseconds
from simulator.recorded import Replay, ReplayPace

log = structlog.get_logger(__name__)

NAP_SECONDS: Final = 0.5
PAUSE_SECONDS: Final = 0.02
"""Minimum pause for a flush."""
AT_ONCE_SECONDS: Final = 0.0005
"""Shorter waits are skipped: clocks and timestamps are not more precise."""
BEHIND_SECONDS: Final = 5.0
BATCH: Final = 5000
"""Maximum number of messages between two flushes."""

OnProgress = Callable[[int], None]


class Outbox:
    """Puts messages and reports how many of them were acknowledged."""

    def __init__(self, sink: Sink, progress: OnProgress) -> None:
        self._sink = sink
        self._progress = progress
        self._count = 0

    def put(self, topic: str, key: str, value: bytes) -> None:
        """Put one message."""
        self._sink.put(topic, key, value)
        self._count += 1
        if self._count >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Wait for what was put."""
        if self._count:
            self._sink.flush()
            self._progress(self._count)
            self._count = 0


def play(
    replay: Replay,
    sink: Sink,
    *,
    clock: Clock,
    stop: threading.Event,
    run: int = 0,
    progress: OnProgress = lambda _: None,
    waits: Callable[[], None] = lambda: None,
    room: RoomGuard | None = None,
) -> None:
    """One run of a recording.

    `progress` is called with the number of acknowledged messages, `waits` repeatedly until the next one is due.
    It pauses while `room` says that the broker's disk is nearly full.
    """
    outbox = Outbox(sink, progress)
    start_ms, start = milliseconds(clock.now()), clock.monotonic()
    in_time = math.isfinite(replay.pace.speed)
    for due, message in replay.items(start_ms, run=run):
        left = start + due - clock.monotonic()
        if in_time and left > 0:
            if left > PAUSE_SECONDS:
                outbox.flush()
            _wait(start + due, clock, stop, waits)
        elif in_time and left < -BEHIND_SECONDS:
            in_time = False
            log.warning("cannot keep the speed: sending everything as fast as possible", seconds=round(-left, 1))
        if room is not None:
            room.wait(stop)
        if stop.is_set():
            break
        outbox.put(READINGS if isinstance(message, Reading) else EVENTS, message.device_id, encode(message))
    outbox.flush()


def main(env: Mapping[str, str], command_line: Sequence[str] | None = None) -> None:
    """Replay as the command line says."""
    arguments = _arguments(command_line)
    common, kafka, disk = read_all(env, ServiceSettings, KafkaSettings, DiskSettings)
    replay = Replay(_recording(arguments), _pace(arguments))
    with running("replay", common, serve_metrics=not arguments.no_metrics) as service:
        stage = Stage("replay", service.registry, takes=[], puts=[READINGS, EVENTS])
        sink = CountedSink(open_bus(kafka, "replay", health=service.health).sink(stop=service.stop), stage)
        recording = replay.recording
        log.info("replaying", recording=recording.name, machines=len(recording.devices), readings=len(recording),
                 events=len(recording.events), seconds=round(replay.seconds))  # fmt: skip
        with Progress(console=Console(stderr=True)) as progress:
            room = RoomGuard(disk, clock=service.clock, registry=service.registry, health=service.health)
            _runs(replay, sink, service=service, stage=stage, progress=progress, loop=arguments.loop, room=room)
        sink.close()


def _runs(
    replay: Replay, sink: Sink, *, service: Service, stage: Stage, progress: Progress, loop: bool, room: RoomGuard
) -> None:
    task = progress.add_task(replay.recording.name, total=len(replay))

    def on_progress(count: int) -> None:
        service.ready()
        service.health.beat()
        stage.processed(service.clock.now())
        progress.advance(task, count)

    run = 0
    while not service.stop.is_set():
        play(
            replay,
            sink,
            clock=service.clock,
            stop=service.stop,
            run=run,
            progress=on_progress,
            waits=service.health.beat,
            room=room,
        )
        if not loop:
            return
        run += 1
        log.info("starting over", run=run)
        progress.reset(task)


def _wait(until: float, clock: Clock, stop: threading.Event, waits: Callable[[], None]) -> None:
    while (left := until - clock.monotonic()) > AT_ONCE_SECONDS and not stop.is_set():
        waits()
        clock.sleep(min(left, NAP_SECONDS))


def _recording(arguments: argparse.Namespace) -> Recording:
    choices = _with_earlier_flags(choices_of(arguments), arguments)
    like = Device("", arguments.device_type, arguments.line)
    return recording_at(arguments.recording, choices, zone="UTC", device=like)


def _with_earlier_flags(choices: Choices, arguments: argparse.Namespace) -> Choices:
    return replace(
        choices,
        zone=choices.zone or "UTC",
        signals={**choices.signals, **{column: signal for signal, column in arguments.column}},
        only_named=arguments.only_named,
        time_column=choices.time_column or arguments.timestamp_column,
        device=choices.device or arguments.device_id,
    )


def _pace(arguments: argparse.Namespace) -> ReplayPace:
    return ReplayPace(
        speed=arguments.speed,
        keep_timestamps=arguments.timestamps == "keep",
        together=arguments.start == "together",
        longest_gap=arguments.longest_gap,
    )


def _arguments(command_line: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=launch_command("simulator.replay"), description="Send recorded data once more."
    )
    parser.add_argument("--recording", type=Path, required=True, metavar="PATH", help="a recording's folder, or a file")
    parser.add_argument("--speed", type=_speed, default=1.0, help="recorded seconds per second, or max (1)")
    parser.add_argument("--timestamps", choices=("now", "keep"), default="now", help="shifted to now, or kept (now)")
    parser.add_argument("--start", choices=("together", "recorded"), default="together",
                        help="start all machines at once, or each as in the recording (together)")  # fmt: skip
    parser.add_argument("--longest-gap", type=float, default=10.0, metavar="N",
                        help="longer gaps of a machine are shortened to N intervals (10)")  # fmt: skip
    parser.add_argument("--loop", action="store_true", help="begin again at the end")
    parser.add_argument("--no-metrics", action="store_true", help="without a page of metrics")
    parser.add_argument("--device-type", default="unknown", help="of the machines of a file")
    parser.add_argument("--line", default="unknown", help="of the machines of a file")
    add_choices(parser)
    earlier = parser.add_argument_group("earlier names of these flags")
    earlier.add_argument("--column", action="append", default=[], type=pair("SIGNAL=COLUMN"), metavar="SIGNAL=COLUMN")
    earlier.add_argument("--only-named", action="store_true", help="leave out columns of numbers that are not named")
    earlier.add_argument("--timestamp-column", metavar="COLUMN")
    earlier.add_argument("--device-id", metavar="MACHINE")
    arguments = parser.parse_args(command_line)
    if arguments.timestamps == "now" and not math.isfinite(arguments.speed):
        parser.error("--speed max needs --timestamps keep: otherwise all readings would have the same time")
    if arguments.timestamps == "keep" and arguments.loop:
        parser.error("--loop needs --timestamps now: otherwise the same readings would be sent again")
    return arguments


def _speed(text: str) -> float:
    if text == "max":
        return math.inf
    speed = float(text)
    if not 0.0 < speed < math.inf:
        raise argparse.ArgumentTypeError("expected a number above 0, or max")
    return speed


if __name__ == "__main__":
    entry(main)
