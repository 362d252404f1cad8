"""`python -m energytrack.report`: a month's report as PDF and as a workbook, in the plant's language."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from energytrack.bill.arguments import add_month
from energytrack.bill.imported import ImportedPrices
from energytrack.bill.load import Month
from energytrack.clock import SystemClock
from energytrack.languages.words import LANGUAGES
from energytrack.plant import load_plant
from energytrack.report.gathering import Reports
from energytrack.report.mailing import file_name, message_of, send
from energytrack.report.pages import as_pdf
from energytrack.report.settings import MailSettings, ReportSettings
from energytrack.report.workbook import as_xlsx
from energytrack.running.launcher import launch_command
from energytrack.running.service import entry
from energytrack.settings import MongoSettings, PlantSettings, read_all
from energytrack.store.open import open_store


def main(env: Mapping[str, str], command_line: Sequence[str] | None = None) -> None:
    """Write the report that the command line asks for, or send it."""
    arguments = _parser().parse_args(command_line)
    mongo, site, settings, server = read_all(env, MongoSettings, PlantSettings, ReportSettings, MailSettings)
    if arguments.mail and not (settings.recipients and server.smtp_host):
        needed = f"{settings.variable('mail_to')} and {server.variable('smtp_host')}"
        sys.exit(f"Nobody can get it: set {needed}.")
    plant = load_plant(site.file, devices=site.devices)
    clock = SystemClock()
    month = arguments.month or Month.before(clock.now().astimezone(plant.zone))
    with closing(open_store(mongo)) as store:
        ImportedPrices(store, plant).look()
        report = Reports(store, plant, clock).of(
            month, language=arguments.language or settings.language, whole_year=not arguments.no_year
        )
    if arguments.mail:
        send(message_of(report, sender=server.mail_from, recipients=settings.recipients), server)
        sys.stdout.write(f"sent to {', '.join(settings.recipients)}\n")
        return
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for ending, content in (("pdf", as_pdf(report)), ("xlsx", as_xlsx(report))):
        file = arguments.folder / file_name(report, ending)
        file.write_bytes(content)
        sys.stdout.write(f"{file}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=launch_command("energytrack.report"), description="A month's energy report as PDF and as a workbook."
    )
    add_month(parser)
    parser.add_argument("--language", choices=LANGUAGES, help="that of the plant file by default")
    parser.add_argument("--folder", type=Path, default=Path(), help="where the two files are written; here by default")
    parser.add_argument("--no-year", action="store_true", help="without the plot of the year, which reads much more")
    parser.add_argument("--mail", action="store_true", help="send it to those who get it each month, and write no file")
    return parser


if __name__ == "__main__":
    entry(main)
