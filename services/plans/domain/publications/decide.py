"""The rule of publications: the latest announcement counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.publications.state import Publication
from shared.domain.dates import is_older, refuse_future
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event
    from shared.contracts.plans import PublicationAnnounced
    from shared.domain.decider import Context


def announce(
    publication: Publication | None, event: PublicationAnnounced, context: Context
) -> Sequence[Event]:
    """Announce a paper or news; announced anew with a later date, it replaces.

    Raises:
        Refused: it was announced with a later date.
    """
    refuse_future(event.announced, context.now)
    if publication == Publication.of(event):
        return []
    if publication and is_older(event.announced, publication.announced):
        raise Refused(f"it was announced {publication.announced}; this is older")
    return [event]
