"""The tree of meters: which meters and machines are directly below each meter. Pure."""

from collections.abc import Iterable, Mapping

from energytrack.plant import Place, Plant


class MeterTree:
    """The meters of a plant; a machine belongs to the meter that names it most specifically."""

    def __init__(self, plant: Plant) -> None:
        self.meters = plant.meters
        self._of_device = {name: key for key, each in self.meters.items() for name in each.device_ids}
        self._of_line = {name: key for key, each in self.meters.items() for name in each.lines}
        self._of_plant = next((key for key in self.meters if feeds_plant(plant, key)), None)

    def children(self, meter_id: str) -> tuple[str, ...]:
        """The meters directly below a meter."""
        return tuple(key for key, each in self.meters.items() if each.parent == meter_id)

    def meter_of(self, device_id: str, place: Place) -> str | None:
        """The meter directly above a machine; None if the plant file names none."""
        return self._of_device.get(device_id) or self._of_line.get(place.line or "") or self._of_plant

    def machines(self, places: Mapping[str, Place]) -> Mapping[str, tuple[str, ...]]:
        """The machines directly below each meter that has any."""
        found: dict[str, list[str]] = {}
        for device_id, place in sorted(places.items()):
            meter_id = self.meter_of(device_id, place)
            if meter_id is not None:
                found.setdefault(meter_id, []).append(device_id)
        return {meter_id: tuple(names) for meter_id, names in found.items()}

    def in_order(self, wanted: Iterable[str] | None = None) -> tuple[str, ...]:
        """The wanted meters from the top down, each before those below it."""
        found: list[str] = []

        def walk(parent: str | None) -> None:
            for key, each in self.meters.items():
                if each.parent == parent:
                    found.append(key)
                    walk(key)

        walk(None)
        chosen = None if wanted is None else set(wanted)
        return tuple(key for key in found if chosen is None or key in chosen)


def feeds_plant(plant: Plant, meter_id: str) -> bool:
    """Whether a meter feeds all machines that no meter lists: an electricity meter at the top without a list."""
    meter = plant.meters[meter_id]
    return meter.medium == "electricity" and meter.parent is None and not meter.lines and not meter.device_ids
