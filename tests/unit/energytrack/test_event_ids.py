from energytrack.event_ids import imported_event_id


def test_the_same_event_has_the_same_id_and_any_other_has_another() -> None:
    known = imported_event_id("failure", "press-1", 1000, "bearing")
    assert known == imported_event_id("failure", "press-1", 1000, "bearing")
    others = {
        imported_event_id("fault_code", "press-1", 1000, "bearing"),
        imported_event_id("failure", "press-2", 1000, "bearing"),
        imported_event_id("failure", "press-1", 2000, "bearing"),
        imported_event_id("failure", "press-1", 1000, "belt"),
    }
    assert len(others) == 4
    assert known not in others
