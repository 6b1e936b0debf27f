"""Nothing in membership grows without a bound: what goes beyond is refused, and all can be read."""

from __future__ import annotations

from typing import Any

import pytest

from services.membership.domain import DECIDER, State
from shared.contracts.base import Event
from shared.contracts.membership import (
    CityDecided,
    CitySigned,
    MemberAdmitted,
    MemberApplied,
    MemberDescribed,
    MemberReassessed,
    MembersMerged,
    PartnerJoined,
    StatutesAdopted,
    StepCorrected,
    bounds,
)
from shared.contracts.text import MAX_LANGUAGES
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.domains import ROOT
from tests.unit.growing_membership import (
    EUROPE,
    READERS_TAKE,
    STORE_TAKES,
    attending_members,
    attending_organisations,
    claims,
    coalition_corrections,
    coalition_names,
    corrections,
    counts,
    decisions,
    elections,
    first_names,
    first_names_of_one_renamed,
    lead_cities,
    member_names,
    mergers,
    moves,
    offices,
    organs,
    partners,
    registering_members,
    statutes,
    steps,
    translations,
)
from tests.unit.membership_facts import SIGNED, TWIN, WHO, coalition, founded, member

GROWTH = [
    (Stream("members", "de-city-potsdam"), "steps", bounds.MAX_STEPS, steps),
    (Stream("members", "de-city-potsdam"), "corrections", bounds.MAX_CORRECTIONS, corrections),
    (Stream("members", "de-city-potsdam"), "called", bounds.MAX_NAMES, member_names),
    (Stream("members", "de-city-potsdam"), "names", bounds.MAX_TRANSLATIONS, translations),
    (Stream("members", "de-city-potsdam"), "partners", bounds.MAX_PARTNERS, partners),
    (Stream("members", "de-city-potsdam"), "moves", bounds.MAX_MOVES, moves),
    (Stream("members", "de-city-potsdam"), "absorbed", bounds.MAX_DUPLICATES, mergers),
    (Stream("coalitions", "europe"), "called", bounds.MAX_NAMES, coalition_names),
    (Stream("coalitions", "europe"), "names", bounds.MAX_TRANSLATIONS, first_names),
    (Stream("coalitions", "europe"), "statutes", bounds.MAX_STATUTES, statutes),
    (Stream("coalitions", "europe"), "lead_cities", bounds.MAX_OFFICES, lead_cities),
    (Stream("coalitions", "europe"), "offices", bounds.MAX_OFFICES, offices),
    (Stream("coalitions", "europe"), "organs", bounds.MAX_ORGANS, organs),
    (Stream("coalitions", "europe"), "decisions", bounds.MAX_DECISIONS, decisions),
    (Stream("coalitions", "europe"), "corrections", bounds.MAX_CORRECTIONS, coalition_corrections),
    (Stream("coalitions", "europe"), "also_claimed", bounds.MAX_CLAIMED, claims),
    (Stream("coalitions", "europe"), "counts", bounds.MAX_COUNTS, counts),
    (
        Stream("conferences", "next"),
        "registered_members",
        bounds.MAX_PARTICIPANTS,
        registering_members,
    ),
    (Stream("conferences", "general"), "members", bounds.MAX_PARTICIPANTS, attending_members),
    (
        Stream("conferences", "general"),
        "organisations",
        bounds.MAX_PARTICIPANTS,
        attending_organisations,
    ),
]


def as_read(state: State) -> State:
    """A state from the document that is kept of it."""
    document = state.model_dump_json(exclude_defaults=True)
    assert len(document) < STORE_TAKES
    return type(state).model_validate_json(document)


def as_others_read(event: Event) -> Event:
    body = event.model_dump_json(exclude_none=True).encode()
    assert len(body) <= READERS_TAKE
    return type(event).model_validate_json(body)


@pytest.mark.parametrize(
    ("stream", "field", "most", "events"),
    GROWTH,
    ids=lambda value: str(getattr(value, "__name__", value)),
)
def test_what_would_grow_for_ever_is_refused_at_its_bound(
    stream: Stream, field: str, most: int, events: Any
) -> None:
    folded, refusals = founded(), []
    for event in events():
        try:
            published = folded.tell(event)
        except Refused as refused:
            refusals.append(str(refused))
            continue
        assert all(as_others_read(one) == one for one in published)
    state = folded.states[stream]
    assert len(getattr(state, field)) == most
    assert f"{most} at most" in refusals[0]
    assert as_read(state) == state


def test_elections_of_one_term_are_bounded_too() -> None:
    folded = founded()
    *taken, one_too_many = list(elections())[: bounds.MAX_ELECTIONS + 1]
    for event in taken:
        folded.tell(event)
    with pytest.raises(Refused, match="20 elections at most"):
        folded.tell(one_too_many)


def test_the_first_of_several_names_is_bounded_too() -> None:
    folded = founded()
    *taken, one_too_many = list(first_names_of_one_renamed())[: MAX_LANGUAGES + 2]
    for event in taken:
        folded.tell(event)
    with pytest.raises(Refused, match="40 at most"):
        folded.tell(one_too_many)
    assert len(coalition(folded).called[0].names) == MAX_LANGUAGES


def test_a_full_member_may_still_be_corrected_and_described() -> None:
    folded = founded()
    for event in list(steps())[: bounds.MAX_STEPS]:
        folded.tell(event)
    last = member(folded).steps[-1]
    assert folded.tell(MemberDescribed(**WHO, website="https://example.org"))
    assert folded.tell(
        StepCorrected(
            **WHO, step=last.step, recorded=last.date, correct=None, reason="never happened"
        )
    )
    assert len(member(folded).steps) == bounds.MAX_STEPS - 1


def test_a_list_that_is_too_long_already_may_stay_and_shrink() -> None:
    """As after an upgrade that lowers a bound: history is taken as it is."""
    folded = founded()
    folded.tell(SIGNED)
    stream = Stream("members", "de-city-potsdam")
    for number in range(3 * bounds.MAX_PARTNERS):
        joined = PartnerJoined(**WHO, organisation=f"Partner {number}", joined="2010")
        state = DECIDER.evolve(folded.states[stream], joined)
        assert state is not None
        folded.states[stream] = state
    assert folded.tell(MemberAdmitted(**WHO, admitted="2008"))
    assert folded.tell(PartnerJoined(**WHO, organisation="Partner 7", joined="2010-05"))
    with pytest.raises(Refused, match="200 at most"):
        folded.tell(PartnerJoined(**WHO, organisation="Another", joined="2010"))


def test_a_merger_names_the_steps_that_are_taken_over_and_no_others() -> None:
    folded = founded()
    folded.tell(SIGNED)
    folded.tell(MemberApplied(**EUROPE, member=TWIN, applied="2005"))
    folded.tell(CitySigned(**EUROPE, member=TWIN, signed="2007"))
    (published,) = folded.tell(MembersMerged(**WHO, merged=TWIN, reason="one city"))
    assert isinstance(published, MembersMerged)
    assert [(s.step, s.date) for s in published.steps or ()] == [("applied", "2005")]


def test_a_merger_beyond_the_bound_of_steps_is_refused() -> None:
    folded = founded()
    for event in list(steps())[: bounds.MAX_STEPS]:
        folded.tell(event)
    folded.tell(MemberApplied(**EUROPE, member=TWIN, applied="1880"))
    with pytest.raises(Refused, match=r"would have 101 steps, and 100 at most"):
        folded.tell(MembersMerged(**WHO, merged=TWIN, reason="one city"))


# --- what travels in every event ------------------------------


def test_the_rules_travel_to_a_member_only_where_it_lacks_them() -> None:
    folded = founded()
    folded.tell(StatutesAdopted(**EUROPE, adopted="2000", membership_by="admitted"))
    first, *_ = folded.tell(SIGNED)
    assert isinstance(first, CitySigned)
    assert [rule.by for rule in first.joining_rules or ()] == ["admitted"]
    second, *_ = folded.tell(CityDecided(**WHO, decided="2006-04"))
    assert isinstance(second, CityDecided)
    assert second.joining_rules is None
    folded.tell(StatutesAdopted(**EUROPE, adopted="2001", membership_by="signed"))
    reassessed, *_ = folded.tell(MemberReassessed(**WHO))
    assert isinstance(reassessed, MemberReassessed)
    assert [rule.by for rule in reassessed.joining_rules or ()] == ["admitted", "signed"]
    assert member(folded).state == "member"
    assert member(folded).joining_rules == coalition(folded).joining_rules


def test_a_publisher_cannot_send_rules_along() -> None:
    folded = founded()
    rules = ({"since": "1990", "by": "decided"},)
    event = CityDecided.model_validate({**WHO, "decided": "2006", "joining_rules": rules})
    folded.tell(event)
    assert (member(folded).joining_rules, member(folded).state) == ((), "decided")


def test_the_documentation_gives_these_bounds() -> None:
    text = (ROOT / "docs" / "membership.md").read_text()
    numbers = [value for name, value in vars(bounds).items() if name.startswith("MAX_")]
    assert len(numbers) >= 10
    assert all(f" {number:,} |" in text for number in numbers)
