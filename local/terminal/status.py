"""`python -m local status` and `logs`: what runs, what it uses, and its log.

Processes and ports are checked directly; the supervisor adds its own information.
"""

import os
import sys
import time
from dataclasses import dataclass
from datetime import timedelta

import psutil
from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.errors import CannotPrepare, NotReady
from local.lifecycle.child import tail
from local.lifecycle.processes import left_over, listeners
from local.lifecycle.readiness import ask
from local.lifecycle.supervisord import Process, connected
from local.services.catalogue import services, steps
from local.services.definition import ServiceDefinition
from local.site import Site
from local.terminal.disk import look_at_disk
from local.terminal.live_line import prometheus_query


@dataclass(frozen=True)
class ServiceStatus:
    service: ServiceDefinition
    state: str
    """`ready`, or what it is instead."""
    pid: int
    """0 where there is no process."""


def show_status(site: Site, console: Console) -> bool:
    """A line for each service, then the disk; returns whether all of them answer and are supervised."""
    with connected(site) as supervisor:
        process_of = {process.name: process for process in supervisor.processes()} if supervisor else None
    seen = look(site, process_of)
    if process_of is None and not any(each.pid for each in seen):
        console.print("Nothing runs. `make up` starts the stack.")
        _show_disk(site, console)
        return False
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in ("service", "state", "port", "process", "up", "memory"):
        table.add_column(heading)
    for each in seen:
        table.add_row(*_cells(site, each))
    console.print(table)
    if process_of is None:
        console.print(
            "The supervisor does not run, so services that end are not restarted: `make up` repairs that.",
            style="red",
        )
    _show_disk(site, console)
    return process_of is not None and all(each.state == "ready" for each in seen)


def look(site: Site, process_of: dict[str, Process] | None) -> list[ServiceStatus]:
    """The status of each service: its process from the supervisor, otherwise from its port."""
    marked = {process.pid for process in left_over(site)}
    ports = {service.name: int(getattr(site.ports, service.ports[0])) for service in services(site) if service.ports}
    holders = {port: pid for port, pid in listeners(ports.values()).items() if pid in marked}
    present = [service for service in services(site) if process_of is None or service.name in process_of]
    return [
        _status_of(service, (process_of or {}).get(service.name), holders.get(ports.get(service.name, 0), 0))
        for service in present
    ]


def show_logs(site: Site, name: str | None, *, lines: int, follow: bool) -> None:
    """The end of one service's log, or of all; raises CannotPrepare for an unknown name."""
    names = ["supervisord", *(step.name for step in steps(site))]
    if name is not None and name not in names:
        raise CannotPrepare(f"There is no service {name}; the services are: {', '.join(names)}")
    chosen = [each for each in ([name] if name else names) if site.log(each).exists()]
    if follow:
        files = [str(site.log(each)) for each in chosen]
        os.execvp("tail", ["tail", "-n", str(lines), "-F", *files])  # noqa: S606  # a program of every Unix
    for each in chosen:
        if name is None:
            sys.stdout.write(f"==> {each} ({site.log(each)})\n")
        sys.stdout.write(tail(site.log(each), lines) + "\n")


def _status_of(service: ServiceDefinition, process: Process | None, holder: int) -> ServiceStatus:
    pid = process.pid if process is not None and process.pid else holder
    if not pid:
        return ServiceStatus(service, "not running" if process is None else process.state.lower(), 0)
    try:
        ask(service.ready)
    except NotReady:
        begins = process is not None and process.pid and process.seconds < service.start_seconds
        return ServiceStatus(service, "starting" if begins else "does not answer", pid)
    return ServiceStatus(service, "ready" if process is not None and process.pid else "ready, unsupervised", pid)


def _cells(site: Site, seen: ServiceStatus) -> list[str | Text]:
    state = Text(seen.state, style="green" if seen.state == "ready" else "red")
    port = ", ".join(str(getattr(site.ports, name)) for name in seen.service.ports[:1])
    try:
        process = psutil.Process(seen.pid) if seen.pid else None
        up = str(timedelta(seconds=round(time.time() - process.create_time()))) if process else ""
        memory = f"{process.memory_info().rss / 2**20:,.0f} MiB" if process else ""
    except psutil.Error:
        up = memory = ""
    return [seen.service.name, state, port, str(seen.pid or ""), up, memory]


def _show_disk(site: Site, console: Console) -> None:
    try:
        use = look_at_disk(site.var, prometheus_query(site))
    except OSError:
        return
    warning = use.warning()
    console.print(f"disk  {warning or use}", style="red" if warning else "", markup=False)
