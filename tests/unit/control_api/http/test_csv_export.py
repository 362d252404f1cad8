from control_api.http.csv_export import table
from energytrack.store.operations.commands import Order
from testkit.builders.control import an_order
from testkit.dates import DAY


def test_a_list_becomes_a_file_with_a_column_for_each_field() -> None:
    """Times with their zone, empty where nothing is known."""
    lines = table("orders", Order, [an_order()]).get_data(as_text=True).split("\r\n")
    assert lines[0].startswith("command_id,device_id,action,reason,requested_at,")
    assert lines[1].startswith(f"01CMD,cnc-0007,shutdown,overheating,{DAY}T10:00:00.000+00:00,")


def test_a_reason_cannot_become_a_formula() -> None:
    """What a person typed is never run by another person's spreadsheet."""
    written = table("orders", Order, [an_order(reason='=HYPERLINK("http://x","y")')]).get_data(as_text=True)
    assert "\"'=HYPERLINK(" in written
