"""Which series leave a plant for the centre, and the configuration of Prometheus that sends them. Pure.

What Prometheus records is sent, not what it scrapes: a recorded series has a colon in its name. With it go `up`, by
which the centre distinguishes "nothing is wrong" from "no answer", and `ALERTS`, the alerts that are raised.
"""

import json
from typing import Final

from energytrack.centre.settings import LABEL, CentreSettings
from energytrack.errors import EnergyTrackError

SENT: Final = ".+:.+|up|ALERTS"
"""A regular expression for names of series; Prometheus anchors it at both ends."""
GLOBAL: Final = "\nglobal:\n"


class NoGlobalPart(EnergyTrackError):
    """A configuration without the place for the plant's name: its series would reach the centre without it."""


def joined(configuration: str, centre: CentreSettings) -> str:
    """The configuration of a plant's Prometheus, which then names the plant and sends what it records.

    Raises NoGlobalPart.
    """
    if centre.plant is None:
        return configuration
    if GLOBAL not in f"\n{configuration}":
        raise NoGlobalPart("this is not a Prometheus configuration with a line `global:`, where the plant's name goes")
    labels = f"  external_labels: {{ {LABEL}: {json.dumps(centre.plant)} }}\n"
    named = f"\n{configuration}".replace(GLOBAL, f"{GLOBAL}{labels}", 1)[1:]
    return f"{named.rstrip()}\n\n{remote_write(centre)}" if centre.write_url else named


def remote_write(centre: CentreSettings) -> str:
    """The part that sends to the centre's Prometheus, Mimir or Thanos."""
    lines = [
        "# To the centre: what is recorded here, in the name of this plant. What a cut line keeps back is sent later.",
        "remote_write:",
        f"  - url: {json.dumps(centre.write_url)}",
        "    name: centre",
        "    write_relabel_configs:",
        f"      - {{ source_labels: [__name__], regex: {json.dumps(SENT)}, action: keep }}",
        "    metadata_config: { send: false }  # of series that stay here",
        "    queue_config: { max_backoff: 30s }",
    ]
    if centre.password_file is not None:
        password = json.dumps(str(centre.password_file))
        lines.append(f"    basic_auth: {{ username: {json.dumps(centre.plant)}, password_file: {password} }}")
    if centre.ca_file is not None and (centre.write_url or "").startswith("https:"):
        lines.append(f"    tls_config: {{ ca_file: {json.dumps(str(centre.ca_file))} }}")
    return "\n".join(lines) + "\n"
