"""`python -m bench.page`: docs/benchmarks.md from what the benchmarks filed; a table nobody measured is not there."""

from pathlib import Path
from typing import Final

from bench.sheet import Report, Sheet, published
from tools.docs.markdown import page, table

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "benchmarks.md"
ORDER: Final = ("pipeline", "stages", "scrape", "scoring", "retraining", "orders", "live", "outages")
_INTRODUCTION: Final = """
<!-- Made by `python -m bench.page` from what the benchmarks filed in var/bench; what is changed here is lost. -->

What was measured, by which command, on which machine, and when. Everything a number needs (broker, database,
Prometheus, all services, the load itself) ran on that one machine. Rates per core are messages by the seconds of
processor time that the process used; ratios were measured in one run, beside each other, and are medians. The machines
that we measure on are shared: a neighbour's load makes single times longer, ratios less so.

`make bench` measures the pipeline and its stages; each command stands below its tables.
"""


def render() -> str:
    """The page, of whatever is there."""
    reports = [report for report in map(published, ORDER) if report is not None]
    return page("# Benchmarks", _INTRODUCTION, *map(_section, reports))


def _section(report: Report) -> str:
    on = ", ".join(f"{fact} {value}" for fact, value in report.machine.items())
    return page(*map(_table, report.sheets), f"`{report.command}` on: {on}.")


def _table(sheet: Sheet) -> str:
    return page(f"## {sheet.title}", sheet.note, table(sheet.columns, sheet.rows))


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
