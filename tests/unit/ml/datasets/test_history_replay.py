"""Rows see what was known before them; tests/property/test_features.py holds that against the live window."""

from datetime import timedelta

import numpy as np
from msgspec.structs import replace as changed

from energytrack.events import FaultCode
from ml.datasets.tabulate import tabulate
from testkit.builders.recordings import START, a_spec, a_worn_recording


def test_a_chattering_controller_is_counted_as_it_was_heard() -> None:
    """A code a minute: each row counts as many as the window keeps, not what is left of them an hour later."""
    calm = a_worn_recording(devices=2, hours=40)
    chatter = tuple(
        FaultCode(event_id="", device_id="cnc-0000", timestamp=START + timedelta(minutes=m), code="loose")
        for m in range(600, 1200)
    )
    events = tuple(sorted((*calm.events, *chatter), key=lambda event: event.timestamp))
    table = tabulate(type(calm)(**{**calm.__dict__, "events": events}), changed(a_spec(), bucket_seconds=3600.0))
    count = table.features[:, table.spec.names.index("code_loose_24h")]
    own = table.device == 0
    hours = (table.at_ms[own] - table.at_ms.min()) / 3_600_000
    during = count[own][(hours > 12) & (hours < 16)]
    assert len(during) > 0
    np.testing.assert_array_equal(during, 64.0)
    assert (count[~own] == 0).all()
