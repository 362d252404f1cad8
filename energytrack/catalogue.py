"""The catalogue of recommendations: each has a code, for machines, and a sentence, for people.

An insight may replace the general sentence by a specific one, which names a sensor, say; the code stays the same. The
list is closed, so that every machine's counter of each recommendation can start at zero.
"""

from typing import Final

from energytrack.messages import Recommendation

CATALOGUE: Final = (
    Recommendation("inspect_24h", "High failure risk: Inspect machine within 24 hours."),
    Recommendation("scheduled_shutdown", "High idle energy usage: Consider scheduled shutdown."),
    Recommendation("check_cooling", "Temperature is rising against the load: Check cooling, filters and fans."),
    Recommendation("check_leaks", "Pressure is falling: Check hoses, seals and fittings for leaks."),
    Recommendation("check_sensor", "A sensor is lost or stuck: Check its cable, and replace the sensor if necessary."),
    Recommendation("change_tool", "Tool wear is high: Change the tool at the next stop."),
    Recommendation("plan_maintenance", "Wear is building up: Plan a maintenance window."),
    Recommendation("abnormal_behaviour", "The machine behaves unusually: Inspect it at the next opportunity."),
    Recommendation("cheapest_stop", "Stopping it costs less than running on: Stop it at the cheapest time."),
)

CODES: Final = tuple(recommendation.code for recommendation in CATALOGUE)
