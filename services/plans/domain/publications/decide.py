"""The rule of publications: the latest announcement counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.publications.state import ANNOUNCED, Publication
from shared.domain.corrections.guards import checked, refuse_corrected
from shared.domain.dates import is_older, refuse_future
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event
    from shared.contracts.plans import PublicationAnnounced, PublicationCorrected
    from shared.domain.decider import Context


def announce(
    publication: Publication | None, event: PublicationAnnounced, context: Context
) -> Sequence[Event]:
    """Announce a paper or news; announced anew with a later date, it replaces.

    Raises:
        Refused: it was announced with a later date.
    """
    refuse_future(event.announced, context.now)
    if publication:
        dates = () if publication.withdrawn else {publication.announced}
        refuse_corrected(publication.corrections, ANNOUNCED, event.announced, dates)
    if publication == Publication.of(event, publication):
        return []
    if publication and is_older(event.announced, publication.announced):
        raise Refused(f"it was announced {publication.announced}; this is older")
    return [event]


def correct(
    publication: Publication | None, event: PublicationCorrected, context: Context
) -> Sequence[Event]:
    """Correct when a paper or news was announced, or that it was by mistake.

    Raises:
        Refused: it was not announced on that date.
    """
    refuse_future(event.correct, context.now)
    if publication is None:
        raise Refused(f"no publication {event.publication!r} is announced")
    dates = set[str]() if publication.withdrawn else {publication.announced}
    if checked(publication.corrections, ANNOUNCED, event, dates) is None:
        return []
    completed = {"title": publication.title, "coalition": publication.coalition}
    return [event.model_copy(update=completed)]
