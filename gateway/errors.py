"""What can go wrong between a gateway and its machine, in the words of the person who has to fix it."""

from dataclasses import dataclass

from energytrack.errors import EnergyTrackError


@dataclass(eq=False)
class UnknownProfile(EnergyTrackError):
    """There is no such profile."""

    name: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"there is no profile {self.name!r}; there are {', '.join(self.known)}, or give a file of your own (.toml)"
        )


@dataclass(eq=False)
class InvalidFile(EnergyTrackError):
    """A file that a person wrote cannot be used."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


@dataclass(eq=False)
class NoAnswer(EnergyTrackError):
    """A meter or a machine cannot be read."""

    address: str
    problem: str

    def __str__(self) -> str:
        return f"{self.address}: {self.problem}"
