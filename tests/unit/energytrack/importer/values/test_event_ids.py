from energytrack.importer.values.event_ids import event_id


def test_the_same_event_has_the_same_id_and_any_other_has_another() -> None:
    known = event_id("failure", "press-1", 1000, "bearing")
    assert known == event_id("failure", "press-1", 1000, "bearing")
    others = {
        event_id("fault_code", "press-1", 1000, "bearing"),
        event_id("failure", "press-2", 1000, "bearing"),
        event_id("failure", "press-1", 2000, "bearing"),
        event_id("failure", "press-1", 1000, "belt"),
    }
    assert len(others) == 4
    assert known not in others
