"""`./et bench.page`: writes docs/benchmarks.md from the stored results of the benchmarks.

Tables without results are left out.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bench.sheet import BenchReport, BenchTable, published
from tools.docs.markdown import code, page, table

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "benchmarks.md"
ORDER: Final = (
    "pipeline", "stages", "scrape", "scoring", "retraining", "orders", "live", "outages", "faults", "absence",
)  # fmt: skip
NOTICE: Final = "<!-- Made by `./et bench.page` from the results in var/bench; changes to this file are lost. -->"
_INTRODUCTION: Final = """
What was measured, and [how](#how-it-was-measured). `make bench` measures the pipeline and its stages on your computer;
the command for each table is below it.
"""
_METHOD: Final = """
Everything that takes part (broker, database, Prometheus, all services, the load generator) ran on the one computer.
Rates per core are messages divided by the processor time of the process. Ratios are medians, and both sides were
measured in the same run. The computers were shared: other work makes single times longer, ratios less so.
"""


def render() -> str:
    """The page, from all results that are stored."""
    return rendered([report for report in map(published, ORDER) if report is not None])


def rendered(reports: Iterable[BenchReport]) -> str:
    """The page's text: first the tables with their notes, then the computers and versions behind them."""
    reports = list(reports)
    return page(
        "# Benchmarks",
        NOTICE,
        _INTRODUCTION,
        *map(_section, reports),
        "## How it was measured",
        _METHOD,
        _runs(reports),
    )


def _section(report: BenchReport) -> str:
    return page(*map(_table, report.sheets), f"{code(report.command)}, {report.machine['date']}.")


def _table(sheet: BenchTable) -> str:
    return page(f"## {sheet.title}", table(sheet.columns, sheet.rows), sheet.note)


def _runs(reports: Iterable[BenchReport]) -> str:
    """The computer of each command: a column for each fact that any of them has."""
    reports = list(reports)
    facts = list(dict.fromkeys(fact for report in reports for fact in report.machine))
    return table(
        ["command", *facts],
        ([code(report.command), *(report.machine.get(fact, "") for fact in facts)] for report in reports),
    )


if __name__ == "__main__":
    argparse.ArgumentParser(prog="python -m bench.page", description=__doc__).parse_args()
    PAGE.write_text(render(), encoding="utf-8")
