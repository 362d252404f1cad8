"""`python -m energytrack.importer FILE…`: files of meters, machines and maintenance, shown first and then stored."""

import argparse
import getpass
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from dataclasses import replace as replaced
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace
from rich.console import Console
from rich.progress import Progress

from energytrack.bill.imported import ImportedPrices
from energytrack.clock import SystemClock
from energytrack.contract.errors import UnusablePlantFile
from energytrack.errors import EnergyTrackError, InvalidSettings
from energytrack.importer.arguments import add_choices, choices_of, positive
from energytrack.importer.choices import Choices, NotProved, What, settled, write_profile
from energytrack.importer.content import Content
from energytrack.importer.destinations.amounts import checked_amounts, needing_past
from energytrack.importer.destinations.batches import plan, store_batch, take_back
from energytrack.importer.destinations.past import past_if_known
from energytrack.importer.destinations.prices import known_prices, price_file, write_prices
from energytrack.importer.destinations.rates import holds_rates, plan_rates, store_rates
from energytrack.importer.destinations.recordings import HORIZON_HOURS, recording_of
from energytrack.importer.formats.vibration import Sampling, vibration_of
from energytrack.importer.reader import read_file
from energytrack.importer.terminal import (
    answered_choices,
    show,
    show_batches,
    show_plan,
    show_prices,
    show_rate_plan,
)
from energytrack.importer.values.ends import lives_in, run_to_failure
from energytrack.plant import Plant, load_plant
from energytrack.recording import write_recording
from energytrack.running.launcher import launch_command
from energytrack.running.service import entry
from energytrack.settings import MongoSettings, PlantSettings, read_all
from energytrack.store import Store
from energytrack.store.open import open_store

Answer = Callable[[str], str]


class ImportDeclined(EnergyTrackError):
    """Nobody could answer, or the answer was no."""


def main(env: Mapping[str, str], command_line: Sequence[str] | None = None, *, answer: Answer | None = None) -> None:
    """Read, show, ask, store."""
    options = _arguments(command_line)
    mongo, site = read_all(env, MongoSettings, PlantSettings)
    plant = load_plant(site.file, devices=site.devices)
    if answer is None and sys.stdin.isatty() and not options.yes:
        answer = input
    console = Console(width=None if sys.stdout.isatty() else 160)
    with closing(open_store(mongo)) as store:
        command = _Command(store, plant, console, answer, options, timedelta(days=mongo.readings_days))
        if options.list:
            show_batches(console, store.imports.newest())
        elif options.take_back:
            command.take_back()
        elif options.vibration is not None:
            command.read_vibration(options.files)
        else:
            for path in options.files:
                command.read(path)


@dataclass(frozen=True)
class _Command:
    store: Store
    plant: Plant
    console: Console
    answer: Answer | None
    """None if nobody can answer."""
    options: argparse.Namespace
    keep: timedelta
    """How long the database keeps readings."""

    def take_back(self) -> None:
        by, now = _who(), SystemClock().now()
        gone = take_back(self.store, self.options.take_back, by=by, why=self.options.reason, now=now)
        self.console.print(f"Batch {gone.batch_id} ({gone.file}) has been taken back.")

    def read(self, path: Path) -> None:
        """Show a file, and store it unless it is only to be shown."""
        content, choices = self._understood(path)
        content = self._ended(content)
        show(self.console, content, self.plant.zone)
        if self.options.show and self.options.prices is None:
            return
        if self.options.recording is not None:
            self._write_recording(content)
        elif self.options.prices is not None:
            self._write_prices(content, choices)
        elif holds_rates(content, self.options.what):
            choices = self._keep_rates(content, choices)
        else:
            self._keep(content, choices)
        if self.options.profile is not None:
            write_profile(self.options.profile, settled(choices, content.findings))

    def read_vibration(self, paths: Sequence[Path]) -> None:
        """Write the vibration features of files as a recording."""
        choices = choices_of(self.options)
        sampling = Sampling(self.options.vibration, choices.starts, choices.every_seconds)
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("vibration", total=1.0)
            content = vibration_of(
                paths, sampling, choices, plant_zone=str(self.plant.zone),
                progress=lambda done: progress.update(task, completed=done),
            )  # fmt: skip
        content = self._ended(content)
        show(self.console, content, self.plant.zone)
        if self.options.show:
            return
        if self.options.recording is not None:
            self._write_recording(content)
        else:
            self._keep(content, choices)

    def _ended(self, content: Content) -> Content:
        """Add the failures that ended the runs, if that was specified."""
        if self.options.failed_after is not None:
            return run_to_failure(content, lives_in(self.options.failed_after))
        return run_to_failure(content) if self.options.run_to_failure else content

    def _write_recording(self, content: Content) -> None:
        self._confirm(f"Write the recording {self.options.recording}?")
        write_recording(self.options.recording, recording_of(content, horizon_hours=self.options.horizon))
        self.console.print(f"{self.options.recording}: the recording is written.")

    def _understood(self, path: Path) -> tuple[Content, Choices]:
        """The content, and all choices about it; asks about what the file does not prove, if there is a terminal."""
        choices = choices_of(self.options)
        if self.options.recording is not None and choices.parts is None:
            choices = replace(choices, parts="", price="")  # all columns are signals, unchanged
        stores = not self.options.show and self.options.recording is None and self.options.prices is None
        what: What = self.options.what if self.options.prices is None else "prices"
        while True:
            try:
                content = read_file(path, choices, plant_zone=str(self.plant.zone))
                wanted = needing_past(content, self.plant, what=what) if stores else ()
                past = past_if_known(self.store, self.plant, content, wanted)
                odd = checked_amounts(content, choices, self.plant, past, what=what)
                return replaced(content, findings=(*content.findings, *odd)), choices
            except NotProved as question:
                if self.answer is None:
                    raise
                choices = answered_choices(self.console, question, choices, self.answer)

    def _write_prices(self, content: Content, choices: Choices) -> None:
        path, tariff = self.options.prices, self.plant.tariff
        if tariff is None:
            raise ImportDeclined("the plant file has no [tariff], which says the currency")
        try:
            before = known_prices(path)
        except UnusablePlantFile as error:
            raise ImportDeclined(f"{error}: it is left as it is") from error
        made = price_file(content, choices, before, currency=tariff.currency)
        show_prices(self.console, path, made, named=path.name in {each.market_prices for each in tariff.dated()})
        if self.options.show or not (made.new or made.changed):
            return
        self._confirm(f"Write {path}?")
        write_prices(path, made)
        self.console.print(f"{path}: {len(made.prices):,} prices are written.")

    def _keep_rates(self, content: Content, choices: Choices) -> Choices:
        """Store prices and factors; returns the choices with everything that was answered."""
        self._prepare()
        ImportedPrices(self.store, self.plant).look()
        while True:
            try:
                planned = plan_rates(self.store, content, choices, plant=self.plant, by=_who(), now=SystemClock().now())
                break
            except NotProved as question:
                if self.answer is None:
                    raise
                choices = answered_choices(self.console, question, choices, self.answer)
        show_rate_plan(self.console, planned, self.plant.zone)
        if planned.known is None:
            self._confirm("Store this?")
            stored = store_rates(self.store, planned)
            self.console.print(f"Stored as batch {stored.batch_id}. --take-back {stored.batch_id} removes it again.")
        return choices

    def _prepare(self) -> None:
        """Raises StoreUnavailable after a few seconds without a database, instead of waiting to create indexes."""
        self.store.ping()
        self.store.imports.prepare()

    def _keep(self, content: Content, choices: Choices) -> None:
        self._prepare()
        zone, what = self.plant.zone, self.options.what
        planned = plan(
            self.store, content, choices, by=_who(), now=SystemClock().now(), zone=zone, keep=self.keep, what=what
        )
        show_plan(self.console, planned)
        unknown = [machine for machine in content.machines if self.plant.device(machine) is None]
        if unknown:
            named = ", ".join(unknown[:10])
            self.console.print(f"Not in the plant file, and stored all the same: {named}. --machine renames them.")
        if planned.known is not None:
            return
        self._confirm("Store this?")
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task(content.name, total=1.0)
            stored = store_batch(
                self.store, content, planned, zone=zone, keep=self.keep, what=what,
                progress=lambda done: progress.update(task, completed=done),
            )  # fmt: skip
        self.console.print(f"Stored as batch {stored.batch_id}. --take-back {stored.batch_id} removes it again.")

    def _confirm(self, question: str) -> None:
        if self.options.yes:
            return
        if self.answer is None:
            raise ImportDeclined(f"{question} Nobody can answer here: add --yes, or --show to look only")
        if self.answer(f"{question} [y/N] ").strip().lower() not in {"y", "yes"}:
            raise ImportDeclined("nothing was stored")


def _who() -> str:
    return f"import:{getpass.getuser()}"


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    made = argparse.ArgumentParser(
        prog=launch_command("energytrack.importer"),
        description="Files of meters, machines and maintenance systems: shown with the findings, then stored.",
    )
    made.add_argument("files", nargs="*", type=Path, metavar="FILE", help="CSV, XLSX, Parquet, NEM12, DSMR, ESPI")
    made.add_argument("--show", action="store_true", help="show the findings, store nothing")
    made.add_argument("--yes", action="store_true", help="store without asking; refuse what leaves a question open")
    made.add_argument(
        "--recording", type=Path, metavar="DIR", help="write a recording instead, for training and replay"
    )
    made.add_argument(
        "--prices", type=Path, metavar="FILE", help="write prices and emission factors for the contract, or add to them"
    )
    made.add_argument("--what", choices=("auto", "energy", "readings", "parts", "prices"), default="auto",
                        help="store energy, readings (registers among them), parts, or prices and emission factors; "
                             "auto: everything about machines, or prices if a file has only these")  # fmt: skip
    made.add_argument("--list", action="store_true", help="list the last imports")
    made.add_argument("--take-back", metavar="BATCH", help="delete everything that an import stored")
    made.add_argument("--reason", default="", help="why, for --take-back")
    group = made.add_argument_group("recordings of machines that ran until they failed")
    group.add_argument("--run-to-failure", action="store_true", help="each machine failed at its last reading")
    group.add_argument("--failed-after", type=Path, metavar="LIST",
                       help="each failed some readings later: one number per line, in the file's order")  # fmt: skip
    group.add_argument("--horizon", type=positive, metavar="HOURS", default=HORIZON_HOURS,
                       help="how far ahead failures are predicted (default: %(default)g)")  # fmt: skip
    group = made.add_argument_group("vibration")
    group.add_argument("--vibration", type=positive, metavar="HZ",
                       help="FILEs, or those in folders, are vibration at this rate, for features; a folder is "
                            "a machine")  # fmt: skip
    add_choices(made)
    return made


def _arguments(command_line: Sequence[str] | None) -> argparse.Namespace:
    command = parser()
    options = command.parse_args(command_line)
    if not (options.files or options.list or options.take_back):
        command.error("expected a FILE")
    if options.take_back and not options.reason:
        command.error("--take-back needs --reason: it is recorded with who and when")
    if options.recording is not None and options.prices is not None:
        command.error("--recording and --prices exclude each other")
    if options.recording is not None and options.vibration is None and len(options.files) > 1:
        command.error("--recording takes one FILE")
    return options


def run(env: Mapping[str, str]) -> None:
    """`main` for people: an error is printed as a sentence."""
    try:
        main(env)
    except InvalidSettings:
        raise
    except EnergyTrackError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


if __name__ == "__main__":
    entry(run)
