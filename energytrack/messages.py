"""The messages on Kafka, with their fields; `energytrack.events` has the events.

JSON in UTF-8, parsed once, at the edge, into frozen values (`energytrack.decoding`). Unknown fields are
ignored, missing optional ones mean "not known".
"""

from collections.abc import Callable
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from energytrack.events import DeviceEvent
from energytrack.fields import (
    Action,
    Amount,
    Amperes,
    Bar,
    Celsius,
    Counter,
    DeviceId,
    FrequentDeviceId,
    Hours,
    Name,
    Probability,
    Register,
    SignalName,
    SignalValue,
    Signature,
    State,
    StopTime,
    Text,
    Timestamp,
)

MAX_MESSAGE_BYTES: Final = 1_000_000
TOO_MANY: Final = "too_many_machines"
"""The reason of a message about a further machine that the plant file does not list."""
REASONS: Final = (
    "not_json", "wrong_type", "missing_field", "bad_timestamp", "clock_ahead", "too_large", "no_machine", TOO_MANY
)  # fmt: skip
EMPTY: Final = "empty"
"""The reason of a message without a value: it is counted and skipped."""


class Reading(Struct, frozen=True, gc=False, omit_defaults=True):
    """What a machine's sensors measured at one instant (topic `factory-sensor-data`)."""

    device_id: FrequentDeviceId
    """Permanent ID of the machine; also the key of the message."""
    timestamp: Timestamp
    """When the values were measured."""
    temperature: Celsius | None
    """Degrees Celsius; null while the sensor is lost."""
    pressure: Bar | None
    """Bar; null while the sensor is lost."""
    current: Amperes | None
    """Amperes, RMS per phase; null while the sensor is lost."""
    device_type: Name | None = None
    """A device type of plant.toml. For a machine listed in plant.toml, the type in plant.toml applies."""
    line: Name | None = None
    """A line of plant.toml; likewise."""
    energy_kwh: Register | None = None
    """The meter's cumulative register, if there is a meter."""
    state: State | None = None
    """The state of the machine. Without it, idle energy is estimated from the current."""
    signals: Annotated[dict[SignalName, SignalValue | None], Meta(max_length=32)] = {}
    """Additional signals of this machine by name (for example a vibration sensor), in units that the plant chooses."""
    parts: Counter | None = None
    """The machine's cumulative counter of parts produced, good or not; one that falls has started again."""
    scrap: Counter | None = None
    """The machine's cumulative counter of the rejected ones among the parts."""


class Factor(Struct, frozen=True, gc=False):
    """A feature's contribution to a failure probability, including that of features with the same meaning."""

    feature: Name
    """Name of the feature in the model."""
    contribution: Annotated[float, Meta(ge=-1e6, le=1e6)]
    """Contribution to the probability (0 to 1); negative if it lowers the probability."""
    text: Text = ""
    """The same in words for a technician."""

    @property
    def words(self) -> str:
        """The factor's text, or its feature's name if the model sends no text."""
        return self.text or self.feature.replace("_", " ")


class Recommendation(Struct, frozen=True, gc=False):
    """Advice about a machine: a code of the catalogue and its sentence."""

    code: Name
    """Code, for programs and metrics; the catalogue is energytrack/catalogue.py."""
    text: Text
    """Sentence, for people."""


class LikelyMode(Struct, frozen=True, gc=False):
    """A failure mode that a machine at risk may be heading for."""

    mode: Name
    """The mode, in the plant's own terms; `other` for all that are rare."""
    share: Probability
    """How likely this mode is if the machine fails."""


class RemainingLife(Struct, frozen=True, gc=False):
    """How long a machine has until it fails: at least eight of ten machines in this state failed within the interval.

    It agrees with the failure probability: from 20 % on, it begins no later than 20 % would have failed.
    """

    at_least_hours: Hours
    """The lower end of the interval."""
    at_most_hours: Hours | None = None
    """The upper end of the interval; null if it lies beyond the recorded lives."""


class LikelyComponent(Struct, frozen=True, gc=False):
    """A component that may be what fails in a machine at risk."""

    component: Name
    """The component, in the plant's own terms; `other` for all that are rare."""
    share: Probability
    """How likely this component is if the machine fails."""


class StopOption(Struct, frozen=True, gc=False):
    """A time to stop a machine at risk, and the expected cost, including failures before it."""

    when: StopTime
    """`now`, in the next `break`, at the `shift_end`, `after_work` (nobody works), in the next planned `maintenance`,
    when the spare `part` arrives, or not at all (`run_on`).
    """
    expected_cost: Amount
    """In the currency of the tariff."""
    at: Timestamp | None = None
    """When that is; null for `run_on`."""


class Insight(Struct, frozen=True, gc=False):
    """The result of the model and the rules for one reading (topic `ml-insights`)."""

    device_id: FrequentDeviceId
    """The machine; also the key of the message."""
    timestamp: Timestamp
    """The timestamp of the scored reading."""
    failure_probability: Probability | None
    """Probability of a failure within the model's horizon; null while the machine has too little history."""
    prediction: Literal[0, 1] | None
    """1 if the probability is at or above the model's threshold, else 0; null if the probability is null."""
    model_version: Name
    """Version of the model, as in its card."""
    scored_at: Timestamp
    """When the reading was scored."""
    top_factors: Annotated[tuple[Factor, ...], Meta(max_length=32)] = ()
    """If the probability is at or above the threshold: the factors that raised it most, the strongest first."""
    recommendations: Annotated[tuple[Recommendation, ...], Meta(max_length=32)] = ()
    """The recommendations that are currently open for this machine."""
    novelty: Probability | None = None
    """How unlike normal operation the machine is, whatever failures are on record: from 0.5 on as one sound machine in
    fifty. Null while its usual range is not known, and if the model does not compute it.
    """
    likeness: Text = ""
    """If the probability is at or above the threshold: what the machine's state resembles, as a sentence."""
    likely_modes: Annotated[tuple[LikelyMode, ...], Meta(max_length=8)] = ()
    """If the probability is at or above the threshold: the most likely failure modes, the likeliest first."""
    remaining_life: RemainingLife | None = None
    """How long the machine has left; null while it has too little history, and if too few failures are on record."""
    likely_components: Annotated[tuple[LikelyComponent, ...], Meta(max_length=8)] = ()
    """If the probability is at or above the threshold: the components that are likely to fail, the likeliest first.
    Empty if the failures on record do not name components.
    """
    stop_options: Annotated[tuple[StopOption, ...], Meta(max_length=8)] = ()
    """While the machine is at risk: when to stop it, the cheapest time first. Empty if its remaining life is not known,
    or plant.toml does not say what a failure and a planned stop cost.
    """


class Command(Struct, frozen=True, gc=False, omit_defaults=True):
    """A command to a machine (topic `device-commands`)."""

    command_id: Name
    """Unique ID of the order; the answer carries it too. A command that arrives twice is executed once."""
    device_id: DeviceId
    """The machine; also the key of the message."""
    action: Action
    """`shutdown` takes the machine to standby, `restart` starts it up."""
    requested_by: Text
    """Who ordered it, and how they signed in: `grafana:maria`."""
    reason: Text
    """The reason, in that person's words."""
    requested_at: Timestamp
    """When the order was given."""
    expires_at: Timestamp
    """A machine that receives the command later answers `expired` and does nothing."""
    signature: Signature | None = None
    """The control API's Ed25519 signature; [Signed commands](signed-commands.md) explains how to verify it."""


Message = Reading | Insight | Command | DeviceEvent

_encoder = msgspec.json.Encoder()
encode: Final[Callable[[Message], bytes]] = _encoder.encode
"""A message in its serialised form: JSON, UTF-8."""
