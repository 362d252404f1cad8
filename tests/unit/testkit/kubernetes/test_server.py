"""How an API server is started and ended, and how commands are run on it; tests/kubernetes runs a real one."""

from pathlib import Path

import pytest
import yaml

from testkit.kubernetes.programs import ServerPrograms
from testkit.kubernetes.server import STRIMZI, ApiServer, CommandFailed, api_server
from tests.unit.deploy.kubernetes.objects import every_overlay, rendered, with_components


def a_program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def test_commands_are_those_of_this_server_and_warnings_are_said(tmp_path: Path) -> None:
    server = ApiServer(tmp_path / "kubeconfig")
    said = server.shell('echo "$KUBECONFIG"; echo warning >&2; pwd; cat', folder=tmp_path, text="given")
    assert said == f"{tmp_path / 'kubeconfig'}\nwarning\n{tmp_path}\ngiven"


@pytest.mark.parametrize("script", ["false; echo on", "false | cat", 'echo "$never_set"'])
def test_the_first_command_that_fails_ends_it(tmp_path: Path, script: str) -> None:
    with pytest.raises(CommandFailed):
        ApiServer(tmp_path / "kubeconfig").shell(script, folder=tmp_path)


def test_a_server_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    programs = ServerPrograms(tmp_path)
    a_program(programs.store, f"echo $$ > {tmp_path}/store.id; exec sleep 600")
    written = f"until [ -s {tmp_path}/store.id ]; do sleep 0.05; done"
    a_program(programs.server, f"{written}; echo unknown flag: --token; exit 1")
    with pytest.raises(CommandFailed, match="unknown flag: --token"), api_server(programs, tmp_path, tmp_path):
        pass
    store = int((tmp_path / "store.id").read_text(encoding="utf-8"))
    assert not Path(f"/proc/{store}").exists()


def test_people_find_the_server_by_its_own_certificate(tmp_path: Path) -> None:
    programs = ServerPrograms(tmp_path)
    a_program(programs.store, "exec sleep 600")
    a_program(programs.server, f'echo "$@" > {tmp_path}/arguments; exit 1')
    with pytest.raises(CommandFailed), api_server(programs, tmp_path, tmp_path):
        pass
    arguments = dict(
        word.removeprefix("--").split("=", 1) for word in (tmp_path / "arguments").read_text(encoding="utf-8").split()
    )
    (cluster,) = yaml.load((tmp_path / "kubeconfig").read_text(encoding="utf-8"), yaml.CSafeLoader)["clusters"]
    assert cluster["cluster"]["server"] == f"https://{arguments['bind-address']}:{arguments['secure-port']}"
    assert cluster["cluster"]["certificate-authority"] == f"{arguments['cert-dir']}/apiserver.crt"


@every_overlay
def test_every_kind_of_strimzi_is_known(overlay: str, tmp_path: Path) -> None:
    objects = (*rendered(overlay), *with_components(tmp_path, "several-plants", "gateways"))
    used = {each["kind"] for each in objects if each["apiVersion"].startswith("kafka.strimzi.io/")}
    assert used == set(STRIMZI)
