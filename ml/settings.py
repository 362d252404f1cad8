"""Settings of everything in `ml`."""

from pathlib import Path
from typing import ClassVar, Final, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from energytrack.contract.calendar import WEEKDAYS
from energytrack.settings import Block

RECOMMENDED_BY_CODES: Final = ("change_tool", "check_cooling", "check_leaks", "check_sensor")
"""The recommendations that a controller's warnings can speak for."""


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
    code_hints: str = Field(
        "",
        description="Warnings of your controllers that speak for a recommendation besides those whose words do: "
        "`W-210=change_tool,W-31=check_leaks`",
    )
    warm_up_hours: float = Field(
        3.0,
        ge=0,
        le=24 * 30,
        description="How far back ml_consumer reads of machines that are new to it; 0 for not at all",
    )
    warm_up_seconds: float = Field(
        10.0, ge=0, description="How long scoring waits for that at most; what comes later is taken in while it scores"
    )
    batch: int = Field(5000, ge=1, le=100_000, description="Messages that ml_consumer takes and scores at once")
    false_alarms: float = Field(
        1.0,
        gt=0,
        description="False alarms per machine and month that the alarm threshold may cost, of a model that looks "
        "a day ahead; one that looks 20 minutes ahead decides 72 times as often, and may cost 72 times as many",
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
        """The recommendation by the fault code, for codes of the plant's own."""
        pairs = (hint.partition("=") for hint in filter(None, self.code_hints.split(",")))
        return {code.strip(): kind.strip() for code, _, kind in pairs}

    def key(self) -> str | None:
        """The signing key, where there is one."""
        return self.signing_key.get_secret_value() if self.signing_key else None


class RetrainSettings(Block):
    """When retraining runs, what it learns from, and what it asks of a new model."""

    prefix: ClassVar[str] = "ENERGYTRACK_RETRAIN_"

    days: str = Field("sun", description="Days on which it runs, comma separated: mon to sun; `never` for none")
    at: str = Field(
        "03:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="When on those days, by the plant's clock"
    )
    history_days: float = Field(
        90.0, gt=0, le=3650, description="Days of the plant's own history that it looks back on"
    )
    rows: int = Field(200_000, ge=1000, le=5_000_000, description="Rows of the training table, about")
    jobs: int = Field(1, ge=-1, description="Processes that train at once; -1 for one per core (or the whole cluster)")
    least_events: int = Field(
        10, ge=1, description="Failures in the newest block with fewer of which the champion stays whatever is found"
    )
    keep: int = Field(10, ge=2, description="Models that are kept for going back to")
    drift_hours: float = Field(12.0, gt=0, description="How often it looks whether the plant has changed")
    drift_machines: int = Field(16, ge=1, description="Machines that it looks at for that, drawn anew each time")
    drift_share: float = Field(
        0.25, gt=0, le=1, description="Share of features that have changed with which the plant counts as changed"
    )
    drift_pause_hours: float = Field(
        48.0, gt=0, description="Least time between two runs because of drift: the next run may find no better model"
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
    """Where the work of training is done, where one machine is not enough."""

    prefix: ClassVar[str] = "ENERGYTRACK_ML_JOBLIB_"

    backend: Literal["", "dask"] = Field(
        "", description="`dask` trains on a cluster (needs the extra `cluster`); empty trains on this machine"
    )
    address: str = Field("", description="Address of the cluster's scheduler: tcp://host:8786")

    @field_validator("address")
    @classmethod
    def _is_there_for_a_cluster(cls, value: str, others: ValidationInfo) -> str:
        if others.data.get("backend") and not value:
            raise ValueError("needed where the backend is a cluster")
        return value
