"""Annotations on all time series: orders, alarms, failures, changes of the model.

They are about the machines that are shown, and disappear beyond six hours, where they would only hide the curves.

They are queried from Prometheus, which needs no token; the annotations that the control API posts to Grafana have more
detail.
"""

from dataclasses import dataclass

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import AnnotationQuery, AnnotationTarget, DataSourceRef

from tools.dashboards.kit.queries import DATA_SOURCE
from tools.dashboards.kit.wording import alarms as words
from tools.dashboards.kit.wording import codes, colours


class _Mark(AnnotationQuery):
    """An annotation with the fields of Prometheus' own queries, which the typed library does not have yet."""

    def __init__(self, mark: "Mark") -> None:
        super().__init__(
            name=mark.name,
            datasource=DataSourceRef(type_val=DATA_SOURCE.type_val, uid=DATA_SOURCE.uid),
            enable=mark.shown,
            icon_color=mark.colour,
            expr=mark.expression,
        )
        self.mark = mark

    def to_json(self) -> dict[str, object]:
        """The annotation in Grafana's format."""
        return super().to_json() | {
            "titleFormat": self.mark.title,
            "textFormat": self.mark.text,
            "tagKeys": self.mark.tags,
            "useValueForTime": self.mark.value_is_time,
            "step": "30s",
        }


@dataclass(frozen=True)
class Mark(Builder[AnnotationQuery]):
    """One kind of annotation: drawn where the expression is above zero or, if its value is a time, at that time."""

    name: str
    expression: str
    colour: str
    title: str
    text: str
    tags: str = "line,device_id"
    value_is_time: bool = False
    """The value is a time, in milliseconds since the epoch."""
    shown: bool = True

    def build(self) -> _Mark:
        """A value that the library requires."""
        return _Mark(self)


def _while_few(expression: str) -> str:
    """Only in a time range of at most six hours."""
    return f"{expression} and on () (vector($__range_s) <= {6 * 3600})"


def orders(machines: str) -> Mark:
    """The machines' answers to orders."""
    return Mark(
        name="Orders",
        expression=_while_few(f"1000 * energytrack_device_command_last_result_timestamp_seconds{{{machines}}}"),
        colour=colours.PLAIN,
        title="{{action}} {{device_id}}: {{outcome}}",
        text="The machine's answer to an order.",
        value_is_time=True,
    )


def failures(machines: str) -> Mark:
    """Failures of machines, with their modes."""
    return Mark(
        name="Failures",
        expression=_while_few(
            codes.in_labels(f"1000 * energytrack_device_last_failure_timestamp_seconds{{{machines}}}", "mode")
        ),
        colour=colours.CRITICAL,
        title="{{device_id}} failed: {{mode}}",
        text="The machine tripped.",
        value_is_time=True,
    )


def alarms(machines: str) -> Mark:
    """Openings of the open alarms."""
    return Mark(
        name="Alarms",
        expression=_while_few(
            words.in_labels(f"1000 * energytrack_device_alarm_opened_timestamp_seconds{{{machines}}}")
        ),
        colour=colours.WARNING,
        title="{{device_id}}: {{alarm}}",
        text="An alarm was opened.",
        value_is_time=True,
    )


def models() -> Mark:
    """Changes of the model in use."""
    return Mark(
        name="Model changes",
        expression="energytrack_model_info unless energytrack_model_info offset 1m",
        colour="semi-dark-purple",
        title="Model {{version}}",
        text="This model is in use from here on.",
        tags="version",
    )


@dataclass(frozen=True)
class PostedAnnotations(Builder[AnnotationQuery]):
    """The control API's annotations about orders and alarms, posted if it has a token: who did it, and why."""

    about: tuple[str, ...] = ()
    """Tags that an annotation must have, such as a machine's id."""

    def build(self) -> AnnotationQuery:
        """A value that the library requires; off by default."""
        return AnnotationQuery(
            name="Who and why",
            datasource=DataSourceRef(type_val="grafana", uid="-- Grafana --"),
            enable=False,
            icon_color=colours.PLAIN,
            target=AnnotationTarget(limit=100, match_any=False, tags=["energytrack", *self.about], type_val="tags"),
        )
