"""What would become of an event: decided as things stand, and written nowhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, NamedTuple

from shared.domain.decider import Context, Refused, S, fold
from shared.journal.entry import Outcome
from shared.pipeline import defects
from shared.pipeline.decision import check_readable
from shared.pipeline.defects import Defect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from shared.contracts.base import Event, Model
    from shared.domain.decider import Decider
    from shared.domain.stream import Stream
    from shared.domain.versioned import Versioned
    from shared.pipeline.engine import Clock


class Difference(NamedTuple):
    """A field of an aggregate that would be another; before or after, None is nothing."""

    field: str
    before: Any
    after: Any


class Rehearsed(NamedTuple):
    """What would become of an event, by the rules and the record of this moment.

    Attributes:
        begins: whether nothing is recorded yet of what it is about.
    """

    outcome: Outcome
    reason: str = ""
    published: Sequence[Event] = ()
    changes: Sequence[Difference] = ()
    begins: bool = False


class Rehearsal(Generic[S]):
    """Decides events without recording them.

    Args:
        decider: the service's rules.
        current: reads how aggregates stand now.
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self,
        decider: Decider[S],
        current: Callable[[set[Stream]], Awaitable[Mapping[Stream, Versioned[S]]]],
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._decider = decider
        self._current = current
        self._clock = clock

    async def of(self, event: Event, cause: tuple[str, str]) -> Rehearsed:
        """What would become of an event with a source and an id."""
        stream, looks_at = self._decider.route(event, cause)
        loaded = await self._current({stream, *looks_at})
        others = {s: other for s in looks_at if (other := loaded[s].state) is not None}
        before = loaded[stream].state
        try:
            check_readable(*loaded.values())
            context = Context(others, self._clock(), cause)
            published = self._decider.decide(before, event, context)
            after = fold(self._decider, before, published)
        except (Refused, Defect) as refused:
            return Rehearsed(Outcome.REJECTED, str(refused))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - as in a batch, it is this event's alone
            defects.note(defects.REASON, error, type=event.type)
            return Rehearsed(Outcome.REJECTED, defects.REASON)
        if not published:
            return Rehearsed(Outcome.UNCHANGED)
        changes = tuple(differences(before, after))
        return Rehearsed(Outcome.ACCEPTED, "", published, changes, begins=before is None)


def differences(before: Model | None, after: Model | None) -> Iterator[Difference]:
    """Where two states of an aggregate differ, field by field."""
    old, new = (one.model_dump(mode="json") if one else {} for one in (before, after))
    for field in {**old, **new}:
        if (was := old.get(field)) != (now := new.get(field)) and (was or now):
            yield Difference(field, was, now)
