"""docs/control-api.md speaks of routes and settings that there are."""

import re
from pathlib import Path

from control_api.auth.permissions import LEAST_ROLES
from control_api.settings import ControlApiSettings
from energytrack.store.operations.commands import ORDER_STATUSES

PAGE = Path("docs/control-api.md").read_text(encoding="utf-8")


def test_every_route_is_one() -> None:
    """With its method."""
    routes = {re.sub(r"<[^>]*>", "<id>", route) for route in LEAST_ROLES}
    named = re.findall(r"`((?:GET|POST|DELETE) /api/[^`?]*)`", PAGE)
    assert len(named) >= 5
    assert [route for route in named if re.sub(r"<[^>]*>", "<id>", route) not in routes] == []


def test_every_setting_is_one() -> None:
    """A secret may stand in a file."""
    settings = {ControlApiSettings.variable(name) for name in ControlApiSettings.model_fields}
    named = set(re.findall(r"ENERGYTRACK_CONTROL_API_\w+", PAGE))
    assert {name for name in named if name.removesuffix("_FILE") not in settings} == set()


def test_every_status_is_reported() -> None:
    """And no other."""
    table = PAGE.split("| status |")[1].split("\n\n")[0]
    names = [name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(names) == sorted(ORDER_STATUSES)
