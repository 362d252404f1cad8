"""The flags for what a file does not prove: the same for every command that reads files."""

import argparse
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from energytrack.importer.choices import ALLOWED, PAIRS, Choices, pair_of, read_profile


def add_choices(parser: argparse.ArgumentParser) -> None:
    """Add a flag for each choice."""
    group = parser.add_argument_group("what a file leaves open")
    group.add_argument("--encoding", help="such as cp1252")
    group.add_argument("--separator", choices=ALLOWED["separator"], metavar="SIGN",
                       help="; , | or a tab; a space for any number of them")  # fmt: skip
    group.add_argument("--decimal", choices=ALLOWED["decimal"], help="the decimal sign")
    group.add_argument("--date-order", choices=ALLOWED["date_order"],
                       help="day, month and year of dates like 01/02/18; 1904: counts of days since then")  # fmt: skip
    group.add_argument("--zone", help="zone of times without one: Europe/Berlin, UTC")
    group.add_argument("--labels", choices=ALLOWED["labels"], help="which end of its interval a row is labelled with")
    group.add_argument("--values", choices=ALLOWED["values"], help="energy of each interval, or a meter's register")
    group.add_argument(
        "--unit", choices=ALLOWED["unit"], help="unit of energy or power, if headings state none, or a wrong one"
    )
    group.add_argument("--amounts", choices=ALLOWED["amounts"],
                       help="as_stated: energy is right although its machine can hardly have used it")  # fmt: skip
    group.add_argument("--device", help="the machine of the whole file")
    group.add_argument("--machine", action="append", default=[], type=pair(PAIRS["devices"]), metavar=PAIRS["devices"],
                       help="a machine, by the file's name for it: a meter's number, or a heading")  # fmt: skip
    group.add_argument("--signal", action="append", default=[], type=pair(PAIRS["signals"]), metavar=PAIRS["signals"],
                       help="another name for a column's signal; none leaves the column out")  # fmt: skip
    group.add_argument("--columns", metavar="PATTERN", help="only these columns are signals, such as 'Temp*'")
    group.add_argument("--time-column", help="the column with the time, if several are possible")
    group.add_argument("--starts", type=_aware, metavar="TIME",
                       help="time of the first count of the time column, or of the first numbered file")  # fmt: skip
    group.add_argument("--every", type=positive, dest="every_seconds", metavar="SECONDS",
                       help="time from one count, or one numbered file, to the next")  # fmt: skip
    group.add_argument("--device-column", help="the column with the machine of each row")
    group.add_argument("--parts", metavar="COLUMN", help="the column that counts parts; '' if none does")
    group.add_argument("--parts-values", choices=ALLOWED["parts_values"],
                       help="parts of each interval, a cumulative counter, or lots: each row a lot that was "
                            "finished then")  # fmt: skip
    group.add_argument("--scrap", metavar="COLUMN", help="the column that counts rejected parts; '' if none does")
    group.add_argument("--price", metavar="COLUMN", help="the column with the price of energy, for --prices")
    group.add_argument("--price-unit", choices=ALLOWED["price_unit"], help="unit of a price whose heading states none")
    group.add_argument("--emissions", metavar="COLUMN", help="the column with the grid's emission factor, for --prices")
    group.add_argument("--market", metavar="NAME", help="which market_prices of the contract these are, of several")
    group.add_argument("--profile", type=Path, metavar="FILE",
                       help="choices for files of this kind; written when a file is stored")  # fmt: skip


def choices_of(arguments: argparse.Namespace) -> Choices:
    """The choices of the flags, on top of those of the profile, if any; raises UnreadableFile."""
    kept = Choices()
    if arguments.profile is not None and arguments.profile.exists():
        kept = read_profile(arguments.profile)
    plain = ("encoding", "separator", "decimal", "date_order", "zone", "labels", "values", "unit", "amounts", "device",
             "columns",
             "time_column", "starts", "every_seconds", "device_column", "parts", "parts_values", "scrap", "price",
             "price_unit", "emissions", "market")  # fmt: skip
    flags = {name: value for name in plain if (value := getattr(arguments, name)) is not None}
    return replace(
        kept,
        **flags,
        devices={**kept.devices, **dict(arguments.machine)},
        signals={**kept.signals, **dict(arguments.signal)},
    )


def _aware(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        problem = f"expected a time with its zone, such as 2026-10-01T06:00+02:00, or Z, got {text!r}"
        raise argparse.ArgumentTypeError(problem)
    return at


def positive(text: str) -> float:
    """Parse a number above 0 from a command line; raises ArgumentTypeError."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")
    return value


def pair(form: str) -> Callable[[str], tuple[str, str]]:
    """A function that parses a pair from a command line; `form` is its form, such as NAME=MACHINE."""

    def parsed(text: str) -> tuple[str, str]:
        try:
            return pair_of(text, form)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parsed
