"""The table of conferences: a row for each that registered or took part, as attendee lists are."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import Field, model_validator

from services.membership.domain import Conference
from shared.contracts.base import Country, EdtfDate, Event, Kind, MemberRef, Slug, Text
from shared.contracts.membership import (
    ConferenceAnnounced,
    ConferenceAttended,
    ConferenceRegistered,
)
from shared.tabular.rows import READ_ONLY, ImportedRow, Table
from shared.web.parameters import Id, given

if TYPE_CHECKING:
    from shared.pipeline.snapshots import Document

Part = Literal["registered", "attended"]
_DATE = "YYYY, YYYY-MM or YYYY-MM-DD, as precise as its source."
_ANNOUNCED = ("title", "place", "begins", "ends", "announced")
_EVENTS: dict[Part, type[ConferenceRegistered | ConferenceAttended]] = {
    "registered": ConferenceRegistered,
    "attended": ConferenceAttended,
}


class ParticipantRow(ImportedRow):
    """A conference and one participant of it, or none yet; empty cells change nothing."""

    conference: Slug = Field(description="The conference's id.")
    coalition: Slug = Field(description="The id of its coalition.")
    title: Text | None = Field(
        None, description="Its title; a conference that is not known yet needs it."
    )
    place: Text | None = Field(None, description="Where it is.")
    begins: EdtfDate | None = Field(
        None, description=f"When it begins; one that is not known yet needs it: {_DATE}"
    )
    ends: EdtfDate | None = Field(None, description=f"When it ends: {_DATE}")
    announced: EdtfDate | None = Field(
        None, description=f"When it was announced, where it lay ahead then: {_DATE}"
    )
    state: str | None = Field(
        None, description="'announced' or 'cancelled'.", json_schema_extra=READ_ONLY
    )
    part: Part | None = Field(
        None, description="'registered' for who will come, 'attended' for who was there."
    )
    member: Slug | None = Field(
        None, description="The participant's member id; left out, it follows from its name."
    )
    name: Text | None = Field(None, description="The name of the city that takes part.")
    local_name: Text | None = Field(None, description="Its own name for itself, in any script.")
    country: Country | None = Field(None, description="ISO 3166-1 alpha-2.")
    kind: Kind | None = Field(None, description="What it is.")
    organisation: Text | None = Field(None, description="Or the organisation that takes part.")

    @model_validator(mode="after")
    def _whole(self) -> ParticipantRow:
        who = [self.member or self.name, self.organisation]
        if all(who):
            raise ValueError("a row is about a city or about an organisation")
        if any(who) and not self.part:
            raise ValueError(
                f"part is one of {', '.join(get_args(Part))}: it says which list it is"
            )
        if self.part and not any(who):
            raise ValueError("give the city's name, kind and country, or the organisation")
        if not self.part and not (self.title and self.begins):
            raise ValueError("give a participant, or what is announced: title and begins")
        return self

    @property
    def key(self) -> Hashable:
        """The conference, and who has which part in it."""
        who = self._ref.key if self._ref else self.organisation
        return (self.conference, self.part, who)

    @property
    def aggregate(self) -> str:
        """The conference's id."""
        return self.conference

    @property
    def named(self) -> str:
        """Who has which part, or the conference."""
        who = self.organisation or self.name or self.member
        return f"{who}, {self.part}" if who else self.title or self.conference

    def events(self, recorded: Conference | None = None) -> Iterator[tuple[str, Event]]:
        """What is announced of the conference, and the participant."""
        about = {"coalition": self.coalition, "conference": self.conference}
        if self.title and self.begins:
            given = self.model_dump(include=set(_ANNOUNCED))
            yield (
                self._announced_anew(recorded),
                ConferenceAnnounced.model_validate({**about, **given}),
            )
        if self.part:
            members = (self._ref,) if self._ref else ()
            organisations = (self.organisation,) if self.organisation else ()
            who = {"members": members, "organisations": organisations}
            yield "part", _EVENTS[self.part].model_validate({**about, **who})

    def found_in(self, exported: Iterable[ImportedRow]) -> ImportedRow | None:
        """See `ImportedRow`; what is announced stands in every row of the conference."""
        return super().found_in(exported) if self.part else next(iter(exported), None)

    def _announced_anew(self, recorded: Conference | None) -> str:
        """The first column of the announcement that says something else than is recorded."""
        cells = ((name, getattr(self, name)) for name in _ANNOUNCED)
        others = (name for name, value in cells if value and value != getattr(recorded, name, None))
        return next(others, "title")

    @property
    def _ref(self) -> MemberRef | None:
        if not (self.member or self.name):
            return None
        return MemberRef(
            id=self.member,
            name=self.name,
            local_name=self.local_name,
            country=self.country,
            kind=self.kind,
        )


def participant_rows(conference: Conference) -> Iterator[ParticipantRow]:
    """A row for each participant; one without, where there is none."""
    about = {
        "conference": conference.id,
        "coalition": conference.coalition,
        "title": conference.title,
        "place": conference.place,
        "begins": conference.begins,
        "ends": conference.ends,
        "announced": conference.announced,
        "state": conference.state,
    }
    rows = [
        *(_of_member(about, "registered", ref) for ref in conference.registered_members),
        *(_of_member(about, "attended", ref) for ref in conference.members),
        *(
            ParticipantRow(**about, part="registered", organisation=name)
            for name in conference.registered_organisations
        ),
        *(
            ParticipantRow(**about, part="attended", organisation=name)
            for name in conference.organisations
        ),
    ]
    yield from rows or [ParticipantRow(**about)]


def _of_member(about: dict[str, str | None], part: Part, ref: MemberRef) -> ParticipantRow:
    names = {name: getattr(ref, name) for name in ("name", "local_name", "country", "kind")}
    return ParticipantRow.model_validate({**about, **names, "part": part, "member": ref.key})


def _where(coalition: Id | None = None) -> Document:
    return given({"coalition": coalition})


PARTICIPANTS = Table(
    "conferences",
    "Conferences, and who takes part",
    ParticipantRow,
    participant_rows,
    _where,
    as_of=Conference.as_of,
)
