"""Conferences: announced, changed, cancelled, registered before and attended after."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from services.membership.domain import Conference, State
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    ConferenceAnnounced,
    ConferenceAttended,
    ConferenceCancelled,
    ConferenceChanged,
    ConferenceCorrected,
    ConferenceRegistered,
)
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.fold import Folded
from tests.unit.membership_facts import founded

NEXT: dict[str, Any] = {"coalition": "europe", "conference": "next"}
BONN = MemberRef(name="Bonn", country="DE", kind="city")
GHENT = MemberRef(name="Ghent", country="BE", kind="city")


@pytest.fixture
def folded() -> Folded[State]:
    folded = founded()
    folded.tell(
        ConferenceAnnounced(**NEXT, title="General Conference", begins="2026-10", ends="2026-10")
    )
    return folded


def conference(folded: Folded[State]) -> Conference:
    state = folded.states[Stream("conferences", "next")]
    assert isinstance(state, Conference)
    return state


def test_a_conference_takes_another_time_and_place(folded: Folded[State]) -> None:
    assert folded.tell(ConferenceChanged(**NEXT, place="Ghent", begins="2026-11-02"))
    now = conference(folded)
    assert (now.title, now.place, now.begins, now.ends) == (
        "General Conference",
        "Ghent",
        "2026-11-02",
        None,
    )
    with pytest.raises(Refused, match="would end in 2026-10, before it begins"):
        folded.tell(ConferenceChanged(**NEXT, ends="2026-10"))
    with pytest.raises(ValidationError, match="give what changed"):
        ConferenceChanged(**NEXT)


def test_one_that_was_never_announced_does_not_change(folded: Folded[State]) -> None:
    with pytest.raises(Refused, match="the conference 'other' was not announced"):
        folded.tell(ConferenceChanged(coalition="europe", conference="other", place="Ghent"))


def test_members_register_before_and_attend_after(folded: Folded[State]) -> None:
    assert folded.tell(ConferenceRegistered(**NEXT, members=(BONN, GHENT)))
    assert folded.tell(ConferenceRegistered(**NEXT, members=(BONN,))) == []
    with pytest.raises(Refused, match="lies in the future"):
        folded.tell(ConferenceAttended(**NEXT, members=(BONN,)))
    folded.now = folded.now.replace(year=2027)
    with pytest.raises(Refused, match="is over: send ConferenceAttended"):
        folded.tell(ConferenceRegistered(**NEXT, organisations=("UNESCO",)))
    assert folded.tell(ConferenceAttended(**NEXT, members=(GHENT,)))
    now = conference(folded)
    assert [m.name for m in now.registered_members] == ["Bonn", "Ghent"]
    assert [m.name for m in now.members] == ["Ghent"]


def test_a_cancelled_conference_takes_nobody_until_that_is_corrected(
    folded: Folded[State],
) -> None:
    assert folded.tell(ConferenceCancelled(**NEXT, cancelled="2025-12", reason="Too few"))
    assert conference(folded).state == "cancelled"
    with pytest.raises(Refused, match="was cancelled 2025-12: if it was not, correct that"):
        folded.tell(ConferenceRegistered(**NEXT, members=(BONN,)))
    folded.tell(
        ConferenceCorrected(**NEXT, fact="cancelled", recorded="2025-12", reason="another one")
    )
    assert (conference(folded).state, conference(folded).cancellation_reason) == (
        "announced",
        None,
    )
    assert folded.tell(ConferenceRegistered(**NEXT, members=(BONN,)))


def test_what_was_attended_is_not_cancelled(folded: Folded[State]) -> None:
    folded.now = folded.now.replace(year=2027)
    folded.tell(ConferenceAttended(**NEXT, members=(BONN,)))
    with pytest.raises(Refused, match="was attended, so it was not cancelled"):
        folded.tell(ConferenceCancelled(**NEXT, cancelled="2026"))


def test_who_was_not_there_is_corrected_away_and_stays_away(folded: Folded[State]) -> None:
    folded.now = folded.now.replace(year=2027)
    folded.tell(ConferenceAttended(**NEXT, members=(BONN, GHENT)))
    fix = {"fact": "member attended", "recorded": BONN.key, "reason": "was ill"}
    with pytest.raises(Refused, match="is only corrected away"):
        folded.tell(ConferenceCorrected.model_validate({**NEXT, **fix, "correct": "de-city-ulm"}))
    folded.tell(ConferenceCorrected.model_validate({**NEXT, **fix}))
    assert [m.name for m in conference(folded).members] == ["Ghent"]
    with pytest.raises(Refused, match="member attended de-city-bonn was corrected: was ill"):
        folded.tell(ConferenceAttended(**NEXT, members=(BONN,)))


# --- as of a day ------------------------------


def test_one_that_lies_ahead_was_announced_by_the_day_on_which_it_was_recorded_at_the_latest() -> (
    None
):
    folded = founded()
    folded.now = datetime(2026, 5, 4, tzinfo=UTC)
    ahead = ConferenceAnnounced(**NEXT, title="General Conference", begins="2026-10")
    folded.tell(ahead)
    assert conference(folded).announced == "2026-05-04"
    folded.now = datetime(2026, 6, 1, tzinfo=UTC)
    assert folded.tell(ahead) == []
    folded.tell(ahead.model_copy(update={"announced": "2026-04"}))
    assert conference(folded).announced == "2026-04"
    over = {**NEXT, "conference": "past", "title": "General Conference", "begins": "2015"}
    folded.tell(ConferenceAnnounced(**over))
    past = folded.states[Stream("conferences", "past")]
    assert isinstance(past, Conference)
    assert past.announced is None


def test_as_of_a_day_it_is_what_was_certain_of_it() -> None:
    folded = founded()
    folded.now = datetime(2026, 5, 4, tzinfo=UTC)
    folded.tell(ConferenceAnnounced(**NEXT, title="General Conference", begins="2026-10-02"))
    folded.tell(ConferenceRegistered(**NEXT, members=(BONN,)))
    folded.now = datetime(2026, 10, 9, tzinfo=UTC)
    folded.tell(ConferenceAttended(**NEXT, members=(BONN, GHENT)))
    held = conference(folded)
    assert held.as_of("2026-05-03") is None
    before, after = held.as_of("2026-05-04"), held.as_of("2026-10-02")
    assert before
    assert (before.registered_members, before.members) == ((BONN,), ())
    assert after == held


def test_before_it_was_cancelled_it_was_announced() -> None:
    folded = founded()
    folded.now = datetime(2026, 5, 4, tzinfo=UTC)
    folded.tell(ConferenceAnnounced(**NEXT, title="General Conference", begins="2026-10"))
    folded.now = datetime(2026, 9, 1, tzinfo=UTC)
    folded.tell(ConferenceCancelled(**NEXT, cancelled="2026-08", reason="floods"))
    statuses = [
        then and then.state
        for then in map(conference(folded).as_of, ("2026-05-03", "2026-08-30", "2026-08-31"))
    ]
    assert statuses == [None, "announced", "cancelled"]


def test_when_it_was_announced_is_corrected() -> None:
    folded = founded()
    announced = {"title": "General Conference", "begins": "2015", "announced": "2014"}
    folded.tell(ConferenceAnnounced(**NEXT, **announced))
    right = {"fact": "announced", "recorded": "2014", "correct": "2013", "reason": "the minutes"}
    folded.tell(ConferenceCorrected.model_validate({**NEXT, **right}))
    assert conference(folded).announced == "2013"
    with pytest.raises(Refused, match="was corrected: the minutes"):
        folded.tell(ConferenceAnnounced(**NEXT, **announced))
    with pytest.raises(Refused, match="lies in the future"):
        folded.tell(ConferenceAnnounced(**NEXT, **{**announced, "announced": "2099"}))
