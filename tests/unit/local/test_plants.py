"""Several plants and their centre on one machine: apart from each other, and known to each other."""

from pathlib import Path

from local.plants import CENTRE, MOST, a_company
from local.site import Ports


def test_no_two_of_them_share_a_folder_or_a_port_and_plants_know_their_centre() -> None:
    company = a_company({"ENERGYTRACK_VAR": "/srv/var"}, 2)
    sites = [company.site(name) for name in (CENTRE, *company.plants)]
    assert company.plants == ("plant-a", "plant-b")
    assert len({site.var for site in sites}) == 3
    ports = [port for site in sites for _, port in site.ports.items()]
    assert len(ports) == len(set(ports))
    env = company.env("plant-b")
    assert env["ENERGYTRACK_CENTRE_PLANT"] == "plant-b"
    assert env["ENERGYTRACK_CENTRE_KAFKA_SERVERS"] == sites[0].kafka_servers
    assert "ENERGYTRACK_CENTRE_PLANT" not in company.env(CENTRE)


def test_the_most_plants_leave_each_other_and_a_stack_alone_its_ports() -> None:
    company = a_company({"ENERGYTRACK_VAR": "/srv/var"}, MOST)
    shifted = [company.site(name).ports for name in (CENTRE, *company.plants)]
    ports = [port for each in (Ports(), *shifted) for _, port in each.items()]
    assert len(ports) == len(set(ports))


def test_who_stops_them_need_not_say_how_many_there_are(tmp_path: Path) -> None:
    env = {"ENERGYTRACK_VAR": str(tmp_path)}
    assert a_company(env).plants == ()
    for name in ("plant-a", "plant-b", "plant-c"):
        (tmp_path / "plants" / name).mkdir(parents=True)
    assert a_company(env) == a_company(env, 3)
