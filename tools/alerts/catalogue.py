"""The catalogue of alerts, read from one file and checked as a whole."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from energytrack.errors import EnergyTrackError

Subject = Literal["device", "plant", "stage", "topic", "job", "disk", "baseline", "measure"]
Unit = Literal["percent", "celsius", "pascal", "watt", "duration"]
Dashboard = Literal["device", "energy", "maintenance", "model", "pipeline", "plant", "savings"]
Series = Annotated[str, Meta(pattern=r"^[a-z_]+:[a-z_]+:[a-z0-9_]+\Z")]

IDENTITY: Final[dict[Subject, tuple[str, ...]]] = {
    "device": ("device_id", "device_type", "line"),
    "plant": (),
    "stage": ("stage",),
    "topic": ("topic",),
    "job": ("job",),
    "disk": ("disk",),
    "baseline": ("baseline_id", "baseline"),
    "measure": ("measure_id", "measure"),
}
"""The labels of an alert's series, by subject."""
RUNBOOK: Final = "control/runbook"
"""Path below the front door of the page that is rendered from docs/runbook.md."""
FURTHER: Final = {"sensor", "value"}
"""Further placeholders in texts."""


class InvalidAlerts(EnergyTrackError):
    """A catalogue that contradicts itself, with every problem."""


class Recorded(Struct, frozen=True, forbid_unknown_fields=True):
    """A series that Prometheus records."""

    record: Series
    logic: str


class AlertDefinition(Struct, frozen=True, forbid_unknown_fields=True):
    """One alert; the top of the file explains the fields."""

    name: Annotated[str, Meta(pattern=r"^([A-Z][a-z]+)+\Z")]
    subject: Subject
    severity: Literal["critical", "warning"]
    team: Literal["maintenance", "operations", "platform"]
    holds: Annotated[str, Meta(pattern=r"^\d+[smh]\Z")]
    signal: Series
    summary: str
    action: str
    dashboard: Dashboard
    logic: str | None = None
    before: tuple[Recorded, ...] = ()
    waits: bool = True
    value: Series | None = None
    unit: Unit | None = None
    factors: bool = False
    silences: tuple[str, ...] = ()
    silences_all: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """Its section of the runbook: `MachineTooHot` has `machine-too-hot`."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", self.name).lower()


class Catalogue(Struct, frozen=True, forbid_unknown_fields=True):
    alerts: tuple[AlertDefinition, ...]


def load(path: Path) -> Catalogue:
    """Read the file; raises InvalidAlerts."""
    try:
        catalogue = msgspec.toml.decode(path.read_bytes(), type=Catalogue)
    except msgspec.MsgspecError as error:
        raise InvalidAlerts(f"{path}: {error}") from error
    problems = [f"  {alert.name}: {problem}" for alert in catalogue.alerts for problem in _problems(alert, catalogue)]
    if problems:
        raise InvalidAlerts("\n".join([f"{path} contradicts itself:", *problems]))
    return catalogue


def _problems(alert: AlertDefinition, catalogue: Catalogue) -> Iterator[str]:
    names = [each.name for each in catalogue.alerts]
    subjects = {each.name: each.subject for each in catalogue.alerts}
    if names.count(alert.name) > 1:
        yield "its name occurs twice"
    for other in (*alert.silences, *alert.silences_all):
        if other not in names or other == alert.name:
            yield f"it cannot silence {other}"
    for other in alert.silences:
        if not IDENTITY[alert.subject] or subjects.get(other, alert.subject) != alert.subject:
            yield f"it shares no machine, stage or job with {other}: silences_all?"
    if (alert.value is None) != (alert.unit is None):
        yield "a value needs a unit, and a unit a value"
    if alert.factors and alert.subject != "device":
        yield "only machines have factors of risk"
    for label in re.findall(r"{(\w+)}", alert.summary + alert.action):
        if label not in {*IDENTITY[alert.subject], *FURTHER} or (label == "value" and alert.value is None):
            yield f"{{{label}}} is none of its labels"
