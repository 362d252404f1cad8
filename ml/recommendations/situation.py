"""The input of the rules of recommendations: facts about machines at their readings."""

from dataclasses import dataclass

from ml.arrays import Floats, Integers, Mask
from ml.recommendations.sensors import SensorTimes


@dataclass(frozen=True, eq=False)
class Situation:
    """The inputs of the rules at M readings; [M] each, NaN if unknown."""

    device: Integers
    at_ms: Integers
    risk_to_threshold_ratio: Floats
    """The failure probability over the alarm threshold: an alarm is raised at 1."""
    novelty_to_threshold_ratio: Floats
    """The novelty over the alarm threshold, by a model that knows no failures; NaN for any other model."""
    stop_saving_ratio: Floats
    """The saving of the cheapest time to stop, as a share of the cost of running on; NaN without life or costs."""
    idle_minutes: Floats
    """How long the machine has been idle without interruption; 0 if it is not idle."""
    down: Mask
    """Failed, or in maintenance."""
    settled: Mask
    """Whether the machine has been at work long enough to be compared with its own history."""
    lost_minutes: Floats
    """How long a sensor that was present has been lost; the longest of them."""
    stuck_minutes: Floats
    """How long a sensor of a machine at work has shown the same value; the longest of them."""
    repeated_minutes: Floats
    """How long all sensors of a machine at work have shown the same values, as if a gateway repeated them."""
    temperature_shift: Floats
    """Usual deviations above what the other signals predict for this machine at work; likewise `pressure_shift`."""
    pressure_shift: Floats
    over_limit: Floats
    """Degrees Celsius above the limit of the machine's type."""
    under_minimum: Floats
    """How far the pressure is below the minimum of the machine's type, as a share of it."""
    abnormal: Floats
    """T² as a multiple of the machine's own limit (`ml.recommendations.own_range`)."""
    cooling_warnings: Floats
    """Fault codes of the last day since the last maintenance, here and below."""
    leak_warnings: Floats
    sensor_warnings: Floats
    tool_warnings: Floats
    sensors: SensorTimes
    """The sensors of `lost_minutes` and `stuck_minutes`."""
