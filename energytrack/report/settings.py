"""Settings for reports by mail."""

import re
from datetime import time
from pathlib import Path
from typing import ClassVar, Final

from pydantic import Field, field_validator

from energytrack.plant.file import Language
from energytrack.settings import Block

ADDRESS: Final = re.compile(r"[^\s,@<>]+@[^\s,@<>]+")


class MailSettings(Block):
    """The mail server, for notifications of Alertmanager and for reports."""

    prefix: ClassVar[str] = "ENERGYTRACK_ALERTS_"

    mail_from: str = Field("energytrack@localhost", description="Sender of the e-mail")
    smtp_host: str | None = Field(None, pattern=r"^[^\s:]+:\d+$", description="host:port of the mail server")
    smtp_user: str = Field("", description="User at the mail server, if it requires one")
    smtp_password_file: Path | None = Field(None, description="File with that user's password")
    smtp_require_tls: bool = Field(True, description="Whether e-mail requires TLS")


class ReportSettings(Block):
    """The recipients of each month's report, and the time."""

    prefix: ClassVar[str] = "ENERGYTRACK_REPORT_"

    mail_to: str = Field(
        "", description="E-mail addresses that get each month's report, comma separated; needs ALERTS_SMTP_HOST"
    )
    day: int = Field(2, ge=1, le=28, description="Day of the next month on which the report is sent")
    at: time = Field(time(6), description="Time of that day, in plant time")
    language: Language | None = Field(None, description="Language of the report, if not that of the plant file")

    @field_validator("mail_to")
    @classmethod
    def _are_addresses(cls, value: str) -> str:
        for address in addresses(value):
            if not ADDRESS.fullmatch(address):
                raise ValueError(f"{address!r} is not an e-mail address")
        return value

    @property
    def recipients(self) -> tuple[str, ...]:
        """The addresses, in the given order."""
        return addresses(self.mail_to)


def addresses(listed: str) -> tuple[str, ...]:
    """The elements of a comma-separated list."""
    return tuple(each.strip() for each in listed.split(",") if each.strip())
