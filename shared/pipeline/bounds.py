"""How large what is decided may be, so that all of it can be stored, published and read back.

What exceeds a bound is refused when it is decided. Found later, it would be journaled as accepted,
and then stop the service at each start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shared.cloudevents import MAX_BODY
from shared.domain.decider import Refused, S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.domain.stream import Stream
    from shared.domain.versioned import Versioned

MAX_STATE: Final = 2 * 1024 * 1024
"""Bytes of an aggregate as JSON; MongoDB takes 16 MiB, and as BSON it may be five times as much."""
MEMORY: Final = 8
"""Bytes of memory that a byte of a state, as JSON, takes as models: 6 to 10 with commitments."""
MAX_ENTRY: Final = 8 * 1024 * 1024
"""Bytes of all that is published because of one event: they are one document in the journal."""
_GROWTH: Final = 4
"""Bytes of state that come of one byte of an event at most: a lead city stands among the offices,
the lead cities, and twice in the timeline."""
_ALSO: Final = 256
"""Bytes of state that an event adds besides."""


def check(stream: Stream, before: Versioned[S], after: S | None, bodies: Sequence[bytes]) -> int:
    """See that all readers take each event, the journal all of them, and the store the aggregate.

    Args:
        stream: the aggregate's.
        before: the aggregate before them.
        after: its state after them.
        bodies: of the events.

    Returns:
        the size of the aggregate after them: estimated, and measured where that is too much.

    Raises:
        Refused: something is too large. An aggregate that is so already may shrink.
    """
    if not bodies:
        return before.size or measured(before.state)
    total = 0
    for body in bodies:
        if len(body) > MAX_BODY:
            raise _too_large("an event that would be published", len(body), MAX_BODY)
        total += len(body)
    if total > MAX_ENTRY:
        raise _too_large("all that would be published", total, MAX_ENTRY)
    size = (before.size or measured(before.state)) + _GROWTH * total + _ALSO * len(bodies)
    if size <= MAX_STATE:
        return size
    size = measured(after)
    if size > MAX_STATE and size > measured(before.state):
        raise _too_large(f"all that is known of {stream!r}", size, MAX_STATE)
    return size


def measured(state: S | None) -> int:
    """Bytes of a state as JSON."""
    return len(state.__pydantic_serializer__.to_json(state, exclude_defaults=True)) if state else 0


def _too_large(what: str, size: int, most: int) -> Refused:
    return Refused(
        f"{what} would have {size:,} bytes, and at most {most:,} are taken: "
        "say less at once, or in fewer and shorter words"
    )
