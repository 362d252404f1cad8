"""Several plants and their centre on one machine: apart from each other, and known to each other."""

from local.plants import CENTRE, a_company


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
