"""`./et gateway`: check a meter before its machine is added, and carry out orders on real machines."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, get_args

from rich.console import Console

from energytrack.errors import EnergyTrackError
from energytrack.running.launcher import launch_command
from energytrack.running.service import entry
from energytrack.settings import PlantSettings
from gateway import check, files, profile
from gateway.errors import InvalidFile
from gateway.profile import ByteOrder, Quantity

MACHINES: Final = Path("deploy/telegraf/machines")
QUANTITIES: Final[tuple[Quantity, ...]] = get_args(Quantity)


def main(env: Mapping[str, str], command_line: Sequence[str] | None = None) -> None:
    """Run what the command line names."""
    arguments = parser().parse_args(command_line)
    try:
        _run(env, arguments)
    except ModuleNotFoundError as missing:
        sys.exit(f"{missing.name} is not installed: .venv/bin/pip install 'energytrack[gateway]' brings it")


def _run(env: Mapping[str, str], arguments: argparse.Namespace) -> None:
    match arguments.verb:
        case "check":
            sys.exit(check_meter(env, arguments, Console(soft_wrap=True)))
        case "profiles":
            for name in profile.names():
                Console(soft_wrap=True).print(f"{name:20} {profile.load(name).name}", highlight=False)
        case "orders":
            from gateway.orders.__main__ import main as orders  # noqa: PLC0415 - with a library that the others do not need

            entry(orders)


def check_meter(env: Mapping[str, str], arguments: argparse.Namespace, console: Console) -> int:
    """Check a meter, and write its files if nothing is wrong: 0, or 1 if something is, or 2 if it cannot be read."""
    from gateway.modbus import connected  # noqa: PLC0415 - likewise

    try:
        site = PlantSettings.from_env(env)
        wanted = profile.changed(profile.load(arguments.profile), arguments.byte_order, dict(arguments.scale or ()))
        machine = (
            files.MeteredMachine(arguments.device_id, arguments.type, arguments.line) if arguments.device_id else None
        )
        problem = check.problem_with(machine, site.file) if machine else ""
        if problem:
            raise InvalidFile(str(site.file), problem)
        with connected(arguments.address, arguments.unit) as meter:
            findings = check.check(meter, wanted, arguments.seconds, console)
    except EnergyTrackError as error:
        console.print(str(error), style="bold red", highlight=False, markup=False)
        return 2
    if any(finding.grade == "wrong" for finding in findings) and not arguments.anyway:
        if machine:
            console.print("\nNothing is written while something is wrong (--anyway writes it).", highlight=False)
        return 1
    if machine:
        content = files.telegraf_file(wanted, arguments.address, arguments.unit, machine)
        check.write(arguments.write, machine, content, console)
    return 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=launch_command("gateway"), description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("profiles", help="list the meters whose registers are known")
    verbs.add_parser("orders", help="carry out orders on machines with OPC UA (ENERGYTRACK_GATEWAY_…)")
    check_verb = verbs.add_parser("check", help="compare a meter's live values with what physics expects")
    check_verb.add_argument("profile", help="a profile's name, or a .toml file of your own")
    check_verb.add_argument("address", help="HOST or HOST:PORT of the meter, or of the Modbus gateway before it")
    check_verb.add_argument("--unit", type=int, default=1, help="the meter's Modbus unit (slave id), 1 by default")
    check_verb.add_argument("--seconds", type=float, default=30.0, help="how long to watch the register, 30 by default")
    check_verb.add_argument("--byte-order", choices=get_args(ByteOrder), help="instead of the profile's")
    check_verb.add_argument(
        "--scale", type=_scale, action="append", metavar="VALUE=FACTOR",
        help="multiply a value, such as energy_kwh=0.001 (may be repeated)",
    )  # fmt: skip
    check_verb.add_argument("--device-id", help="the machine's id: then its files are written if nothing is wrong")
    check_verb.add_argument("--type", default="", help="its type in plant.toml")
    check_verb.add_argument("--line", default="", help="its line in plant.toml")
    check_verb.add_argument(
        "--write", type=Path, default=MACHINES, metavar="FOLDER", help=f"where to, {MACHINES} by default"
    )
    check_verb.add_argument("--anyway", action="store_true", help="write although something is wrong")
    return parser


def _scale(text: str) -> tuple[Quantity, float]:
    name, _, factor = text.partition("=")
    quantity = next((allowed for allowed in QUANTITIES if allowed == name), None)
    if quantity is None:
        raise argparse.ArgumentTypeError(f"there is no value {name!r}: one of {', '.join(QUANTITIES)}")
    try:
        return quantity, float(factor)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected {name}=FACTOR, got {text!r}") from error


if __name__ == "__main__":
    main(os.environ)
