"""What is wrong before the start is said in sentences that name it and the way out."""

import os
import socket
from pathlib import Path

from local.install.apt import line_to_type
from local.install.programs import ALERTMANAGER, JAVA, PROMETHEUS, Program, missing, parse_java_version
from local.lifecycle.checks import LEAST_FREE_BYTES, check_database, check_folder, disk_problem, port_problem
from local.lifecycle.processes import OccupiedPort, taken_ports, unit_of
from local.site import Site


def test_a_taken_port_names_its_holder_and_how_to_end_it() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        (taken,) = taken_ports({"kafka": port, "mongo": _a_free_port()})
    assert (taken.name, taken.port, taken.pid) == ("kafka", port, os.getpid())
    assert str(taken).startswith(f"Port {port} of kafka is in use by ")
    assert str(taken).endswith(f"`kill {os.getpid()}` ends it.")


def test_taken_ports_end_with_the_way_around_all_of_them() -> None:
    sentences = port_problem([OccupiedPort("kafka", 9092, "java (process 7: java -jar x)", 7)])
    assert sentences[-1].endswith("make demo ENERGYTRACK_PORT_OFFSET=1000")
    assert port_problem([]) == []


def test_a_holder_of_another_user_cannot_be_named() -> None:
    assert str(OccupiedPort("caddy", 8080, "a process of another user", None)).endswith(
        "is in use by a process of another user."
    )


def test_a_holder_that_the_system_starts_is_ended_for_good() -> None:
    assert unit_of("0::/system.slice/prometheus.service\n") == "prometheus.service"
    assert unit_of("0::/user.slice/user-0.slice/session-1.scope\n") is None
    taken = OccupiedPort("prometheus", 9090, "prometheus (process 7: /usr/bin/prometheus)", 7, "prometheus.service")
    assert str(taken).endswith("; `sudo systemctl disable --now prometheus.service` stops it.")


def test_a_nearly_full_disk_is_refused_with_its_numbers() -> None:
    (sentence,) = disk_problem(Path("/srv/var"), free=500_000_000)
    assert sentence.startswith("Only 0.5 GiB are free on the disk of /srv/var; the stack needs 2.8")
    assert disk_problem(Path("/srv/var"), free=LEAST_FREE_BYTES) == []


def test_a_state_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("in the way")
    (sentence,) = check_folder(tmp_path / "var")
    assert sentence.endswith("cannot be written to: File exists.")


def test_a_database_of_one_s_own_that_is_away_is_said_so() -> None:
    (sentence,) = check_database(Site(mongo_uri=f"mongodb://127.0.0.1:{_a_free_port()}"))
    assert sentence.startswith("ENERGYTRACK_MONGO_URI names your own database, but the database at 127.0.0.1:")
    assert check_database(Site()) == []


def test_java_tells_its_version_in_two_ways() -> None:
    assert parse_java_version('openjdk version "17.0.15" 2025-04-15') == 17
    assert parse_java_version('java version "1.8.0_392"') == 8
    assert parse_java_version("no such thing") == 0


def test_a_missing_program_comes_with_the_line_that_installs_it() -> None:
    assert missing((Program("Nothing", ("no-such-program-anywhere",), ("nothing",)),))
    line = line_to_type((JAVA, PROMETHEUS, ALERTMANAGER), packages=("python3.11-venv",))
    assert line == (
        "Missing: Java 17, Prometheus, Alertmanager, python3.11-venv. Install with:  "
        "sudo apt-get install --yes --no-install-recommends openjdk-17-jre-headless prometheus prometheus-alertmanager "
        "python3.11-venv && sudo systemctl disable --now prometheus-alertmanager.service prometheus.service"
    )


def _a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
