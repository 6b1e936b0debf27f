"""Names, timeline, statutes, lead cities, conferences and numbers of a coalition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from services.membership.domain import (
    Conference,
    Member,
    State,
    Statistics,
    below,
    counted,
    statistics,
)
from services.membership.domain.statistics import nearest
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CityDecided,
    CoalitionFounded,
    CoalitionLaunched,
    CoalitionRenamed,
    ConferenceAnnounced,
    ConferenceAttended,
    LeadCityDesignated,
    MembershipCounted,
    MemberWithdrawn,
    StatutesAdopted,
)
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.fold import Folded
from tests.unit.membership_facts import (
    FOUNDED,
    POTSDAM,
    TWIN,
    WHO,
    coalition,
    founded,
    member,
    sign,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def numbers_on(folded: Folded[State], members: Sequence[Member], day: str) -> Statistics:
    return statistics(coalition(folded), counted(members, day, {"europe"}), day)


@pytest.fixture
def folded() -> Folded[State]:
    return founded()


# --- coalitions ------------------------------


def test_the_coalition_above_need_not_be_known(folded: Folded[State]) -> None:
    assert folded.tell(FOUNDED.model_copy(update={"parent": "international"}))
    assert coalition(folded).parent == "international"
    with pytest.raises(Refused, match="under the parent 'international'"):
        folded.tell(FOUNDED.model_copy(update={"parent": "another"}))
    with pytest.raises(Refused, match="not above itself"):
        folded.tell(CoalitionFounded(coalition="a", name="A", parent="a"))


def test_a_renamed_coalition_keeps_its_names(folded: Folded[State]) -> None:
    renamed = CoalitionRenamed(
        coalition="europe", renamed="2016", name="Inclusive Cities", names={"fr": "Villes"}
    )
    assert folded.tell(renamed)
    assert folded.tell(renamed) == []
    assert folded.tell(FOUNDED) == []
    current = coalition(folded)
    assert (current.name, current.names, current.acronym) == (
        "Inclusive Cities",
        {"fr": "Villes"},
        "EC",
    )
    assert [c.name for c in current.called] == ["European Coalition", "Inclusive Cities"]
    folded.tell(CoalitionLaunched(coalition="europe", launched="2004-12-10"))
    then = coalition(folded).as_of("2016-12-30")
    assert then
    assert (then.name, then.names) == ("European Coalition", {})


def test_an_older_renaming_that_comes_late_changes_no_name_of_today(folded: Folded[State]) -> None:
    folded.tell(CoalitionRenamed(coalition="europe", renamed="2016", name="New"))
    folded.tell(CoalitionRenamed(coalition="europe", renamed="2010", name="Middle"))
    assert coalition(folded).name == "New"
    assert [c.name for c in coalition(folded).called] == ["European Coalition", "Middle", "New"]


def test_a_timeline_is_in_order_whatever_came_first(folded: Folded[State]) -> None:
    folded.tell(MembershipCounted(coalition="europe", as_of="2010-01-18", members=97))
    folded.tell(CoalitionLaunched(coalition="europe", launched="2004-12-10", place="Nuremberg"))
    folded.tell(FOUNDED.model_copy(update={"in_creation_since": "2004-03"}))
    assert [(line.date, line.what) for line in coalition(folded).timeline] == [
        ("2004-03", "in creation"),
        ("2004-12-10", "launched"),
        ("2010-01-18", "97 members counted"),
    ]


def test_a_coalition_as_of_a_day_is_what_it_was(folded: Folded[State]) -> None:
    folded.tell(FOUNDED.model_copy(update={"founded": "2004-03"}))
    folded.tell(CoalitionLaunched(coalition="europe", launched="2004-12-10"))
    folded.tell(LeadCityDesignated(coalition="europe", city=POTSDAM, since="2006", until="2016-04"))
    states = {}
    for day in ("2004-03-30", "2004-03-31", "2004-12-10"):
        then = coalition(folded).as_of(day)
        states[day] = then and then.state
    assert list(states.values()) == [None, "in creation", "launched"]
    days = ("2006-12-30", "2006-12-31", "2016-04-30", "2016-05-01")
    leading = [then and len(then.lead_cities) for then in map(coalition(folded).as_of, days)]
    assert leading == [0, 1, 1, 0]


def test_statutes_hold_from_their_date_until_others_do(folded: Folded[State]) -> None:
    folded.tell(StatutesAdopted(coalition="europe", adopted="2015", membership_by="admitted"))
    folded.tell(StatutesAdopted(coalition="europe", adopted="2005", membership_by="decided"))
    rules = [
        coalition(folded).statutes_on(d).membership_by for d in ("2004", "2010", "2015", "2020")
    ]
    assert rules == ["signed", "decided", "admitted", "admitted"]


# --- lead cities ------------------------------


def lead(ref: MemberRef = POTSDAM) -> LeadCityDesignated:
    return LeadCityDesignated(coalition="europe", city=ref, since="2010")


def test_by_some_statutes_only_a_member_leads(folded: Folded[State]) -> None:
    folded.tell(StatutesAdopted(coalition="europe", adopted="2005", lead_cities="members"))
    with pytest.raises(Refused, match="only a member leads, which Potsdam is not"):
        folded.tell(lead())
    sign(folded)
    assert folded.tell(lead())


def test_by_other_statutes_a_city_becomes_a_member_by_leading(folded: Folded[State]) -> None:
    folded.tell(StatutesAdopted(coalition="europe", adopted="2005", lead_cities="become members"))
    (published,) = folded.tell(lead())
    assert isinstance(published, LeadCityDesignated)
    assert published.becomes_member
    sign(folded, TWIN)
    (published,) = folded.tell(lead(TWIN))
    assert isinstance(published, LeadCityDesignated)
    assert published.becomes_member is None


def test_only_the_statutes_make_a_lead_city_a_member(folded: Folded[State]) -> None:
    (published,) = folded.tell(lead().model_copy(update={"becomes_member": True}))
    assert isinstance(published, LeadCityDesignated)
    assert published.becomes_member is None


def test_a_known_city_is_designated_by_its_id(folded: Folded[State]) -> None:
    with pytest.raises(Refused, match="by name, kind and country"):
        folded.tell(lead(MemberRef(id=POTSDAM.key)))
    sign(folded)
    folded.tell(lead(MemberRef(id=POTSDAM.key)))
    assert coalition(folded).lead_cities[0].holder == "Potsdam"


# --- conferences ------------------------------

TOULOUSE = ConferenceAnnounced(
    conference="europe-2009-toulouse",
    coalition="europe",
    title="Third General Conference",
    begins="2009-11-19",
    ends="2009-11-20",
    represented="over 50 cities",
)


def conference(folded: Folded[State]) -> Conference:
    state = folded.states[Stream("conferences", "europe-2009-toulouse")]
    assert isinstance(state, Conference)
    return state


def test_a_conference_said_again_is_updated_and_the_rest_stays(folded: Folded[State]) -> None:
    assert folded.tell(TOULOUSE)
    assert folded.tell(TOULOUSE) == []
    assert folded.tell(TOULOUSE.model_copy(update={"place": "Toulouse", "represented": None}))
    assert (conference(folded).place, conference(folded).represented) == (
        "Toulouse",
        "over 50 cities",
    )


def test_attendance_adds_up(folded: Folded[State]) -> None:
    attended = ConferenceAttended(
        conference="europe-2009-toulouse",
        coalition="europe",
        members=(POTSDAM,),
        organisations=("UNESCO",),
    )
    with pytest.raises(Refused, match="was not announced"):
        folded.tell(attended)
    folded.tell(TOULOUSE)
    assert folded.tell(attended)
    assert folded.tell(attended) == []
    folded.tell(attended.model_copy(update={"members": (POTSDAM, TWIN)}))
    assert [m.name for m in conference(folded).members] == ["Potsdam", "Potsdam (Havel)"]
    assert conference(folded).organisations == ("UNESCO",)


def test_nobody_attends_what_lies_ahead_and_a_conference_has_one_coalition(
    folded: Folded[State],
) -> None:
    ahead = TOULOUSE.model_copy(update={"begins": "2027", "ends": None})
    folded.tell(ahead)
    with pytest.raises(Refused, match="future"):
        folded.tell(ConferenceAttended(conference=ahead.conference, coalition="europe"))
    folded.tell(CoalitionFounded(coalition="africa", name="African Coalition"))
    with pytest.raises(Refused, match="one of the coalition 'europe'"):
        folded.tell(TOULOUSE.model_copy(update={"coalition": "africa"}))


# --- numbers ------------------------------


def test_the_public_count_nearest_in_time_stands_beside_what_the_record_knows(
    folded: Folded[State],
) -> None:
    folded.tell(MembershipCounted(coalition="europe", as_of="2020", members=150, countries=26))
    folded.tell(MembershipCounted(coalition="europe", as_of="2010-01-18", members=97, countries=20))
    sign(folded)
    numbers = numbers_on(folded, [member(folded)], "2010-01-31")
    assert (numbers.members, numbers.countries) == (1, 1)
    assert numbers.public_count
    assert (numbers.public_count.members, numbers.public_count.countries) == (97, 20)
    assert numbers.public_count.as_of == "2010-01-18"
    later = numbers_on(folded, [member(folded)], "2019-01-31").public_count
    assert later
    assert later.members == 150


def test_numbers_are_of_the_day_and_leave_out_who_is_no_member(folded: Folded[State]) -> None:
    sign(folded)
    folded.tell(CityDecided(coalition="europe", member=TWIN, decided="2006"))
    folded.tell(MemberWithdrawn(**WHO, withdrawn="2015"))
    both = [member(folded), member(folded, TWIN)]
    by_day = {day: numbers_on(folded, both, day) for day in ("2005-01-01", "2010-01-01")}
    assert [(n.members, n.by_state) for n in by_day.values()] == [
        (0, {}),
        (1, {"member": 1, "decided": 1}),
    ]
    assert numbers_on(folded, both, "2016-01-01").by_state == {
        "withdrawn": 1,
        "decided": 1,
    }


def test_the_coalition_above_counts_all_below_it() -> None:
    links = {"international": None, "europe": "international", "balkans": "europe", "other": None}
    assert below(links, "international") == {"international", "europe", "balkans"}


def test_a_sources_words_stand_in_the_timeline_and_are_no_count(folded: Folded[State]) -> None:
    folded.tell(MembershipCounted(coalition="europe", as_of="2010-01-18", members=97))
    folded.tell(MembershipCounted(coalition="europe", as_of="2016", words="over 120 cities"))
    folded.tell(
        MembershipCounted(coalition="europe", as_of="2017", members=51, counted="mayors who signed")
    )
    what = [line.what for line in coalition(folded).timeline]
    assert what == ["97 members counted", "over 120 cities", "51 mayors who signed counted"]
    nearest_count = nearest(coalition(folded).counts, "2016-06-30")
    assert nearest_count
    assert nearest_count.members == 51
    with pytest.raises(ValidationError, match="give the number of members, or the source's words"):
        MembershipCounted(coalition="europe", as_of="2018")
