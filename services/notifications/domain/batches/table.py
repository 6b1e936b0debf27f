"""How e-mails ended: said once by notifications to itself, and published for each notification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.notifications.domain.batches.state import KIND, EndedBatch
from shared.contracts.notifications import DeliveriesEnded, NotificationFailed, NotificationSent
from shared.domain.decider import Aggregate, Row, by_subject, on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event
    from shared.contracts.notifications import Ended
    from shared.domain.decider import Context


def end(batch: EndedBatch | None, event: DeliveriesEnded, context: Context) -> Sequence[Event]:
    """Publish how they ended; the id of what is said is the batch's, so it is decided once."""
    del batch, context
    return [*map(_published, event.ended)]


def _published(one: Ended) -> NotificationSent | NotificationFailed:
    whose = {"notification": one.notification, "subscriptions": one.subscriptions}
    if one.state == "sent":
        return NotificationSent.model_validate(whose)
    return NotificationFailed.model_validate({**whose, "state": one.state, "reason": one.reason})


def _same(batch: EndedBatch | None, event: Event) -> EndedBatch | None:
    """Nothing is folded."""
    del event
    return batch


_ROWS: Final[tuple[Row[EndedBatch], ...]] = (
    on(DeliveriesEnded, decide=end),
    on(NotificationSent, evolve=_same),
    on(NotificationFailed, evolve=_same),
)
BATCHES: Final = Aggregate(kind=KIND, state=EndedBatch, identify=by_subject, rows=_ROWS)
