"""`demo` and `up` from a person's side: the start, what failed, the addresses, the live line."""

import subprocess
import sys
from collections.abc import Iterable

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from energytrack.clock import Clock
from local.lifecycle.child import tail
from local.lifecycle.first_model import profile_name
from local.lifecycle.processes import left_over
from local.lifecycle.progress import Rows
from local.lifecycle.supervisord import Process, connected
from local.services.catalogue import services
from local.services.observability import pager
from local.services.pipeline import KEPT, PIPELINE, days_kept, own_env
from local.services.secrets import GRAFANA_PASSWORD, secret_file
from local.site import Site
from local.terminal.diagnosis import explanation_of
from local.terminal.disk import disk_notes
from local.terminal.live_line import Query, measure_throughput, prometheus_query
from local.terminal.waits import complaints, summed_up

LOCAL = "./et local"
"""How a person calls this package."""
REFRESH_SECONDS = 2.0
OPEN = (
    "Open to everybody with an account on this machine, without a password: Kafka, the database, Prometheus and\n  "
    "Alertmanager. Nothing listens to other machines. People sign in at the front door (docs/security.md)."
)
"""What is open to whom, for whoever starts this on a machine that others use too."""
PACE = (
    "The simulated machines wear 72 times as fast as real ones. A day of theirs takes 20 minutes, and the model\n  "
    "looks so far ahead: what says 24 hours means 20 minutes here."
)
"""One world: wear, horizon and recommendations of the demonstration."""
LINE_SECONDS = 10.0
"""Between two live lines where there is no terminal."""


def any_pipeline_service_ready(rows: Rows) -> bool:
    """Whether any part of the pipeline answers; without one there is nothing to look at."""
    return any(part.name in rows and rows[part.name].state == "ready" for part in PIPELINE)


def show_failures(site: Site, rows: Rows, console: Console) -> None:
    """For each service that failed: why, as far as its log tells, its last lines, and how to see more."""
    by_name = {service.name: service for service in services(site)}
    for row in rows.values():
        if row.state != "failed":
            continue
        log = tail(site.log(row.name), 12)
        sentence = explanation_of(by_name[row.name], log, site) if row.name in by_name else None
        console.print(f"\n[bold red]{row.name}[/] {row.detail}")
        console.print(log, style="dim", markup=False)
        if sentence:
            console.print(sentence, markup=False)
        console.print(f"More of its log: {LOCAL} logs {row.name}", markup=False)


def show_addresses(site: Site, console: Console) -> None:
    """The addresses, and what can be added."""
    ports = site.ports
    front = site.url(ports.caddy, "")
    places = [
        ("Front door", f"{front}/"),
        ("Control API", f"{front}/control/"),
        ("Prometheus", f"{front}/prometheus/"),
        ("Kafka", site.address(ports.kafka)),
        ("Database", "as ENERGYTRACK_MONGO_URI says" if site.mongo_uri else f"mongodb://{site.address(ports.mongo)}"),
    ]
    sender = "Grafana's rules" if pager(site) == "grafana" else "Prometheus' rules, through Alertmanager"
    console.print()
    console.print(f"  Alerts come from {sender}, and from nobody else.", highlight=False)
    for name, address in places:
        console.print(f"  {name:<12} {address}")
    if site.mongo_uri is None:
        days = days_kept(KEPT[0])
        console.print(
            f"\n  Readings are kept for {days} {'day' if days == 1 else 'days'} here; {KEPT[0]} says for how many.",
            markup=False,
        )
    console.print(f"\n  {OPEN}", highlight=False)
    if site.grafana_home:
        password = secret_file(site, GRAFANA_PASSWORD)
        console.print(f"\n  Grafana's user is admin, the password is in {password}")
    else:
        console.print(f"\n  Sign in by this link; it works once: {sign_in_link(site)}", markup=False)
        console.print(
            "\n  Grafana was not found; everything else runs. Install it, or name the folder of its archive in "
            "GRAFANA_HOME, and start again.",
            highlight=False,
        )
    if profile_name() == "demo":
        console.print(f"\n  {PACE}", highlight=False)
    console.print(f"  See more: {LOCAL} status, {LOCAL} logs [service]\n", markup=False)


def sign_in_link(site: Site) -> str:
    """A link that signs an administrator in once, for a stack without Grafana; how to get one where that fails."""
    command = [sys.executable, "-m", "control_api", "link"]
    done = subprocess.run(command, cwd=site.root, env=own_env(site), capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else f"{LOCAL} link"


def watch(site: Site, console: Console, clock: Clock) -> None:
    """The live line, until this process is interrupted or the stack is taken down from elsewhere."""
    query = prometheus_query(site.url(site.ports.prometheus, ""))
    if console.is_terminal:
        spinner = Spinner("dots", text="")
        with Live(spinner, console=console, refresh_per_second=8, transient=True):
            while (line := live_line(site, query)) is not None:
                spinner.update(text=Text(f"{line}   (Ctrl-C stops)"))
                clock.sleep(REFRESH_SECONDS)
    else:
        while (line := live_line(site, query)) is not None:
            console.print(line, markup=False)
            clock.sleep(LINE_SECONDS)
    console.print("The stack was taken down from elsewhere.")


def live_line(site: Site, query: Query) -> str | None:
    """What flows, who does not run and who waits for whom; None when supervisord is gone."""
    with connected(site) as supervisor:
        if supervisor is None:
            return "the supervisor was killed, everything is started again" if left_over(site) else None
        down = not_running(supervisor.processes())
    try:
        flow = str(measure_throughput(query))
    except (OSError, ValueError, KeyError):
        flow = "Prometheus does not answer"
    notes = [f"not running: {', '.join(down)}"] if down else []
    notes += [*summed_up(complaints(site)), *disk_notes(site.var, query)]
    return " · ".join([flow, *notes])


def not_running(processes: Iterable[Process]) -> list[str]:
    """Names of the services that ought to run and do not."""
    return [process.name for process in processes if process.state not in {"RUNNING", "STARTING"}]
