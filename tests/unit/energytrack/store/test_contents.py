"""The database as a whole: in which parts it is read."""

from energytrack.store.contents import FIRST, PARTS


def test_ledgers_of_meters_are_read_in_parts_as_those_of_machines() -> None:
    """Ten meters leave as many documents in ten years as the database can hold for one question."""
    whole = {name for name in FIRST if name.startswith("plant_meter_") and name not in PARTS}
    assert whole == set()
    assert {PARTS[name] for name in FIRST if name.startswith(("ledger_months", "plant_meter_"))} == {"device"}
