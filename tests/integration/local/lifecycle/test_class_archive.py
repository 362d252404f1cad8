"""The archive of the broker's classes: made once, used by every broker of this computer, and never needed."""

from dataclasses import replace
from pathlib import Path

import pytest

from local.errors import CannotPrepare
from local.lifecycle import class_archive
from local.lifecycle.class_archive import made_class_archive
from local.services.kafka import kafka_service, prepare_kafka, resolve_jars
from testkit.stack.servers import site_in, started

LOADED = "shared objects file (top)"
"""How Java says that a class comes from the archive."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A computer that has the broker's jars, and no archive."""
    folder = tmp_path_factory.mktemp("cache")
    jars = resolve_jars(site_in(folder))
    (folder / jars.name).symlink_to(jars)
    return folder


@pytest.mark.slow
def test_a_broker_takes_its_classes_from_the_archive(cache: Path, tmp_path: Path) -> None:
    site = replace(site_in(tmp_path), cache=cache)
    assert "-XX:SharedArchiveFile" not in " ".join(kafka_service(site).command)
    archive = made_class_archive(site)
    assert archive is not None
    assert [file.name for file in cache.iterdir() if file.is_dir() and not file.is_symlink()] == []
    prepare_kafka(site)
    service = kafka_service(site)
    assert f"-XX:SharedArchiveFile={archive}" in service.command
    java, *rest = service.command
    with started(replace(service, command=(java, "-Xlog:class+load", *rest)), site) as broker:
        assert LOADED in broker.log.read_text()
        before = archive.stat().st_mtime_ns
        assert made_class_archive(site) == archive
        assert archive.stat().st_mtime_ns == before


def test_without_an_archive_brokers_start_more_slowly_and_that_is_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise CannotPrepare("no")

    site = replace(site_in(tmp_path), cache=tmp_path)
    monkeypatch.setattr(class_archive, "resolve_jars", lambda _: tmp_path)
    monkeypatch.setattr(class_archive, "prepare_kafka", fail)
    assert made_class_archive(site) is None
    assert "-XX:SharedArchiveFile" not in " ".join(kafka_service(site).command)
