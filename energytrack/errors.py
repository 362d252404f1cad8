"""The errors of the whole pipeline: named, with their facts as fields."""

from dataclasses import dataclass


class EnergyTrackError(Exception):
    """Every error that Energy Track raises on purpose."""


@dataclass(eq=False)
class MalformedMessage(EnergyTrackError):
    """Bytes on a topic that cannot be parsed; they belong on the dead-letter topic."""

    reason: str
    """One of a small fixed set (see `messages.REASONS`), so that it can be a metric label."""
    detail: str
    """The explanation for people: which field, and what was expected."""

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


class ClockAhead(MalformedMessage):
    """A reading from the future: the machine's clock is ahead; carries by how much."""

    def __init__(self, device_id: str, ahead_seconds: float, allowed_seconds: float) -> None:
        self.device_id = device_id
        self.ahead_seconds = ahead_seconds
        detail = f"its clock is {span(ahead_seconds)} ahead of ours, expected at most {span(allowed_seconds)}"
        step = "set it right, or give its error in plant.toml (clock_offset, clock_zone)"
        super().__init__("clock_ahead", f"{detail}: {step} - at `$.timestamp`")


def span(seconds: float) -> str:
    """A length of time in the unit that a person would use."""
    for unit, size in (("d", 86_400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size or (seconds >= size and seconds % size == 0.0):
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


@dataclass(eq=False)
class InvalidSettings(EnergyTrackError):
    """Invalid environment variables, all at once."""

    problems: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(f"  {problem}" for problem in self.problems)


@dataclass(eq=False)
class InvalidPlant(EnergyTrackError):
    """A plant file that contradicts itself, with every contradiction."""

    path: str
    problems: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([f"{self.path} does not describe a plant:", *(f"  {problem}" for problem in self.problems)])


@dataclass(eq=False)
class DeliveryFailed(EnergyTrackError):
    """Messages that the broker did not acknowledge in time; their input must not be committed."""

    count: int
    first: str

    def __str__(self) -> str:
        return f"{self.count} messages were not acknowledged, the first because: {self.first}"


class StopRequested(EnergyTrackError):
    """The service was asked to stop during an outage; what it holds is neither stored nor committed."""


@dataclass(eq=False)
class BusUnavailable(EnergyTrackError):
    """No broker answered at these addresses."""

    servers: str
    detail: str

    def __str__(self) -> str:
        return f"no Kafka broker answers at {self.servers}: {self.detail}"


class AccessRefused(BusUnavailable):
    """The broker answers, but this user may not do what was requested: trying again would not help."""

    def __str__(self) -> str:
        return f"Kafka at {self.servers} refuses: {self.detail}"


@dataclass(eq=False)
class StoreUnavailable(EnergyTrackError):
    """The database did not answer."""

    address: str
    detail: str

    def __str__(self) -> str:
        return f"the database at {self.address} does not answer: {self.detail}"


@dataclass(eq=False)
class StoreRefused(EnergyTrackError):
    """The database rejected a request, or its address is invalid: trying again would not help."""

    address: str
    detail: str

    def __str__(self) -> str:
        return f"the database at {self.address} refuses: {self.detail}"


@dataclass(eq=False)
class UnreadableDocument(EnergyTrackError):
    """A necessary document in the database that this release cannot read."""

    collection: str
    key: str

    def __str__(self) -> str:
        return (
            f"{self.key} in the collection {self.collection} cannot be read: a newer release seems to have written it. "
            "Use that release for it"
        )


@dataclass(eq=False)
class StoreTooNew(EnergyTrackError):
    """The data were written by a newer release than this one."""

    address: str
    found: int
    known: int

    def __str__(self) -> str:
        return (
            f"the data in the database at {self.address} were written by a newer release (form {self.found}, this one "
            f"knows {self.known}): start that release again, or restore a backup from before it (docs/upgrading.md)"
        )


@dataclass(eq=False)
class RestoreUnfinished(EnergyTrackError):
    """The database holds only part of a backup."""

    address: str
    archive: str

    def __str__(self) -> str:
        return (
            f"the database at {self.address} holds only part of the backup {self.archive}, because restoring it was "
            "interrupted: restore it again (docs/backup.md)"
        )


@dataclass(eq=False)
class ExtraMissing(EnergyTrackError):
    """A setting needs a library that is not installed."""

    library: str
    extra: str
    asked_by: str

    def __str__(self) -> str:
        return f"{self.asked_by} needs {self.library}, which is not installed: pip install 'energytrack[{self.extra}]'"


@dataclass(eq=False)
class PortTaken(EnergyTrackError):
    """A service cannot listen on its address."""

    address: str
    setting: str
    detail: str

    def __str__(self) -> str:
        return f"cannot listen on {self.address} ({self.detail}): stop what listens there, or set {self.setting}"


@dataclass(eq=False)
class NotSigned(EnergyTrackError):
    """A command without a valid signature of the control API: never signed, or changed since."""

    detail: str

    def __str__(self) -> str:
        return self.detail
