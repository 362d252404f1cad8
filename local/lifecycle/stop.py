"""Stops the stack in the reverse order of its needs, and makes sure that nothing is left."""

from collections.abc import Callable, Sequence
from typing import Final

import psutil

from energytrack.clock import Clock
from local.lifecycle.processes import describe, end, left_over
from local.lifecycle.supervisord import ENDED, Supervisor, connected, pid_path, socket_path
from local.services.definition import Job, ServiceDefinition, Step
from local.site import Site

PAUSE_SECONDS: Final = 0.1
ROUNDS: Final = 5
PATIENCE_SECONDS: Final = 60.0
"""Limit for one wave; supervisord itself kills a service that takes longer than its `stop_seconds`."""


def waves(steps: Sequence[Step]) -> list[list[str]]:
    """Services in the order of stopping: each only after all that need it, directly or through a job."""
    jobs = {step.name: step.needs for step in steps if isinstance(step, Job)}
    left = {step.name for step in steps if isinstance(step, ServiceDefinition)}
    needs = {step.name: {n for need in step.needs for n in jobs.get(need, (need,))} for step in steps}
    ordered: list[list[str]] = []
    while left:
        wanted = {need for name in left for need in needs[name]}
        wave = [step.name for step in steps if step.name in left - wanted]
        if not wave:
            raise ValueError(f"these depend on each other in a circle: {', '.join(sorted(left))}")
        ordered.append(wave)
        left.difference_update(wave)
    return ordered


def take_down(site: Site, steps: Sequence[Step], *, clock: Clock, report: Callable[[str], None]) -> bool:
    """Stop all services of this site under supervisord; returns whether it was running."""
    with connected(site) as supervisor:
        if supervisor is None:
            return False
        process = psutil.Process(supervisor.pid())
        _stop_services(supervisor, steps, clock=clock, report=report)
        supervisor.shutdown()
    psutil.wait_procs([process], timeout=PATIENCE_SECONDS)
    return True


def clear_remains(site: Site) -> str:
    """End the processes that an abnormally ended run left behind; returns their names for people."""
    remains = left_over(site)
    names = describe(remains)
    for _ in range(ROUNDS):
        end(remains)
        remains = left_over(site)  # one that was about to start others may have done so meanwhile
        if not remains:
            break
    pid_path(site).unlink(missing_ok=True)
    socket_path(site).unlink(missing_ok=True)
    return names


def _stop_services(
    supervisor: Supervisor, steps: Sequence[Step], *, clock: Clock, report: Callable[[str], None]
) -> None:
    """Stop in waves, so that no service loses a server that it still has to write to."""
    for wave in waves(steps):
        running = {process.name for process in supervisor.processes() if process.state not in ENDED}
        stopping = running.intersection(wave)
        for name in stopping:
            supervisor.stop(name)
        deadline = clock.monotonic() + PATIENCE_SECONDS
        while stopping and clock.monotonic() < deadline:
            report(f"stopping {', '.join(sorted(stopping))}")
            clock.sleep(PAUSE_SECONDS)
            stopping -= {process.name for process in supervisor.processes() if process.state in ENDED}
