"""A merger of the wrong two is undone, on both sides."""

from __future__ import annotations

import pytest

from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CityDecided,
    CitySigned,
    MemberAbsorbed,
    MemberApplied,
    MembersMerged,
    MemberSuspended,
    PartnerJoined,
    PartnerLeft,
    PopulationCounted,
    StepCorrected,
)
from shared.contracts.sources import Claim, Source
from shared.domain.decider import Refused
from tests.unit.membership_facts import POTSDAM, TWIN, WHO, member
from tests.unit.mending import ID, corrected, signed
from tests.unit.reacting import Reacting


@pytest.fixture
def folded() -> Reacting:
    return signed()


# --- a merger of the wrong two ------------------------------


@pytest.fixture
def merged(folded: Reacting) -> Reacting:
    folded.tell(CityDecided(coalition="europe", member=TWIN, decided="2005-04"))
    folded.tell(CitySigned(coalition="europe", member=TWIN, signed="2006-09-08"))
    folded.tell(MembersMerged(**WHO, merged=TWIN, reason="one city"))
    assert [s.date for s in member(folded).steps] == ["2005-04", "2006-09-08"]
    return folded


def test_a_merger_of_the_wrong_two_is_undone_on_both_sides(merged: Reacting) -> None:
    assert merged.tell(corrected("merged", TWIN.key, None))
    assert [s.date for s in member(merged).steps] == ["2006-09"]
    assert (member(merged).absorbed, member(merged).taken_over) == ((), ())
    assert (member(merged, TWIN).state, member(merged, TWIN).merged_into) == ("member", None)
    assert merged.tell(MemberApplied(coalition="europe", member=TWIN, applied="2005"))
    assert merged.refused == []


def test_an_undone_merger_is_not_made_again_by_what_is_late(merged: Reacting) -> None:
    merged.tell(corrected("merged", TWIN.key, None))
    with pytest.raises(Refused, match="was corrected: the minutes"):
        merged.tell(MembersMerged(**WHO, merged=TWIN, reason="one city"))
    with pytest.raises(Refused, match="was not merged with it"):
        merged.tell(
            MemberAbsorbed(coalition="europe", member=TWIN, into=POTSDAM, reason="one city")
        )


def test_an_undoing_is_taken_back_and_the_steps_are_taken_over_again(merged: Reacting) -> None:
    before = member(merged), member(merged, TWIN)
    merged.tell(corrected("merged", TWIN.key, None))
    merged.tell(corrected("merged", TWIN.key, TWIN.key))
    assert (member(merged), member(merged, TWIN)) == before
    assert merged.refused == []


def test_what_was_recorded_of_a_step_since_the_merger_stays(merged: Reacting) -> None:
    fields = {"step": "decided", "recorded": "2005-04", "correct": "2005-05", "reason": "misread"}
    merged.tell(StepCorrected.model_validate({**WHO, **fields}))
    merged.tell(corrected("merged", TWIN.key, None))
    assert [s.date for s in member(merged).steps] == ["2005-05", "2006-09"]


def test_a_step_on_which_another_rests_keeps_the_merger(folded: Reacting) -> None:
    folded.tell(CitySigned(coalition="europe", member=TWIN, signed="2004"))
    fix = {"step": "signed", "recorded": "2006-09", "reason": "never"}
    folded.tell(StepCorrected.model_validate({**WHO, **fix}))
    folded.tell(MembersMerged(**WHO, merged=TWIN, reason="one city"))
    folded.tell(MemberSuspended(coalition="europe", member=ID, suspended="2010", reason="no"))
    with pytest.raises(Refused, match="then it could not have been suspended 2010"):
        folded.tell(corrected("merged", TWIN.key, None))


def test_a_duplicate_is_freed_by_the_one_that_stays(merged: Reacting) -> None:
    alone = {"member": MemberRef(id=TWIN.key)}
    with pytest.raises(Refused, match="correct the fact 'merged' of 'de-city-potsdam'"):
        merged.tell(corrected("merged into", POTSDAM.key, None, **alone))


# --- what else it takes over ------------------------------


CLAIMED = Claim(field="signed", value="2005", source=Source(title="A press release"))


@pytest.fixture
def richer(folded: Reacting) -> Reacting:
    """The duplicate has a partner, counts of its people and what another source says of it."""
    about = {"coalition": "europe", "member": TWIN}
    rival = CitySigned(**about, signed="2006-09", also_claimed=(CLAIMED,))
    folded.tell(rival)
    for whose, organisation in (
        (TWIN, "Citizens' Forum"),
        (TWIN, "Chess Club"),
        (ID, "CHESS CLUB"),
    ):
        joined = {"coalition": "europe", "member": whose, "organisation": organisation}
        folded.tell(PartnerJoined.model_validate({**joined, "joined": "2010"}))
    folded.tell(PartnerLeft(**about, organisation="Citizens' Forum", left="2015"))
    for whose, as_of, number in (
        (TWIN, "2011", 150_000),
        (TWIN, "2016", 160_000),
        (ID, "2016", 1),
    ):
        counted = {"coalition": "europe", "member": whose, "as_of": as_of, "population": number}
        folded.tell(PopulationCounted.model_validate(counted))
    return folded


def test_partners_counts_and_claims_of_a_duplicate_are_those_of_the_member_that_stays(
    richer: Reacting,
) -> None:
    richer.tell(MembersMerged(**WHO, merged=TWIN, reason="one city"))
    now = member(richer)
    assert [(one.organisation, one.left) for one in now.partners] == [
        ("CHESS CLUB", None),
        ("Citizens' Forum", "2015"),
    ]
    assert [(one.as_of, one.population) for one in now.populations] == [
        ("2011", 150_000),
        ("2016", 1),
    ]
    assert [one.value for one in now.also_claimed] == ["2005"]
    assert richer.refused == []


def test_partners_counts_and_claims_are_given_back_but_what_was_recorded_since(
    richer: Reacting,
) -> None:
    before = member(richer), member(richer, TWIN)
    richer.tell(MembersMerged(**WHO, merged=TWIN, reason="one city"))
    richer.tell(corrected("merged", TWIN.key, None))
    mine = member(richer).model_copy(update={"corrections": ()})
    assert (mine, member(richer, TWIN).model_copy(update={"corrections": ()})) == before
    richer.tell(corrected("merged", TWIN.key, TWIN.key))
    richer.tell(PartnerLeft(**WHO, organisation="Citizens' Forum", left="2015-06"))
    richer.tell(corrected("merged", TWIN.key, None))
    assert [one.left for one in member(richer).partners] == [None, "2015-06"]
    assert [one.as_of for one in member(richer).populations] == ["2016"]


def test_what_was_found_wrong_of_a_member_is_not_brought_back_by_its_duplicate(
    richer: Reacting,
) -> None:
    mistake = {"coalition": "europe", "member": ID, "organisation": "Citizens' Forum"}
    richer.tell(PartnerJoined.model_validate({**mistake, "joined": "2010"}))
    richer.tell(corrected("partner joined", "2010", None, of="Citizens' Forum"))
    richer.tell(PopulationCounted(**WHO, as_of="2011", population=150_000))
    richer.tell(corrected("population counted", "2011", None))
    richer.tell(MembersMerged(**WHO, merged=TWIN, reason="one city"))
    assert [one.organisation for one in member(richer).partners] == ["CHESS CLUB"]
    assert [one.as_of for one in member(richer).populations] == ["2016"]
