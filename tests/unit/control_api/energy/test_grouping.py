from control_api.energy.grouping import Amount, Group, MachineRoster, Total, totals
from control_api.energy.rules import row
from energytrack.ledger.presence import Presence
from energytrack.ledger.sums import EnergySums
from energytrack.plant import Place
from testkit.builders.ledger import DAY, ZONE

LATHE, PRESS = Place("lathe", "turning"), Place("press", "press-shop")


def totals_of(
    *reported: tuple[str, Place, EnergySums], machines: MachineRoster, by: str = "plant", end: float = 3600.0
) -> object:
    amounts = [Amount(device_id, DAY, place, sums) for device_id, place, sums in reported]
    return totals(amounts, machines, lambda _: (0.0, end), by)  # type: ignore[arg-type]


HALF_AN_HOUR = EnergySums(measured_kwh=1.0, measured_seconds=1800.0)


def test_the_time_before_a_machine_was_first_heard_is_not_unknown() -> None:
    young = MachineRoster({"a": Presence(1800.0, 3600.0)}, {"a": LATHE}, 3600.0)
    (total,) = totals_of(("a", LATHE, HALF_AN_HOUR), machines=young).values()  # type: ignore[attr-defined]
    found = row(0.0, 3600.0, None, total, zone=ZONE)
    assert (found.coverage, found.unknown_seconds) == (1.0, 0.0)
    assert found.since is not None
    assert found.since.timestamp() == 1800.0
    old = MachineRoster({"a": Presence(-7200.0, 3600.0)}, {"a": LATHE}, 3600.0)
    (total,) = totals_of(("a", LATHE, HALF_AN_HOUR), machines=old).values()  # type: ignore[attr-defined]
    found = row(0.0, 3600.0, None, total, zone=ZONE)
    assert (found.coverage, found.unknown_seconds, found.since) == (0.5, 1800.0, None)


def test_a_machine_without_reports_counts_where_it_stands() -> None:
    """Unless it came later, or stands where nothing is known at all."""
    there = {name: Presence(0.0, 3600.0) for name in "abc"} | {"d": Presence(3600.0, 7200.0)}
    machines = MachineRoster(there, {"a": LATHE, "b": LATHE, "c": PRESS, "d": LATHE}, 3600.0)
    found = totals_of(("a", LATHE, HALF_AN_HOUR), machines=machines, by="line")
    assert found == {Group(DAY, "turning"): Total(HALF_AN_HOUR, 7200.0, 0.0)}


def test_the_time_of_a_machine_that_was_moved_counts_once() -> None:
    machines = MachineRoster({"a": Presence(0.0, 3600.0)}, {"a": PRESS}, 3600.0)
    quarter = EnergySums(measured_kwh=0.5, measured_seconds=900.0)
    moved = [("a", LATHE, quarter), ("a", PRESS, quarter)]
    found = totals_of(*moved, machines=machines, by="line")
    assert {group.name: total.seconds for group, total in found.items()} == {  # type: ignore[attr-defined]
        "turning": 1800.0,
        "press-shop": 1800.0,
    }
