"""What a stopped machine costs: [costs] of the plant file."""

from collections.abc import Mapping

from msgspec import Struct

from energytrack.machines.ratings import NotNegative, Positive
from energytrack.messages import Name


class Costs(Struct, frozen=True, forbid_unknown_fields=True):
    """In the currency of the tariff; what is not given is not known, and never zero."""

    downtime_per_hour: NotNegative | None = None
    """What an hour costs in which a machine stands that should run."""
    repair_hours: Positive = 4.0
    """How long a machine stands after a failure."""
    lines: Mapping[Name, NotNegative] = {}
    """Costs of an hour by line, where they differ."""
    types: Mapping[Name, NotNegative] = {}
    """Costs of an hour by type of machine, where they differ; these go before those of the line."""

    def of_an_hour(self, device_type: str | None, line: str | None) -> float | None:
        """What an hour costs in which a machine stands that should run; None if nobody said."""
        rates = (self.types.get(device_type or ""), self.lines.get(line or ""), self.downtime_per_hour)
        return next((rate for rate in rates if rate is not None), None)

    def of_a_failure(self, device_type: str | None, line: str | None) -> float | None:
        """What a failure of a machine costs; None if nobody said."""
        rate = self.of_an_hour(device_type, line)
        return None if rate is None else rate * self.repair_hours
