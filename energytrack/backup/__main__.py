"""`python -m energytrack.backup make|check|restore|key`: backups when services run in containers.

The local stack has commands of its own: `python -m local backup`, `python -m local restore`.
"""

import argparse
import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from energytrack.backup.areas import Area
from energytrack.backup.arguments import add_key, add_making, add_restoring, show
from energytrack.backup.errors import BackupFailed
from energytrack.backup.making import BackupOrder, make
from energytrack.backup.plant_files import plant_area
from energytrack.backup.restoring import check, restore_database, restore_files
from energytrack.backup.sealing import new_key
from energytrack.backup.settings import BackupSettings
from energytrack.clock import SystemClock
from energytrack.running.launcher import launch_command
from energytrack.running.service import entry
from energytrack.settings import MongoSettings, PlantSettings, read_all
from energytrack.store.contents import open_contents
from energytrack.store.open import open_store


def main(env: Mapping[str, str], command_line: Sequence[str] | None = None) -> None:
    arguments = _parser().parse_args(command_line)
    console = Console(soft_wrap=True, highlight=False)
    match arguments.verb:
        case "make":
            _make(arguments, env, console)
        case "check":
            show(check(arguments.file, arguments.key), console, "Whole:")
        case "restore":
            _restore(arguments, env, console)
        case _:
            console.print(new_key(arguments.file), markup=False)


def _make(arguments: argparse.Namespace, env: Mapping[str, str], console: Console) -> None:
    mongo, plant, settings = read_all(env, MongoSettings, PlantSettings, BackupSettings)
    folder = arguments.to or settings.folder
    if folder is None:
        raise BackupFailed("Name a folder for the backup, with --to or ENERGYTRACK_BACKUP_FOLDER.")
    name, described = plant_area(plant.file)
    order = BackupOrder(
        folder=folder, areas=(described, *_areas(arguments)), plant=name, release=version("energytrack"),
        recipients=tuple(arguments.recipient) or settings.keys, keep=arguments.keep or settings.keep,
    )  # fmt: skip
    with closing(open_contents(mongo)) as contents:
        made = make(order, contents, SystemClock(), note=lambda text: console.print(text, markup=False))
    show(made, console, "Made")


def _restore(arguments: argparse.Namespace, env: Mapping[str, str], console: Console) -> None:
    areas = _areas(arguments)
    made = check(arguments.file, arguments.key)
    if arguments.only != "database":
        _restore_files(arguments, areas, console)
    if arguments.only != "files":
        mongo = MongoSettings.from_env(env)
        with closing(open_contents(mongo)) as contents, closing(open_store(mongo)) as store:
            restore_database(
                arguments.file, arguments.key, contents, store, replace=arguments.replace,
                note=lambda text: console.print(text, markup=False),
            )  # fmt: skip
    show(made, console, "Restored")


def _restore_files(arguments: argparse.Namespace, areas: Sequence[Area], console: Console) -> None:
    held = [area.name for area in areas if any(each.is_file() for each in area.path.rglob("*"))]
    if held and not arguments.replace:
        raise BackupFailed(f"Files exist already ({', '.join(held)}): restore with --replace to overwrite them.")
    for each in restore_files(arguments.file, arguments.key, areas, owners=os.geteuid() == 0):
        console.print(f"- Not restored, because no --area names its place: {each}", markup=False)


def _areas(arguments: argparse.Namespace) -> tuple[Area, ...]:
    plain = (Area(name, path) for name, path in arguments.area)
    return (*plain, *(Area(name, path, secret=True) for name, path in arguments.secret))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=launch_command("energytrack.backup"), description="Backups of a plant, and restoring them."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    making = verbs.add_parser("make", help="make a backup while the plant runs")
    add_making(making)
    checking = verbs.add_parser("check", help="read all of a backup, and check that it is complete")
    checking.add_argument("file", type=Path)
    add_key(checking)
    restoring = verbs.add_parser("restore", help="restore a backup, while no service runs")
    add_restoring(restoring)
    restoring.add_argument("--only", choices=("files", "database"), help="only one of the two; both by default")
    for verb in (making, restoring):
        for option, what in (("--area", "of files"), ("--secret", "of secrets, only in encrypted backups")):
            verb.add_argument(
                option, type=_area, action="append", default=[], metavar="NAME=PATH",
                help=f"a folder {what}; can be repeated",
            )  # fmt: skip
    key = verbs.add_parser("key", help="make a private key in a file; prints the public one")
    key.add_argument("file", type=Path)
    return parser


def _area(text: str) -> tuple[str, Path]:
    name, _, path = text.partition("=")
    if not name or not path or "/" in name:
        raise argparse.ArgumentTypeError(f"expected NAME=PATH, got {text!r}")
    return name, Path(path)


if __name__ == "__main__":
    entry(main)
