"""The list of machines that obey."""

from pathlib import Path

import pytest

from gateway.errors import InvalidFile
from gateway.orders.allowed import check_passwords, load
from testkit.gateways.machine import MACHINE, MEANS

ROOT = Path(__file__).resolve().parents[4]


def test_the_example_is_a_list() -> None:
    machine = load(ROOT / "deploy" / "gateway" / "orders.toml").machines[MACHINE]
    assert machine.encrypted
    assert machine.state.means == MEANS
    assert {action: write.until for action, write in machine.actions.items()} == {
        "shutdown": ("stopped",),
        "restart": ("idle", "running"),
    }


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("[machines.cnc-0007.actions.shutdown]", "[machines.cnc-0007.actions.explode]", "Invalid enum value 'explode'"),
        ('until = ["stopped"]', "until = []", "length >= 1"),
        ("opc.tcp://", "http://", "matching regex"),
        ("within_seconds = 60", "withinseconds = 60", "unknown field `withinseconds`"),
    ],
)
def test_a_mistake_is_named(before: str, after: str, problem: str, tmp_path: Path) -> None:
    text = (ROOT / "deploy" / "gateway" / "orders.toml").read_text(encoding="utf-8")
    file = tmp_path / "orders.toml"
    file.write_text(text.replace(before, after, 1))
    with pytest.raises(InvalidFile, match=problem):
        load(file)


def test_a_password_lies_beside_the_list(tmp_path: Path) -> None:
    file = tmp_path / "orders.toml"
    file.write_text((ROOT / "deploy" / "gateway" / "orders.toml").read_text(encoding="utf-8"))
    allowed = load(file)
    with pytest.raises(InvalidFile, match=f"machines.{MACHINE}.password_file: .*No such file"):
        check_passwords(file, allowed)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / MACHINE).write_text("a password")
    check_passwords(file, allowed)
