"""`python -m simulator`: the plant in real time; `history` writes a history, `inject` creates a fault."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from energytrack.bus.open import open_bus
from energytrack.clock import Clock, SystemClock
from energytrack.plant import Plant, load_plant
from energytrack.running.launcher import launch_command
from energytrack.running.service import entry, running
from energytrack.settings import DiskSettings, KafkaSettings, PlantSettings, ServiceSettings, read_all
from simulator import inbox
from simulator.composition import NAME, TAKES, build
from simulator.inbox import Injection
from simulator.inject import duration_seconds
from simulator.machines.faults import MODE_NAMES
from simulator.plant.factory import Factory
from simulator.settings import PROFILES, SimulatorSettings


def main(env: Mapping[str, str], command_line: Sequence[str] | None = None) -> None:
    """Run what the command line names."""
    arguments = _parser().parse_args(command_line)
    console = Console(stderr=True)
    match arguments.command:
        case "history":
            write_history(env, arguments, console, SystemClock())
        case "inject":
            inject(env, arguments, console, SystemClock())
        case _:
            run(env, arguments)


def run(env: Mapping[str, str], arguments: argparse.Namespace) -> None:
    """The plant in real time, until a signal comes."""
    common, kafka, site, settings, disk = read_all(
        env, ServiceSettings, KafkaSettings, PlantSettings, SimulatorSettings, DiskSettings
    )
    with ExitStack() as stack:
        stack.enter_context(inbox.held(settings.state_folder))
        service = stack.enter_context(running(NAME, common))
        bus = open_bus(kafka, NAME, health=service.health)
        sink = stack.enter_context(closing(bus.sink(stop=service.stop)))
        source = stack.enter_context(closing(bus.source(NAME, TAKES, linger=0.0)))
        live = build(
            settings, _plant(site, arguments), source, sink, registry=service.registry, clock=service.clock,
            health=service.health, disk=disk,
        )  # fmt: skip
        live.tick(service.stop)
        service.ready()
        live.run(service.stop)


def write_history(env: Mapping[str, str], arguments: argparse.Namespace, console: Console, clock: Clock) -> None:
    """Write a recording of a simulated history: as much as a first model needs, unless options say otherwise."""
    from energytrack.recording import write_recording  # noqa: PLC0415  # pandas, which the live plant spares
    from simulator.history import history  # noqa: PLC0415  # likewise

    site, settings = read_all(env, PlantSettings, SimulatorSettings)
    profile = PROFILES[arguments.profile]
    devices, days = arguments.devices or profile.past[0], arguments.days or profile.past[1]
    rates = settings.model_copy(update={"profile": arguments.profile}).rates()
    factory = Factory(load_plant(site.file, devices=devices), seed=settings.seed, rates=rates)
    until = arguments.until or clock.now().replace(minute=0, second=0, microsecond=0)
    with Progress(console=console) as progress:
        task = progress.add_task(f"{len(factory.fleet)} machines, {days:g} days", total=days)
        recording = history(factory, until=until, days=days, horizon_hours=profile.horizon_hours,
                            interval_seconds=arguments.interval, meters=arguments.meters,
                            progress=lambda days: progress.advance(task, days))  # fmt: skip
    write_recording(arguments.out, recording)
    console.print(
        f"{len(recording):,} readings and {len(recording.events):,} events in {arguments.out}", highlight=False
    )


def inject(env: Mapping[str, str], arguments: argparse.Namespace, console: Console, clock: Clock) -> None:
    """Pass a fault to the running simulator; exits 1 if it refuses."""
    settings = SimulatorSettings.from_env(env)
    injection = Injection(arguments.device, arguments.fault, arguments.over)
    try:
        answer = inbox.ask(settings.state_folder, injection, clock=clock)
    except inbox.NobodyAnswers as error:
        answer = inbox.InjectionAnswer(accepted=False, text=str(error))
    console.print(answer.text, highlight=False)
    if not answer.accepted:
        sys.exit(1)


def _plant(site: PlantSettings, arguments: argparse.Namespace) -> Plant:
    return load_plant(site.file, devices=arguments.devices or site.devices)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=launch_command("simulator"), description="A simulated plant.")
    parser.set_defaults(command="run", devices=None)
    commands = parser.add_subparsers(dest="command", metavar="run | history | inject")
    live = commands.add_parser("run", help="run the plant in real time (the default)")
    past = commands.add_parser("history", help="write a simulated history as a recording")
    past.add_argument("--out", type=Path, required=True, help="folder of the recording")
    past.add_argument("--days", type=float, help="how many days (60, or 2 at the pace of a demonstration)")
    past.add_argument("--interval", type=int, default=60, help="seconds between two readings (60)")
    past.add_argument("--until", type=_time, help="end, ISO 8601 with a zone (the last full hour)")
    past.add_argument("--profile", choices=sorted(PROFILES), default="plant", help="speed of wear (plant)")
    past.add_argument("--meters", action="store_true", help="include the meters' registers and every change of state")
    fault = commands.add_parser("inject", help="create a fault on a machine of the running simulator")
    fault.add_argument("--device", required=True, help="device id")
    fault.add_argument("--fault", required=True, help=", ".join(MODE_NAMES))
    fault.add_argument("--over", type=_duration, required=True, help="until it fails: 90s, 5m, 2h")
    for command in (live, past):
        command.add_argument("--devices", type=int, help="scale the plant to this many machines")
    return parser


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no zone: append Z or +01:00")
    return moment.astimezone(UTC)


def _duration(text: str) -> float:
    try:
        return duration_seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


if __name__ == "__main__":
    entry(main)
