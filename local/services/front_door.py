"""Caddy, the front door: the address that people open in a browser."""

import os

from local.install.programs import CADDY, find
from local.services.definition import HttpAnswers, ServiceDefinition
from local.services.passwords import authorization, server_password
from local.settings import LocalSettings
from local.site import HOST, Site


def caddy_service(site: Site) -> ServiceDefinition:
    """One origin for Grafana, the control API and Prometheus, configured by proxy/Caddyfile."""
    port, ports = site.ports.caddy, site.ports
    state = str(site.var / "caddy")
    return ServiceDefinition(
        name="caddy",
        purpose="the front door: one address for all pages",
        command=(find(CADDY) or "caddy", "run", "--config", str(site.root / "proxy" / "Caddyfile")),
        ready=HttpAnswers(site.url(port, "/healthz")),
        ports=("caddy",),
        env={
            "ENERGYTRACK_FRONT_DOOR": ", ".join(front_door_origins(site)),
            "ENERGYTRACK_FRONT_DOOR_BIND": HOST,
            "ENERGYTRACK_HOME": "grafana" if site.grafana_home else "control",
            "ENERGYTRACK_GRAFANA": site.address(ports.grafana),
            "ENERGYTRACK_CONTROL_API": site.address(ports.control_api),
            "ENERGYTRACK_PROMETHEUS": site.address(ports.prometheus),
            "ENERGYTRACK_FRONT_DOOR_TRUSTED": LocalSettings.from_env(os.environ).front_door_trusted,
            **_sign_in(site),
            "XDG_DATA_HOME": state,
            "XDG_CONFIG_HOME": state,
        },
    )


def _sign_in(site: Site) -> dict[str, str]:
    """The variable with which it signs in to Prometheus, if that has a password."""
    header = authorization(server_password(site, "prometheus"))
    return {"ENERGYTRACK_PROMETHEUS_AUTHORIZATION": header["Authorization"]} if header else {}


def front_door_origins(site: Site) -> tuple[str, ...]:
    """Addresses of the front door as browsers may see them."""
    return tuple(f"http://{host}:{site.ports.caddy}" for host in (HOST, "localhost"))
