"""The table of a publication: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import Final

from services.plans.domain.publications import decide, evolve
from services.plans.domain.publications.state import KIND, Publication
from shared.contracts.plans import PublicationAnnounced, PublicationCorrected
from shared.domain.decider import Aggregate, by_subject, if_exists, on

PUBLICATIONS: Final = Aggregate(
    kind=KIND,
    state=Publication,
    identify=by_subject,
    rows=(
        on(PublicationAnnounced, decide=decide.announce, evolve=evolve.announced),
        on(PublicationCorrected, decide=decide.correct, evolve=if_exists(evolve.corrected)),
    ),
)
