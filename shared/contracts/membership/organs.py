"""Organs of a coalition, the offices that cities have in them, and what organs decide."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from shared.contracts.base import (
    EdtfDate,
    Link,
    MemberRef,
    Slug,
    Text,
    Texts,
    earliest,
    latest,
)
from shared.contracts.membership.coalitions import CoalitionEvent
from shared.contracts.membership.votes import Vote
from shared.contracts.numbers import WHOLE

OrganKind = Literal[
    "general assembly",
    "steering committee",
    "secretariat",
    "scientific committee",
    "working group",
    "committee",
]
"""What an organ is; a `committee` is any other."""
OfficeName = Literal[
    "president",
    "vice-president",
    "chair",
    "vice-chair",
    "secretariat",
    "lead city",
    "member",
    "representative",
]
"""What a city is for a coalition: `representative` of another coalition in an organ of this one."""


class OrganEstablished(CoalitionEvent):
    """A coalition has an organ; again, it adds what was missing.

    `organ` is an id of the publisher's choice, such as `steering-committee`.
    """

    type: ClassVar[str] = "coalition.membership.OrganEstablished.v1"
    organ: Slug
    kind: OrganKind
    name: Text
    names: Texts | None = None
    established: EdtfDate | None = None
    place: Text | None = None


class OfficeTaken(CoalitionEvent):
    """A city, or an organisation, has an office from a date and perhaps until one.

    Again with what was missing (the end, another election), it is the same term.
    `becomes_member` is filled in by membership, as in `LeadCityDesignated`.

    Attributes:
        organ: in which it has the office; left out, in the coalition as a whole.
        represents: the id of the coalition for which it sits in this one's organ; as a parent, it
            need not be known yet.
        seen: a date on which a source has it in office, where none says since when.
        elected: when it was elected, or elected again; by which organ: `elected_by`.
        term_months: for how long it was elected.
        decision: the id of the decision by which it was elected.
    """

    type: ClassVar[str] = "coalition.membership.OfficeTaken.v1"
    office: OfficeName
    organ: Slug | None = None
    area: Text | None = None
    represents: Slug | None = None
    city: MemberRef | None = None
    organisation: Text | None = None
    since: EdtfDate | None = None
    until: EdtfDate | None = None
    seen: EdtfDate | None = None
    elected: EdtfDate | None = None
    elected_by: Slug | None = None
    term_months: Annotated[int, Field(ge=1, le=240), WHOLE] | None = None
    decision: Slug | None = None
    becomes_member: bool | None = None

    @model_validator(mode="after")
    def _whole(self) -> OfficeTaken:
        if (self.city is None) == (self.organisation is None):
            msg = "give the city that has the office, or the organisation"
            raise ValueError(msg)
        begins = self.since or self.seen
        if self.until and begins and latest(self.until) < earliest(begins):
            msg = "until lies before since"
            raise ValueError(msg)
        return self


class DecisionTaken(CoalitionEvent):
    """An organ decided; admissions, statutes and offices may cite the decision by its id.

    Attributes:
        decision: an id of the publisher's choice, such as `steering-committee-2025-3`.
        organ: which one decided; left out where the source does not say.
        meeting: the id of the conference at which it was decided.
        item: what was decided, in one line.
    """

    type: ClassVar[str] = "coalition.membership.DecisionTaken.v1"
    decision: Slug
    decided: EdtfDate
    item: Text
    organ: Slug | None = None
    meeting: Slug | None = None
    place: Text | None = None
    vote: Vote | None = None
    document: Link | None = None
