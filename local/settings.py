"""Settings of the local stack."""

import json
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator

from energytrack.settings import Block


class LocalSettings(Block):
    """Where the machine-local stack keeps its state and which ports it takes."""

    prefix: ClassVar[str] = "ENERGYTRACK_"

    var: Path = Field(Path("var"), description="Folder of the local stack's state: data, logs, secrets, models")
    port_offset: int = Field(
        0, ge=0, le=40_000, description="Added to every port of the local stack, so that two can share a machine"
    )
    history_devices: int | None = Field(
        None,
        ge=5,
        description="Machines whose simulated past the first model learns from (300 at the pace of the "
        "demonstration, otherwise 60)",
    )
    history_days: float | None = Field(
        None, gt=0, description="Days of that past (2 at the pace of the demonstration, otherwise 60)"
    )


class AlertsSettings(Block):
    """Who is paged where there is no Grafana, besides the control API: Alertmanager of the local stack tells them."""

    prefix: ClassVar[str] = "ENERGYTRACK_ALERTS_"

    mail_to: str | None = Field(None, description="Addresses for e-mail, with commas between; needs SMTP_HOST")
    mail_from: str = Field("energytrack@localhost", description="Sender of the e-mail")
    smtp_host: str | None = Field(None, pattern=r"^[^\s:]+:\d+$", description="host:port of the mail server")
    smtp_user: str = Field("", description="User at the mail server, where it wants one")
    smtp_password_file: Path | None = Field(None, description="File with that user's password")
    smtp_require_tls: bool = Field(True, description="Whether mail is sent over TLS only")
    pager_url: str | None = Field(
        None, pattern=r"^https?://\S+$", description="Webhook of a pager service, told of what is critical"
    )

    @model_validator(mode="after")
    def _mail_has_a_server(self) -> Self:
        if self.mail_to and not self.smtp_host:
            raise ValueError("MAIL_TO needs SMTP_HOST")
        return self

    @property
    def contacts(self) -> str | None:
        """Which of the files in prometheus/contacts/ these settings fill in; None where nobody is to be paged."""
        wanted = [name for name, there in (("mail", self.mail_to), ("pager", self.pager_url)) if there]
        return "-and-".join(wanted) or None

    def values(self) -> dict[str, str]:
        """What stands for each variable of such a file, as YAML."""
        fields = self.model_dump(mode="json")
        return {self.variable(name): json.dumps("" if value is None else value) for name, value in fields.items()}
