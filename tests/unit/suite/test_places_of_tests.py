"""A module's test has its name and lies where the module lies, so that whoever changes one finds the other."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[3]
PACKAGES: Final = (
    "centre", "control_api", "deploy", "energytrack", "exporters", "gateway", "historian", "local", "ml", "simulator",
    "tools",
)  # fmt: skip
KINDS: Final = ("unit", "integration", "contract", "property", "browser")

TOGETHER: Final = {
    "energytrack/bus/": "one contract for both clients and the bus in memory: tests/contract/bus",
    "energytrack/store/": "one contract on real databases: tests/contract/test_store*.py",
    "energytrack/backup/": "made and restored as a whole: tests/{unit,integration}/energytrack/backup",
    "energytrack/bill/": "a month through pricing and printing as a whole: tests/unit/energytrack/bill, test_bill.py",
    "energytrack/report/": "a month on its pages and in its mail: tests/unit/energytrack/report, test_report.py",
    "energytrack/decoding/": "message by message, through the decoder as a whole: tests/unit/energytrack/decoding",
    "energytrack/importer/": "file by file, through the reader as a whole: tests/unit/energytrack/importer",
    "energytrack/metering/": "register by register, through the step as a whole: tests/unit/energytrack/metering",
    "tools/dashboards/": "every dashboard is held to the same rules: tests/unit/grafana, tests/integration/dashboards",
    "tools/pictures/": "it takes pictures of a running stack for the documentation, which people look at",
    "tools/docs/": "every generated page: tests/unit/tools/docs",
    "tools/alerts/": "what all rules make of the catalogue: tests/unit/tools/alerts",
    "tools/any_day/": "how its runs are put together: tests/unit/tools/any_day",
    "tools/frontend/": "the module that it writes: tests/unit/tools/frontend, and tests/page runs it",
    "tools/languages/": "what they make of the code: tests/unit/tools/languages, tests/unit/energytrack/languages",
    "tools/kubernetes/": "the objects that it writes: tests/unit/deploy/kubernetes",
    "gateway/physics/": "whatever may be wrong with a meter, through the judge: tests/unit/gateway/physics",
    "local/services/": "one list, whose services are held to the same rules: tests/unit/local/services",
    "local/lifecycle/": "steps of a start and of a stop, on real processes: tests/integration/local",
    "local/terminal/": "what people see of a start: tests/integration/local/test_stack.py",
    "local/install/": "what a bare machine lacks is installed there by .ci/run",
}
"""Rooms whose parts are tried together, and where."""
ELSEWHERE: Final = {
    "energytrack/errors.py": "the words of each error are tested where it is raised",
    "energytrack/topics.py": "the topics as they are created: tests/contract/bus/test_topics.py",
    "control_api/baselines/files.py": "by the answers of its routes: tests/integration/control_api/baselines",
    "control_api/baselines/requests.py": "by the answers of its routes: tests/integration/control_api/baselines",
    "control_api/baselines/schemas.py": "by the answers of its routes: tests/integration/control_api/baselines",
    "control_api/baselines/service.py": "by the answers of its routes: tests/integration/control_api/baselines",
    "control_api/measures/schemas.py": "by the answers of its routes: tests/integration/control_api/measures",
    "control_api/measures/service.py": "by the answers of its routes: tests/integration/control_api/measures",
    "control_api/bill/schemas.py": "by the answers of its routes: tests/integration/control_api/bill",
    "control_api/bill/service.py": "by the answers of its routes: tests/integration/control_api/bill",
    "control_api/peak/metrics.py": "with the guard: tests/integration/control_api/peak/test_service.py",
    "control_api/peak/routes.py": "with the guard: tests/integration/control_api/peak/test_service.py",
    "control_api/peak/schemas.py": "with the guard: tests/integration/control_api/peak/test_service.py",
    "control_api/production/metrics.py": "with the routes: tests/integration/control_api/production/test_routes.py",
    "control_api/production/service.py": "by the answers of its routes: tests/integration/control_api/production",
    "energytrack/production/reading.py": "by the answers of its routes: tests/integration/control_api/production",
    "energytrack/production/rules.py": "as the plant file says: tests/unit/energytrack/plant/test_checks.py",
    "control_api/reports/schemas.py": "by the answers of its routes: tests/integration/control_api/reports",
    "control_api/imports/schemas.py": "by the answers of its routes: tests/integration/control_api/imports",
    "control_api/imports/service.py": "by the answers of its routes: tests/integration/control_api/imports",
    "control_api/machines/schemas.py": "by the answers of its routes: tests/integration/control_api/machines",
    "control_api/machines/service.py": "by the answers of its routes: tests/integration/control_api/machines",
    "gateway/errors.py": "the words of each error are tested where it is raised",
    "gateway/__main__.py": "as people call it: tests/integration/gateway/test_check.py",
    "gateway/orders/__main__.py": "as people start it: tests/integration/gateway/test_orders.py",
    "gateway/orders/execution.py": "order by order, through the service: tests/unit/gateway/orders/test_service.py",
    "gateway/orders/controls.py": "on a real OPC UA server: tests/integration/gateway/test_orders.py",
    "gateway/orders/event_loop.py": "under every test of the service: tests/unit/gateway/orders/test_service.py",
    "control_api/paging/schemas.py": "by the answers of its routes: tests/integration/control_api/paging",
    "tools/provision/__main__.py": "by what it writes: tests/unit/tools/provision/test_provision.py",
    "energytrack/clock.py": "the machine's own clock, and one that is moved by hand: all tests with a time",
    "energytrack/running/watchdog.py": "a process that is ended: tests/integration/energytrack/running/test_service.py",
    "historian/composition.py": "put together by every test of tests/integration/historian",
    "simulator/composition.py": "put together by every test of tests/unit/simulator/test_live.py",
    "local/bootstrap.py": "runs before there is an environment: .ci/run on a bare machine",
    "local/errors.py": "the words of each error are tested where it is raised",
    "control_api/plant_meters/service.py": "by the answers of its routes: tests/integration/control_api/plant_meters",
    "energytrack/plant_meters/reading.py": "by the answers of its routes: tests/integration/control_api/plant_meters",
    "tools/dashboards/boards/energy/plant_meters.py": "with its dashboard: tests/unit/grafana",
    "local/topics.py": "a step of every start: tests/integration/local/test_stack.py",
}


FUNCTION: Final = re.compile(r"^ *(async )?def ", re.MULTILINE)


@cache
def modules() -> tuple[Path, ...]:
    """Modules with something that can be tried: a module without functions is data."""
    return tuple(
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if FUNCTION.search(path.read_text(encoding="utf-8"))
    )


def places_for(module: Path) -> Iterator[Path]:
    """Where its test may lie, whichever servers it needs."""
    name = {"__main__": "main", "__init__": module.parent.name}.get(module.stem, module.stem)
    for kind in KINDS:
        yield ROOT / "tests" / kind / module.parent / f"test_{name}.py"


def is_excepted(module: Path) -> bool:
    name = module.as_posix()
    return name in ELSEWHERE or any(name.startswith(room) for room in TOGETHER)


def test_there_are_modules() -> None:
    assert len(modules()) > 300


def test_a_module_has_a_test_of_its_name_in_its_place() -> None:
    missing = {
        module.as_posix(): [str(path.relative_to(ROOT)) for path in places_for(module)]
        for module in modules()
        if not is_excepted(module) and not any(path.exists() for path in places_for(module))
    }
    assert missing == {}


@pytest.mark.parametrize("place", [*TOGETHER, *ELSEWHERE])
def test_an_exception_is_needed(place: str) -> None:
    """For a room that is not there, or whose modules have all got tests of their own, there is no reason any more."""
    concerned = [module for module in modules() if module.as_posix().startswith(place)]
    assert any(not any(path.exists() for path in places_for(module)) for module in concerned)
