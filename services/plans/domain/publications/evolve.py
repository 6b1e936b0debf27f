"""What published events make of a publication; total, and without a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.publications.state import ANNOUNCED, Publication
from shared.domain.corrections.dated import change

if TYPE_CHECKING:
    from shared.contracts.plans import PublicationAnnounced, PublicationCorrected


def announced(publication: Publication | None, event: PublicationAnnounced) -> Publication:
    """The last announcement replaces the ones before."""
    return Publication.of(event, publication)


def corrected(publication: Publication, event: PublicationCorrected) -> Publication:
    """It was announced on another date, or by mistake."""
    what = change(publication.corrections, ANNOUNCED, event)
    after = publication.model_copy(update={"corrections": what.corrections})
    if what.now is None:
        return after.model_copy(update={"withdrawn": False})
    if what.correct is None:
        return after.model_copy(update={"withdrawn": True})
    return after.model_copy(update={"announced": what.correct})
