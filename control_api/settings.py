"""The control API's own settings."""

import re
from typing import ClassVar, Final
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from energytrack.security.proxies import parsed
from energytrack.security.signatures import CommandSigner
from energytrack.settings import Block, Port

CHANNEL: Final = re.compile(r"[^=]*[^=\s]\s*=\s*[a-z][a-z0-9+.-]*://\S+")
ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")


class ControlApiSettings(Block):
    """Where the control API listens, who may use it, and how long orders are valid."""

    prefix: ClassVar[str] = "ENERGYTRACK_CONTROL_API_"

    host: str = Field("127.0.0.1", description="Address that the control API listens on")
    port: Port = Field(8000, description="Port of the control API, its /metrics and its /healthz")
    threads: int = Field(64, ge=4, le=5000, description="Requests served at once")
    live_connections: int = Field(
        1000, ge=1, le=5000, description="Live connections at once; they take no thread away from requests"
    )
    live_connections_each: int = Field(
        50,
        ge=1,
        le=5000,
        description="Live connections of one person, or of all tokens with one name; each open page has one",
    )
    origins: str = Field(
        "http://127.0.0.1:8080,http://localhost:8080",
        description="Address of the front door as browsers see it: origins, comma separated",
    )
    hosts: str = Field(
        "",
        description="Further host names that the control API's own port answers to, comma separated; those of the "
        "origins, addresses and names without a dot always work",
    )
    partner_origins: str = Field(
        "", description="Origins of other pages that may call with a token (CORS), comma separated; never with a cookie"
    )
    trusted_proxies: str = Field(
        "127.0.0.1,::1",
        description="Addresses, networks or host names of the front door, and of proxies before it, whose X-Forwarded "
        "headers are accepted, separated by commas or spaces",
    )
    alerts_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="Token that Grafana's alerting and Alertmanager send as `Authorization: Bearer …`",
    )
    command_signing_key: SecretStr | None = Field(
        None,
        description="Private key (Ed25519, 32 bytes as base64url) for signing orders to machines; without it, orders "
        "are not signed. `./et control_api public-key` shows the public key",
    )
    grafana_url: str | None = Field(
        None, description="Address of Grafana; without it there is no sign-in through Grafana"
    )
    grafana_token: SecretStr | None = Field(
        None,
        min_length=8,
        description="Token of a Grafana service account that may write annotations (role Editor); with it, orders and"
        " alarms are annotated",
    )
    grafana_org_id: int = Field(1, ge=1, description="The Grafana organisation whose roles apply")
    sign_in_link: bool = Field(
        False, description="At the start, log a link that signs in an administrator once (for a stack without Grafana)"
    )
    prometheus_url: str | None = Field(
        None,
        description="Address of Prometheus: alarms are reconciled with its rules every half minute. Without it, an "
        "alarm ends when no sender has confirmed it for three hours",
    )
    prometheus_username: str | None = Field(None, description="User for Prometheus, if it asks for one")
    prometheus_password: SecretStr | None = Field(None, description="That user's password")
    unconfirmed_seconds: float = Field(
        300.0,
        ge=60,
        le=86400,
        description="An alarm ends when Prometheus has not confirmed it for this many seconds, even without a "
        "notification",
    )
    channels: SecretStr | None = Field(
        None,
        description="How people on duty are paged: a line `name = address` for each channel, with addresses of apprise "
        "(`mailto://`, `ntfys://`, `slack://`, `json://`; docs/paging.md)",
    )
    requests_per_minute: int = Field(1200, ge=10, description="Maximum number of requests of one caller")
    changes_per_minute: int = Field(120, ge=1, description="Those among them that change something")
    token_reason: str | None = Field(
        None,
        min_length=1,
        max_length=500,
        description="The reason recorded for orders of scripts that give none, for example `by the line's controller`; "
        "without it, every order needs a reason",
    )
    order_seconds: float = Field(
        60.0, ge=5, le=3600, description="Seconds within which a machine must start carrying out an order"
    )
    answer_seconds: float = Field(
        30.0, ge=1, le=3600, description="Further seconds to wait for its answer before the order expires"
    )
    patience_seconds: float = Field(
        5.0, ge=1, le=60, description="Seconds that a request waits for Kafka or for the database before it is refused"
    )
    silent_seconds: float = Field(
        300.0,
        ge=10,
        description="A device without a reading since this replica's start is silent if its last reading is older "
        "than this many seconds",
    )

    @field_validator("command_signing_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            CommandSigner(value.get_secret_value())
        return value

    @field_validator("prometheus_password")
    @classmethod
    def _has_a_user(cls, value: SecretStr | None, others: ValidationInfo) -> SecretStr | None:
        if (value is None) != (others.data.get("prometheus_username") is None):
            raise ValueError("expected a user and a password for Prometheus, or neither")
        return value

    @field_validator("channels")
    @classmethod
    def _are_channels(cls, value: SecretStr | None) -> SecretStr | None:
        for number, line in enumerate([] if value is None else _meaningful(value), start=1):
            if not CHANNEL.fullmatch(line):
                raise ValueError(f"line {number} is not a channel such as `maria = ntfys://ntfy.example/topic`")
        return value

    @field_validator("origins", "partner_origins")
    @classmethod
    def _are_origins(cls, value: str) -> str:
        for origin in named(value):
            if not ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is not an origin such as https://plant.example or http://127.0.0.1:8080")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        parsed(proxies(value))  # a ValueError explains the problem
        return value

    def addresses(self) -> dict[str, list[str]]:
        """The addresses of each person's channels."""
        addresses: dict[str, list[str]] = {}
        for line in [] if self.channels is None else _meaningful(self.channels):
            who, _, address = line.partition("=")
            addresses.setdefault(who.strip(), []).append(address.strip())
        return addresses

    def prometheus_auth(self) -> tuple[str, str] | None:
        """The user and the password for Prometheus; None if it asks for none."""
        if self.prometheus_username is None or self.prometheus_password is None:
            return None
        return self.prometheus_username, self.prometheus_password.get_secret_value()

    def signer(self) -> CommandSigner | None:
        """The signer of orders; None without a key."""
        return None if self.command_signing_key is None else CommandSigner(self.command_signing_key.get_secret_value())

    def host_names(self) -> frozenset[str]:
        """Host names of this service, in lower case and without ports."""
        origins = {urlsplit(origin).hostname or "" for origin in named(self.origins)}
        return frozenset(origins | {host.lower() for host in named(self.hosts)})


def named(listed: str) -> frozenset[str]:
    """The elements of a comma-separated list."""
    return frozenset(member.strip() for member in listed.split(",") if member.strip())


def proxies(listed: str) -> frozenset[str]:
    """The elements of a list that has commas or spaces between them, as the front door's has."""
    return frozenset(listed.replace(",", " ").split())


def _meaningful(secret: SecretStr) -> list[str]:
    """The lines of a secret that are neither empty nor comments."""
    lines = (line.strip() for line in secret.get_secret_value().splitlines())
    return [line for line in lines if line and not line.startswith("#")]
