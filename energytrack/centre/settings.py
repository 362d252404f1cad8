"""Settings of a plant that is one of several: its name, and the centre to which it sends series and readings."""

import re
import unicodedata
from pathlib import Path
from typing import ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from energytrack.settings import Block

LABEL: Final = "plant"
"""The label of every series and alert that leaves a plant which is one of several."""
NAME: Final = r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?"
"""The form of a plant's name among several: it is part of the names of topics and users."""


class CentreSettings(Block):
    """How a plant reaches the centre of a company with several plants."""

    prefix: ClassVar[str] = "ENERGYTRACK_CENTRE_"

    plant: str | None = Field(
        None,
        pattern=f"^{NAME}$",
        description="This plant's name among several: the label `plant` of its series, the beginning of its topics at "
        "the centre, and its user there",
    )
    write_url: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="Where Prometheus sends what it records: the address of remote write at the centre's Prometheus, "
        "Mimir or Thanos",
    )
    kafka_servers: str | None = Field(None, description="Where MirrorMaker sends readings: the centre's brokers")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "SASL_SSL", description="Security of the connection to them"
    )
    ca_file: Path | None = Field(None, description="Certificate authority of the centre, if it has its own")
    password_file: Path | None = Field(None, description="File with this plant's password at the centre")

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if self.plant is None and (self.write_url or self.kafka_servers):
            raise ValueError("PLANT: needed if there is a centre")
        return self


def plant_name(name: str) -> str:
    """A name for `ENERGYTRACK_CENTRE_PLANT`, made from the one in the plant file; empty if nothing is left of it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].strip("-")
