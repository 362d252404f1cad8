"""Settings of everything in `ml`."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from energytrack.settings import Block


class MlSettings(Block):
    """The model that is in use, and how it is used."""

    prefix: ClassVar[str] = "ENERGYTRACK_ML_"

    model_file: Path = Field(
        Path("var/models/failure_model.pkl"), description="The champion; its card lies beside it, as .json"
    )
    signing_key: SecretStr | None = Field(
        None, description="Key that models are signed with; a model without its signature is then refused"
    )
    check_seconds: float = Field(2.0, gt=0, description="How often ml_consumer looks whether there is a new champion")
    idle_minutes: float = Field(15.0, gt=0, description="Idle time after which a scheduled shutdown is recommended")
    batch: int = Field(5000, ge=1, le=100_000, description="Messages that ml_consumer takes and scores at once")
    false_alarms: float = Field(
        1.0, gt=0, description="False alarms per machine and month that the alarm threshold may cost"
    )

    def key(self) -> str | None:
        """The signing key, where there is one."""
        return self.signing_key.get_secret_value() if self.signing_key else None
