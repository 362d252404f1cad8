"""What the members of a group take, commit and hand over: on every bus, with both Kafka clients."""

import threading
import time
from collections import Counter
from collections.abc import Callable

from energytrack.bus import Bus, Source
from energytrack.topics import EVENTS, READINGS
from testkit.patience import seconds_here
from tests.contract.bus.traffic import DEVICES, PARTITIONS, nothing_more, put, shared_out, take


def test_what_was_not_committed_is_taken_again(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """A member that closes without a commit leaves its records to the next."""
    put(bus, DEVICES)
    first = bus.source("g", [READINGS])
    taken = take(first, len(DEVICES))
    first.close()
    again = take(joined(bus.source("g", [READINGS])), len(DEVICES))
    assert Counter(taken) == Counter(again)


def test_what_was_committed_is_done_with(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """After a commit and a close, the next member goes on where the last one stopped."""
    put(bus, DEVICES)
    first = bus.source("g", [READINGS])
    take(first, len(DEVICES))
    first.commit()
    first.close()
    put(bus, ["late"])
    second = joined(bus.source("g", [READINGS]))
    assert [record.key for record in take(second, 1)] == [b"late"]
    assert nothing_more(second)


def test_a_commit_covers_what_was_taken_and_no_more(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """Records beyond the committed takes are taken again, and only those."""
    put(bus, DEVICES)
    first = bus.source("g", [READINGS])
    done = take(first, 10, limit=10)
    first.commit()
    take(first, 1, limit=5)
    first.close()
    rest = take(joined(bus.source("g", [READINGS])), len(DEVICES) - len(done))
    assert len(rest) == len(DEVICES) - len(done)
    assert not {record.key for record in rest} & {record.key for record in done}


def test_groups_do_not_disturb_each_other(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """Each group takes every record."""
    put(bus, DEVICES)
    for group in ("historian", "exporters"):
        source = joined(bus.source(group, [READINGS]))
        assert len(take(source, len(DEVICES))) == len(DEVICES)
        source.commit()


def test_members_share_partitions_by_number(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """Two members have half of the partitions each, and the same numbers of all topics."""
    members = [joined(bus.source("g", [READINGS, EVENTS])) for _ in range(2)]
    shared_out(members, each=PARTITIONS)
    for member in members:
        numbers = {topic: {n for name, n in member.partitions() if name == topic} for topic in (READINGS, EVENTS)}
        assert len(numbers[READINGS]) == PARTITIONS // 2
        assert numbers[READINGS] == numbers[EVENTS]


def test_a_member_that_leaves_hands_over_without_loss(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """What a member took and did not commit before it left is taken by the one that remains."""
    leaver, stayer = bus.source("g", [READINGS]), joined(bus.source("g", [READINGS]))
    shared_out([leaver, stayer], each=PARTITIONS // 2)
    put(bus, DEVICES, rounds=5)
    assert take(leaver, 1)
    leaver.close()
    seen: set[bytes | None] = set()
    begun = time.monotonic()
    while len(seen) < 5 * len(DEVICES):
        assert time.monotonic() - begun < seconds_here(30), f"{len(seen)} of {5 * len(DEVICES)}"
        seen |= {record.value for record in stayer.take(1000, 0.2)}
        stayer.commit()


def test_a_commit_overtaken_by_a_rebalance_is_no_error(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """A member whose commit comes after others took over its partitions goes on, and nothing is lost."""
    first = joined(bus.source("g", [READINGS]))
    shared_out([first], each=PARTITIONS)
    put(bus, DEVICES)
    seen = {record.key for record in take(first, len(DEVICES))}
    second = joined(bus.source("g", [READINGS]))
    joining = threading.Thread(target=lambda: second.take(1, 3.0))
    joining.start()
    for _ in range(5):
        first.commit()
        seen |= {record.key for record in first.take(1000, 0.2)}
    joining.join()
    assert seen == {device.encode() for device in DEVICES}
