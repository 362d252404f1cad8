"""The archive of the broker's classes: made once, used by every broker of this computer, and never needed."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from energytrack.clock import ManualClock
from local.errors import CannotPrepare
from local.lifecycle import class_archive as making
from local.lifecycle.class_archive import MAKING_SECONDS, made_class_archive
from local.services.definition import Job
from local.services.kafka import class_archive, java_version, kafka_service, prepare_kafka, resolve_jars
from local.services.maven import run_once
from local.site import Site
from testkit.patience import seconds_here
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
    archive = made_class_archive(site, print, seconds=seconds_here(MAKING_SECONDS))
    assert archive is not None
    assert [file.name for file in cache.iterdir() if file.is_dir() and not file.is_symlink()] == []
    prepare_kafka(site)
    service = kafka_service(site)
    assert f"-XX:SharedArchiveFile={archive}" in service.command
    java, *rest = service.command
    with started(replace(service, command=(java, "-Xlog:class+load", *rest)), site) as broker:
        assert LOADED in broker.log.read_text()
        before = archive.stat().st_mtime_ns
        assert made_class_archive(site, print) == archive
        assert archive.stat().st_mtime_ns == before


def a_job(*command: str) -> Job:
    return Job(name="topics", purpose="", command=command)


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Site]:
    """A site whose broker writes an archive and then ends with a code."""

    def of(code: int) -> Site:
        @contextmanager
        def a_broker(service: Any, own: Site, *, deadline: float) -> Iterator[Any]:
            assert deadline <= making.MAKING_SECONDS
            own.logs.mkdir(parents=True)
            (option,) = service.env.values()
            unfinished = Path(option.partition("=")[2])
            assert not unfinished.exists()  # what an earlier one has left is gone

            def terminate() -> int:
                unfinished.write_text("an archive")
                return code

            yield SimpleNamespace(service=service, terminate=terminate)

        monkeypatch.setattr(making, "started", a_broker)
        return replace(site_in(tmp_path), cache=tmp_path)

    monkeypatch.setattr(making, "resolve_jars", lambda _: tmp_path)
    monkeypatch.setattr(making, "prepare_kafka", lambda *_, **__: None)
    monkeypatch.setattr(making, "topics_job", lambda _: a_job("true"))
    return of


@pytest.mark.parametrize("code", [0, 143])
def test_what_a_broker_wrote_that_ended_in_order_is_the_archive(maker: Callable[[int], Site], code: int) -> None:
    site = maker(code)
    archive = class_archive(site)
    archive.with_suffix(".unfinished").write_text("half of one")
    assert made_class_archive(site, print) == archive
    assert archive.read_text() == "an archive"


@pytest.mark.parametrize("code", [1, -9])
def test_what_a_broker_wrote_that_did_not_end_in_order_is_no_archive(maker: Callable[[int], Site], code: int) -> None:
    """It is said once, in a line; the next start does without and does not try again."""
    site = maker(code)
    said: list[str] = []
    assert made_class_archive(site, said.append) is None
    assert made_class_archive(site, said.append) is None
    (line,) = said
    assert f"ended with code {code}" in line
    failed = class_archive(site).with_suffix(".failed")
    assert str(failed) in line
    assert not class_archive(site).with_suffix(".unfinished").exists()
    assert "-XX:SharedArchiveFile" not in " ".join(kafka_service(site).command)
    os.utime(failed, (0, 0))  # a day later, say
    assert made_class_archive(maker(143), said.append) == class_archive(site)


def test_a_folder_in_which_nothing_can_be_written_costs_a_line(maker: Callable[[int], Site], tmp_path: Path) -> None:
    no_folder = tmp_path / "a file"
    no_folder.touch()
    said: list[str] = []
    assert made_class_archive(replace(maker(143), cache=no_folder), said.append) is None
    assert len(said) == 1
    assert "\n" not in said[0]


def test_a_broker_that_cannot_be_prepared_costs_a_line(
    maker: Callable[[int], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Site, *, seconds: float) -> None:
        raise CannotPrepare(f"no\nnot in {seconds:.0f} s")

    site = maker(143)
    monkeypatch.setattr(making, "prepare_kafka", fail)
    said: list[str] = []
    assert made_class_archive(site, said.append) is None
    assert said[0].endswith("no not in 60 s")


def test_all_of_it_has_one_deadline(maker: Callable[[int], Site], monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that took everything leaves nothing to the next."""
    clock = ManualClock(datetime.now(UTC))
    monkeypatch.setattr(making, "prepare_kafka", lambda _, *, seconds: clock.sleep(seconds))
    said: list[str] = []
    assert made_class_archive(maker(143), said.append, clock) is None
    assert "not made within 60 s" in said[0]


def test_a_broker_without_topics_has_not_loaded_enough(
    maker: Callable[[int], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = maker(143)
    monkeypatch.setattr(making, "topics_job", lambda _: a_job("sh", "-c", "echo no; exit 1"))
    said: list[str] = []
    assert made_class_archive(site, said.append) is None
    assert said[0].endswith("got no topics: no")


def test_a_broker_that_does_not_answer_any_longer_is_not_waited_for(
    maker: Callable[[int], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka's clients would wait for it for ever."""
    site = maker(143)
    monkeypatch.setattr(making, "topics_job", lambda _: a_job("sleep", "600"))
    said: list[str] = []
    assert made_class_archive(site, said.append, seconds=1) is None
    assert "timed out" in said[0]


def test_another_java_gets_another_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its version is read from the file beside it; without one, all such versions of Java share an archive."""
    java = tmp_path / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(java.parent))
    site = site_in(tmp_path)
    assert java_version() == "unknown"
    told = tmp_path / "jdk" / "release"
    told.write_text('IMPLEMENTOR="Debian"\nJAVA_VERSION="17.0.15"\n')
    assert class_archive(site).name.endswith("-java-17.0.15.jsa")
    told.write_text('JAVA_RUNTIME_VERSION="17.0.15+6-Debian-1deb12u1"\nJAVA_VERSION="17.0.15"\n')
    assert java_version() == "17.0.15+6-Debian-1deb12u1"
    assert class_archive(site).with_suffix(".failed").name.endswith("-java-17.0.15+6-Debian-1deb12u1.failed")
    java.unlink()
    assert java_version() == "unknown"


def test_a_command_that_takes_too_long_is_ended() -> None:
    with pytest.raises(CannotPrepare, match="It hangs: it takes longer than 1 s"):
        run_once(["sleep", "600"], "It hangs", 1.0)
