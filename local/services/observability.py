"""Prometheus, Alertmanager and Grafana: the committed configuration with this site's addresses."""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Final, Literal

from centre.series import joined
from energytrack.running.disk_room import room_of
from local.errors import CannotPrepare
from local.install.programs import ALERTMANAGER, PROMETHEUS, find, grafana_command
from local.services.definition import HttpAnswers, ServiceDefinition
from local.services.passwords import USER, server_password
from local.services.scraping import scrape_seconds, targets_file
from local.services.secrets import ALERTS_TOKEN, GRAFANA_PASSWORD, kept_in, secret_env
from local.services.web_configuration import WebServer, signed_in, web_configuration
from local.settings import AlertsSettings
from local.site import HOST, Ports, Site

MOST_DAYS: Final = 35
"""What Prometheus keeps at most: no rule or panel looks further back, but for what it reads of the ledger."""
MOST_BYTES: Final = 10 * 10**9
"""And no more than this."""

QUERY_SECONDS: Final = 30
"""How long a query may take; Grafana waits as long."""
QUERY_SAMPLES: Final = 10_000_000
"""What a query may hold at once, 160 MB: twice what the largest panel takes of 1,000 machines. The six queries that the
front door lets through at once fit into the memory of the container."""
QUERIES: Final = 20
"""Queries at once. The front door leaves 14 of them to the rules and to Grafana's."""

WEB_SERVERS: Final[tuple[WebServer, ...]] = ("prometheus", "alertmanager")
DATA_SOURCE_PASSWORD: Final = "ENERGYTRACK_GRAFANA_PROMETHEUS_PASSWORD"  # noqa: S105  # a name, not the password

UNSENT: Final = "5s"
"""How long Prometheus tries, at its end, to send a centre what it has not sent yet; a minute by default."""
SAVED_EVERY: Final = "15s"
"""How often Alertmanager writes silences down; by default every 15 minutes, and a kill or a backup would miss them."""


def prometheus_service(site: Site) -> ServiceDefinition:
    """Scrapes, records and answers queries; people reach it at /prometheus/ of the front door."""
    port = site.ports.prometheus
    return ServiceDefinition(
        name="prometheus",
        purpose="keeps the series and answers PromQL",
        command=(
            find(PROMETHEUS) or "prometheus",
            f"--config.file={configuration_folder(site) / 'prometheus.yml'}",
            f"--storage.tsdb.path={site.var / 'prometheus' / 'data'}",
            f"--storage.tsdb.retention.time={MOST_DAYS}d",
            f"--storage.tsdb.retention.size={_most_bytes(site)}B",
            f"--web.listen-address={site.address(port)}",
            f"--web.external-url={site.url(site.ports.caddy, '/prometheus/')}",
            "--web.route-prefix=/",
            f"--storage.remote.flush-deadline={UNSENT}",
            *query_limits(),
            *_with_password(site, "prometheus"),
        ),
        ready=HttpAnswers(site.url(port, "/-/ready"), server_password(site, "prometheus")),
        ports=("prometheus",),
        data="prometheus/data",
    )


def query_limits() -> tuple[str, str, str]:
    """The options for them, wherever Prometheus runs."""
    return (
        f"--query.timeout={QUERY_SECONDS}s",
        f"--query.max-samples={QUERY_SAMPLES}",
        f"--query.max-concurrency={QUERIES}",
    )


def _with_password(site: Site, server: WebServer) -> tuple[str, ...]:
    """The option for a server's passwords, if it has any."""
    return (f"--web.config.file={_web_file(site, server)}",) if site.passwords else ()


def _web_file(site: Site, server: WebServer) -> Path:
    return configuration_folder(site) / f"{server}-web.yml"


def _most_bytes(site: Site) -> int:
    """10 GB; on a small disk a tenth of it."""
    size = room_of(site.var).size if site.var.exists() else 10 * MOST_BYTES
    return min(MOST_BYTES, size // 10)


def pager(site: Site) -> Literal["alertmanager", "grafana"]:
    """Whether Grafana or Alertmanager sends notifications: with both, each would end the other's alarms.

    Grafana if it is installed, as in containers; Alertmanager without it, and if the environment names contacts
    (`ENERGYTRACK_ALERTS_…`).
    """
    if site.grafana_home is None or AlertsSettings.from_env(os.environ).contacts:
        return "alertmanager"
    return "grafana"


def alertmanager_service(site: Site) -> ServiceDefinition:
    """Sends the alerts of Prometheus' rules to the control API."""
    port = site.ports.alertmanager
    return ServiceDefinition(
        name="alertmanager",
        purpose="forwards alerts",
        command=(
            find(ALERTMANAGER) or "alertmanager",
            f"--config.file={configuration_folder(site) / 'alertmanager.yml'}",
            f"--storage.path={site.var / 'alertmanager'}",
            f"--data.maintenance-interval={SAVED_EVERY}",
            f"--web.listen-address={site.address(port)}",
            "--cluster.listen-address=",
            *_with_password(site, "alertmanager"),
        ),
        ready=HttpAnswers(site.url(port, "/-/ready"), server_password(site, "alertmanager")),
        ports=("alertmanager",),
        data="alertmanager",
    )


def grafana_service(site: Site) -> ServiceDefinition:
    """Serves our provisioned dashboards at / of the front door."""
    home = site.grafana_home
    command = grafana_command(home) if home else None
    if home is None or command is None:
        raise ValueError("this site has no Grafana")
    port = site.ports.grafana
    provisioned = _provisioned(site) / "grafana"
    return ServiceDefinition(
        name="grafana",
        purpose="the dashboards",
        command=(*command, "--homepath", str(home), "--config", str(site.root / "grafana" / "grafana.ini")),
        ready=HttpAnswers(site.url(port, "/api/health")),
        ports=("grafana",),
        needs=("prometheus",),
        env={
            "GF_SERVER_HTTP_ADDR": "127.0.0.1",
            "GF_SERVER_HTTP_PORT": str(port),
            "GF_SERVER_ROOT_URL": site.url(site.ports.caddy),
            "GF_PATHS_DATA": str(site.var / "grafana"),
            "GF_PATHS_LOGS": str(site.logs),
            "GF_LOG_MODE": "console",  # which the supervisor limits
            "GF_PATHS_PLUGINS": str(site.var / "grafana" / "plugins"),
            "GF_PATHS_PROVISIONING": str(provisioned / "provisioning"),
            "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": str(provisioned / "dashboards" / "home.json"),
            "ENERGYTRACK_GRAFANA_ALERTS_URL": site.url(site.ports.control_api, "/api/alerts"),
            "ENERGYTRACK_GRAFANA_DASHBOARDS": str(provisioned / "dashboards"),
            "ENERGYTRACK_GRAFANA_PROMETHEUS_URL": site.url(site.ports.prometheus, ""),
            **_grafana_password(site),
            # Its rules stay visible, but only one of the two evaluates them.
            **({} if pager(site) == "grafana" else {"GF_UNIFIED_ALERTING_EXECUTE_ALERTS": "false"}),
        },
        secrets=(GRAFANA_PASSWORD, ALERTS_TOKEN),
        data="grafana",
    )


def _grafana_password(site: Site) -> dict[str, str]:
    """The variable with which its data source signs in to Prometheus; the file that names it is `tools.provision`'s."""
    file = server_password(site, "prometheus")
    return {DATA_SOURCE_PASSWORD: kept_in(file)} if file else {}


def prepare_prometheus(site: Site, scraped: Iterable[ServiceDefinition]) -> None:
    """Write the committed configuration for this site, with its own targets.

    A running Prometheus watches the folder of targets: the folder stays, and files are replaced.
    """
    committed = site.root / "prometheus"
    folder = configuration_folder(site)
    seconds = scrape_seconds(site)
    _lay_out(site, seconds)
    targets = folder / "targets"
    targets.mkdir(parents=True, exist_ok=True)
    text = (committed / "prometheus.yml").read_text(encoding="utf-8")
    text = text.replace(f"{HOST}:{Ports().exporters}", site.address(site.ports.exporters))
    put(folder / "prometheus.yml", joined(signed_in(text, prepare_passwords(site, WEB_SERVERS)), site.centre))
    _prepare_alertmanager(site, _provisioned(site) / "prometheus", folder)
    rules = folder / "rules"
    rules.unlink(missing_ok=True)
    rules.symlink_to(committed / "rules")
    jobs: dict[str, list[str]] = {}
    for each in scraped:
        for port in each.ports[:1]:
            jobs.setdefault(each.job or each.name, []).append(site.address(getattr(site.ports, port)))
    for name, addresses in jobs.items():
        put(targets / f"{name}.yml", targets_file(name, addresses, seconds))
    for gone in {file.name for file in targets.iterdir()} - {f"{name}.yml" for name in jobs}:
        (targets / gone).unlink()


def prepare_passwords(
    site: Site, servers: Iterable[WebServer], further: Mapping[str, Path] = MappingProxyType({})
) -> dict[WebServer, Path]:
    """Write who may ask these servers: USER, and `further` users; returns the files of USER's passwords, if any."""
    files = {server: file for server in servers if (file := server_password(site, server))}
    for server, file in files.items():
        put(_web_file(site, server), web_configuration({**further, USER: file}))
    return files


def _lay_out(site: Site, seconds: int) -> None:
    """Grafana's and Alertmanager's files in the zone and currency, and for the lines and shifts, of this plant."""
    command = [
        sys.executable, "-m", "tools.provision", "--plant", str(site.plant_file), "--out", str(_provisioned(site)),
        "--scrape-seconds", str(seconds), *(("--prometheus-user", USER) if site.passwords else ()),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=site.root, capture_output=True, text=True, check=False)
    for folder in (_provisioned(site) / "grafana" / "provisioning" / "plugins", site.var / "grafana" / "plugins"):
        folder.mkdir(parents=True, exist_ok=True)  # Grafana logs an error for each that is missing
    if done.returncode:
        raise CannotPrepare(f"The dashboards of {site.plant_file} could not be generated:\n{done.stderr.strip()}")


def _prepare_alertmanager(site: Site, laid_out: Path, folder: Path) -> None:
    """Write Alertmanager's files: it notifies the control API, with a token, and the environment's contacts."""
    folder.chmod(0o700)
    people = AlertsSettings.from_env(os.environ)
    file = laid_out / (f"contacts/{people.contacts}.yml" if people.contacts else "alertmanager.yml")
    text = Template(file.read_text(encoding="utf-8")).safe_substitute(people.values())
    committed_address = f"{HOST}:{Ports().control_api}"
    text = text.replace(committed_address, site.address(site.ports.control_api))
    put(folder / "alertmanager.yml", text)
    token = os.environ.get(ALERTS_TOKEN) or secret_env(site, [ALERTS_TOKEN])[ALERTS_TOKEN]
    put(folder / "alerts-token", token)


def put(file: Path, text: str) -> None:
    """Replace a file atomically, because another process may be reading it."""
    unfinished = file.with_suffix(".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)


def _provisioned(site: Site) -> Path:
    return site.var / "provisioned"


def configuration_folder(site: Site) -> Path:
    """The folder of Prometheus' and Alertmanager's files."""
    return site.var / "prometheus" / "config"
