"""A campaign: a working stack, random faults for some hours, and then a count of every fact."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.faults.counting import Counts, apart, counted
from bench.faults.fault import Fault, planned
from bench.faults.load import CampaignLoad
from bench.faults.victims import FaultTargets
from bench.pipeline.arrivals import Arrivals
from bench.pipeline.load import QUIET
from energytrack.clock import SystemClock, whole_milliseconds
from energytrack.store.telemetry.series import RESOLUTION
from local.lifecycle.supervisord import connected
from local.site import Site
from testkit.stack.balance import balances
from testkit.stack.facts import counters, created_token, database
from testkit.stack.local_stack import LocalStack, a_stack, pretend_to_have_a_model
from testkit.stack.servers import eventually

SETTINGS: Final = {**QUIET, "ENERGYTRACK_HISTORIAN_LEDGER_EVERY_SECONDS": "5"}
SETTLE_SECONDS: Final = 240.0
"""The longest time from the last fault until everything has arrived."""
LOOK_SECONDS: Final = 0.5
FIRST_SECONDS: Final = 120.0


@dataclass(frozen=True)
class CampaignPlan:
    """The settings of a campaign."""

    kills: int
    seconds: float
    """Seconds from the first fault to the last one."""
    devices: int
    seed: int


@dataclass(frozen=True)
class CampaignResult:
    """The results of a campaign."""

    plan: CampaignPlan
    faults: tuple[Fault, ...]
    """The faults that were caused: a process that did not run at the moment was spared."""
    kills: dict[str, int]
    back_after: dict[str, float]
    """The longest absence of each service, in seconds since it was last struck."""
    never_back: tuple[str, ...]
    retries: int
    """Requests of people and of Alertmanager that had to be sent again."""
    counts: Counts


@contextmanager
def a_plant(folder: Path, devices: int) -> Iterator[LocalStack]:
    """Run the whole local stack, as a person starts it; its supervisor restarts what dies."""
    with a_stack(folder / "var", SETTINGS) as stack:
        pretend_to_have_a_model(stack.site.var)
        started = stack.say("up", "--devices", str(devices))
        if started.returncode:
            raise SystemExit(started.stdout + started.stderr)
        yield stack


def play(stack: LocalStack, plan: CampaignPlan, *, note: Callable[[str], None]) -> CampaignResult:
    """Run one campaign, from the first reading to the last count."""
    rng = random.Random(plan.seed)
    begun = whole_milliseconds(datetime.now(UTC)) + RESOLUTION  # the database keeps milliseconds
    site, victims = stack.site, FaultTargets(stack.site)
    arrivals = Arrivals(site, clock=SystemClock())
    eventually(arrivals.flows, FIRST_SECONDS, pause=1.0)
    eventually(lambda: len(counters(site)) == plan.devices, FIRST_SECONDS, pause=1.0)
    load = CampaignLoad(site, created_token(stack), sorted(counters(site)), rng)
    load.start()
    try:
        faults = _strike(victims, plan, rng, note)
        _wait_until_back(victims, note)
    finally:
        load.stop()
    never_back = tuple(sorted({*victims.look(), *victims.silent()}))
    _come_to_rest(stack, arrivals, note)
    counts = counted(site, load, arrivals, since=begun, until=datetime.now(UTC))
    return CampaignResult(plan, faults, victims.kills, victims.back_after, never_back, load.retries, counts)


def _strike(
    victims: FaultTargets, plan: CampaignPlan, rng: random.Random, note: Callable[[str], None]
) -> tuple[Fault, ...]:
    """Cause faults at random moments, whether or not the last one is over."""
    began = time.monotonic()
    moments = sorted(rng.uniform(0.0, plan.seconds) for _ in range(plan.kills))
    done: list[Fault] = []
    for moment, fault in zip(moments, planned(victims.names, plan.kills, rng), strict=True):
        while time.monotonic() - began < moment:
            victims.look()
            time.sleep(LOOK_SECONDS)
        struck = victims.strike(fault)
        note(f"{time.monotonic() - began:6.0f} s  {fault}{'' if struck else ' (spared)'}")
        if struck:
            done.append(fault)
    return tuple(done)


def _wait_until_back(victims: FaultTargets, note: Callable[[str], None]) -> None:
    began = time.monotonic()
    while victims.look() and time.monotonic() - began < SETTLE_SECONDS:
        time.sleep(LOOK_SECONDS)
    note(f"all are back after {time.monotonic() - began:.1f} s" if not victims.look() else "not all are back")


def _come_to_rest(stack: LocalStack, arrivals: Arrivals, note: Callable[[str], None]) -> None:
    """Stop the machines, and wait until everything that they sent has arrived; the counts show what has not."""
    site = stack.site
    eventually(arrivals.flows, SETTLE_SECONDS, pause=1.0)
    with connected(site) as supervisor:
        if supervisor is not None:
            supervisor.stop("simulator")

    def rests() -> bool:
        with database(site) as client:
            has_open = client["energytrack"]["commands"].find_one({"open": True}) is not None
        return not has_open and arrivals.is_drained() and not apart(site) and _is_even(site)

    began = time.monotonic()
    try:
        eventually(rests, SETTLE_SECONDS, pause=2.0)
        note(f"at rest after {time.monotonic() - began:.0f} s")
    except AssertionError:
        note(f"not at rest after {SETTLE_SECONDS:.0f} s")


def _is_even(site: Site) -> bool:
    return all(each.is_even for each in balances(site).values())
