from control_api.energy.service import EnergySelection
from energytrack.plant import Place


def test_a_selection_admits_what_fits_all_that_it_names() -> None:
    place = Place("press", "press-shop")
    assert EnergySelection().admits("press-0001", place)
    assert EnergySelection(line="press-shop", device_type="press").admits("press-0001", place)
    assert not EnergySelection(device_id="press-0002", line="press-shop").admits("press-0001", place)
