"""Which value of a machine's energy each family shows."""

from energytrack.ledger.sums import NOTHING, EnergySums
from exporters.ledger.machine_families import DAY, MACHINE_FAMILIES, value_of


def test_what_is_not_known_has_no_sample() -> None:
    """But for time, of which none passed, and suspect energy, of which there was none."""
    shown = {name for name in DAY if value_of(name)(NOTHING) is not None}
    assert shown == {"known_seconds", "unknown_seconds", "suspect_kwh"}


def test_energy_is_known_where_some_of_the_time_is() -> None:
    sums = EnergySums(measured_kwh=2.0, idle_kwh=0.5, measured_seconds=900.0)
    assert (value_of("kwh")(sums), value_of("idle_kwh")(sums), value_of("parts")(sums)) == (2.0, 0.5, None)


def test_each_family_has_a_name_of_its_own() -> None:
    assert len({family.name for family in MACHINE_FAMILIES}) == len(MACHINE_FAMILIES)
