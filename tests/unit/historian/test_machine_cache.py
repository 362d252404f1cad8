"""The machines that the historian has in mind."""

from energytrack.machines.state import MachineState
from historian.fold import KnownMachine
from historian.machine_cache import MachineCache


def a_machine(
    name: str, arrived: float = 0.0, *, shown: float = 0.0, changed: bool = False, stale: bool = True
) -> KnownMachine:
    return KnownMachine(MachineState(name), arrived, shown=shown, stale=stale or changed, changed=changed)


def a_board(*machines: KnownMachine, most: int = 10) -> MachineCache:
    board = MachineCache(most=most)
    for machine in machines:
        board.put(machine)
    return board


def names(machines: list[KnownMachine]) -> list[str]:
    return [machine.latest.device_id for machine in machines]


def test_past_its_limit_it_forgets_who_was_silent_longest() -> None:
    board = a_board(a_machine("a"), a_machine("b"), a_machine("a"), a_machine("c"), most=2)
    assert names(list(board)) == ["a", "c"]
    assert board.get("b") is None


def test_it_forgets_who_is_silent() -> None:
    board = a_board(a_machine("a", arrived=1.0), a_machine("b", arrived=2.0))
    assert board.forget(last_before=2.0) == 1
    assert names(list(board)) == ["b"]


def test_changed_ones_are_due_first_then_those_that_waited_longest() -> None:
    board = a_board(
        a_machine("fresh", shown=9.0),
        a_machine("old", shown=2.0),
        a_machine("older", shown=1.0),
        a_machine("failed", shown=9.5, changed=True),
        a_machine("known", shown=0.0, stale=False),
    )
    assert names(board.due(shown_before=5.0, most=10)) == ["failed", "older", "old"]
    assert names(board.due(shown_before=5.0, most=2)) == ["failed", "older"]


def test_what_was_shown_is_not_due_again() -> None:
    board = a_board(a_machine("a"), a_machine("b", changed=True))
    board.marked_written(board.due(shown_before=5.0, most=10), at=7.0)
    assert board.due(shown_before=9.0, most=10) == []
