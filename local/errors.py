"""What can prevent the stack from running; each error has a sentence that says what to do."""

from dataclasses import dataclass

from energytrack.errors import EnergyTrackError


@dataclass(eq=False)
class ServiceFailed(EnergyTrackError):
    """A service ended, or never answered, while the stack waited for it."""

    name: str
    detail: str
    log_tail: str

    def __str__(self) -> str:
        return f"{self.name} {self.detail}\n{self.log_tail}".rstrip()


@dataclass(eq=False)
class NotReady(EnergyTrackError):
    """A service does not answer yet."""

    detail: str

    def __str__(self) -> str:
        return self.detail


@dataclass(eq=False)
class CannotPrepare(EnergyTrackError):
    """A step before the first service failed; the message names it and says what to do."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence
