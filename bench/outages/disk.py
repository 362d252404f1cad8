"""A disk without a free byte, under the whole local stack: here the supervisor restarts what ends."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from bench.outages.outage import Outage
from bench.outages.plant import resident_mib, without_an_answer
from bench.pipeline.load import QUIET
from local.lifecycle.supervisord import connected
from local.services.catalogue import services
from local.services.pipeline import PIPELINE
from local.site import Site
from local.terminal.waits import NO_ANSWER, complaints
from testkit.stack.disks import filled, small_disk
from testkit.stack.local_stack import LocalStack, a_stack, pretend_to_have_a_model

DISK_MIB: Final = 3600


class FullDisk:
    """The local stack on a small disk."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        self._filler = ExitStack()
        self._fill: Callable[[], None] | None = None

    @property
    def site(self) -> Site:
        """The site of the stack."""
        return self._stack.site

    def away(self, _: Outage) -> None:
        """Fill the disk to the last byte."""
        self._fill = self._filler.enter_context(filled(self.site.var, leave=0.0))

    def hold(self) -> None:
        """Fill the space that was freed meanwhile."""
        if self._fill is not None:
            self._fill()

    def back(self, _: Outage) -> None:
        """Free the space; the services have to recover by themselves."""
        self._filler.close()

    def complaints(self) -> dict[str, str]:
        """The complaints of the services, and which services do not answer."""
        complaints_now = {name: text for name, text in complaints(self.site).items() if text != NO_ANSWER}
        return dict.fromkeys(without_an_answer(services(self.site)), "no answer") | complaints_now

    def is_well(self) -> bool:
        """Whether every service, including the servers, reports that it works."""
        return not self.complaints()

    def ended(self) -> tuple[str, ...]:
        """The services that ended: none, because the supervisor restarts them."""
        return ()

    def memory_mib(self) -> float:
        """The memory of our services now."""
        with connected(self.site) as supervisor:
            if supervisor is None:
                return 0.0
            ours = {part.name for part in PIPELINE}
            return sum(resident_mib(each.pid) for each in supervisor.processes() if each.pid and each.name in ours)


@contextmanager
def a_full_disk(folder: Path, *, devices: int) -> Iterator[FullDisk]:
    """Run the local stack on a disk that can be filled; raises NoDisk if none can be made."""
    with small_disk(folder / "var", mib=DISK_MIB) as disk, a_stack(disk, QUIET) as stack:
        pretend_to_have_a_model(disk)
        started = stack.say("up", "--devices", str(devices))
        if started.returncode:
            raise SystemExit(started.stdout + started.stderr)
        yield FullDisk(stack)
