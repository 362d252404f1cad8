"""Steps of a start in progress: a service under supervisord, and a job that runs to its end."""

from typing import Final

from local.errors import NotReady, ServiceFailed
from local.lifecycle.child import spawned, tail
from local.lifecycle.readiness import ask
from local.lifecycle.supervisord import Supervisor
from local.services.definition import Job, ServiceDefinition
from local.services.secrets import secret_env
from local.site import Site

ATTEMPTS: Final = 3
"""A service that has ended this often without answering counts as failed (supervisord keeps trying)."""


class SupervisedService:
    """Asks supervisord to start a service; a service that already runs is not touched."""

    def __init__(self, service: ServiceDefinition, supervisor: Supervisor, site: Site) -> None:
        self._service = service
        self._supervisor = supervisor
        self._site = site
        self._starts: set[int] = set()
        supervisor.start(service.name)

    def is_ready(self) -> bool:
        """Whether its process runs and answers; raises ServiceFailed if it keeps ending."""
        process = self._supervisor.process(self._service.name)
        if process.state in {"STARTING", "RUNNING"}:
            self._starts.add(process.started)
            try:
                ask(self._service.ready)
            except NotReady:
                return False
            return True
        if process.state == "FATAL" or len(self._starts) >= ATTEMPTS:
            raise ServiceFailed(self._service.name, "keeps ending", tail(self._site.log(self._service.name)))
        return False


class RunningJob:
    """A job as a child of this process."""

    def __init__(self, job: Job, site: Site) -> None:
        self._job = job
        self._log = site.log(job.name)
        with self._log.open("wb") as output:
            env = {**job.env, **secret_env(site, job.secrets)}
            self._process = spawned(job.command, site, env, output, cwd=site.root)

    def is_ready(self) -> bool:
        """Whether it has ended successfully; raises ServiceFailed if it failed."""
        code = self._process.poll()
        if code:
            raise ServiceFailed(self._job.name, f"ended with code {code}", tail(self._log))
        return code == 0
