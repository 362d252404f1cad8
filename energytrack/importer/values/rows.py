"""The rows of a table as quantities, before their times are converted to UTC."""

from dataclasses import dataclass, replace

import numpy as np

from energytrack.importer.cells.dates import NONE
from energytrack.importer.choices import FileFinding
from energytrack.importer.content import Floats, Ints


@dataclass(frozen=True, eq=False)
class FileColumn:
    """One quantity over rows: a column, or the rows of a long table with the same key."""

    heading: str
    unit: str | None
    values: Floats


@dataclass(eq=False)
class Rows:
    """The rows of a table before their times are converted to UTC."""

    local: Ints
    has_zone: bool
    device: Ints
    """Index into `devices`."""
    devices: list[str]
    key: Ints
    columns: list[FileColumn]
    findings: list[FileFinding]
    at_24: bool = False
    declared_labels: str | None = None
    sequential: bool = False
    """A day's values follow each other without gaps, even when the clocks change."""
    until: Ints | None = None
    """When the interval of each row ends, if a second column has that; `local` is then its beginning."""

    @property
    def series(self) -> Ints:
        """A number for each row that is the same for rows of the same machine and key."""
        return self.device * 100_000 + self.key

    def sorted_by_series(self) -> "Rows":
        """The rows of each machine and key together, oldest first, otherwise in the order of the file."""
        series = self.series
        order = np.argsort(series, kind="stable")
        dated = self.local[order][self.local[order] != NONE]
        steps = np.diff(dated)
        if len(steps) and (steps < 0).sum() > 0.6 * len(steps):  # newest first
            order = np.argsort(series[::-1], kind="stable")
            order = len(series) - 1 - order
        elif (np.diff(series) >= 0).all():
            return self
        columns = [replace(column, values=column.values[order]) for column in self.columns]
        return replace(
            self, local=self.local[order], device=self.device[order], key=self.key[order], columns=columns,
            until=None if self.until is None else self.until[order],
        )  # fmt: skip
