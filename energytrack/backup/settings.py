"""Settings of backups."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from energytrack.settings import Block


class BackupSettings(Block):
    """Where backups are put, who can open them, and how many are kept."""

    prefix: ClassVar[str] = "ENERGYTRACK_BACKUP_"

    folder: Path | None = Field(
        None, description="Folder of backups, best on another computer; the local stack's default is var/backups"
    )
    recipients: str = Field(
        "",
        description="Public keys of age (age1…), comma separated, whose private keys open a backup; without one it is "
        "not encrypted and holds no secrets",
    )
    keep: int | None = Field(None, ge=1, description="Number of backups that are kept in the folder; all by default")

    @property
    def keys(self) -> tuple[str, ...]:
        """The public keys, in the given order."""
        return tuple(each.strip() for each in self.recipients.split(",") if each.strip())
