"""`python -m centre`: what a company with several plants runs at its centre, and at each plant for it."""

import argparse
import math
import os
import ssl
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx

from centre import plants
from centre.catch_up import PATIENCE_SECONDS, CatchUp, SentSamples
from centre.mirror import place, properties
from centre.series import joined
from energytrack.centre.settings import CentreSettings
from energytrack.clock import SystemClock
from energytrack.errors import EnergyTrackError, InvalidSettings
from energytrack.running.launcher import launch_command
from energytrack.security.settings import QuotaSettings
from energytrack.settings import KafkaSettings, read_all

DEFAULT_HOURS = 26.0
"""A day, and what it takes to notice."""
MOST_HOURS: Final = 24 * 366


def main(arguments: Sequence[str], env: Mapping[str, str]) -> int:
    """Run one command with the settings of the environment; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        sys.stdout.write(_run(options, env) + "\n")
    except InvalidSettings as error:
        sys.stderr.write(f"invalid settings:\n{error}\n")
        return 2
    except httpx.InvalidURL as error:
        sys.stderr.write(f"this is no address: {error}\n")
        return 1
    except UnicodeDecodeError as error:
        sys.stderr.write(f"a file is not a text in UTF-8: {error}\n")
        return 1
    except (EnergyTrackError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _run(options: argparse.Namespace, env: Mapping[str, str]) -> str:
    match options.verb:
        case "add":
            settings, quotas = read_all(env, KafkaSettings, QuotaSettings)
            return plants.add(options.name, settings, password_file=options.password_file, quotas=quotas)
        case "remove":
            return plants.remove(options.name, KafkaSettings.from_env(env))
        case "list":
            return plants.listed(KafkaSettings.from_env(env))
        case "prometheus":
            return _prometheus(options.file, CentreSettings.from_env(env))
        case "mirror":
            places = {"plant": options.plant_password, "centre": options.centre_password}
            return properties(CentreSettings.from_env(env), KafkaSettings.from_env(env), places).rstrip()
        case _:
            return _catch_up(CentreSettings.from_env(env), options)


def _prometheus(file: Path, centre: CentreSettings) -> str:
    if centre.plant is None:
        raise InvalidSettings((f"{centre.variable('plant')}: needed, as this plant's name at the centre",))
    return joined(file.read_text(encoding="utf-8"), centre).rstrip()


def _catch_up(centre: CentreSettings, options: argparse.Namespace) -> str:
    password = _password(centre.password_file)
    own_password = _password(options.prometheus_password_file)
    end = datetime.now(UTC)
    with (
        httpx.Client(
            base_url=options.prometheus,
            auth=(options.prometheus_user, own_password) if own_password else None,
            timeout=PATIENCE_SECONDS,
        ) as source,
        httpx.Client(
            auth=(centre.plant or "", password) if password else None,
            timeout=PATIENCE_SECONDS,
            verify=_trusted(centre),
        ) as target,
    ):
        catch_up = CatchUp(centre, source, target, clock=SystemClock())
        sent = catch_up.send(end - timedelta(hours=options.hours), end, report=_report)
    return f"sent {sent.samples:,} samples, {sent.bytes / 1e6:,.1f} MB: the centre has the last {options.hours:g} hours"


def _password(file: Path | None) -> str | None:
    return file.read_text(encoding="utf-8").strip() if file else None


def _trusted(centre: CentreSettings) -> ssl.SSLContext | bool:
    """The certificates to trust: the centre's own authority, if it has one."""
    if centre.ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=centre.ca_file)
    except OSError as error:
        problem = f"{centre.variable('ca_file')}: {error.strerror}: {centre.ca_file}"
        raise InvalidSettings((problem,)) from error


def _report(until: datetime, sent: SentSamples) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[Kuntil {until:%Y-%m-%d %H:%M} UTC: {sent.samples:,} samples")


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = math.nan
    if not 0 < hours <= MOST_HOURS:
        raise argparse.ArgumentTypeError(f"a number of hours above 0 and up to {MOST_HOURS:,}, got {text!r}")
    return hours


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=launch_command("centre"), description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    added = verbs.add_parser("add", help="at the centre: create a plant's user; its password is shown once")
    added.add_argument("name", metavar="PLANT", help="such as plant-a")
    added.add_argument("--password-file", type=Path, metavar="FILE", help="take the password from there")
    verbs.add_parser("remove", help="at the centre: end a plant's user").add_argument("name", metavar="PLANT")
    verbs.add_parser("list", help="at the centre: show its plants")
    written = verbs.add_parser("prometheus", help="at a plant: print its Prometheus' configuration, which then sends")
    written.add_argument("file", type=Path, help="the configuration as it is without a centre")
    mirrored = verbs.add_parser("mirror", help="at a plant: print MirrorMaker's settings")
    for whose in ("plant", "centre"):
        mirrored.add_argument(
            f"--{whose}-password",
            default=place(Path("/secrets", whose, "password")),
            help="where it finds that password",
        )
    sent = verbs.add_parser("catch-up", help="at a plant: send again what it recorded, after a line that was cut long")
    sent.add_argument("--hours", type=_hours, default=DEFAULT_HOURS, help=f"how far back ({DEFAULT_HOURS:g})")
    sent.add_argument(
        "--prometheus", default="http://127.0.0.1:9090", metavar="URL", help="the plant's own (http://127.0.0.1:9090)"
    )
    sent.add_argument("--prometheus-user", default="energytrack", metavar="NAME", help="its user (energytrack)")
    sent.add_argument(
        "--prometheus-password-file", type=Path, metavar="FILE", help="that user's password, if it asks for one"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
