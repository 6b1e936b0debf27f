"""A discussion paper, or news."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from shared.contracts.base import EdtfDate, Link, LongText, Slug, Text, Texts
from shared.domain.corrections.kept import Corrections
from shared.domain.state import State

if TYPE_CHECKING:
    from shared.contracts.plans import PublicationAnnounced

ANNOUNCED: Final = "the announcement"
"""What is corrected where a publication was announced on another date, or by mistake."""
KIND: Final = "publications"


class Publication(State):
    """A discussion paper or news.

    Attributes:
        withdrawn: whether it was announced by mistake.
        corrections: what was recorded and does not stand.
    """

    id: Slug
    kind: Literal["paper", "news"]
    coalition: Slug | None = None
    announced: EdtfDate
    title: Text
    titles: Texts | None = None
    summary: LongText | None = None
    link: Link | None = None
    withdrawn: bool = False
    corrections: Corrections = ()

    @classmethod
    def of(cls, event: PublicationAnnounced, before: Publication | None = None) -> Publication:
        """What is kept of an announcement; corrections of one before stay."""
        fields = cls.model_fields.keys() & type(event).model_fields.keys()
        announced = {name: getattr(event, name) for name in fields}
        corrections = before.corrections if before else ()
        return cls(id=event.publication, corrections=corrections, **announced)
