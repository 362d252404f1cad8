"""compose.yaml: which container has which secrets, and in which folders."""

import re

from tests.unit.deploy.compose_file import (
    BACKUPS,
    ROOT,
    Container,
    containers,
    every_container,
)


@every_container
def test_no_secret_is_in_an_environment(container: Container) -> None:
    """Whoever may list containers sees their environment; only the one that takes yours in has some, and ends."""
    secret = re.compile(r"(PASSWORD|KEY|TOKEN|URI)$")
    if container.name != "secrets":
        assert [name for name in container.env if secret.search(name)] == []


def test_folders_of_secrets_belong_to_who_writes_them() -> None:
    """A fresh volume takes the owner of the folder in the image; without one it would be root's."""
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for volume in containers()["secrets"].described["volumes"]:
        assert re.search(rf"{volume.split(':')[1]}[ \n]", image), volume


def test_telegraf_has_a_folder_for_the_passwords_of_machines_also_where_there_are_none() -> None:
    """It does not start without one; Docker creates a folder that is mounted by itself."""
    volumes = containers()["telegraf"].described["volumes"]
    machines = next(volume for volume in volumes if volume.endswith(":/machines:ro"))
    assert machines.replace(":/machines:ro", "/secrets:/machines/secrets:ro") in volumes


def test_the_key_that_orders_are_signed_with_is_the_control_apis_alone() -> None:
    holders = {
        name
        for name, container in containers().items()
        if any(volume.startswith("secrets-control:") for volume in container.described.get("volumes", ()))
    }
    assert holders - BACKUPS == {"control-api", "secrets"}
