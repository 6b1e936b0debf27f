"""What mends the record of coalitions, conferences and members, in the shape of `StepCorrected`.

`recorded` is what the record has; it stays in the history. `correct` left out means that it never
happened; equal to `recorded`, it takes a correction back. `of` says which is meant where several
facts are recorded so: a city's id or name, an organ, a partner, a name, the link of a count.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final, Literal, get_args

from pydantic import TypeAdapter, ValidationError, model_validator

from shared.contracts.base import (
    Country,
    EdtfDate,
    Kind,
    Link,
    LongText,
    MemberRef,
    Qualifier,
    Slug,
    Text,
)
from shared.contracts.membership.coalitions import CoalitionEvent
from shared.contracts.membership.conferences import ConferenceEvent
from shared.contracts.membership.members import MemberEvent
from shared.contracts.membership.organs import OfficeName
from shared.contracts.text import Recorded

CoalitionFact = Literal[
    "in creation",
    "founded",
    "founding place",
    "launched",
    "launch place",
    "parent",
    "name",
    "acronym",
    "renamed",
    "statutes adopted",
    "members counted",
    "organ established",
    "organ name",
    "office",
    "office since",
    "office until",
    "office seen",
    "elected",
    "decided",
]
ConferenceFact = Literal[
    "title",
    "place",
    "begins",
    "ends",
    "represented",
    "announced",
    "cancelled",
    "member registered",
    "organisation registered",
    "member attended",
    "organisation attended",
]
MemberFact = Literal[
    "coalition",
    "moved",
    "country",
    "kind",
    "name",
    "local name",
    "renamed",
    "qualifier",
    "website",
    "part of",
    "population counted",
    "partner",
    "partner joined",
    "partner left",
    "merged",
    "merged into",
]
"""What is not a step, and can be wrong of a member."""

_DATE: Final = TypeAdapter[str](EdtfDate)
_LINE: Final = TypeAdapter[str](Text)
_VALUES: Final[dict[str, TypeAdapter[Any]]] = {
    **dict.fromkeys(
        (
            "in creation",
            "founded",
            "launched",
            "renamed",
            "statutes adopted",
            "members counted",
            "organ established",
            "office since",
            "office until",
            "office seen",
            "elected",
            "decided",
            "begins",
            "ends",
            "cancelled",
            "moved",
            "partner joined",
            "partner left",
            "population counted",
        ),
        _DATE,
    ),
    "parent": TypeAdapter(Slug),
    "office": TypeAdapter(OfficeName),
    "member registered": TypeAdapter(Slug),
    "member attended": TypeAdapter(Slug),
    "coalition": TypeAdapter(Slug),
    "country": TypeAdapter(Country),
    "kind": TypeAdapter(Kind),
    "qualifier": TypeAdapter(Qualifier),
    "website": TypeAdapter(Link),
    "part of": TypeAdapter(Slug),
    "merged": TypeAdapter(Slug),
    "merged into": TypeAdapter(Slug),
}
"""What a value of a fact is; of any other it is a line of text."""


def _check(fact: str, *values: str | None) -> None:
    adapter = _VALUES.get(fact, _LINE)
    for value in filter(None, values):
        try:
            taken = adapter.validate_python(value)
        except ValidationError as error:
            why = error.errors()[0]["msg"].removeprefix("Value error, ")
            msg = f"{value!r} is no value of the fact {fact!r}: {why}"
            raise ValueError(msg) from None
        if taken != value:
            msg = f"{value!r} is written {taken!r} here"
            raise ValueError(msg)


class CoalitionCorrected(CoalitionEvent):
    """A fact about a coalition is recorded wrongly, or never happened.

    `admitted` is filled in by membership: the lead city whose admission follows its term.
    """

    type: ClassVar[str] = "coalition.membership.CoalitionCorrected.v1"
    fact: CoalitionFact
    of: LongText | None = None
    recorded: Recorded
    correct: Recorded | None = None
    reason: Text
    admitted: MemberRef | None = None

    @model_validator(mode="after")
    def _of_its_kind(self) -> CoalitionCorrected:
        _check(self.fact, self.recorded, self.correct)
        return self


class ConferenceCorrected(ConferenceEvent):
    """A fact about a conference is recorded wrongly, or never happened.

    Of who registered or attended, `recorded` is the member's id, or the organisation's name.
    """

    type: ClassVar[str] = "coalition.membership.ConferenceCorrected.v1"
    fact: ConferenceFact
    recorded: Recorded
    correct: Recorded | None = None
    reason: Text

    @model_validator(mode="after")
    def _of_its_kind(self) -> ConferenceCorrected:
        _check(self.fact, self.recorded, self.correct)
        return self


class MemberCorrected(MemberEvent):
    """A fact about a member that is none of its steps is recorded wrongly, or never was so.

    `coalition` is the one that the member is in by the record, before the correction or after it;
    what membership publishes has the one after. Where that is another, membership fills in
    `coalition_before`; and in `alias` the id that follows from the right country or kind, and leads
    to the member from then on. `merged` without a correct one undoes a merger of the wrong two;
    `merged into` is the duplicate's side of it, which membership sends to itself.
    """

    type: ClassVar[str] = "coalition.membership.MemberCorrected.v1"
    fact: MemberFact
    of: LongText | None = None
    recorded: Recorded
    correct: Recorded | None = None
    reason: Text
    coalition_before: Slug | None = None
    alias: Slug | None = None

    @model_validator(mode="after")
    def _of_its_kind(self) -> MemberCorrected:
        _check(self.fact, self.recorded, self.correct)
        return self


MEMBER_FACTS: Final[tuple[MemberFact, ...]] = get_args(MemberFact)
COALITION_FACTS: Final[tuple[CoalitionFact, ...]] = get_args(CoalitionFact)
CONFERENCE_FACTS: Final[tuple[ConferenceFact, ...]] = get_args(ConferenceFact)
