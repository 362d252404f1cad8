"""Families of the model's predictions for a machine, and its recommendations."""

from typing import Final

from energytrack.messages import Insight
from exporters.machines.state import Advice, DeviceState
from exporters.metrics.families import Column, PerDevice, PerDeviceAndLabel, Row, counter, gauge

FACTORS: Final = 5
"""Maximum number of series per device for the factors of its risk."""


def _probability(state: DeviceState) -> float | None:
    return state.insight.failure_probability if state.insight else None


def _predicted(state: DeviceState) -> float | None:
    return state.insight.prediction if state.insight else None


def _novelty(state: DeviceState) -> float | None:
    return state.insight.novelty if state.insight else None


def _life_at_least(state: DeviceState) -> float | None:
    life = state.insight.remaining_life if state.insight else None
    return life.at_least_hours * 3600 if life else None


def _life_at_most(state: DeviceState) -> float | None:
    life = state.insight.remaining_life if state.insight else None
    return life.at_most_hours * 3600 if life and life.at_most_hours is not None else None


def _modes(insight: Insight) -> tuple[Row, ...]:
    return tuple(((likely.mode,), likely.share) for likely in insight.likely_modes[:FACTORS])


def _components(insight: Insight) -> tuple[Row, ...]:
    return tuple(((likely.component,), likely.share) for likely in insight.likely_components[:FACTORS])


def _stop_costs(insight: Insight) -> tuple[Row, ...]:
    return tuple(((option.when,), option.expected_cost) for option in insight.stop_options)


def _stop_times(insight: Insight) -> tuple[Row, ...]:
    return tuple(((option.when,), option.at.timestamp()) for option in insight.stop_options if option.at is not None)


def _factors(insight: Insight) -> tuple[Row, ...]:
    contributions = {factor.feature: factor.contribution for factor in insight.top_factors[:FACTORS]}
    return tuple(((feature,), contribution) for feature, contribution in contributions.items())


def _openings(advice: Advice) -> tuple[Row, ...]:
    return advice.openings


def _active(advice: Advice) -> tuple[Row, ...]:
    return tuple(
        (code, 1.0 if code[0] in advice.active else 0.0) for code, _ in advice.openings if code[0] in advice.ever
    )


PREDICTIONS: Final[tuple[Column, ...]] = (
    PerDevice(
        gauge(
            "failure_probability_ratio",
            "Probability of a failure within the model's horizon. Absent while the device has too little history.",
        ),
        _probability,
    ),
    PerDevice(
        gauge("failure_predicted", "1 if the probability is at or above the model's threshold, else 0."), _predicted
    ),
    PerDeviceAndLabel(
        gauge(
            "failure_factor_ratio",
            "Contribution of the top features to the probability. A negative value lowers it.",
            "feature",
        ),
        lambda state: state.insight if state.insight and state.insight.top_factors else None,
        _factors,
    ),
    PerDevice(
        gauge(
            "novelty_ratio",
            "How unlike normal operation the device is, whatever failures are on record; 0.5 is as rare as one sound "
            "device in fifty. Absent while its usual range is not known.",
        ),
        _novelty,
    ),
    PerDevice(
        gauge(
            "remaining_life_at_least_seconds",
            "Beginning of the interval in which the device will fail, as eight of ten in such a state did. Absent "
            "while it has too little history, and if too few failures are on record.",
        ),
        _life_at_least,
    ),
    PerDevice(
        gauge(
            "remaining_life_at_most_seconds",
            "End of that interval. Absent if it lies beyond what the record of the model reaches.",
        ),
        _life_at_most,
    ),
    PerDeviceAndLabel(
        gauge(
            "failure_mode_ratio",
            "How likely a failure mode is if the device fails. Present while its probability is at or above the "
            "model's threshold.",
            "mode",
        ),
        lambda state: state.insight if state.insight and state.insight.likely_modes else None,
        _modes,
    ),
    PerDeviceAndLabel(
        gauge(
            "failure_component_ratio",
            "How likely a component is to be what fails. Present while the device's probability is at or above the "
            "model's threshold, if the failures on record name components.",
            "component",
        ),
        lambda state: state.insight if state.insight and state.insight.likely_components else None,
        _components,
    ),
    PerDeviceAndLabel(
        gauge(
            "stop_expected_cost",
            "What stopping the device at a time may be expected to cost, failures before it included, in the currency "
            "of the tariff. Present while it is at risk, if its remaining life and the costs of a stop are known.",
            "option",
        ),
        lambda state: state.insight if state.insight and state.insight.stop_options else None,
        _stop_costs,
    ),
    PerDeviceAndLabel(
        gauge("stop_timestamp_seconds", "When that time is; running on has none.", "option"),
        lambda state: state.insight if state.insight and state.insight.stop_options else None,
        _stop_times,
    ),
    PerDeviceAndLabel(
        counter("recommendations", "How often a recommendation was opened for the device.", "recommendation"),
        lambda state: state.advice,
        _openings,
    ),
    PerDeviceAndLabel(
        gauge("recommendation_active", "1 while a recommendation is open, 0 after it was closed.", "recommendation"),
        lambda state: state.advice if state.insight else None,
        _active,
    ),
)
