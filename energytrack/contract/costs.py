"""The costs of a stopped machine, of a failure, and of preventing one: [costs] of the plant file."""

from collections.abc import Mapping

from msgspec import Struct

from energytrack.contract.calendar import DayWindow
from energytrack.fields import DeviceId, Name
from energytrack.machines.ratings import NotNegative, Positive


class StopCosts(Struct, frozen=True, forbid_unknown_fields=True):
    """The costs of a failure, and of a stop that prevents it. A value that is not given is unknown, never zero."""

    failure: NotNegative | None = None
    """A failure in total: downtime, damage, scrap, overtime. None: `downtime_per_hour` times `repair_hours`."""
    planned: NotNegative | None = None
    """A planned repair without the downtime: labour, set-up."""
    planned_hours: Positive | None = None
    """How long a machine is stopped for a planned repair."""
    planned_per_hour: NotNegative | None = None
    """An hour of that while the line's people are at work. None: `downtime_per_hour`."""
    part: NotNegative | None = None
    """The spare part: a failure needs it too."""
    part_hours: Positive | None = None
    """How long a spare part takes to arrive when it is ordered now. None: it is in stock, or none is needed."""
    maintenance: tuple[DayWindow, ...] | None = None
    """When machines are stopped for planned maintenance anyway."""
    false_alarm: NotNegative | None = None
    """A false alarm: an inspection that finds nothing."""

    def over(self, general: "StopCosts") -> "StopCosts":
        """These costs, completed by the general ones."""
        own = {name: getattr(self, name) for name in StopCosts.__struct_fields__}
        return StopCosts(**{name: getattr(general, name) if it is None else it for name, it in own.items()})


class Stops(StopCosts, frozen=True, forbid_unknown_fields=True):
    """[costs.stop] of the plant file: the costs for all machines, and exceptions by type or machine."""

    types: Mapping[Name, StopCosts] = {}
    devices: Mapping[DeviceId, StopCosts] = {}
    """These take precedence over those of the type."""

    def of(self, device_type: str | None, device_id: str | None = None) -> StopCosts:
        """The costs of one machine, or of a type's machines."""
        unknown = StopCosts()
        kind, own = self.types.get(device_type or "", unknown), self.devices.get(device_id or "", unknown)
        return own.over(kind).over(self)


class Costs(Struct, frozen=True, forbid_unknown_fields=True):
    """In the tariff's currency; a value that is not given is unknown, never zero."""

    downtime_per_hour: NotNegative | None = None
    """An hour in which a machine is stopped that should run."""
    repair_hours: Positive = 4.0
    """How long a machine is stopped after a failure."""
    lines: Mapping[Name, NotNegative] = {}
    """Costs of an hour by line, if they differ."""
    types: Mapping[Name, NotNegative] = {}
    """Costs of an hour by type of machine, if they differ; these take precedence over those of the line."""
    stop: Stops = Stops()
    """The costs of a failure, and of a stop that prevents it."""

    def of_an_hour(self, device_type: str | None, line: str | None) -> float | None:
        """The cost of an hour of unplanned down time; None if it is not given."""
        rates = (self.types.get(device_type or ""), self.lines.get(line or ""), self.downtime_per_hour)
        return next((rate for rate in rates if rate is not None), None)

    def of_a_failure(self, device_type: str | None, line: str | None, device_id: str | None = None) -> float | None:
        """The cost of a failure; None if it is not given."""
        stop = self.stop.of(device_type, device_id).failure
        rate = self.of_an_hour(device_type, line)
        return stop if stop is not None or rate is None else rate * self.repair_hours

    def of_stopping(self, device_type: str | None, line: str | None, device_id: str | None) -> "StopTerms | None":
        """The terms that decide when to stop a machine; None unless a failure and a planned stop have costs."""
        stop = self.stop.of(device_type, device_id)
        failure = self.of_a_failure(device_type, line, device_id)
        rate = stop.planned_per_hour if stop.planned_per_hour is not None else self.of_an_hour(device_type, line)
        stands = stop.planned_hours is not None or stop.part_hours is not None
        if failure is None or (stop.planned is None and stop.planned_hours is None) or (stands and rate is None):
            return None
        return StopTerms(
            failure=failure + (stop.part or 0.0),
            planned=(stop.planned or 0.0) + (stop.part or 0.0),
            planned_hours=stop.planned_hours or 0.0,
            per_hour=rate or 0.0,
            part_hours=stop.part_hours,
            maintenance=stop.maintenance or (),
        )

    def of_alarms(self, device_type: str | None, line: str | None, device_id: str | None) -> "AlarmCosts | None":
        """The costs of a machine's wrong alarms; None unless an inspection, a failure and a repair have costs."""
        stop = self.stop.of(device_type, device_id)
        terms = self.of_stopping(device_type, line, device_id)
        if stop.false_alarm is None or terms is None:
            return None
        prevented = terms.planned + terms.planned_hours * terms.per_hour
        return AlarmCosts(stop.false_alarm, max(terms.failure - prevented, 0.0))


class StopTerms(Struct, frozen=True):
    """The terms that decide when to stop a machine, with everything resolved; in the currency of the tariff."""

    failure: float
    """With the part, and the downtime until it is repaired if the part is in stock."""
    planned: float
    """A planned repair with the part, without the downtime."""
    planned_hours: float
    per_hour: float
    """An hour of downtime while the line's people are at work."""
    part_hours: float | None = None
    maintenance: tuple[DayWindow, ...] = ()


class AlarmCosts(Struct, frozen=True):
    """The costs of a machine's wrong alarms, in the currency of the tariff."""

    false_alarm: float
    missed: float
    """How much more a failure costs than the planned repair that a timely alarm allows."""
