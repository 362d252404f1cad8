"""The id of an import is that of its values and their machine, not of its file."""

from energytrack.importer.content import Content
from energytrack.importer.destinations.identity import batch_id_of
from testkit.builders.import_files import columns, counts, starts
from testkit.dates import MONDAY
from tests.unit.energytrack.importer.contents import read


def metered(name: str = "meter.csv", written: str = "%Y-%m-%dT%H:%M%z", *, device: str = "cnc-0007") -> Content:
    return read(
        columns(starts(MONDAY, 1), written),
        name,
        device=device,
        values="interval",
        labels="begin",
        zone="Europe/Berlin",
    )


def test_the_same_values_are_the_same_batch() -> None:
    """Whatever the file is called, and however its times are written."""
    assert batch_id_of(metered(), "auto") == batch_id_of(metered("copy.csv", "%d.%m.%Y %H:%M"), "auto")


def test_another_machine_or_another_destination_is_another_batch() -> None:
    content = metered()
    assert len({batch_id_of(content, "auto"), batch_id_of(content, "energy"),
                batch_id_of(metered(device="cnc-0008"), "auto")}) == 3  # fmt: skip


def test_other_counts_are_another_batch() -> None:
    quarters = starts(MONDAY, 1)
    one, other = (
        read(counts(quarters, [each, *[12] * 95]), device="cnc-0007", parts_values="interval") for each in (0, 1)
    )
    assert batch_id_of(one, "auto") != batch_id_of(other, "auto")
