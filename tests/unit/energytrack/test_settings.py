"""Settings: every problem at once, nothing secret in any sentence."""

from pathlib import Path

import pytest
from pydantic import Field, SecretStr, ValidationError

from energytrack.errors import InvalidSettings
from energytrack.settings import Block, KafkaSettings, MongoSettings, PlantSettings, ServiceSettings, read_all

BLOCKS = (KafkaSettings, MongoSettings, PlantSettings, ServiceSettings)


def refused(env: dict[str, str]) -> str:
    with pytest.raises(InvalidSettings) as error:
        read_all(env, *BLOCKS)
    return str(error.value)


@pytest.mark.parametrize("block", BLOCKS)
def test_everything_has_a_default(block: type[Block]) -> None:
    """A developer's machine needs no variables."""
    assert block.from_env({}) == block()


def test_variables_are_named_after_fields() -> None:
    """Prefix and field in capitals."""
    kafka, _, plant, service = read_all(
        {
            "ENERGYTRACK_KAFKA_SERVERS": "a:9092, b:9092",
            "ENERGYTRACK_PLANT_FILE": "other.toml",
            "ENERGYTRACK_PLANT_DEVICES": "1000",
            "ENERGYTRACK_METRICS_PORT": "9500",
        },
        *BLOCKS,
    )
    assert kafka.servers == "a:9092, b:9092"
    assert (plant.file, plant.devices) == (Path("other.toml"), 1000)
    assert service.metrics_port == 9500


def test_an_empty_variable_counts_as_not_set() -> None:
    """Compose files pass variables on that nobody set."""
    assert PlantSettings.from_env({"ENERGYTRACK_PLANT_DEVICES": ""}).devices is None


def test_all_problems_are_reported_at_once() -> None:
    """Each with its variable and the value that it has, block after block."""
    text = refused(
        {
            "ENERGYTRACK_KAFKA_SERVERS": "broker",
            "ENERGYTRACK_KAFKA_PARTITIONS": "0",
            "ENERGYTRACK_KAFKA_CLIENT": "librdkafka",
            "ENERGYTRACK_METRICS_PORT": "many",
            "ENERGYTRACK_PLANT_DEVICES": "0",
        }
    )
    assert len(text.splitlines()) == 5
    assert "ENERGYTRACK_KAFKA_SERVERS: expected host:port, several separated by commas, got 'broker'" in text
    assert "ENERGYTRACK_METRICS_PORT: Input should be a valid integer" in text
    assert "got 'many'" in text


def test_a_user_is_needed_where_the_protocol_asks_for_one() -> None:
    """SASL without user and password is found at the start, not at the first message."""
    text = refused({"ENERGYTRACK_KAFKA_SECURITY_PROTOCOL": "SASL_SSL"})
    assert "ENERGYTRACK_KAFKA_USERNAME: needed if the security protocol is SASL_SSL" in text
    assert "ENERGYTRACK_KAFKA_PASSWORD: needed" in text


def test_a_misspelt_variable_is_named() -> None:
    """One that looks like a setting and is none, with the one that was meant."""
    text = refused({"ENERGYTRACK_KAFKA_SERVRS": "a:9092"})
    assert text.strip() == (
        "ENERGYTRACK_KAFKA_SERVRS: there is no such setting; did you mean ENERGYTRACK_KAFKA_SERVERS?"
    )


@pytest.mark.parametrize(
    "name", ["ENERGYTRACK_KAFKA_HOME", "ENERGYTRACK_PORT_OFFSET", "HOME", "ENERGYTRACK_ML_METRICS_PORT"]
)
def test_foreign_variables_are_nobodys_business(name: str) -> None:
    """Other programs and other services have variables of their own."""
    read_all({name: "x"}, *BLOCKS)


def test_a_secret_is_in_no_representation_and_in_no_sentence() -> None:
    """Logs and error messages may be read by anybody."""
    env = {
        "ENERGYTRACK_KAFKA_PASSWORD": "hush",
        "ENERGYTRACK_MONGO_URI": "mongodb://user:hush@db",
        "ENERGYTRACK_KAFKA_PARTITIONS": "0",
    }
    assert "hush" not in refused(env)
    kafka, mongo, *_ = read_all(env | {"ENERGYTRACK_KAFKA_PARTITIONS": "1"}, *BLOCKS)
    for text in (repr(kafka), str(kafka), repr(mongo), mongo.model_dump_json()):
        assert "hush" not in text


def test_a_secret_that_does_not_fit_is_not_reported() -> None:
    """Not even a wrong one."""

    class Vault(Block):
        prefix = "ENERGYTRACK_TEST_VAULT_"
        key: SecretStr = Field(SecretStr("0123456789"), min_length=10)

    with pytest.raises(InvalidSettings) as error:
        Vault.from_env({"ENERGYTRACK_TEST_VAULT_KEY": "hush"})
    assert "ENERGYTRACK_TEST_VAULT_KEY" in str(error.value)
    assert "hush" not in str(error.value)


def test_a_file_that_is_missing_hides_no_other_problem(tmp_path: Path) -> None:
    """All at once means files too."""
    text = refused({"ENERGYTRACK_KAFKA_PASSWORD_FILE": str(tmp_path / "none"), "ENERGYTRACK_KAFKA_PARTITIONS": "0"})
    assert "ENERGYTRACK_KAFKA_PASSWORD_FILE: No such file or directory" in text
    assert "ENERGYTRACK_KAFKA_PARTITIONS" in text


def test_a_block_is_frozen() -> None:
    """What was read at the start holds to the end."""
    with pytest.raises(ValidationError):
        ServiceSettings().metrics_port = 1  # type: ignore[misc]


@pytest.mark.parametrize("block", BLOCKS)
def test_every_setting_is_described(block: type[Block]) -> None:
    """The reference is made of these sentences."""
    assert block.__doc__
    assert all(field.description for field in block.model_fields.values())
