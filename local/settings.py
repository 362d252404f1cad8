"""Settings of the local stack."""

import json
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator

from energytrack.report.settings import MailSettings
from energytrack.settings import Block


class LocalSettings(Block):
    """The state folder and the ports of the local stack."""

    prefix: ClassVar[str] = "ENERGYTRACK_"

    var: Path = Field(Path("var"), description="Folder of the local stack's state: data, logs, secrets, models")
    port_offset: int = Field(
        0, ge=0, le=40_000, description="Added to every port of the local stack, so that two can share a machine"
    )
    local_passwords: bool = Field(
        False,
        description="Give Prometheus, Alertmanager and the database of the local stack passwords "
        "(`make up PASSWORDS=1` does the same)",
    )
    front_door_trusted: str = Field(
        "192.0.2.0/32",
        description="Addresses or networks of proxies before the front door, separated by spaces, whose X-Forwarded "
        "headers and X-Real-IP it passes on; by default nobody's. The control API has to trust them, too",
    )
    history_devices: int | None = Field(
        None,
        ge=5,
        description="Machines in the simulated history for the first model (300 at the demonstration's speed, else 60)",
    )
    history_days: float | None = Field(
        None, gt=0, description="Days of that history (2 at the demonstration's speed, otherwise 60)"
    )


class KafkaUsersSettings(Block):
    """Where the step that creates the topics finds the passwords of Kafka's users."""

    prefix: ClassVar[str] = "ENERGYTRACK_KAFKA_USERS_"

    folder: Path | None = Field(
        None,
        description="Folder with a file for each user of the stack that holds its password; the step that creates the "
        "topics then also creates users and grants rights",
    )


class AlertsSettings(MailSettings):
    """Who is paged without Grafana, besides the control API: contacts for Alertmanager in the local stack."""

    mail_to: str | None = Field(None, description="E-mail addresses, comma separated; needs SMTP_HOST")
    pager_url: str | None = Field(
        None, pattern=r"^https?://\S+$", description="Webhook of a pager service, for critical alerts"
    )

    @model_validator(mode="after")
    def _mail_has_a_server(self) -> Self:
        if self.mail_to and not self.smtp_host:
            raise ValueError("MAIL_TO needs SMTP_HOST")
        return self

    @property
    def contacts(self) -> str | None:
        """The file in prometheus/contacts/ that these settings fill in; None if there are no contacts."""
        wanted = [name for name, setting in (("mail", self.mail_to), ("pager", self.pager_url)) if setting]
        return "-and-".join(wanted) or None

    def values(self) -> dict[str, str]:
        """The value of each variable in such a file, as YAML."""
        fields = self.model_dump(mode="json")
        return {self.variable(name): json.dumps("" if value is None else value) for name, value in fields.items()}
