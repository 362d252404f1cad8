"""The meter of every machine, one document each: the state from which counting continues."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from pymongo import UpdateOne

from energytrack.metering.values import Meter
from energytrack.store.link import Document, Link


class Meters:
    """The collection `meters`; written by the historian, read by every service that counts energy."""

    name: Final = "meters"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        """Nothing to create: a machine's id is its key."""

    def put(self, meters: Sequence[tuple[str, Meter]]) -> None:
        """Update meters in one round trip; one that is older than the stored one changes nothing."""
        self._link.upsert(self.name, [_upsert(device_id, meter) for device_id, meter in meters])

    def get(self, device_ids: Collection[str]) -> Mapping[str, Meter]:
        """The stored meters of these machines that this version can read."""
        with self._link.asking():
            found = list(self._link.collection(self.name).find({"_id": {"$in": sorted(device_ids)}}))
        meters: dict[str, Meter] = {}
        for document in found:
            try:
                meters[document["_id"]] = msgspec.convert(document["meter"], Meter)
            except msgspec.ValidationError:
                continue  # written by another version; the meter restarts at the register
        return meters


def _upsert(device_id: str, meter: Meter) -> UpdateOne:
    at = datetime.fromtimestamp(meter.at, UTC)
    document: Document = {"at": at, "meter": msgspec.to_builtins(meter)}
    return UpdateOne({"_id": device_id, "meter.at": {"$not": {"$gt": meter.at}}}, {"$set": document}, upsert=True)
