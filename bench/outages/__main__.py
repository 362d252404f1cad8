"""`python -m bench.outages`: takes servers away from running services, and measures the effects.

    ./et bench.outages                                     the usual ones
    ./et bench.outages broker:stopped:1200 names:lost:60   these

broker, database, both, prometheus, alertmanager, front-door : stopped or frozen : seconds
names:lost:seconds      broker and database are stopped, and their names are unknown, as in Docker (root)
disk:full:seconds       a disk without a free byte under the whole local stack (root)
"""

import argparse
import tempfile
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from bench import machine, sheet
from bench.outages import names
from bench.outages.disk import a_full_disk
from bench.outages.outage import Outage, OutageResult
from bench.outages.plant import plant
from bench.outages.play import play
from bench.pipeline.arrivals import Arrivals
from energytrack.clock import SystemClock

DEFAULT: Final = (
    "broker:stopped:10", "broker:stopped:60", "broker:stopped:420", "broker:frozen:60", "database:stopped:60",
    "database:frozen:60", "both:frozen:60", "prometheus:stopped:60", "alertmanager:stopped:60", "front-door:stopped:60",
)  # fmt: skip


def main() -> None:
    """Run the outages, print the results and store them."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.outages", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--devices", type=int, default=30, help="machines, each one reading a second (30)")
    parser.add_argument("outages", nargs="*", type=Outage.parsed, metavar="WHICH:HOW:SECONDS", help="what is played")
    options = parser.parse_args()
    outages = options.outages or [Outage.parsed(text) for text in DEFAULT]
    if any(outage.which == "names" for outage in outages):
        names.with_names_of_our_own()
    console, facts = sheet.wide_console(), machine.facts()
    results: list[OutageResult] = []
    for on_disk, group in groupby(outages, lambda outage: outage.which == "disk"):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            stage = a_full_disk if on_disk else plant
            with stage(Path(folder), devices=options.devices) as running:
                arrivals = Arrivals(running.site, clock=SystemClock())
                for outage in group:
                    results.append(play(running, outage, arrivals))
                    console.print(" · ".join(_row(results[-1])), markup=False)
    sheet.publish("outages", "./et bench.outages", facts, [table(results)], console)


def table(results: Sequence[OutageResult]) -> sheet.BenchTable:
    """The table of results, with a row for each outage."""
    return sheet.BenchTable(
        "Outages",
        (
            "server", "outage", "for, s", "reported after, s", "message", "services", "recovered after, s", "not sent",
            "lost", "without insight", "sent twice", "MiB at most", "services that ended",
        ),
        tuple(_row(result) for result in results),
        note="Reported: when the first service's /healthz named what it was waiting for (after 60 s without progress), "
        "and how many services did. Recovered: from the first answer of the servers until new readings were scored, "
        "stored and exported and every service was ready. Not sent: readings that the simulated plant skipped because "
        "they were more than 120 s late. Lost: readings on the topic that are not in the database. Sent twice: "
        "readings sent again although the broker had them; they count once.",
    )  # fmt: skip


def _row(result: OutageResult) -> tuple[str, ...]:
    outage = result.outage
    return (
        outage.which, outage.how, f"{outage.seconds:.0f}",
        "-" if result.complaint_after is None else f"{result.complaint_after:.0f}",
        result.complaint.split(" (since")[0] or "-",
        str(result.waiting), f"{result.back_after:.0f}", str(result.skipped), str(result.lost_stored),
        str(result.lost_insights), str(result.twice), f"{result.memory_mib:,.0f}", ", ".join(result.ended) or "none",
    )  # fmt: skip


if __name__ == "__main__":
    main()
