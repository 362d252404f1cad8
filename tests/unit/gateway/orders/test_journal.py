"""The journal of orders: on disk before the next step, and bounded."""

from pathlib import Path

import pytest

from gateway.errors import InvalidFile
from gateway.orders.journal import Journal
from gateway.orders.rules import OrderOutcome, answer
from testkit.builders.messages import NOW, a_command

DONE = OrderOutcome("done", "stopped", "")


def test_what_was_accepted_is_there_after_a_restart(tmp_path: Path) -> None:
    path, command = tmp_path / "orders.json", a_command()
    journal = Journal(path)
    journal.accept(command)
    assert [entry.step for entry in Journal(path).open_orders()] == ["accepted"]
    journal.writing(command)
    assert [entry.step for entry in Journal(path).open_orders()] == ["written"]
    journal.answer(command, answer(command, DONE, NOW))
    assert list(Journal(path).open_orders()) == []
    assert [result.command_id for result in Journal(path).unsent()] == ["01CMD"]
    journal.acknowledge_all()
    assert list(Journal(path).unsent()) == []
    assert Journal(path).of_machine(command.device_id) is None


def test_only_so_many_answers_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.orders.journal.REMEMBERED", 3)
    journal = Journal(tmp_path / "orders.json")
    for number in range(6):
        command = a_command(command_id=f"{number:04}")
        journal.answer(command, answer(command, DONE, NOW))
        journal.acknowledge_all()
    assert journal["0000"] is None
    assert journal["0003"] is not None


def test_a_file_that_is_no_journal_stops_the_gateway(tmp_path: Path) -> None:
    """It would not know what was carried out."""
    path = tmp_path / "orders.json"
    path.write_text("{")
    with pytest.raises(InvalidFile, match="look what was carried out"):
        Journal(path)
