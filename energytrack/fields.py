"""The types of the fields of messages: names, times, quantities with their ranges, and the words a field allows."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

from msgspec import Meta

MAX_AHEAD: Final = timedelta(hours=24)
"""A timestamp further ahead of our clock comes from a wrong clock; an order valid for longer than this is a mistake."""
READING_AHEAD: Final = timedelta(minutes=5)
"""Default limit for a machine's clock that is ahead of ours; plant.toml can change it. Later readings are refused."""
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""A timestamp before this one comes from a clock that was never set."""

DEVICE_ID: Final = r"^[A-Za-z0-9][A-Za-z0-9._:-]*\Z"
DeviceId = Annotated[str, Meta(min_length=1, max_length=64, pattern=DEVICE_ID)]
FrequentDeviceId = Annotated[str, Meta(min_length=1, max_length=64, extra_json_schema={"pattern": DEVICE_ID})]
"""A DeviceId of the many messages, whose form `energytrack.decoding` checks once for each machine. msgspec would
evaluate the expression for each message, which takes as long as decoding the rest of a reading.
"""
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Text = Annotated[str, Meta(max_length=500)]
SignalName = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z_][A-Za-z0-9_ -]*\Z")]
"""Used as a field name in the database and as a feature name in a model."""
Timestamp = Annotated[datetime, Meta(tz=True)]
SignalValue = Annotated[float, Meta(ge=-1e12, le=1e12)]
Celsius = Annotated[float, Meta(ge=-273.15, le=2500)]
"""From absolute zero to what thermocouples can measure."""
Bar = Annotated[float, Meta(ge=-5, le=10_000)]
"""Above atmospheric pressure, so that a vacuum is -1, and less for a gauge with an offset; waterjets have 6000."""
Amperes = Annotated[float, Meta(ge=-200_000, le=200_000)]
"""Negative where a transformer is reversed, which the meter names; arc furnaces have 100,000."""
Signature = Annotated[str, Meta(max_length=128)]
Register = Annotated[float, Meta(ge=0, le=1e12)]
Counter = Annotated[float, Meta(ge=0, le=1e12)]
Probability = Annotated[float, Meta(ge=0, le=1)]
Hours = Annotated[float, Meta(ge=0, le=1e6)]
Amount = Annotated[float, Meta(ge=0, le=1e12)]
Pieces = Annotated[float, Meta(ge=0, le=1e7)]
"""Parts of one event: no machine makes more in a day."""

State = Literal["running", "idle", "stopped", "failed", "maintenance"]
Action = Literal["restart", "shutdown"]
Outcome = Literal["done", "refused", "failed", "expired"]
StopTime = Literal["now", "break", "shift_end", "after_work", "maintenance", "part", "run_on"]
STATES: Final[tuple[State, ...]] = ("running", "idle", "stopped", "failed", "maintenance")
ACTIONS: Final[tuple[Action, ...]] = ("restart", "shutdown")
OUTCOMES: Final[tuple[Outcome, ...]] = ("done", "refused", "failed", "expired")
STOP_TIMES: Final[tuple[StopTime, ...]] = (
    "now", "break", "shift_end", "after_work", "maintenance", "part", "run_on",
)  # fmt: skip
