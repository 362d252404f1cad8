"""Our own services: `python -m` for each of them, with this site's settings."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from energytrack.security.rights import ADMIN, RIGHTS
from local.services.access import PROTOCOL, kafka_env, passwords
from local.services.definition import HttpAnswers, Job, ServiceDefinition
from local.services.front_door import front_door_origins
from local.services.mongo import mongo_uri
from local.services.passwords import USER, server_password
from local.services.secrets import (
    ALERTS_TOKEN,
    COMMAND_KEYS,
    COMMAND_SIGNING_KEY,
    GATEWAY_COMMAND_KEYS,
    ML_SIGNING_KEY,
    secret_env,
)
from local.site import MARK, Site

DAYS: Final = 1
"""Default retention of the database on a developer's computer."""
KEPT: Final = ("ENERGYTRACK_MONGO_READINGS_DAYS", "ENERGYTRACK_MONGO_INSIGHTS_DAYS")


@dataclass(frozen=True)
class PipelineService:
    """One of our own services."""

    name: str
    purpose: str
    module: str
    needs: tuple[str, ...]
    secrets: tuple[str, ...] = ()

    @property
    def kafka_user(self) -> str | None:
        """Its user in Kafka, if it uses Kafka."""
        user = self.name.replace("_", "-")
        return user if user in RIGHTS else None

    def replicas(self, site: Site) -> tuple[str, ...]:
        """The names of its processes, which are those of their ports too."""
        further = range(2, site.replicas + 1) if self.name in REPLICATED else ()
        return (self.name, *(f"{self.name}_{number}" for number in further))


REPLICATED: Final = frozenset({"exporters", "historian", "ml_consumer"})
"""Services that share the partitions of their topics."""
PIPELINE: Final = (
    PipelineService("exporters", "turns messages into Prometheus series", "exporters", ("topics", "mongo")),
    PipelineService("historian", "stores readings, insights and events", "historian", ("topics", "mongo")),
    PipelineService(
        "ml_consumer",
        "scores readings and gives recommendations",
        "ml.ml_consumer",
        ("topics", "mongo"),
        (ML_SIGNING_KEY,),
    ),
    PipelineService(
        "control_api",
        "sends orders to machines",
        "control_api",
        ("topics", "mongo"),
        (ALERTS_TOKEN, COMMAND_SIGNING_KEY),
    ),
    PipelineService(
        "simulator", "the simulated plant: machines, wear, faults", "simulator", ("topics",), (COMMAND_KEYS,)
    ),
    PipelineService("retrain", "trains challengers, promotes better ones", "ml.retrain", ("mongo",), (ML_SIGNING_KEY,)),
)
REPLAY: Final = PipelineService("replay", "plays a recording's machines", "simulator.replay", ("topics",))
GATEWAY: Final = PipelineService(
    "gateway", "carries out orders on real machines", "gateway", ("topics",), (GATEWAY_COMMAND_KEYS,)
)
DISK: Final = PipelineService("disk", "exports disk usage, watches the supervisor", "exporters.disk", ())


def topics_job(site: Site) -> Job:
    """Topics are created explicitly, before the first service uses one."""
    return Job(
        name="topics",
        purpose="creates missing Kafka topics, and grants rights",
        command=(sys.executable, "-m", "local.topics"),
        needs=site.broker_names,
        env={
            **shared_env(site),
            **kafka_env(site, ADMIN),
            **({"ENERGYTRACK_KAFKA_USERS_FOLDER": str(passwords(site))} if site.kafka_users else {}),
        },
    )


def pipeline_services(site: Site) -> tuple[ServiceDefinition, ...]:
    """All services of a site, the keeper, and if requested a replay and the gateway for orders."""
    services = [
        _service(site, part, name) for part in PIPELINE if find_spec(part.module) for name in part.replicas(site)
    ]
    services.append(keeper_service(site))
    if site.replay is not None:
        arguments = ("--recording", str(site.replay), "--speed", f"{site.replay_speed:g}", "--loop")
        services.append(_service(site, REPLAY, REPLAY.name, arguments))
    if site.orders_file is not None:
        services.append(gateway_service(site, site.orders_file))
    return tuple(services)


def gateway_service(site: Site, orders_file: Path) -> ServiceDefinition:
    """The gateway for orders, with its list of machines."""
    service = _service(site, GATEWAY, GATEWAY.name, ("orders",))
    own = {
        "ENERGYTRACK_GATEWAY_ORDERS_FILE": str(orders_file),
        "ENERGYTRACK_GATEWAY_STATE_FOLDER": str(site.var / "gateway"),
    }
    return replace(service, env={**service.env, **own})


def keeper_service(site: Site) -> ServiceDefinition:
    """Exports disk usage and watches the supervisor; it gets only the settings that it needs."""
    return ServiceDefinition(
        name=DISK.name,
        purpose=DISK.purpose,
        command=(sys.executable, "-m", "local.lifecycle.keeper"),
        ready=HttpAnswers(site.url(site.ports.disk, "/healthz")),
        ports=(DISK.name,),
        env={"ENERGYTRACK_METRICS_PORT": str(site.ports.disk), "ENERGYTRACK_DISK_FOLDERS": str(site.var)},
    )


def shared_env(site: Site) -> Mapping[str, str]:
    """The addresses and paths that all our own processes get."""
    env = {
        "ENERGYTRACK_KAFKA_SERVERS": site.kafka_servers,
        **({"ENERGYTRACK_KAFKA_REPLICATION": str(site.brokers)} if site.brokers > 1 else {}),
        "ENERGYTRACK_ML_MODEL_FILE": str(model_file(site)),
        "ENERGYTRACK_PLANT_FILE": str(site.plant_file),
        "ENERGYTRACK_SIMULATOR_STATE_FOLDER": str(site.var / "simulator"),
        "ENERGYTRACK_DISK_FOLDERS": str(site.var),
        "ENERGYTRACK_CONTROL_API_ORIGINS": ",".join(front_door_origins(site)),
        **({"ENERGYTRACK_KAFKA_SECURITY_PROTOCOL": PROTOCOL} if site.kafka_users else {}),
        "OMP_NUM_THREADS": "1",  # each service works in one thread; numpy's thread pools would compete for cores
    }
    env["ENERGYTRACK_CONTROL_API_PROMETHEUS_URL"] = site.url(site.ports.prometheus, "")
    if password_file := server_password(site, "prometheus"):
        env["ENERGYTRACK_CONTROL_API_PROMETHEUS_USERNAME"] = USER
        env["ENERGYTRACK_CONTROL_API_PROMETHEUS_PASSWORD_FILE"] = str(password_file)
    if site.mongo_uri is None:  # the user's own is already in the environment
        env["ENERGYTRACK_MONGO_URI"] = mongo_uri(site)
        env |= {name: str(days_kept(name)) for name in KEPT}
    if site.grafana_home is not None:
        env["ENERGYTRACK_CONTROL_API_GRAFANA_URL"] = site.url(site.ports.grafana, "")
    if site.devices is not None:
        env["ENERGYTRACK_PLANT_DEVICES"] = str(site.devices)
    return env


def days_kept(variable: str) -> int:
    """The retention of readings, or of insights, in this computer's own database, in days."""
    setting = os.environ.get(variable, "")
    return int(setting) if setting.isdecimal() and int(setting) else DAYS


def own_env(site: Site, *secrets: str) -> dict[str, str]:
    """The whole environment of one of our commands that runs beside the services."""
    return {**os.environ, **shared_env(site), **secret_env(site, secrets), MARK: str(site.var)}


def model_file(site: Site) -> Path:
    """The champion; its card is next to it."""
    return site.var / "models" / "failure_model.pkl"


def _service(site: Site, part: PipelineService, name: str, arguments: tuple[str, ...] = ()) -> ServiceDefinition:
    port = int(getattr(site.ports, name))
    port_variable = "ENERGYTRACK_CONTROL_API_PORT" if part.name == "control_api" else "ENERGYTRACK_METRICS_PORT"
    return ServiceDefinition(
        name=name,
        purpose=part.purpose,
        command=(sys.executable, "-m", part.module, *arguments),
        ready=HttpAnswers(site.url(port, "/healthz")),
        ports=(name,),
        job=part.name,
        needs=tuple(need for need in part.needs if need != "mongo" or site.mongo_uri is None),
        env={
            **shared_env(site),
            **(kafka_env(site, part.kafka_user) if part.kafka_user else {}),
            port_variable: str(port),
        },
        secrets=part.secrets,
    )
