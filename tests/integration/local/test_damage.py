"""A data folder that cannot be read is named, with the way to put it aside."""

from collections.abc import Callable
from pathlib import Path

import pytest

from local.errors import ServiceFailed
from local.lifecycle.child import Child, tail
from local.services.definition import ServiceDefinition
from local.services.kafka import kafka_service, prepare_kafka
from local.services.mongo import mongo_service
from local.site import Site
from local.terminal.diagnosis import explanation_of
from testkit.stack.servers import site_in, started


def a_kafka(site: Site) -> ServiceDefinition:
    prepare_kafka(site)
    return kafka_service(site)


@pytest.mark.parametrize(
    ("make", "file"),
    [
        (mongo_service, "mongo/WiredTiger.wt"),
        (mongo_service, "mongo/WiredTiger.turtle"),
        (a_kafka, "kafka/data/meta.properties"),
    ],
)
def test_damaged_data_is_named(tmp_path: Path, make: Callable[[Site], ServiceDefinition], file: str) -> None:
    site = site_in(tmp_path)
    service = make(site)
    with started(service, site) as child:
        child.terminate()
    damaged = site.var / file
    damaged.write_bytes(bytes((byte * 7 + 13) % 256 for byte in damaged.read_bytes()))
    child = Child(service, site)
    with pytest.raises(ServiceFailed) as failed:
        child.wait_until_ready()
    folder = site.var / service.data
    assert f"`mv {folder} {folder}.damaged`" in str(explanation_of(service, failed.value.log_tail, site))


def test_a_folder_that_another_server_uses_is_named(tmp_path: Path) -> None:
    site = site_in(tmp_path)
    with started(mongo_service(site), site):
        other = Child(mongo_service(site_in(tmp_path)), site)
        with pytest.raises(ServiceFailed):
            other.wait_until_ready()
        said = explanation_of(other.service, tail(other.log), site)
    assert said == f"Another process still uses {site.var / 'mongo'}: `make down` ends the remains of an earlier run."
