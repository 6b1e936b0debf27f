"""What a service keeps for queries besides the snapshots, across aggregates."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from shared.contracts.base import Model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.contracts.base import Event
    from shared.domain.stream import Stream
    from shared.pipeline.inbound import InboundMessage
    from shared.tracing.context import TraceContext

NO_TRACES: Final[Mapping[Stream, TraceContext]] = MappingProxyType({})

S_contra = TypeVar("S_contra", bound=Model, contravariant=True)


class Projection(Protocol[S_contra]):
    """Is brought forward after the snapshots were written, and before their offsets are committed.

    So after a crash it is brought forward once more, and another consumer may do it at the same
    time: each call has to be harmless when it is repeated, late, or in another order.

    Attributes:
        of: the events that it has to see; only those are kept for it.
    """

    of: tuple[type[Event], ...]

    async def prepare(self) -> None:
        """Create what it needs in the store; harmless when it exists."""

    async def project(
        self,
        states: Mapping[Stream, S_contra],
        events: Sequence[Event],
        traces: Mapping[Stream, TraceContext] = NO_TRACES,
    ) -> None:
        """Follow aggregates whose snapshots were written, and events that were published.

        `traces` has the contexts, by stream, in which stands what follows from these events.
        """

    async def rebuild(self, states: Mapping[Stream, S_contra]) -> None:
        """Follow aggregates whose snapshots were made anew from the journal."""


class Keeper(Protocol):
    """Keeps what a service reads of other owners, as it was published, where that is all it needs.

    It is called before the offsets are committed. So after a crash it is called once more, and
    another consumer may call it at the same time: it has to be harmless to keep something twice.
    """

    async def keep(self, read: Sequence[InboundMessage]) -> None:
        """Keep events that were decided, and not rejected."""


class Keepers:
    """Several keepers, one after another."""

    def __init__(self, *keepers: Keeper) -> None:
        self._keepers = keepers

    async def keep(self, read: Sequence[InboundMessage]) -> None:
        """Have each keep the events."""
        for keeper in self._keepers:
            await keeper.keep(read)
