"""The watch over MirrorMaker: what Prometheus is shown, and what /healthz says, when a broker does not answer."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from centre.watch import MirrorWatch, at_centre
from energytrack.bus.kafka.newest import NewestMessages
from energytrack.centre.settings import CentreSettings
from energytrack.errors import BusUnavailable, InvalidSettings
from energytrack.running.health import Health
from energytrack.settings import KafkaSettings
from energytrack.topics import READINGS

THERE = f"plant-a.{READINGS}"
LAG = "energytrack_mirror_lag_seconds"


class NewestStandIn(NewestMessages):
    """Gives prepared answers."""

    def __init__(self, name: str) -> None:
        super().__init__(KafkaSettings(servers=f"{name}:9092"), "test")
        self.newest: dict[tuple[str, int], float] | None = {}

    def of(self, topics: Iterable[str]) -> dict[tuple[str, int], float]:
        if self.newest is None:
            raise BusUnavailable(self.servers, "nobody listens")
        return {at: newest for at, newest in self.newest.items() if at[0] in set(topics)}


class Trial:
    def __init__(self) -> None:
        self.plant, self.centre = NewestStandIn("plant"), NewestStandIn("centre")
        self.health = Health(patience=-1)  # seconds: it complains at once
        self.registry = CollectorRegistry()
        self.watch = MirrorWatch(self.plant, self.centre, {READINGS: THERE}, self.health)
        self.registry.register(self.watch)

    def lag(self, now: float) -> float | None:
        self.watch.compare(now)
        return self.registry.get_sample_value(LAG)


def test_topics_are_compared_under_their_names_at_the_centre() -> None:
    trial = Trial()
    trial.plant.newest = {(READINGS, 3): 100.0}
    trial.centre.newest = {(THERE, 3): 100.0, (READINGS, 3): 0.0}
    assert trial.lag(100.0) == 0
    trial.plant.newest = {(READINGS, 3): 130.0}
    assert trial.lag(130.0) == 0
    assert trial.lag(730.0) == 600.0


def test_while_the_plants_own_broker_is_away_there_is_no_lag_rather_than_a_wrong_one() -> None:
    trial = Trial()
    assert trial.lag(100.0) == 0
    trial.plant.newest = None
    assert trial.lag(115.0) is None
    assert "Kafka at plant:9092 has not answered" in (trial.health.complaint() or "")
    trial.plant.newest = {}
    assert trial.lag(130.0) == 0
    assert trial.health.complaint() is None


def test_a_broker_that_is_away_is_logged_once_and_so_is_its_return() -> None:
    trial = Trial()
    with capture_logs() as logs:
        for trial.centre.newest in (None, None, None, {}, {}):
            trial.watch.compare(100.0)
    assert [entry["event"] for entry in logs] == ["a broker does not answer", "a broker answers again"]


def test_a_centre_that_is_away_is_a_lag_as_soon_as_there_is_something_to_send() -> None:
    trial = Trial()
    trial.plant.newest, trial.centre.newest = {(READINGS, 0): 100.0}, {(THERE, 0): 100.0}
    assert trial.lag(100.0) == 0
    trial.plant.newest, trial.centre.newest = {(READINGS, 0): 115.0}, None
    assert trial.lag(115.0) == 0
    assert trial.lag(815.0) == 700.0
    assert "Kafka at centre:9092 has not answered" in (trial.health.complaint() or "")


def test_the_centre_is_reached_as_the_plants_user(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("a secret")
    settings = at_centre(CentreSettings(plant="plant-a", kafka_servers="centre.example:9093", password_file=file))
    assert (settings.servers, settings.username) == ("centre.example:9093", "plant-a")
    assert settings.security_protocol == "SASL_SSL"
    assert settings.password is not None
    assert settings.password.get_secret_value() == "a secret"


@pytest.mark.parametrize(
    ("centre", "complaint"),
    [
        (CentreSettings(), "ENERGYTRACK_CENTRE_KAFKA_SERVERS: needed to watch"),
        (
            CentreSettings(plant="plant-a", kafka_servers="c:9093"),
            "ENERGYTRACK_CENTRE_PASSWORD_FILE: needed, because the centre's",
        ),
        (
            CentreSettings(plant="plant-a", kafka_servers="c:9093", password_file=Path("/no/such/file")),
            "ENERGYTRACK_CENTRE_PASSWORD_FILE: cannot be read",
        ),
    ],
)
def test_what_is_missing_is_said(centre: CentreSettings, complaint: str) -> None:
    with pytest.raises(InvalidSettings, match=complaint):
        at_centre(centre)


def test_a_centre_without_passwords_needs_none() -> None:
    centre = CentreSettings(plant="plant-a", kafka_servers="c:9092", kafka_security_protocol="PLAINTEXT")
    assert at_centre(centre).password is None
