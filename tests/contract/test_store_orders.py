"""What the control API may rely on of orders and locks in the store, on a real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from energytrack.events import CommandResult
from energytrack.store import Store
from energytrack.store.operations.commands import KeyTaken, OpenOrderExists, Order, OrderFilter
from energytrack.store.operations.locks import AlreadyLocked, Lock
from testkit.builders.control import a_lock, an_order
from testkit.builders.messages import NOW

SECOND = timedelta(seconds=1)


def an_answer(order: Order, **fields: object) -> CommandResult:
    given = {"event_id": "e", "device_id": order.device_id, "timestamp": NOW + SECOND, "command_id": order.command_id}
    return CommandResult(**{**given, "action": order.action, "outcome": "done", "state": "stopped", **fields})  # type: ignore[arg-type]


class TestCommands:
    def test_an_order_comes_back_as_it_was_filed(self, store: Store) -> None:
        """Who, when, why and from where stay."""
        order = an_order(override=True, batch_id="b", undoes="u", idempotency_key="k")
        store.commands.add(order)
        assert store.commands.get(order.command_id) == order
        assert store.commands.by_key(order.requested_by, "k") == order

    def test_a_device_has_one_open_order(self, store: Store) -> None:
        """A second order waits for the first one's end, and hears which one it is."""
        first = an_order(command_id="1")
        store.commands.add(first)
        with pytest.raises(OpenOrderExists) as caught:
            store.commands.add(an_order(command_id="2"))
        assert caught.value.order == first
        store.commands.answer(an_answer(first), at=NOW)
        store.commands.add(an_order(command_id="2"))
        assert set(store.commands.open_orders()) == {first.device_id}

    def test_of_many_orders_at_once_one_is_filed(self, store: Store) -> None:
        """The database decides the race."""

        def file(number: int) -> bool:
            try:
                store.commands.add(an_order(command_id=f"c{number}"))
            except OpenOrderExists:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(file, range(40))) == 1

    def test_a_key_is_used_once_by_each_person(self, store: Store) -> None:
        """The same key finds the first order; somebody else's key is another key."""
        first = an_order(command_id="1", idempotency_key="k")
        store.commands.add(first)
        with pytest.raises(KeyTaken) as caught:
            store.commands.add(an_order(command_id="2", device_id="cnc-0009", idempotency_key="k"))
        assert caught.value.order == first
        store.commands.add(an_order(command_id="3", device_id="x", idempotency_key="k", requested_by="grafana:otto"))

    def test_the_first_answer_holds(self, store: Store) -> None:
        """However often others come, and although the order was marked as sent later."""
        order = an_order()
        store.commands.add(order)
        answered = store.commands.answer(an_answer(order), at=NOW + SECOND)
        assert answered is not None
        assert (answered.status, answered.device_state, answered.is_open) == ("done", "stopped", False)
        assert store.commands.answer(an_answer(order, outcome="failed"), at=NOW) is None
        assert store.commands.mark_sent([order], NOW) == [answered]
        assert store.commands.get(order.command_id) == answered

    def test_another_devices_answer_is_none(self, store: Store) -> None:
        """A machine answers for itself only."""
        order = an_order()
        store.commands.add(order)
        assert store.commands.answer(an_answer(order, device_id="press-0001"), at=NOW) is None

    def test_a_late_answer_corrects_an_order_that_was_given_up(self, store: Store) -> None:
        """The machine knows better."""
        order = an_order()
        store.commands.add(order)
        assert [one.command_id for one in store.commands.overdue(order.expires_at + SECOND)] == [order.command_id]
        store.commands.close(order.command_id, "expired", at=NOW, detail="no answer")
        assert store.commands.overdue(order.expires_at + SECOND) == []
        answered = store.commands.answer(an_answer(order), at=NOW + SECOND)
        assert answered is not None
        assert answered.status == "done"

    def test_orders_are_found_page_by_page(self, store: Store) -> None:
        """Newest first, by any of their fields."""
        for number in range(5):
            store.commands.add(an_order(command_id=f"c{number}", device_id=f"cnc-{number}"))
        page = store.commands.find(OrderFilter(), limit=2)
        assert [order.command_id for order in page] == ["c4", "c3"]
        assert [o.command_id for o in store.commands.find(OrderFilter(), limit=9, before="c3")] == ["c2", "c1", "c0"]
        assert [o.device_id for o in store.commands.find(OrderFilter(device_id="cnc-1"), limit=9)] == ["cnc-1"]
        assert store.commands.find(OrderFilter(since=NOW + SECOND), limit=9) == []

    def test_an_order_left_behind_is_found(self, store: Store) -> None:
        """One that was filed and never marked as sent."""
        store.commands.add(an_order(command_id="left"))
        sent = an_order(command_id="sent", device_id="x")
        store.commands.add(sent)
        assert store.commands.mark_sent([sent], NOW + SECOND) == [store.commands.get("sent")]
        assert [order.command_id for order in store.commands.unsent(NOW + SECOND)] == ["left"]


class TestLocks:
    def test_a_machine_is_under_one_lock(self, store: Store) -> None:
        """A second lock is refused and names the holder of the first; a released one stays on file."""
        lock = a_lock()
        store.locks.add(lock)
        with pytest.raises(AlreadyLocked) as caught:
            store.locks.add(a_lock(lock_id="2", holder="grafana:otto"))
        assert caught.value.lock == lock
        assert store.locks.of(lock.device_id) == lock
        released = store.locks.release(lock.lock_id, by=lock.holder, role="Editor", at=NOW + SECOND, reason=None)
        assert isinstance(released, Lock)
        assert store.locks.of(lock.device_id) is None
        assert store.locks.release(lock.lock_id, by="x", role="Admin", at=NOW, reason=None) is None
        assert store.locks.find(device_id=lock.device_id, limit=5) == [released]
