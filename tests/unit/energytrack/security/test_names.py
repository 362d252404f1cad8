import pytest

from energytrack.security.names import name_of


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("grafana:maria", "maria"),
        ("link:Zoë M.", "Zoë M."),
        ("token:line-a", "line-a"),
        ("schedule:01HX7 of grafana:maria", "a schedule of maria"),
        ("token:grafana:maria", "grafana:maria"),
    ],
)
def test_people_are_called_by_their_name(subject: str, name: str) -> None:
    assert name_of(subject) == name
