"""The spans of e-mails: of each attempt to send one that stands in a sampled trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.notifications import outcomes
from services.notifications.delivery import DeliveryState
from shared.tracing.spans import Span, new_context

if TYPE_CHECKING:
    from datetime import datetime

    from services.notifications.delivery import Result
    from services.notifications.settings import NotificationsSettings

_FINE: Final = frozenset({DeliveryState.SENT, DeliveryState.CANCELLED})
_SECOND: Final = 1_000_000_000


def span_of(
    result: Result, began: datetime, ended: datetime, settings: NotificationsSettings
) -> Span | None:
    """That of an attempt, below the event that it tells of; None where nobody wants to see it.

    An e-mail about many events stands below none of them, and links to those that are sampled. What
    the server says is left out, since it repeats the address.
    """
    claimed, state = result.claimed, result.state
    contexts = [one.trace for one in (claimed, *claimed.items)]
    own, *items = [at if at and at.is_sampled else None for at in contexts]
    links = [at for at in items if at]
    if own is None and not links:
        return None
    word = outcomes.word(result)
    return Span(
        "send e-mail",
        new_context(own),
        int(began.timestamp() * _SECOND),
        int(ended.timestamp() * _SECOND),
        kind="client",
        parent=own,
        links=links,
        attributes={
            "coalition.delivery": claimed.id,
            "coalition.kind": claimed.kind,
            "coalition.how": claimed.how,
            "coalition.outcome": word,
            "coalition.attempt": claimed.attempts + result.attempts,
            "server.address": settings.smtp_host,
            "server.port": settings.smtp_port,
        },
        error="" if state in _FINE or word == "given_back" else word,
    )
