"""`python -m local demo|up|down|status|logs|link|gateways|backup|restore|plants`: the whole stack on this computer."""

import argparse
import math
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from rich.console import Console

from centre.plants import may_be_a_plant
from energytrack.backup.arguments import add_key, add_making, add_restoring, show
from energytrack.backup.restoring import check
from energytrack.backup.sealing import new_key
from energytrack.clock import SystemClock
from energytrack.errors import EnergyTrackError, InvalidSettings
from energytrack.running.launcher import launch_command
from energytrack.security.rights import ADMIN
from local import gateways, plants
from local.backup import BackupOptions, back_up, restore
from local.lifecycle.stack import start, start_again
from local.lifecycle.stop import clear_remains, take_down
from local.options import (
    StackOptions,
    grafana_here,
    orders_file_here,
    save_options,
    saved_options,
    site_of,
    state_folder,
)
from local.services.access import kafka_settings
from local.services.catalogue import steps
from local.settings import LocalSettings
from local.site import Site
from local.terminal.demo import any_pipeline_service_ready, show_addresses, show_failures, sign_in_link, watch
from local.terminal.status import show_logs, show_status

MOST_DEVICES: Final = 100_000
"""The limit in PlantSettings."""


def main(arguments: Sequence[str]) -> int:
    """Run a command; returns the exit code, and prints in sentences what prevents it."""
    command = _parser().parse_args(arguments)
    console = Console(soft_wrap=True, highlight=False)
    try:
        if command.verb == "plants":
            return plants.run(command, os.environ)
        return _start(command, console) if command.verb in {"demo", "up"} else _other_command(command, console)
    except InvalidSettings as error:
        console.print(f"Invalid settings:\n{error}", style="red", markup=False)
        return 2
    except EnergyTrackError as error:
        console.print(str(error), style="red", markup=False)
        return 1


def _other_command(command: argparse.Namespace, console: Console) -> int:
    """The commands for a stack that has been started, with the options it was started with."""
    site = site_of(saved_options(state_folder(os.environ)), os.environ)
    match command.verb:
        case "down":
            return _stop(site, console)
        case "again":
            start_again(site, console, SystemClock())
        case "status":
            return 0 if show_status(site, console) else 1
        case "gateways":
            name = getattr(command, "name", None)
            console.print(gateways.run(command.step, name, kafka_settings(site, ADMIN)), markup=False)
        case "backup":
            return _back_up(command, console)
        case "restore":
            restore(
                _site_here(), command.file.resolve(), key=command.key, replace=command.replace, env=os.environ,
                console=console, clock=SystemClock(),
            )  # fmt: skip
        case "link":
            console.print(sign_in_link(site), markup=False)
        case _:
            show_logs(site, command.service, lines=command.lines, follow=command.follow)
    return 0


def _back_up(command: argparse.Namespace, console: Console) -> int:
    """Make a backup, check one, or make a key."""
    if command.new_key is not None:
        console.print(new_key(command.new_key), markup=False)
    elif command.check is not None:
        show(check(command.check, command.key), console, "Whole:")
    else:
        options = BackupOptions(command.to, tuple(command.recipient), command.keep, command.prometheus)
        back_up(_site_here(), options, env=os.environ, console=console, clock=SystemClock())
    return 0


def _site_here() -> Site:
    """The stack that was started here, or else the one that would be."""
    options = saved_options(state_folder(os.environ))
    if options == StackOptions():
        settings = LocalSettings.from_env(os.environ)
        options = StackOptions(port_offset=settings.port_offset, passwords=settings.local_passwords)
    return site_of(options, os.environ)


def _start(command: argparse.Namespace, console: Console) -> int:
    """`demo` stays until it is interrupted and stops everything; `up` returns when everything answers."""
    settings = LocalSettings.from_env(os.environ)
    options = StackOptions(
        port_offset=settings.port_offset,
        devices=command.devices,
        replay=str(command.replay.resolve()) if command.replay else None,
        replay_speed=command.speed,
        brokers=command.brokers,
        replicas=command.replicas,
        passwords=command.passwords or settings.local_passwords,
        plants=tuple(command.plants),
        orders_file=orders_file_here(os.environ),
        grafana_home=grafana_here(os.environ),
    )
    site = site_of(options, os.environ)
    save_options(options, site.var)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a shell starts background jobs with SIGINT ignored
        signal.signal(number, signal.default_int_handler)
    try:
        failed = _bring_up(site, console, foreground=command.verb == "demo")
        if command.verb == "demo" and not failed:
            watch(site, console, SystemClock())
    except KeyboardInterrupt:
        console.print()
        return _stop(site, console)
    return 1 if failed else 0


def _bring_up(site: Site, console: Console, *, foreground: bool) -> bool:
    """Start everything; print what failed and the addresses. Returns whether anything useful runs."""
    rows = start(site, console=console, clock=SystemClock(), foreground=foreground)
    show_failures(site, rows, console)
    if not site.plants and not any_pipeline_service_ready(rows):
        console.print("\nNothing of the pipeline answers, so everything is stopped again.")
        _stop(site, console)
        return True
    show_addresses(site, console)
    return not foreground and any(row.state == "failed" for row in rows.values())


def _stop(site: Site, console: Console) -> int:
    """Stop everything; further interrupts are ignored, because each service has its time limit."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    clock = SystemClock()
    begun = clock.monotonic()
    with console.status("stopping") as status:
        ran = take_down(site, steps(site), clock=clock, report=status.update)
        remains = clear_remains(site)
    if remains:
        console.print(f"Ended what an earlier run left behind: {remains}.")
    seconds = clock.monotonic() - begun
    console.print(f"Everything is stopped ({seconds:.1f} s)." if ran or remains else "Nothing was running.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=launch_command("local"), description="The whole stack on this machine.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, text in (
        ("demo", "start everything and stay; Ctrl-C stops everything"),
        ("up", "start everything and return when it answers"),
    ):
        verb = verbs.add_parser(name, help=text)
        verb.add_argument("--devices", type=_devices, metavar="N", help="scale the plant to N devices")
        verb.add_argument(
            "--brokers", type=int, choices=(1, 3), default=1, help="of Kafka: three keep three copies of everything"
        )
        verb.add_argument(
            "--replicas", type=int, choices=(1, 2), default=1, help="of exporters, historian and ml_consumer"
        )
        verb.add_argument(
            "--passwords", action="store_true", help="give Prometheus, Alertmanager and the database passwords"
        )
        verb.add_argument(
            "--plants", type=_plants, default=(), metavar="A,B", help="be no plant, but the centre that these send to"
        )
        verb.add_argument("--replay", type=_recording, metavar="DIR", help="add the devices of a recording")
        verb.add_argument(
            "--speed", type=_speed, default=1.0, metavar="X", help="play the recording at X times its speed"
        )
    verbs.add_parser("down", help="stop everything, including the remains of an earlier run")
    verbs.add_parser(
        "again", help="restart the services after their supervisor was killed (this also happens automatically)"
    )
    verbs.add_parser("link", help="create a link that signs in an administrator once")
    gateways.add_arguments(verbs.add_parser("gateways", help="users of Kafka for the plant's gateways"))
    backing = verbs.add_parser("backup", help="put all that the plant would have to lose into one file")
    add_making(backing)
    backing.add_argument("--prometheus", action="store_true", help="with what Prometheus keeps, up to 35 days")
    backing.add_argument(
        "--check", type=Path, metavar="FILE", help="instead: read a backup, and say whether it is whole"
    )
    add_key(backing)
    backing.add_argument(
        "--new-key", type=Path, metavar="FILE", help="instead: make a private key; prints the public one"
    )
    add_restoring(verbs.add_parser("restore", help="bring a backup back, while nothing runs"))
    plants.add_arguments(
        verbs.add_parser("plants", help="try out several plants: small ones and their centre, all on this computer"),
        _devices,
    )
    verbs.add_parser("status", help="show which services run and whether they answer")
    logs = verbs.add_parser("logs", help="show the last lines of the services' logs")
    logs.add_argument("service", nargs="?")
    logs.add_argument("-n", "--lines", type=int, default=20, metavar="N")
    logs.add_argument("-f", "--follow", action="store_true")
    return parser


def _devices(text: str) -> int:
    """A number of devices, as PlantSettings takes it."""
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DEVICES:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to {MOST_DEVICES:,}, got {text!r}")
    return int(text)


def _plants(text: str) -> list[str]:
    """Names of plants, each once."""
    names = text.split(",")
    wrong = [name for name in names if not may_be_a_plant(name) or names.count(name) > 1]
    if wrong:
        raise argparse.ArgumentTypeError(
            f"expected names such as plant-a, each once and none of ours, got {', '.join(map(repr, wrong))}"
        )
    return names


def _recording(text: str) -> Path:
    """The folder of a recording; checked here, so that the error is not hidden in a service's log."""
    if not (Path(text) / "recording.toml").is_file():
        raise argparse.ArgumentTypeError(
            f"there is no recording.toml in {text!r}; docs/recordings.md says how to make one"
        )
    return Path(text)


def _speed(text: str) -> float:
    """Recorded seconds per second."""
    with suppress(ValueError):
        if 0.0 < (speed := float(text)) < math.inf:
            return speed
    raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
