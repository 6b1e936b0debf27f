"""A discussion paper, or news."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from shared.contracts.base import EdtfDate, Link, LongText, Slug, Text, Texts
from shared.domain.state import State

if TYPE_CHECKING:
    from shared.contracts.plans import PublicationAnnounced

KIND: Final = "publications"


class Publication(State):
    """A discussion paper or news."""

    id: Slug
    kind: Literal["paper", "news"]
    coalition: Slug | None = None
    announced: EdtfDate
    title: Text
    titles: Texts | None = None
    summary: LongText | None = None
    link: Link | None = None

    @classmethod
    def of(cls, event: PublicationAnnounced) -> Publication:
        """What is kept of an announcement."""
        fields = cls.model_fields.keys() - {"id"}
        return cls(id=event.publication, **{name: getattr(event, name) for name in fields})
