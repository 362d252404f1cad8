"""What people say about a file, in the form in which they say it."""

import pytest

from energytrack.importer.choices import PAIRS, Choices, pair_of, with_answer


def test_a_pair_is_cut_at_its_last_sign() -> None:
    """A heading may have one of its own."""
    assert pair_of(" P=U*I [kW] = power ", PAIRS["signals"]) == ("P=U*I [kW]", "power")
    assert pair_of("Druck [bar]=", PAIRS["signals"]) == ("Druck [bar]", ""), "a column that is left out"


@pytest.mark.parametrize(("what", "text"), [("signals", "T1"), ("signals", "=x"), ("devices", " = press-0001")])
def test_a_pair_that_is_none_is_answered_with_its_form(what: str, text: str) -> None:
    """Wherever it is said: in a flag, on the page, at the question."""
    with pytest.raises(ValueError, match=f"expected {PAIRS[what]}, got {text!r}"):
        with_answer(Choices(), what, text)


@pytest.mark.parametrize("machine", ["", "press 1", "-press", "x" * 65])
def test_a_machine_has_a_name_that_machines_can_have(machine: str) -> None:
    with pytest.raises(ValueError, match="where MACHINE is a letter or digit"):
        pair_of(f"Presse={machine}", PAIRS["devices"])
