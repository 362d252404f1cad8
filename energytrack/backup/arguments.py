"""Shared by the commands: their options, and what they print."""

import argparse
from pathlib import Path

from rich.console import Console

from energytrack.backup.making import FinishedBackup


def add_making(parser: argparse.ArgumentParser) -> None:
    """Add the options for making a backup; the settings `ENERGYTRACK_BACKUP_…` are their defaults."""
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="where to put it")
    parser.add_argument(
        "--recipient", action="append", default=[], metavar="age1…",
        help="encrypt it to a public key, and put keys and passwords in; can be repeated",
    )  # fmt: skip
    parser.add_argument("--keep", type=int, metavar="N", help="then delete all but the newest N backups in the folder")


def add_restoring(parser: argparse.ArgumentParser) -> None:
    """Add the options for restoring a backup."""
    parser.add_argument("file", type=Path, help="the backup")
    add_key(parser)
    parser.add_argument("--replace", action="store_true", help="even if there is already a plant")


def add_key(parser: argparse.ArgumentParser) -> None:
    """Add the option for the private key."""
    parser.add_argument("--key", type=Path, metavar="FILE", help="the private key that opens an encrypted backup")


def show(made: FinishedBackup, console: Console, verb: str) -> None:
    """Print what a backup contains, and what it does not."""
    documents = sum(made.manifest.documents.values())
    size = made.file.stat().st_size / 2**20
    console.print(
        f"{verb} {made.file}: {made.about.plant}, {made.about.started_at:%Y-%m-%d %H:%M:%S} UTC, "
        f"release {made.about.release}, {documents:,} documents, {size:,.1f} MiB.",
        markup=False,
    )
    for sentence in made.manifest.left_out:
        console.print(f"- {sentence}", markup=False)
