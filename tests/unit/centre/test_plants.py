"""Users for plants at the centre's Kafka; `test_mirror.py` of the integration tests has a real one."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from centre import plants
from centre.plants import PlantProblem, add, listed, remove
from energytrack.security.quotas import UserQuota
from energytrack.security.rights import RIGHTS, Permission, plant_rights
from energytrack.security.settings import QuotaSettings
from energytrack.settings import KafkaSettings


class UsersInMemory:
    """What a broker keeps about users."""

    def __init__(self) -> None:
        self.passwords = dict.fromkeys(("admin", *RIGHTS), "ours")
        self.permissions: dict[str, frozenset[Permission]] = {}
        self.quota: UserQuota | None = None
        self.unlimited: frozenset[str] = frozenset()

    def __call__(self, _: KafkaSettings) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        return None

    def users(self) -> frozenset[str]:
        return frozenset(self.passwords)

    def set_passwords(self, passwords: Mapping[str, str]) -> None:
        self.passwords |= passwords

    def set_permissions(self, wanted: Mapping[str, frozenset[Permission]]) -> None:
        self.permissions |= wanted

    def set_quotas(self, each: UserQuota, connections_per_second: float, *, unlimited: Iterable[str]) -> None:
        assert connections_per_second > 0
        self.quota, self.unlimited = each, frozenset(unlimited)

    def remove(self, users: Iterable[str]) -> None:
        for user in users:
            del self.passwords[user]


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> UsersInMemory:
    made = UsersInMemory()
    monkeypatch.setattr(plants, "BrokerUsers", made)
    return made


def test_a_new_plant_gets_a_password_which_is_shown_and_rights_on_its_own_topics(broker: UsersInMemory) -> None:
    added = add("plant-a", KafkaSettings())
    assert broker.passwords["plant-a"] in added
    assert len(broker.passwords["plant-a"]) >= 32
    assert broker.permissions == {"plant-a": plant_rights("plant-a").permissions()}


def test_a_plant_may_send_so_much_and_the_administrator_anything(broker: UsersInMemory) -> None:
    add("plant-a", KafkaSettings())
    assert broker.quota == QuotaSettings().quota()
    assert broker.unlimited == {"admin"}
    add("plant-b", KafkaSettings(), quotas=QuotaSettings(bytes_per_second=123_456))
    assert broker.quota is not None
    assert broker.quota.bytes_per_second == 123_456
    add("plant-c", KafkaSettings())  # from a shell that does not know of it
    assert broker.quota.bytes_per_second == 123_456


def test_at_a_centre_whose_own_topics_have_a_prefix_a_plants_begin_with_its_name(broker: UsersInMemory) -> None:
    """MirrorMaker puts the plant's name before a topic's, and nothing before that."""
    add("plant-a", KafkaSettings(topic_prefix="north."))
    assert broker.permissions["plant-a"] == plant_rights("plant-a").permissions()


def test_a_gateway_is_no_plant(broker: UsersInMemory) -> None:
    """A broker may serve a plant of its own too."""
    broker.set_passwords({"gateway-press": "its own", "gateway-press.2": "a newer one"})
    assert listed(KafkaSettings()) == "no plants"
    with pytest.raises(PlantProblem, match="there is no plant 'gateway-press'"):
        remove("gateway-press", KafkaSettings())
    assert "gateway-press" in broker.passwords


def test_it_is_there_once(broker: UsersInMemory) -> None:
    add("plant-a", KafkaSettings())
    password = broker.passwords["plant-a"]
    with pytest.raises(PlantProblem, match="there is already a plant 'plant-a': `remove` ends its user"):
        add("plant-a", KafkaSettings())
    assert broker.passwords["plant-a"] == password


def test_a_password_of_a_file_is_given_again_and_not_shown(broker: UsersInMemory, tmp_path: Path) -> None:
    file = tmp_path / "password"
    for password in ("first", "second"):
        file.write_text(f"{password}\n", encoding="utf-8")
        assert password not in add("plant-a", KafkaSettings(), password_file=file).removesuffix(str(file))
        assert broker.passwords["plant-a"] == password


def test_an_empty_file_is_no_password(broker: UsersInMemory, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("\n", encoding="utf-8")
    with pytest.raises(PlantProblem, match="there is no password in"):
        add("plant-a", KafkaSettings(), password_file=file)
    assert (set(broker.passwords), broker.permissions) == ({"admin", *RIGHTS}, {})


@pytest.mark.parametrize(
    "name", ["Plant A", "", "-a", "a.b", "a" * 49, "centre", "admin", "historian", "mirror", "gateway-a"]
)
def test_a_name_that_cannot_be_one_is_refused_before_the_broker_is_asked(broker: UsersInMemory, name: str) -> None:
    with pytest.raises(PlantProblem, match="a plant's name is lower-case letters, digits and hyphens"):
        add(name, KafkaSettings())
    assert broker.permissions == {}


@pytest.mark.parametrize("name", ["plant-b", "admin", "historian"])
def test_only_a_plant_is_removed(broker: UsersInMemory, name: str) -> None:
    with pytest.raises(PlantProblem, match=f"there is no plant '{name}'"):
        remove(name, KafkaSettings())
    assert set(broker.passwords) == {"admin", *RIGHTS}


def test_the_list_has_plants_and_no_users_of_ours(broker: UsersInMemory) -> None:
    assert listed(KafkaSettings()) == "no plants"
    for name in ("plant-b", "plant-a"):
        add(name, KafkaSettings())
    assert listed(KafkaSettings()) == "plant-a\nplant-b"
    assert remove("plant-a", KafkaSettings()) == "ended: plant-a; its topics stay until their retention ends"
    assert listed(KafkaSettings()) == "plant-b"
