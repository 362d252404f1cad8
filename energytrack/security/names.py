"""Display names of subjects. A subject is stored with each change, and also says how somebody signed in."""

import re
from typing import Final

SIGNED_IN: Final = re.compile("^(?:grafana|link|token):")
SCHEDULE: Final = re.compile(r"schedule:\S+ of (.+)")


def name_of(subject: str) -> str:
    """`maria` for `grafana:maria`; `a schedule of maria` for a schedule."""
    schedule = SCHEDULE.fullmatch(subject)
    return f"a schedule of {name_of(schedule[1])}" if schedule else SIGNED_IN.sub("", subject)
