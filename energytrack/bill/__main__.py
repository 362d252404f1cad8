"""`python -m energytrack.bill`: a month's bill from the ledger, and what other contracts would have cost."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing

from rich.console import Console

from energytrack.bill.arguments import add_month
from energytrack.bill.imported import ImportedPrices
from energytrack.bill.load import Month
from energytrack.bill.reading import Bills
from energytrack.bill.writing import as_csv, as_json, as_table
from energytrack.clock import SystemClock
from energytrack.plant import load_plant
from energytrack.running.launcher import launch_command
from energytrack.running.service import entry
from energytrack.settings import MongoSettings, PlantSettings, read_all
from energytrack.store.open import open_store


def main(env: Mapping[str, str], command_line: Sequence[str] | None = None) -> None:
    """Print the bill that the command line asks for."""
    arguments = _parser().parse_args(command_line)
    mongo, site = read_all(env, MongoSettings, PlantSettings)
    plant = load_plant(site.file, devices=site.devices)
    clock = SystemClock()
    month = arguments.month or Month.before(clock.now().astimezone(plant.zone))
    with closing(open_store(mongo)) as store:
        ImportedPrices(store, plant).look()
        bill = Bills(store, plant, clock).of(month)
    if arguments.format == "table":
        Console().print(as_table(bill))
    else:
        sys.stdout.write(as_json(bill) + "\n" if arguments.format == "json" else as_csv(bill))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=launch_command("energytrack.bill"), description="A month's bill from the ledger."
    )
    add_month(parser)
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table", help="table by default")
    return parser


if __name__ == "__main__":
    entry(main)
