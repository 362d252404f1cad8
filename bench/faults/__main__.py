"""`python -m bench.faults`: kills and stops processes of a working plant at random, then counts every fact.

./et bench.faults --kills 300 --hours 2     a campaign
./et bench.faults --kills 20 --hours 0.02   a short one
"""

import argparse
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

from bench import machine, sheet
from bench.faults.campaign import CampaignPlan, CampaignResult, a_plant, play
from bench.faults.fault import SUPERVISOR
from bench.faults.victims import LIMIT_SECONDS

TITLE: Final = "A campaign of faults"


def main() -> None:
    """Run the campaign, print the results and store them."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=60, help="faults in all (60)")
    parser.add_argument("--hours", type=float, default=0.1, help="from the first to the last one (0.1)")
    parser.add_argument("--devices", type=int, default=20, help="machines, each one reading a second (20)")
    parser.add_argument("--seed", type=int, default=1, help="another seed plays other faults (1)")
    options = parser.parse_args()
    for name in ("kills", "hours", "devices"):
        if getattr(options, name) <= 0:
            parser.error(f"--{name}: expected a number above 0, got {getattr(options, name):g}")
    console, facts = sheet.wide_console(), machine.facts()
    plan = CampaignPlan(options.kills, options.hours * 3600, options.devices, options.seed)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, a_plant(Path(folder), plan.devices) as stack:
        result = play(stack, plan, note=lambda text: console.print(text, markup=False))
    command = f"./et bench.faults --kills {plan.kills} --hours {options.hours:g} --devices {plan.devices}"
    sheet.publish("faults", f"{command} --seed {plan.seed}", facts, [absences(result), facts_of(result)], console)
    if result.counts.wrong or result.never_back:
        raise SystemExit(f"wrong: {result.counts.wrong}; never back: {', '.join(result.never_back) or 'none'}")


def absences(result: CampaignResult) -> sheet.BenchTable:
    """The table of absences, with a row for each process."""
    stops = Counter(each.which for each in result.faults if each.how != "killed")
    return sheet.BenchTable(
        TITLE,
        ("process", "killed", "stopped or restarted", "back after at most, s"),
        tuple(
            (name, str(result.kills.get(name, 0)), str(stops[name]), _seconds(result.back_after.get(name)))
            for name in _all(result)
        ),
        note=f"{len(result.faults)} faults in {result.plan.seconds / 60:.0f} minutes, at random moments, whether or "
        "not the last one was over: SIGKILL of any process, SIGSTOP of broker, database and consumers for 3 to 10 s, a "
        f"broker that restarts. {result.plan.devices} machines sent a reading a second; orders and alarms came in "
        f"meanwhile ({result.retries} requests had to be repeated). Back: from the last fault in it, or in a server "
        f"that it needs, until it answered again; the goal is {LIMIT_SECONDS:.0f} s. If the supervisor is killed, "
        "everything is restarted.",
    )


def facts_of(result: CampaignResult) -> sheet.BenchTable:
    """The table of facts that were lost, or counted twice."""
    counts = result.counts
    rows = (
        ("readings", counts.readings, counts.not_stored + counts.never_sent, counts.counted_twice),
        ("insights", counts.readings, counts.without_insight, "-"),
        ("machines: register and ledger (quarter hours, months)", counts.machines, len(counts.uneven), "-"),
        ("machines: register and stored meter", counts.machines, counts.meters_behind, "-"),
        ("machines: register and counter in Prometheus", counts.machines, counts.prometheus_apart,
         counts.prometheus_set_back),
        ("orders", counts.orders, counts.orders_lost + counts.orders_open, counts.orders_done_twice),
        ("alarms", counts.alarms, counts.alarms_lost, counts.alarms_twice),
        ("entries of the audit log", "all", counts.audit_faults, "-"),
        ("dead letters", "0", counts.dead_letters, "-"),
    )  # fmt: skip
    return sheet.BenchTable(
        "What a campaign of faults lost, or counted twice",
        ("fact", "number", "lost or wrong", "twice"),
        tuple(tuple(f"{each:,}" if isinstance(each, int) else each for each in row) for row in rows),
    )


def _all(result: CampaignResult) -> list[str]:
    names = {*result.kills, *result.back_after, *(each.which for each in result.faults)}
    return sorted(names, key=lambda name: (name == SUPERVISOR, name))


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


if __name__ == "__main__":
    main()
