"""What published events make of a publication; total, and without a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.publications.state import Publication

if TYPE_CHECKING:
    from shared.contracts.plans import PublicationAnnounced


def announced(publication: Publication | None, event: PublicationAnnounced) -> Publication:
    """The last announcement replaces the ones before."""
    del publication
    return Publication.of(event)
