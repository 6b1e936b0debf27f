"""What organs and cities decide, at which meeting, and by which vote."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.membership.domain import State
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CityDecided,
    CoalitionCorrected,
    ConferenceAnnounced,
    DecisionTaken,
    MemberAdmitted,
    OfficeTaken,
    OrganEstablished,
    StatutesAdopted,
    Vote,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.membership_facts import WHO, coalition, founded, member

EUROPE: dict[str, Any] = {"coalition": "europe"}
TOULOUSE = MemberRef(name="Toulouse", country="FR", kind="city")
BOARD = OrganEstablished(
    **EUROPE, organ="steering-committee", kind="steering committee", name="Steering Committee"
)


@pytest.fixture
def folded() -> Folded[State]:
    return founded()


def taken(**facts: Any) -> OfficeTaken:
    return OfficeTaken.model_validate({**EUROPE, "office": "president", "city": TOULOUSE, **facts})


# --- decisions ------------------------------


def decision(**facts: Any) -> DecisionTaken:
    said = {"decision": "board-2019-1", "decided": "2019-06", "item": "The secretariat moves"}
    return DecisionTaken.model_validate({**EUROPE, **said, **facts})


def test_an_organ_decides_at_a_meeting_by_a_vote(folded: Folded[State]) -> None:
    folded.tell(BOARD)
    with pytest.raises(Refused, match="the meeting 'toulouse' is no conference"):
        folded.tell(decision(meeting="toulouse"))
    folded.tell(
        ConferenceAnnounced(**EUROPE, conference="toulouse", title="Meeting", begins="2019-06-08")
    )
    vote = {"in_favour": 20, "against": 0, "abstaining": 1}
    whole = decision(organ="steering-committee", meeting="toulouse", vote=vote)
    assert folded.tell(whole)
    assert folded.tell(whole) == []
    (kept,) = coalition(folded).decisions
    assert (kept.meeting, str(kept.vote)) == ("toulouse", "20 for, 0 against, 1 abstaining")
    with pytest.raises(Refused, match="the decision is dated 2019-06 already"):
        folded.tell(decision(decided="2020"))


def test_offices_and_statutes_cite_a_decision_that_there_is(folded: Folded[State]) -> None:
    office = taken(office="secretariat", since="2020", decision="board-2019-1")
    adopted = StatutesAdopted(**EUROPE, adopted="2020", decision="board-2019-1")
    for event in (office, adopted):
        with pytest.raises(Refused, match="the decision 'board-2019-1' is not known"):
            folded.tell(event)
    folded.tell(decision())
    assert folded.tell(office)
    assert folded.tell(adopted)
    with pytest.raises(Refused, match="is cited: correct what cites it first"):
        folded.tell(
            CoalitionCorrected(
                **EUROPE, fact="decided", recorded="2019-06", reason="it was put off"
            )
        )


def test_a_city_decides_by_a_body_and_a_vote(folded: Folded[State]) -> None:
    vote = Vote(in_favour=41, against=3)
    folded.tell(CityDecided(**WHO, decided="2006-04-05"))
    assert folded.tell(CityDecided(**WHO, decided="2006-04-05", body="council", vote=vote))
    folded.tell(
        MemberAdmitted(**WHO, admitted="2008", decision="board-1", vote={"unanimous": True})
    )
    decided, admitted = member(folded).steps
    assert (decided.body, decided.vote) == ("council", vote)
    assert (admitted.decision, str(admitted.vote)) == ("board-1", "unanimous")


@pytest.mark.parametrize("vote", [{}, {"against": 2}, {"unanimous": True, "against": 1}])
def test_a_vote_says_how_it_went(vote: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Vote.model_validate(vote)
