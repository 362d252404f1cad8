"""Tables, divided and put together."""

from dataclasses import replace

import numpy as np

from energytrack.recording import Recording
from ml.datasets.table import Table
from ml.datasets.tabulate import describe, tabulate


def renamed(recording: Recording, prefix: str) -> Recording:
    """The same machines under other names."""
    devices = tuple(
        type(d)(f"{prefix}-{i}", d.device_type, d.line, d.age_years) for i, d in enumerate(recording.devices)
    )
    return replace(recording, devices=devices, events=(), name=prefix)


def test_joined_tables_keep_their_failures_apart(recording: Recording) -> None:
    """Each row's machine and failure are those that they were."""
    spec = describe(recording)
    tables = [tabulate(recording, spec), tabulate(renamed(recording, "x"), spec), tabulate(recording, spec)]
    both = Table.concat(tables)
    last = slice(len(tables[0]) + len(tables[1]), None)
    positive = both.event[last] >= 0
    assert (both.event[last] >= 0).tolist() == (tables[2].event >= 0).tolist()
    assert both.events[both.event[last][positive], 0].tolist() == both.device[last][positive].tolist()
    assert both.devices[len(recording.devices)] == "x-0"


def test_pooled_folds_are_the_table_again(table: Table) -> None:
    """The machines and failures stay those of the one table."""
    even = table.device % 2 == 0
    pooled = Table.pool([table.where(even), table.where(~even)])
    assert (pooled.devices, pooled.events.tolist()) == (table.devices, table.events.tolist())
    order = np.r_[np.flatnonzero(even), np.flatnonzero(~even)]
    assert pooled.at_ms.tolist() == table.at_ms[order].tolist()
    assert pooled.event.tolist() == table.event[order].tolist()


def test_tables_without_a_row_keep_their_step(table: Table) -> None:
    none = table.where(np.zeros(len(table), dtype=np.bool_))
    assert Table.concat([none, none]).step_ms == table.step_ms
