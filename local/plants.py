"""`python -m local plants`: a company on one computer, for trying out: small plants, and the centre to which they send.

Each is a separate stack with its own folder and ports, started as a person would start it.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase
from typing import Final

from local.lifecycle.child import leash
from local.options import state_folder
from local.services.access import password_file
from local.services.centre import write_url
from local.settings import LocalSettings
from local.site import ROOT, Ports, Site

CENTRE: Final = "centre"
FIRST_OFFSET, STEP = 2000, 1100
"""Of the ports: the centre's, then one plant's after the other. Whole thousands would put some on those of others."""
MOST: Final = 5
INTERRUPTED: Final = 130
"""The exit code of a program that Ctrl-C ended."""


@dataclass(frozen=True)
class PlantGroup:
    """The centre and its plants, below a state folder."""

    var: Path
    offset: int
    """Of the ports of a plant that would be started alone."""
    plants: tuple[str, ...]

    def site(self, name: str) -> Site:
        """The site of the centre or of a plant."""
        at = (CENTRE, *self.plants).index(name)
        return Site(var=self.var / name, ports=Ports().shifted(self._offset(at)))

    def env(self, name: str) -> dict[str, str]:
        """The environment of `python -m local` for one of them; a plant's also has the centre's address."""
        at = (CENTRE, *self.plants).index(name)
        own = {"ENERGYTRACK_VAR": str(self.var / name), "ENERGYTRACK_PORT_OFFSET": str(self._offset(at))}
        if name == CENTRE:
            return own
        centre = self.site(CENTRE)
        return own | {
            "ENERGYTRACK_CENTRE_PLANT": name,
            "ENERGYTRACK_CENTRE_WRITE_URL": write_url(centre),
            "ENERGYTRACK_CENTRE_KAFKA_SERVERS": centre.kafka_servers,
            "ENERGYTRACK_CENTRE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
            "ENERGYTRACK_CENTRE_PASSWORD_FILE": str(password_file(centre, name)),
        }

    def _offset(self, at: int) -> int:
        return self.offset + FIRST_OFFSET + at * STEP


def a_company(env: Mapping[str, str], count: int | None = None) -> PlantGroup:
    """`plant-a`, `plant-b` and so on, below this checkout's state folder; by default those started before."""
    var = state_folder(env) / "plants"
    names = [f"plant-{letter}" for letter in ascii_lowercase[:MOST]]
    if count is None:
        count = max((number for number, name in enumerate(names, start=1) if (var / name).is_dir()), default=0)
    return PlantGroup(var, LocalSettings.from_env(env).port_offset, tuple(names[:count]))


def run(command: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Start, stop or show all of them, one after the other; returns the first exit code that is not 0."""
    company = a_company(env, command.count if command.step == "up" else None)
    try:
        return _each(company, command)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted: what was started before goes on; `plants up` again, or `plants down`\n")
        return INTERRUPTED


def _each(company: PlantGroup, command: argparse.Namespace) -> int:
    started = ["up", "--devices", str(command.devices)]
    codes = []
    if command.step == "up":
        codes.append(_local(company, CENTRE, ["up", "--plants", ",".join(company.plants)]))
        codes += [_local(company, name, started) for name in company.plants]
    else:
        codes += [_local(company, name, [command.step]) for name in (*company.plants, CENTRE)]
    return next((code for code in codes if code), 0)


def _local(company: PlantGroup, name: str, arguments: Sequence[str]) -> int:
    sys.stdout.write(f"\n== {name} ==\n")
    sys.stdout.flush()
    command = [*leash("TERM"), sys.executable, "-m", "local", *arguments]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **company.env(name)}) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()  # it was interrupted too, and stops what it began
            raise


def add_arguments(parser: argparse.ArgumentParser, devices: Callable[[str], int]) -> None:
    """The verbs, and how many plants of which size; `devices` parses the size."""
    parser.add_argument("step", choices=("up", "down", "status"))
    parser.add_argument("--count", type=int, choices=range(1, MOST + 1), default=2, help="plants to start (2)")
    parser.add_argument("--devices", type=devices, default=20, metavar="N", help="machines of each (20)")
