"""The role that each route needs; a route that is not listed here is denied."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from control_api.auth.identity import Role

LeastRole = Role | Literal["anybody", "inside", "alerting"]
"""`anybody`: public. `inside`: callers that reach this service without the front door, such as Prometheus. `alerting`:
Grafana and Alertmanager with their own token, or an Editor's token.
"""

LEAST_ROLES: Final[Mapping[str, LeastRole]] = MappingProxyType(
    {
        "GET /healthz": "anybody",
        "GET /livez": "anybody",
        "GET /metrics": "inside",
        "GET /static/<path:filename>": "anybody",
        "GET /docs": "anybody",
        "GET /docs/assets/<name>": "anybody",
        "GET /openapi.json": "anybody",
        "GET /runbook": "anybody",
        "GET /": "Viewer",
        "GET /devices/<string:device_id>": "Viewer",
        "GET /alarms": "Viewer",
        "GET /schedules": "Viewer",
        "GET /orders": "Viewer",
        "GET /sign-in": "anybody",
        "POST /sign-in": "anybody",
        "POST /sign-out": "Viewer",
        "GET /api/auth": "Viewer",
        "GET /api/devices": "Viewer",
        "GET /api/devices/<string:device_id>": "Viewer",
        "GET /api/commands": "Viewer",
        "GET /api/commands.csv": "Viewer",
        "GET /api/commands/<string:command_id>": "Viewer",
        "GET /api/locks": "Viewer",
        "GET /api/locks.csv": "Viewer",
        "POST /api/devices/<string:device_id>/lock": "Editor",
        "DELETE /api/devices/<string:device_id>/lock": "Editor",
        "POST /api/alerts": "alerting",
        "GET /api/alarms": "Viewer",
        "GET /api/alarms.csv": "Viewer",
        "GET /api/cases": "Viewer",
        "GET /api/cases/<string:case_id>": "Viewer",
        "POST /api/cases/<string:case_id>/acknowledge": "Editor",
        "POST /api/cases/<string:case_id>/comment": "Editor",
        "POST /api/cases/<string:case_id>/assign": "Editor",
        "POST /api/cases/<string:case_id>/verdict": "Editor",
        "GET /api/alarm-log.csv": "Viewer",
        "GET /api/alarms/<string:alarm_id>": "Viewer",
        "GET /api/alarms/<string:alarm_id>/log": "Viewer",
        "POST /api/alarms/acknowledge": "Editor",
        "POST /api/alarms/<string:alarm_id>/acknowledge": "Editor",
        "POST /api/alarms/<string:alarm_id>/snooze": "Editor",
        "POST /api/alarms/<string:alarm_id>/comment": "Editor",
        "POST /api/alarms/<string:alarm_id>/assign": "Editor",
        "POST /api/alarms/<string:alarm_id>/verdict": "Editor",
        "GET /api/devices/<string:device_id>/history": "Viewer",
        "GET /api/devices/<string:device_id>/proposal": "Viewer",
        "GET /api/schedules": "Viewer",
        "GET /api/schedules.csv": "Viewer",
        "POST /api/schedules": "Editor",
        "POST /api/schedules/<string:schedule_id>/pause": "Editor",
        "POST /api/schedules/<string:schedule_id>/resume": "Editor",
        "DELETE /api/schedules/<string:schedule_id>": "Editor",
        "GET /machines": "Viewer",
        "GET /api/machines/unknown": "Viewer",
        "GET /api/machines/records": "Viewer",
        "POST /api/devices/<string:device_id>/retire": "Editor",
        "POST /api/devices/<string:device_id>/rename": "Admin",
        "POST /api/devices/<string:device_id>/remove": "Admin",
        "GET /imports": "Viewer",
        "GET /api/imports": "Viewer",
        "POST /api/imports/inspect": "Editor",
        "POST /api/imports": "Editor",
        "POST /api/imports/<string:batch_id>/take-back": "Editor",
        "POST /api/restart": "Editor",
        "POST /api/shutdown": "Editor",
        "POST /api/bulk": "Editor",
        "POST /api/commands/<string:command_id>/undo": "Editor",
    }
)
