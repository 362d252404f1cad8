"""`demo` and `up` on the terminal: the start, what failed, the addresses, the live line."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from textwrap import fill
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from energytrack.clock import Clock
from local.install.programs import grafana_command
from local.lifecycle.child import tail
from local.lifecycle.first_model import profile_name
from local.lifecycle.processes import left_over
from local.lifecycle.progress import Rows
from local.lifecycle.supervisord import Process, connected
from local.services.catalogue import services
from local.services.observability import pager
from local.services.passwords import USER, password_folder
from local.services.pipeline import KEPT, PIPELINE, days_kept, own_env
from local.services.secrets import GRAFANA_PASSWORD, secret_file
from local.settings import LocalSettings
from local.site import Site
from local.terminal.diagnosis import explanation_of
from local.terminal.disk import disk_notes
from local.terminal.live_line import Query, measure_throughput, prometheus_query
from local.terminal.waits import complaints, summed_up

LOCAL = "./et local"
"""The command for this package, as printed."""
REFRESH_SECONDS = 2.0
PACE = (
    "The simulated machines wear 72 times as fast as real ones: a day of wear takes 20 minutes. The model's\n  "
    "horizon is 20 minutes too, so 24 hours in a recommendation means 20 minutes here."
)
"""A note about the speed of the demonstration."""
WIDTH: Final = 104
"""Of a paragraph, in characters."""
LINE_SECONDS = 10.0
"""Interval between two live lines without a terminal."""


def any_pipeline_service_ready(rows: Rows) -> bool:
    """Whether any part of the pipeline answers; otherwise there is nothing to look at."""
    return any(part.name in rows and rows[part.name].state == "ready" for part in PIPELINE)


def show_failures(site: Site, rows: Rows, console: Console) -> None:
    """For each service that failed: the reason, if its log shows it, its last lines, and the command for more."""
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


def access_note(site: Site) -> str:
    """What is open to whom, for computers that other people use too."""
    with_alertmanager = not site.plants and pager(site) == "alertmanager"
    database = not site.plants and site.mongo_uri is None
    names = [*(["the database"] if database else []), "Prometheus", *(["Alertmanager"] if with_alertmanager else [])]
    servers = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    everybody = "to everybody with an account on this machine"
    if site.passwords:
        sentences = [
            f"Passwords of {servers}: in {password_folder(site)}, user {USER}.",
            f"Metrics and health of services are open {everybody}.",
        ]
    else:
        sentences = [
            f"Open {everybody}, without a password: {servers}.",
            f"{LocalSettings.variable('local_passwords')}=1 gives each a password.",
        ]
    sentences += ["Nothing listens to other machines."]
    sentences += [] if site.plants else ["People sign in at the front door, programs at Kafka."]
    note = " ".join([*sentences, "More: docs/security.md"])
    return fill(note, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def show_addresses(site: Site, console: Console) -> None:
    """The addresses, and what can be added."""
    ports = site.ports
    if site.plants:
        console.print(f"\n  The centre of {', '.join(site.plants)}\n")
        console.print(f"  Prometheus   {site.url(ports.prometheus)}")
        console.print(f"  Kafka        {site.kafka_servers}")
        if site.grafana_home:
            password = secret_file(site, GRAFANA_PASSWORD)
            console.print(f"  Grafana      {site.url(ports.grafana)}, user admin, the password is in {password}")
        console.print(f"\n  {access_note(site)}\n", highlight=False, markup=False)
        return
    front = site.url(ports.caddy, "")
    places = [
        ("Front door", f"{front}/"),
        ("Control API", f"{front}/control/"),
        ("Prometheus", f"{front}/prometheus/"),
        ("Kafka", site.kafka_servers),
        ("Database", "as ENERGYTRACK_MONGO_URI says" if site.mongo_uri else f"mongodb://{site.address(ports.mongo)}"),
    ]
    sender = "Grafana's rules" if pager(site) == "grafana" else "Prometheus' rules, through Alertmanager"
    console.print()
    console.print(f"  Alerts are sent by {sender} only.", highlight=False)
    for name, address in places:
        console.print(f"  {name:<12} {address}")
    if site.mongo_uri is None:
        days = days_kept(KEPT[0])
        console.print(
            f"\n  Readings are kept for {days} {'day' if days == 1 else 'days'} here; {KEPT[0]} sets how many.",
            markup=False,
        )
    console.print(f"\n  {access_note(site)}", highlight=False, markup=False)
    if site.grafana_home:
        password = secret_file(site, GRAFANA_PASSWORD)
        console.print(f"\n  Grafana's user is admin, the password is in {password}")
    else:
        console.print(f"\n  Sign in with this link; it works once: {sign_in_link(site)}", markup=False)
    note = grafana_note(site, os.environ.get("GRAFANA_HOME"))
    if note is not None:
        console.print(f"\n  {note}", highlight=False, markup=False)
    if profile_name() == "demo":
        console.print(f"\n  {PACE}", highlight=False)
    console.print(f"  More: {LOCAL} status, {LOCAL} logs [service]\n", markup=False)


def grafana_note(site: Site, named: str | None) -> str | None:
    """What to do about Grafana, `named` by GRAFANA_HOME; None if nothing is amiss."""
    if named and grafana_command(Path(named)) is None:
        instead = f"the Grafana in {site.grafana_home} runs" if site.grafana_home else "everything else runs"
        advice = "Set it to the folder of Grafana's archive, which holds bin/grafana, and start again."
        return f"GRAFANA_HOME is {named}, which holds no Grafana; {instead}. {advice}"
    if site.grafana_home:
        return None
    advice = "Install it, or set GRAFANA_HOME to the folder of its archive, and start again."
    return f"Grafana was not found; everything else runs. {advice}"


def sign_in_link(site: Site) -> str:
    """A link that signs in an administrator once, for a stack without Grafana; the command for one if that fails."""
    command = [sys.executable, "-m", "control_api", "link"]
    done = subprocess.run(command, cwd=site.root, env=own_env(site), capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else f"{LOCAL} link"


def watch(site: Site, console: Console, clock: Clock) -> None:
    """The live line, until this process is interrupted or another process stops the stack."""
    query = prometheus_query(site)
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
    console.print("The stack was stopped by another process.")


def live_line(site: Site, query: Query) -> str | None:
    """Rates, services that do not run, and what services wait for; None if supervisord has ended."""
    with connected(site) as supervisor:
        if supervisor is None:
            return "the supervisor was killed, restarting everything" if left_over(site) else None
        down = not_running(supervisor.processes())
    try:
        flow = str(measure_throughput(query))
    except (OSError, ValueError, KeyError):
        flow = "Prometheus does not answer"
    notes = [f"not running: {', '.join(down)}"] if down else []
    notes += [*summed_up(complaints(site)), *disk_notes(site.var, query)]
    return " · ".join([flow, *notes])


def not_running(processes: Iterable[Process]) -> list[str]:
    """Names of the services that should run and do not."""
    return [process.name for process in processes if process.state not in {"RUNNING", "STARTING"}]
