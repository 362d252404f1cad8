"""compose.yaml: what a backup takes, and restoring puts back."""

from tests.unit.deploy.compose_file import BACKUPS, containers, described


def test_a_backup_has_every_volume_that_cannot_be_made_again() -> None:
    """And restoring writes to the same ones; a backup can change none of them."""
    remade = {"provisioned", "kafka-data", "gateway-buffer", "mongo-data", "mongo-config", "prometheus-data",
              "caddy-data", "caddy-config", "models"}  # fmt: skip
    mounted = {
        name: {volume.split(":")[0]: volume for volume in containers()[name].described["volumes"]} for name in BACKUPS
    }
    kept = set(described()["volumes"]) - remade
    for name in BACKUPS:
        assert {volume for volume in mounted[name] if not volume.startswith("$")} == kept, name
    assert all(mounted["backup"][volume].endswith(":ro") for volume in kept)
    assert not any(mounted["restore"][volume].endswith(":ro") for volume in kept)


def test_backups_are_made_only_when_somebody_asks() -> None:
    for name in BACKUPS:
        container = containers()[name].described
        assert container["profiles"] == ["backup"]
        assert container["networks"] == ["store"]
        assert container["restart"] == "no"


def test_what_a_backup_takes_is_what_restoring_puts_back() -> None:
    """The same names of folders, at the same places."""

    def areas(words: list[str]) -> set[str]:
        return {word for word in words if word.startswith(("--area=", "--secret="))}

    taken = areas(containers()["backup"].described["command"])
    put_back = areas(containers()["restore"].described["entrypoint"])
    assert put_back - taken == {"--area=plant=/backups/plant"}  # the plant file is among what every backup takes
    assert taken <= put_back


def test_what_holds_passwords_is_in_encrypted_backups_only() -> None:
    """Grafana keeps its people's, and the alerts token, in its database; the gateway, the key of its certificate."""
    secret = {each for each in containers()["backup"].described["command"] if each.startswith("--secret=")}
    assert secret == {
        "--secret=gateway=/data/gateway",
        "--secret=grafana=/data/grafana",
        "--secret=secrets=/data/secrets",
    }
