"""`make bench`: how much the pipeline carries on this machine, and what each stage costs."""

import argparse
import tempfile
from pathlib import Path
from typing import Final

from rich.console import Console

from bench import endtoend, machine, report, stages
from local.site import Site
from local.stack import prepare

RATES: Final = (300, 1000, 3000, 5000)


def main() -> None:
    """Measure, print and write."""
    options = _options()
    console = Console()
    facts = machine.facts()
    site = Site()
    prepare(site, console)  # the broker's jars and a model, where they are missing
    results = []
    for rate in options.rates:
        console.rule(f"{rate:,} devices, one reading a second each, {options.seconds:.0f} s")
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            results.append(endtoend.measure(rate, Path(folder), seconds=options.seconds, console=console))
        report.show_results(results[-1:], console)
    alone = []
    if options.stages:
        console.rule("each stage alone")
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            alone = stages.measure(Path(folder), count=options.messages, runs=options.runs, home=site)
    console.rule("results")
    for name, fact in facts.items():
        console.print(f"{name}: {fact}", highlight=False)
    report.show_results(results, console)
    report.show_stages(alone, console)
    report.write(options.out, facts, results, alone)
    console.print(f"written to {options.out}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rates", type=int, nargs="*", default=RATES, help="devices, each one reading a second")
    parser.add_argument("--seconds", type=float, default=60, help="how long each rate is measured")
    parser.add_argument(
        "--stages", action=argparse.BooleanOptionalAction, default=True, help="measure each stage alone"
    )
    parser.add_argument("--messages", type=int, default=100_000, help="readings that each stage drains")
    parser.add_argument("--runs", type=int, default=3, help="runs of each stage; medians are shown")
    parser.add_argument("--out", type=Path, default=Path("var/bench/results.json"), help="where the JSON goes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
