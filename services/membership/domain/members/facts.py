"""What of a member can be corrected besides its steps, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic_core import to_json

from services.membership.domain.members.partners import Partner
from services.membership.domain.members.state import Member, MemberName, Move, Population, named
from shared.contracts import lenient
from shared.domain.corrections.facts import Corrected, Fact
from shared.domain.dates import by_date

if TYPE_CHECKING:
    from shared.domain.corrections.kept import Correction

FACTS: Final[dict[str, Fact]] = {
    "coalition": Fact("coalition", is_needed=True),
    "moved": Fact("moved", "moves", Move, removes=True),
    "country": Fact("country", is_needed=True),
    "kind": Fact("kind", "called", MemberName, is_needed=True),
    "name": Fact("name", "called", MemberName, is_needed=True),
    "local name": Fact("local_name", "called", MemberName),
    "renamed": Fact("since", "called", MemberName, removes=True),
    "qualifier": Fact("qualifier"),
    "website": Fact("website"),
    "part of": Fact("part_of"),
    "population counted": Fact("as_of", "populations", Population, removes=True),
    "partner": Fact("organisation", "partners", Partner, is_needed=True),
    "partner joined": Fact("joined", "partners", Partner, removes=True),
    "partner left": Fact("left", "partners", Partner),
    "merged": Fact("absorbed", is_fixed=True),
    "merged into": Fact("merged_into", is_fixed=True),
}
_NOW: Final = "now"
"""Where a correction keeps in which coalition the member was, should it never have moved."""


def with_all_names(member: Member) -> Member:
    """With its first name among its names, where it has no other yet."""
    return member.model_copy(update={"called": member.called or (member.name_now,)})


def settled(member: Member) -> Member:
    """What follows from its facts: the order of its names, and the one in force."""
    names = by_date(member.called, lambda n: n.since)
    is_first = len(names) == 1 and names[0].since is None
    populations = by_date(member.populations, lambda p: p.as_of)
    called = () if is_first else names
    return member.model_copy(
        update={**named(names[-1]), "called": called, "populations": populations}
    )


# --- a move that never was ------------------------------


def unmoved(member: Member, found: Corrected[Member]) -> Member:
    """A member that never moved is in the coalition before, or is again where it moved to."""
    after, correction = found.state, found.found
    if correction is None or correction.fact != "moved":
        return after
    if len(after.moves) > len(member.moves):
        now = {**_now(correction), "moved": after.moves[-1].moved}
        return after.model_copy(update=lenient.read_json(Move, to_json(now)).there)
    if member.moves[:-1] != after.moves:
        return after
    kept = (*after.corrections[:-1], _with_now(correction, member))
    return after.model_copy(update={**member.moves[-1].there, "corrections": kept})


def _with_now(correction: Correction, member: Member) -> Correction:
    fields = {"coalition", "coalition_name", "joining_rules"}
    now = member.model_dump(mode="json", include=fields, exclude_none=True)
    return correction.model_copy(update={"was": {**correction.was, _NOW: now}})


def _now(correction: Correction) -> dict[str, object]:
    now = correction.was.get(_NOW)
    return dict(now) if isinstance(now, dict) else {}
