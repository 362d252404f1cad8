"""The whole stack, run by `python -m local` as people do, on a test's own ports and in its own folder."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from local.install.programs import find_grafana
from local.lifecycle.child import leash
from local.lifecycle.processes import left_over, taken_ports
from local.lifecycle.supervisord import connected, pid_path, socket_path
from local.settings import LocalSettings
from local.site import ROOT, Ports, Site
from local.terminal.live_line import Throughput, measure_throughput, prometheus_query
from ml.features.spec import FEATURES_VERSION


@dataclass(frozen=True)
class LocalStack:
    """A test's own site, run as people do."""

    site: Site
    env: dict[str, str]
    begun: "list[subprocess.Popen[str]]" = field(default_factory=list)
    root: Path = ROOT
    """The checkout whose code runs."""

    def say(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*leash("KILL"), *_command(*arguments)],
            env=self.env,
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
        )

    def begin(self, *arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [*leash("KILL"), *_command(*arguments)],
            env=self.env,
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.begun.append(process)
        return process

    def supervised(self, name: str) -> int:
        """The process id of a service, or of `supervisord` itself; 0 if there is none."""
        with connected(self.site) as supervisor:
            if supervisor is None:
                return 0
            return supervisor.pid() if name == "supervisord" else supervisor.process(name).pid

    def throughput(self) -> Throughput:
        return measure_throughput(prometheus_query(self.site))

    def assert_nothing_is_left(self) -> None:
        assert left_over(self.site) == []
        assert not pid_path(self.site).exists()
        assert not socket_path(self.site).exists()
        assert taken_ports(dict(self.site.ports.items())) == ()


@contextmanager
def a_stack(var: Path, settings: Mapping[str, str]) -> Iterator[LocalStack]:
    """A stack that does not run yet; at the end everything is stopped, even if this process is killed."""
    offset = next(each for each in iter(_an_offset, None) if not taken_ports(dict(Ports().shifted(each).items())))
    site = Site(
        var=var,
        ports=Ports().shifted(offset),
        grafana_home=find_grafana(os.environ.get("GRAFANA_HOME")),
        passwords=LocalSettings.from_env(settings).local_passwords,
    )
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ENERGYTRACK_")}
    own = {"ENERGYTRACK_VAR": str(site.var), "ENERGYTRACK_PORT_OFFSET": str(offset)}
    made = LocalStack(site, {**inherited, **own, **settings})
    with _taken_down(made):
        try:
            yield made
        finally:
            for process in made.begun:
                process.kill()
                process.wait()
                if process.stdout is not None:
                    process.stdout.close()


@contextmanager
def _taken_down(stack: LocalStack) -> Iterator[None]:
    """Run `down` at the end of the context, or of this process: the command waits for the end of its input.

    It is in a separate session, which an interrupt of this process does not reach.
    """
    down = subprocess.Popen(
        ["/bin/sh", "-c", 'read -r _; exec "$@"', "sh", *_command("down")],
        env=stack.env,
        cwd=stack.root,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        down.communicate()
    assert down.returncode == 0, f"`down` of {stack.site.var} ended with code {down.returncode}"


def pretend_to_have_a_model(var: Path) -> None:
    """Spare a stack the training of its first model; its insights come without a probability."""
    models = var / "models"
    models.mkdir(parents=True)
    (models / "failure_model.pkl").write_text("none")
    (models / "failure_model.json").write_text(f'{{"features_version": {FEATURES_VERSION}}}')


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "local", *arguments]


def _an_offset() -> int:
    """An offset of ports that keeps all of them below those of outgoing connections.

    It uses the system's random numbers: the others are seeded, and equal in tests that run at the same time.
    """
    return random.SystemRandom().randrange(1, 32_768 - max(port for _, port in Ports().items()))
