"""All families of the exporters."""

from exporters.subjects import SUBJECTS


def test_names_are_unique_and_documented() -> None:
    families = [family for subject in SUBJECTS.values() for family in subject]
    assert len({family.name for family in families}) == len(families)
    assert all(family.help.endswith(".") for family in families)
    assert all(family.name.endswith("_total") == (family.kind == "counter") for family in families)
