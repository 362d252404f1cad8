"""What holds for alarms whatever the values are."""

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ml.arrays import Floats, Integers
from ml.measures.alarms import NO_ALARM, AlarmRule, episodes, next_state

GAP_MS = 5

values = st.one_of(st.none(), st.sampled_from([0.1, 0.3, 0.4, 0.5, 0.9]))
series = st.lists(st.tuples(st.integers(1, GAP_MS + 1), values), max_size=40)
rules = st.builds(
    AlarmRule,
    raise_at=st.sampled_from([0.3, 0.5, 0.9]),
    clear_at=st.sampled_from([0.2, 0.3]),
    confirm_ms=st.sampled_from([0, 2, 7]),
    cool_down_ms=st.sampled_from([0, 4]),
)


@given(st.lists(series, max_size=3), rules, st.randoms(use_true_random=False))
def test_all_rows_at_once_raise_what_each_row_in_turn_raises(
    machines: list[list[tuple[int, float | None]]], rule: AlarmRule, random: Random
) -> None:
    """In whatever order the rows come."""
    rows = [
        (device, at, np.nan if value is None else value)
        for device, steps in enumerate(machines)
        for at, (_, value) in zip(np.cumsum([step for step, _ in steps]).tolist(), steps, strict=True)
    ]
    expected = [alarm for device in range(len(machines)) for alarm in one_by_one(device, rows, rule)]
    random.shuffle(rows)
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    device: Integers = table[:, 0].astype(np.int64)
    at_ms: Integers = table[:, 1].astype(np.int64)
    value: Floats = table[:, 2]
    assert episodes(device, at_ms, value, rule, gap_ms=GAP_MS).tolist() == expected


def one_by_one(device: int, rows: list[tuple[int, int, float]], rule: AlarmRule) -> list[list[int]]:
    """The alarms of one machine, [device, from, until] each."""
    alarms: list[list[int]] = []
    watch, last = NO_ALARM, None
    for at, value in [(at, value) for own, at, value in rows if own == device]:
        if last is not None and at - last > GAP_MS:
            if watch.open and watch.since_ms is not None:
                alarms.append([device, watch.since_ms, last])
            watch = type(watch)(rest_until_ms=watch.rest_until_ms)
        before, watch = watch, next_state(watch, None if np.isnan(value) else value, at, rule)
        if before.open and not watch.open and before.since_ms is not None:
            alarms.append([device, before.since_ms, at])
        last = at
    if watch.open and watch.since_ms is not None and last is not None:
        alarms.append([device, watch.since_ms, last])
    return alarms
