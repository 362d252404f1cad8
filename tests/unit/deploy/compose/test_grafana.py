"""compose.yaml: Grafana reads what it reads in the local stack, laid out from what is mounted."""

import re
from pathlib import Path

from energytrack.plant import load_plant
from local.services.observability import grafana_service
from local.site import Site
from tests.unit.deploy.compose_file import ROOT, containers
from tools.provision.__main__ import lay_out


def test_grafana_reads_the_same_files(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "grafana").touch(mode=0o755)
    local = set(grafana_service(Site(grafana_home=tmp_path)).env)
    here = containers()["grafana"]
    different = {"GF_SERVER_HTTP_ADDR", "GF_SERVER_HTTP_PORT", "GF_PATHS_DATA", "GF_PATHS_LOGS", "GF_PATHS_PLUGINS"}
    assert local - different <= here.env.keys()
    assert "provisioned:/etc/energytrack:ro" in here.described["volumes"]
    paths = {value for name, value in here.env.items() if str(value).startswith("/etc/energytrack/")}
    lay_out(load_plant(ROOT / "plant.toml"), tmp_path / "laid")
    assert {
        path for path in paths if not (tmp_path / "laid" / path.removeprefix("/etc/energytrack/")).exists()
    } == set()
    waits = here.described["depends_on"]
    assert waits["provisioning"]["condition"] == "service_completed_successfully"


def test_grafana_s_files_are_laid_out_from_what_is_mounted() -> None:
    """Whatever `tools.provision` reads is there, beside the plant that the services have."""
    here = containers()["provisioning"].described
    for needed in ("./alerts.toml:/app/alerts.toml:ro", "./grafana:/app/grafana:ro", "./tools:/app/tools:ro"):
        assert needed in here["volumes"]
    (plant,) = (volume for volume in here["volumes"] if "PLANT_FILE" in volume)
    (same,) = (volume for volume in containers()["historian"].described["volumes"] if "PLANT_FILE" in volume)
    source, place, _ = plant.rsplit(":", 2)
    assert source == same.rsplit(":", 2)[0]
    command = here["command"]
    assert command[command.index("--plant") + 1] == place


def test_who_is_paged_is_one_of_the_rendered_files() -> None:
    script = next(word for word in containers()["provisioning"].described["command"] if "CONTACTS" in word)
    default = re.search(r"CONTACTS:-(.+?)}", script)
    assert default is not None
    assert (ROOT / "grafana" / default.group(1)).exists()
    assert {path.name for path in (ROOT / "grafana" / "contacts").iterdir()} == {
        "mail.yaml",
        "pager.yaml",
        "mail-and-pager.yaml",
    }
