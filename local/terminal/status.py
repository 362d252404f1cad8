"""`python -m local status` and `logs`: what runs, what it uses, what it said."""

import os
import sys
from datetime import timedelta

import psutil
from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.errors import CannotPrepare, NotReady
from local.lifecycle.child import tail
from local.lifecycle.readiness import ask
from local.lifecycle.supervisord import Process, connected
from local.services.catalogue import services, steps
from local.services.definition import Service
from local.site import Site


def show_status(site: Site, console: Console) -> bool:
    """A line for each service; whether all of them answer."""
    with connected(site) as supervisor:
        if supervisor is None:
            console.print("Nothing runs. `make up` starts the stack.")
            return False
        processes = {process.name: process for process in supervisor.processes()}
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in ("service", "state", "port", "process", "up", "memory"):
        table.add_column(heading)
    answers = []
    for service in (service for service in services(site) if service.name in processes):
        answer = _answer(service, processes.get(service.name))
        answers.append(answer == "ready")
        table.add_row(*_cells(site, service, processes.get(service.name), answer))
    console.print(table)
    return all(answers)


def show_logs(site: Site, name: str | None, *, lines: int, follow: bool) -> None:
    """The end of one service's log, or of all; raises CannotPrepare for a name that nothing has."""
    known = ["supervisord", *(step.name for step in steps(site))]
    if name is not None and name not in known:
        raise CannotPrepare(f"There is no service {name}; there are: {', '.join(known)}")
    chosen = [each for each in ([name] if name else known) if site.log(each).exists()]
    if follow:
        files = [str(site.log(each)) for each in chosen]
        os.execvp("tail", ["tail", "-n", str(lines), "-F", *files])  # noqa: S606  # a program of every Unix
    for each in chosen:
        if name is None:
            sys.stdout.write(f"==> {each} ({site.log(each)})\n")
        sys.stdout.write(tail(site.log(each), lines) + "\n")


def _answer(service: Service, process: Process | None) -> str:
    if process is None or not process.pid:
        return "not running" if process is None else process.state.lower()
    try:
        ask(service.ready)
    except NotReady:
        return "starting"
    return "ready"


def _cells(site: Site, service: Service, process: Process | None, answer: str) -> list[str | Text]:
    state = Text(answer, style="green" if answer == "ready" else "red")
    port = str(getattr(site.ports, service.ports[0]))
    if process is None or not process.pid:
        return [service.name, state, port, "", "", ""]
    try:
        memory = f"{psutil.Process(process.pid).memory_info().rss / 2**20:,.0f} MiB"
    except psutil.Error:
        memory = ""
    return [service.name, state, port, str(process.pid), str(timedelta(seconds=process.seconds)), memory]
