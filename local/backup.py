"""`python -m local backup` and `restore`: everything of this computer's plant that must not be lost, in one file."""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from rich.console import Console

from energytrack.backup.areas import PREFIX, Area
from energytrack.backup.arguments import show
from energytrack.backup.making import BackupOrder, FinishedBackup, make
from energytrack.backup.plant_files import NAME as PLANT
from energytrack.backup.plant_files import plant_area
from energytrack.backup.restoring import check, restore_database, restore_files
from energytrack.backup.settings import BackupSettings
from energytrack.clock import Clock
from energytrack.settings import MongoSettings
from energytrack.store.contents import open_contents
from energytrack.store.open import open_store
from local.errors import CannotPrepare, NotReady
from local.lifecycle.checks import RESTORING, unfinished_restore
from local.lifecycle.child import started
from local.lifecycle.processes import describe, left_over
from local.lifecycle.readiness import ask
from local.options import OPTIONS_FILE
from local.services.mongo import mongo_service, mongo_uri
from local.site import Site

FOLDER: Final = "backups"
SETTINGS: Final = "settings"
SETTINGS_FILE: Final = "settings.env"
HIDDEN: Final = re.compile(r"PASSWORD(?!S$)|KEY|TOKEN|SECRET|CHANNELS|UR[IL]")
"""Settings whose values are, or may hold, secrets; those that name a file do not, nor the switch …_PASSWORDS."""
DESCRIBED: Final = "restored"
"""The plant file and the settings are brought here: what the checkout has is never overwritten."""
DATABASE: Final = "mongo"
SECRETS: Final = "secrets"
START_SECONDS: Final = 120.0


@dataclass(frozen=True)
class BackupOptions:
    """How to make a backup, where it differs from the settings `ENERGYTRACK_BACKUP_…`."""

    to: Path | None = None
    recipients: tuple[str, ...] = ()
    keep: int | None = None
    prometheus: bool = False


def back_up(
    site: Site, options: BackupOptions, *, env: Mapping[str, str], console: Console, clock: Clock
) -> FinishedBackup:
    """Make a backup; if the stack does not run, its database is started for it."""
    settings = BackupSettings.from_env(env)
    name, described = plant_area(site.plant_file)
    if site.mongo_uri is None and not (site.var / "mongo").is_dir():
        raise CannotPrepare(f"There is no plant in {site.var} yet.")
    hidden = _write_settings(site, env)
    order = BackupOrder(
        folder=(options.to or settings.folder or site.var / FOLDER).resolve(),
        areas=(described, *_areas(site, prometheus=options.prometheus)),
        plant=name,
        release=version("energytrack"),
        recipients=options.recipients or settings.keys,
        keep=options.keep or settings.keep,
    )
    with (
        console.status("database") as status,
        _database(site, env) as mongo,
        closing(open_contents(mongo)) as contents,
    ):
        made = make(order, contents, clock, note=status.update)
    show(made, console, "Made")
    if hidden:
        console.print(f"- Settings that may hold passwords are not in it: {', '.join(hidden)}.", markup=False)
    return made


def restore(
    site: Site, file: Path, *, key: Path | None, replace: bool, env: Mapping[str, str], console: Console, clock: Clock
) -> None:
    """Bring a backup into the state folder, while nothing runs; `up` refuses to start until that is done."""
    running = left_over(site)
    if running:
        raise CannotPrepare(f"The stack still runs ({describe(running)}): stop it first, with `make down`.")
    _make_room(site, _folders_in(site, check(file, key)), file.name, replace=replace, console=console, now=clock.now())
    (site.var / RESTORING).write_text(file.name, encoding="utf-8")
    with (
        console.status("database") as status,
        _database(site, env) as mongo,
        closing(open_contents(mongo)) as contents,
        closing(open_store(mongo)) as store,
    ):
        made = restore_database(file, key, contents, store, replace=replace, note=status.update)
    with console.status("files"):
        described = (Area(PLANT, site.var / DESCRIBED), Area(SETTINGS, site.var / DESCRIBED))
        restore_files(file, key, (*described, *_areas(site, prometheus=True)))
    (site.var / RESTORING).unlink()
    show(made, console, "Restored")
    console.print(f"The plant file and the settings of then are in {site.var / DESCRIBED}.", markup=False)


def _folders_in(site: Site, made: FinishedBackup) -> Sequence[str]:
    """The folders in the state folder to which a backup has something to restore."""
    areas = {name.split("/")[1] for name in made.manifest.members if name.startswith(f"{PREFIX}/")}
    folders = [each.path.relative_to(site.var) for each in _areas(site, prometheus=True) if each.path != site.var]
    return (DATABASE, *(folder.as_posix() for folder in folders if folder.parts[0] in areas))


def _make_room(
    site: Site, names: Sequence[str], backup: str, *, replace: bool, console: Console, now: datetime
) -> None:
    """Ensure that these folders are empty; what an interrupted restore of the same backup left there is deleted.

    Of another one, it is not known to be all that is there: a backup may bring folders that the other did not.
    """
    site.var.mkdir(parents=True, exist_ok=True)
    held = [name for name in names if any((site.var / name).rglob("*"))]
    if unfinished_restore(site.var) == backup:
        for name in held:
            shutil.rmtree(site.var / name)
        return
    if held and not replace:
        raise CannotPrepare(
            f"{site.var} already holds a plant ({', '.join(held)}): restore with --replace, which moves it aside."
        )
    aside = site.var / f"before-restore-{now:%Y%m%dT%H%M%SZ}"
    for name in held:
        (aside / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (site.var / name).rename(aside / name)
    if held:
        console.print(f"What was there is now in {aside}.", markup=False)


def _areas(site: Site, *, prometheus: bool) -> Sequence[Area]:
    var = site.var
    past = Area("prometheus", var / "prometheus" / "data", never=("lock", "queries.active", "chunks_head/*", "*.tmp*"))
    return (
        Area(SETTINGS, var, only=(SETTINGS_FILE, OPTIONS_FILE)),
        Area("models", var / "models"),
        Area(SECRETS, var / SECRETS, secret=True),
        Area("simulator", var / "simulator"),
        Area("gateway", var / "gateway", secret=True),
        Area("alertmanager", var / "alertmanager", only=("silences", "nflog")),
        Area("grafana", var / "grafana", only=("grafana.db",), secret=True),
        *((past,) if prometheus else ()),
    )


def _write_settings(site: Site, env: Mapping[str, str]) -> Sequence[str]:
    """Write the settings of this environment for the backup; returns the variables that it must not contain."""
    ours = {name: value for name, value in env.items() if name.startswith("ENERGYTRACK_") and value}
    hidden = [name for name in sorted(ours) if HIDDEN.search(name) and not name.endswith("_FILE")]
    lines = [f"{name}={value}\n" for name, value in sorted(ours.items()) if name not in hidden]
    (site.var / SETTINGS_FILE).write_text("".join(lines), encoding="utf-8")
    return hidden


@contextmanager
def _database(site: Site, env: Mapping[str, str]) -> Iterator[MongoSettings]:
    """The address of the database, which runs while the context lasts."""
    if site.mongo_uri is not None:
        yield MongoSettings.from_env(env)
        return
    mongo = MongoSettings.from_env({**env, "ENERGYTRACK_MONGO_URI": mongo_uri(site)})
    service = mongo_service(site)
    try:
        ask(service.ready)
    except NotReady:
        with started(service, site, deadline=START_SECONDS) as child:
            yield mongo
            child.terminate()
    else:
        yield mongo
