"""The flag for the month: the same for the bill and for the report."""

import argparse

from energytrack.bill.load import Month


def add_month(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--month", type=_month, help="2026-10; the last complete month by default")


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
