"""Settings of everything in `ml`."""

from pathlib import Path
from typing import ClassVar, Final, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from energytrack.contract.calendar import WEEKDAYS
from energytrack.settings import Block

RECOMMENDED_BY_CODES: Final = ("change_tool", "check_cooling", "check_leaks", "check_sensor")
"""The recommendations that fault codes can support."""


class MlSettings(Block):
    """The model in use, and how it scores."""

    prefix: ClassVar[str] = "ENERGYTRACK_ML_"

    model_file: Path = Field(
        Path("var/models/failure_model.pkl"),
        description="The consumer's copy of the model in use, which is in the database; ml.train_model writes here "
        "too. Its card is next to it, as .json",
    )
    signing_key: SecretStr | None = Field(
        None, description="Key for signing models; with it, a model without a valid signature is refused"
    )
    check_seconds: float = Field(
        2.0, gt=0, description="Seconds between two checks of ml_consumer for a new model, in the database and the file"
    )
    idle_minutes: float = Field(15.0, gt=0, description="Idle minutes after which a scheduled shutdown is recommended")
    code_hints: str = Field(
        "",
        description="Your controllers' own fault codes that support a recommendation, besides those recognized by "
        "their words: `W-210=change_tool,W-31=check_leaks`",
    )
    warm_up_hours: float = Field(
        3.0,
        ge=0,
        le=24 * 30,
        description="Hours of history that ml_consumer reads of machines that are new to it; 0 disables this",
    )
    warm_up_seconds: float = Field(
        10.0,
        ge=0,
        description="Seconds that scoring waits for that history; what arrives later is added during scoring",
    )
    batch: int = Field(
        5000, ge=1, le=100_000, description="Maximum number of messages that ml_consumer takes and scores at once"
    )
    false_alarms: float = Field(
        1.0,
        gt=0,
        description="False alarms per machine and month that the alarm threshold may cause, for a model with a horizon "
        "of a day; one with a horizon of 20 minutes decides 72 times as often, and may cause 72 times as many",
    )

    @field_validator("code_hints")
    @classmethod
    def _are_hints(cls, value: str) -> str:
        for hint in filter(None, value.split(",")):
            code, _, kind = hint.partition("=")
            if not code.strip() or kind.strip() not in RECOMMENDED_BY_CODES:
                raise ValueError(
                    f"expected code=recommendation, where that is one of {', '.join(RECOMMENDED_BY_CODES)}"
                )
        return value

    def fault_codes(self) -> dict[str, str]:
        """Recommendations for the plant's own fault codes."""
        pairs = (hint.partition("=") for hint in filter(None, self.code_hints.split(",")))
        return {code.strip(): kind.strip() for code, _, kind in pairs}

    def key(self) -> str | None:
        """The signing key, if there is one."""
        return self.signing_key.get_secret_value() if self.signing_key else None


class RetrainSettings(Block):
    """When retraining runs, what it is trained on, and what it requires of a new model."""

    prefix: ClassVar[str] = "ENERGYTRACK_RETRAIN_"

    days: str = Field("sun", description="Days on which it runs, comma separated: mon to sun, or `never`")
    at: str = Field("03:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Time of day, in plant time")
    history_days: float = Field(90.0, gt=0, le=3650, description="Days of the plant's own history that it uses")
    rows: int = Field(200_000, ge=1000, le=5_000_000, description="Approximate number of rows of the training table")
    jobs: int = Field(1, ge=-1, description="Parallel training processes; -1 for one per core (or the whole cluster)")
    least_events: int = Field(
        10, ge=1, description="Failures in the newest block below which the champion always stays"
    )
    keep: int = Field(10, ge=2, description="Number of models kept for rollbacks")
    drift_hours: float = Field(12.0, gt=0, description="Hours between two checks for drift")
    drift_machines: int = Field(16, ge=1, description="Machines in each check for drift, drawn at random")
    drift_share: float = Field(
        0.25, gt=0, le=1, description="Share of changed features from which on the plant counts as changed"
    )
    drift_pause_hours: float = Field(
        48.0, gt=0, description="Minimum hours between two runs because of drift: the next run may find no better model"
    )

    @field_validator("days")
    @classmethod
    def _are_days(cls, value: str) -> str:
        if value.strip() == "never":
            return ""
        for day in filter(None, value.split(",")):
            if day.strip() not in WEEKDAYS:
                raise ValueError(f"{day.strip()!r} is none of {', '.join(WEEKDAYS)}, and not `never`")
        return value


class JoblibSettings(Block):
    """The cluster for training, if one computer is not enough."""

    prefix: ClassVar[str] = "ENERGYTRACK_ML_JOBLIB_"

    backend: Literal["", "dask"] = Field(
        "", description="`dask` trains on a cluster (needs the extra `cluster`); empty trains on this computer"
    )
    address: str = Field("", description="Address of the cluster's scheduler: tcp://host:8786")

    @field_validator("address")
    @classmethod
    def _is_there_for_a_cluster(cls, value: str, others: ValidationInfo) -> str:
        if others.data.get("backend") and not value:
            raise ValueError("needed if the backend is a cluster")
        return value
