"""`make bench`: the throughput of the pipeline on this computer, and the cost of each stage."""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

from bench import machine, report, scoring, sheet
from bench.pipeline import endtoend, stages
from bench.pipeline.earlier import LAST_RELEASE, files_of
from local.lifecycle.stack import prepare
from local.site import Site

RATES: Final = (300, 1000, 3000, 5000)


def main() -> None:
    """Measure, print and store the results."""
    options = _options()
    command = " ".join(["make bench"] if len(sys.argv) == 1 else ["./et bench", *sys.argv[1:]])
    console = sheet.wide_console()
    site = Site()
    prepare(site, console)  # the broker's jars and a model, if they are missing
    facts = machine.facts()
    results = []
    for rate in options.rates:
        console.rule(f"{rate:,} devices, one reading a second each, {options.seconds:.0f} s")
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            results.append(endtoend.measure(rate, Path(folder), seconds=options.seconds, console=console))
        sheet.publish("pipeline", "make bench", facts, report.pipeline(results), console)
    if options.stages:
        console.rule("each stage alone")
        facts = machine.facts()
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, files_of(options.before) as earlier:
            alone = stages.measure(
                Path(folder), count=options.messages, runs=options.runs, home=site, earlier=earlier, names=options.only
            )
        sheet.publish("stages", command, facts, [report.stages(alone, before=options.before)], console)
        slower = [f"{row.stage}: {row.to_before:.2f} times" for row in alone if row.is_slower]
        console.rule("features and model")
        facts = machine.facts()
        sheet.publish("scoring", "./et bench.scoring", facts, [scoring.table(scoring.measure(site))], console)
        if slower:
            limit = f"{stages.SLOWER - 1:.0%}"
            sys.exit(f"more than {limit} slower than {options.before}, in processor time: {'; '.join(slower)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rates", type=int, nargs="*", default=RATES, help="devices, each one reading a second")
    parser.add_argument("--seconds", type=float, default=60, help="how long each rate is measured")
    parser.add_argument(
        "--stages", action=argparse.BooleanOptionalAction, default=True, help="measure each stage alone"
    )
    parser.add_argument("--messages", type=int, default=100_000, help="readings that each stage drains")
    parser.add_argument("--before", default=LAST_RELEASE, help="the git revision whose stages are measured beside ours")
    parser.add_argument("--only", nargs="*", default=(), help="stages to measure; all by default")
    parser.add_argument("--runs", type=int, default=3, help="runs of each stage; medians are shown")
    return parser.parse_args()


if __name__ == "__main__":
    main()
