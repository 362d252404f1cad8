"""The whole stack as data, in display order: services, their needs and their readiness checks."""

from local.services.centre import plant_jobs, prometheus_of_centre
from local.services.definition import ServiceDefinition, Step
from local.services.front_door import caddy_service
from local.services.kafka import kafka_services
from local.services.mirror import mirror_service, mirror_watch_service
from local.services.mongo import mongo_service
from local.services.observability import alertmanager_service, grafana_service, pager, prometheus_service
from local.services.pipeline import pipeline_services, topics_job
from local.site import Site


def steps(site: Site) -> tuple[Step, ...]:
    """Every service and job of a site: of a plant, or of a centre of several."""
    if site.plants:
        return (
            *kafka_services(site),
            *plant_jobs(site),
            prometheus_of_centre(site),
            *((grafana_service(site),) if site.grafana_home else ()),
        )
    return (
        *kafka_services(site),
        topics_job(site),
        *((mirror_service(site), mirror_watch_service(site)) if site.centre.kafka_servers else ()),
        *(() if site.mongo_uri else (mongo_service(site),)),
        prometheus_service(site),
        *((alertmanager_service(site),) if pager(site) == "alertmanager" else ()),
        *pipeline_services(site),
        *((grafana_service(site),) if site.grafana_home else ()),
        caddy_service(site),
    )


def services(site: Site) -> tuple[ServiceDefinition, ...]:
    """The processes that keep running."""
    return tuple(step for step in steps(site) if isinstance(step, ServiceDefinition))
