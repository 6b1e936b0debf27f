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

    from shared.domain.versioned import Versioned
    from shared.journal.entry import Published

MAX_STATE: Final = 2 * 1024 * 1024
"""Bytes of an aggregate as JSON; MongoDB takes 16 MiB, and as BSON it may be five times as much."""
MAX_ENTRY: Final = 8 * 1024 * 1024
"""Bytes of all that is published because of one event: they are one document in the journal."""
_GROWTH: Final = 2
"""Bytes of state that come of one byte of an event at most: a name, say, is kept in two places."""
_ALSO: Final = 256
"""Bytes of state that an event adds besides."""


def check_body(type_: str, body: bytes) -> None:
    """See that every reader takes an event.

    Raises:
        Refused: it is too large.
    """
    if len(body) > MAX_BODY:
        raise Refused(_too_large(f"the {type_} that would be published", len(body), MAX_BODY))


def check_entry(published: Sequence[Published]) -> None:
    """See that one journal entry can hold all that is published because of one event.

    Raises:
        Refused: it cannot.
    """
    size = sum(len(one.body) for one in published)
    if size > MAX_ENTRY:
        what = f"the {len(published)} events that would be published because of it"
        raise Refused(_too_large(what, size, MAX_ENTRY))


def grown(
    stream: str, before: Versioned[S], after: S | None, published: Sequence[Published]
) -> int:
    """The size of an aggregate after events: estimated, and measured where that is too much.

    Raises:
        Refused: the aggregate would exceed its bound by growing; one that shrinks may do so.
    """
    size = (before.size or measured(before.state)) + sum(
        _GROWTH * len(one.body) + _ALSO for one in published
    )
    if size <= MAX_STATE:
        return size
    size = measured(after)
    if size > MAX_STATE and size > measured(before.state):
        raise Refused(_too_large(f"all that is known of {stream!r}", size, MAX_STATE))
    return size


def measured(state: S | None) -> int:
    """Bytes of a state as JSON."""
    return len(state.model_dump_json(exclude_defaults=True).encode()) if state else 0


def _too_large(what: str, size: int, most: int) -> str:
    return (
        f"{what} would have {size:,} bytes, and at most {most:,} are taken: "
        "say less at once, or in fewer and shorter words"
    )
