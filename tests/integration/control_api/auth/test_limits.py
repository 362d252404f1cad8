"""Limits on what one caller may send."""

from tests.integration.control_api.calls import order, problem
from tests.integration.control_api.conftest import ApiUnderTest


class TestLimits:
    def test_one_caller_does_not_crowd_out_the_others(self, plant: ApiUnderTest) -> None:
        """Changes are counted by person; others go on."""
        codes = {order(plant.client, device_id=f"none-{n}").status_code for n in range(121)}
        assert codes == {404, 429}
        assert problem(order(plant.client)) == (429, "too_many_requests")
        assert order(plant.script("Editor")).status_code == 202

    def test_an_oversized_body_is_refused(self, plant: ApiUnderTest) -> None:
        """Before it is read."""
        assert problem(order(plant.client, reason="x" * 200_000)) == (413, "request_entity_too_large")

    def test_a_replayed_order_is_the_first_one(self, plant: ApiUnderTest) -> None:
        """The same key never orders twice, not even after the answer."""
        first = order(plant.client, key="k").get_json()
        plant.answer(plant.commands()[0])
        assert order(plant.client, key="k").get_json()["command_id"] == first["command_id"]
        assert len(plant.commands()) == 1
