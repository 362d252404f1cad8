"""Where a service gets its store."""

from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.alarms import Alarms
from energytrack.store.commands import Commands
from energytrack.store.devices import Devices
from energytrack.store.events import Events
from energytrack.store.insights import Insights
from energytrack.store.link import Link
from energytrack.store.locks import Locks
from energytrack.store.minutes import Minutes
from energytrack.store.models import Models
from energytrack.store.pulse import Pulse
from energytrack.store.readings import Readings
from energytrack.store.runs import Runs
from energytrack.store.schedules import Schedules
from energytrack.store.tokens import Tokens


def open_store(settings: MongoSettings) -> Store:
    """A store that connects when it is first used; raises StoreRefused for an address that is none."""
    link = Link(settings.uri.get_secret_value(), settings.database)
    readings = Readings(link, days=settings.readings_days, indexed=settings.index_readings)
    return Store(
        link=link,
        readings=readings,
        insights=Insights(link, days=settings.insights_days),
        events=Events(link),
        devices=Devices(link),
        commands=Commands(link),
        locks=Locks(link),
        alarms=Alarms(link),
        tokens=Tokens(link),
        schedules=Schedules(link),
        pulse=Pulse(link),
        models=Models(link),
        runs=Runs(link),
        minutes=Minutes(link, readings),
    )
