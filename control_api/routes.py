"""Which role each route needs; a route that is not here is denied."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from control_api.identity import Role

Least = Role | Literal["anybody", "inside"]
"""`anybody`: no secret is behind it. `inside`: whoever reaches this service past the front door, such as Prometheus."""

LEAST: Final[Mapping[str, Least]] = MappingProxyType(
    {
        "GET /healthz": "anybody",
        "GET /metrics": "inside",
        "GET /static/<path:filename>": "anybody",
        "GET /docs": "anybody",
        "GET /docs/assets/<name>": "anybody",
        "GET /openapi.json": "anybody",
        "GET /sign-in": "anybody",
        "POST /sign-in": "anybody",
        "POST /sign-out": "Viewer",
        "GET /api/auth": "Viewer",
        "GET /api/devices": "Viewer",
        "GET /api/devices/<string:device_id>": "Viewer",
        "GET /api/commands": "Viewer",
        "GET /api/commands.csv": "Viewer",
        "GET /api/commands/<string:command_id>": "Viewer",
        "POST /api/restart": "Editor",
        "POST /api/shutdown": "Editor",
        "POST /api/bulk": "Editor",
        "POST /api/commands/<string:command_id>/undo": "Editor",
    }
)
