"""Notifies all replicas of the kinds of records that a request changed, to update live pages."""

import re
from typing import Final

from flask import Flask, Response, request

from energytrack.store.operations.changes import ChangeCounters, Kind

CHANGES: Final[tuple[tuple[re.Pattern[str], tuple[Kind, ...]], ...]] = (
    (re.compile(r"/api/devices/[^/]+/lock"), ("locks",)),
    (re.compile(r"/api/(alerts$|alarms/|cases/)"), ("alarms",)),
    (re.compile(r"/api/(schedules|measures/)"), ("schedules",)),
)


def install(app: Flask, changes: ChangeCounters) -> None:
    """Record a change after every request that changed something."""

    @app.after_request
    def notify(response: Response) -> Response:
        if request.method in {"POST", "DELETE"} and response.status_code < 300:
            for pattern, kinds in CHANGES:
                if pattern.match(request.path):
                    for kind in kinds:
                        changes.record(kind)
        return response
