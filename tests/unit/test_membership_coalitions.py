"""Names, timeline, statutes, lead cities, conferences and numbers of a coalition."""

from __future__ import annotations

import pytest

from services.membership.domain import (
    Coalition,
    Conference,
    State,
    below,
    statistics,
)
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
from tests.unit.fold import Folded
from tests.unit.membership_words import (
    FOUNDED,
    POTSDAM,
    TWIN,
    WHO,
    coalition,
    founded,
    member,
    sign,
)


@pytest.fixture
def told() -> Folded[State]:
    return founded()


# --- coalitions ------------------------------


def test_the_coalition_above_need_not_be_known(told: Folded[State]) -> None:
    assert told.tell(FOUNDED.model_copy(update={"parent": "international"}))
    assert coalition(told).parent == "international"
    with pytest.raises(Refused, match="under the parent 'international'"):
        told.tell(FOUNDED.model_copy(update={"parent": "another"}))
    with pytest.raises(Refused, match="not above itself"):
        told.tell(CoalitionFounded(coalition="a", name="A", parent="a"))


def test_a_renamed_coalition_keeps_its_names(told: Folded[State]) -> None:
    renamed = CoalitionRenamed(
        coalition="europe", renamed="2016", name="Inclusive Cities", names={"fr": "Villes"}
    )
    assert told.tell(renamed)
    assert told.tell(renamed) == []
    assert told.tell(FOUNDED) == []
    held = coalition(told)
    assert (held.name, held.names, held.acronym) == ("Inclusive Cities", {"fr": "Villes"}, "EC")
    assert [c.name for c in held.called] == ["European Coalition", "Inclusive Cities"]
    told.tell(CoalitionLaunched(coalition="europe", launched="2004-12-10"))
    then = coalition(told).as_of("2016-12-30")
    assert then
    assert (then.name, then.names) == ("European Coalition", {})


def test_an_older_renaming_told_late_changes_no_name_of_today(told: Folded[State]) -> None:
    told.tell(CoalitionRenamed(coalition="europe", renamed="2016", name="New"))
    told.tell(CoalitionRenamed(coalition="europe", renamed="2010", name="Middle"))
    assert coalition(told).name == "New"
    assert [c.name for c in coalition(told).called] == ["European Coalition", "Middle", "New"]


def test_a_timeline_is_in_order_whatever_was_told_first(told: Folded[State]) -> None:
    told.tell(MembershipCounted(coalition="europe", as_of="2010-01-18", members=97))
    told.tell(CoalitionLaunched(coalition="europe", launched="2004-12-10", place="Nuremberg"))
    told.tell(FOUNDED.model_copy(update={"in_creation_since": "2004-03"}))
    assert [(line.date, line.what) for line in coalition(told).timeline] == [
        ("2004-03", "in creation"),
        ("2004-12-10", "launched"),
        ("2010-01-18", "97 members counted"),
    ]


def test_a_coalition_as_of_a_day_is_what_it_was(told: Folded[State]) -> None:
    told.tell(FOUNDED.model_copy(update={"founded": "2004-03"}))
    told.tell(CoalitionLaunched(coalition="europe", launched="2004-12-10"))
    told.tell(LeadCityDesignated(coalition="europe", city=POTSDAM, since="2006", until="2016-04"))
    statuses = {}
    for day in ("2004-03-30", "2004-03-31", "2004-12-10"):
        then = coalition(told).as_of(day)
        statuses[day] = then and then.status
    assert list(statuses.values()) == [None, "in creation", "launched"]
    days = ("2006-12-30", "2006-12-31", "2016-04-30", "2016-05-01")
    leading = [then and len(then.lead_cities) for then in map(coalition(told).as_of, days)]
    assert leading == [0, 1, 1, 0]


def test_statutes_hold_from_their_date_until_others_do(told: Folded[State]) -> None:
    told.tell(StatutesAdopted(coalition="europe", adopted="2015", membership_by="admission"))
    told.tell(StatutesAdopted(coalition="europe", adopted="2005", membership_by="decision"))
    rules = [coalition(told).statutes_on(d).membership_by for d in ("2004", "2010", "2015", "2020")]
    assert rules == ["signature", "decision", "admission", "admission"]


# --- lead cities ------------------------------


def lead(ref: MemberRef = POTSDAM) -> LeadCityDesignated:
    return LeadCityDesignated(coalition="europe", city=ref, since="2010")


def test_by_some_statutes_only_a_member_leads(told: Folded[State]) -> None:
    told.tell(StatutesAdopted(coalition="europe", adopted="2005", lead_cities="members"))
    with pytest.raises(Refused, match="only a member leads, which Potsdam is not"):
        told.tell(lead())
    sign(told)
    assert told.tell(lead())


def test_by_other_statutes_a_city_becomes_a_member_by_leading(told: Folded[State]) -> None:
    told.tell(StatutesAdopted(coalition="europe", adopted="2005", lead_cities="become members"))
    (published,) = told.tell(lead())
    assert isinstance(published, LeadCityDesignated)
    assert published.becomes_member
    sign(told, TWIN)
    (published,) = told.tell(lead(TWIN))
    assert isinstance(published, LeadCityDesignated)
    assert published.becomes_member is None


def test_only_the_statutes_make_a_lead_city_a_member(told: Folded[State]) -> None:
    (published,) = told.tell(lead().model_copy(update={"becomes_member": True}))
    assert isinstance(published, LeadCityDesignated)
    assert published.becomes_member is None


def test_a_known_city_is_designated_by_its_id(told: Folded[State]) -> None:
    with pytest.raises(Refused, match="by name, kind and country"):
        told.tell(lead(MemberRef(id=POTSDAM.key)))
    sign(told)
    told.tell(lead(MemberRef(id=POTSDAM.key)))
    assert coalition(told).lead_cities[0].city.name == "Potsdam"


# --- conferences ------------------------------

TOULOUSE = ConferenceAnnounced(
    conference="europe-2009-toulouse",
    coalition="europe",
    title="Third General Conference",
    begins="2009-11-19",
    ends="2009-11-20",
    represented="over 50 cities",
)


def conference(told: Folded[State]) -> Conference:
    state = told.states["conferences/europe-2009-toulouse"]
    assert isinstance(state, Conference)
    return state


def test_a_conference_said_again_is_updated_and_the_rest_stays(told: Folded[State]) -> None:
    assert told.tell(TOULOUSE)
    assert told.tell(TOULOUSE) == []
    assert told.tell(TOULOUSE.model_copy(update={"place": "Toulouse", "represented": None}))
    assert (conference(told).place, conference(told).represented) == ("Toulouse", "over 50 cities")


def test_attendance_adds_up(told: Folded[State]) -> None:
    attended = ConferenceAttended(
        conference="europe-2009-toulouse",
        coalition="europe",
        members=(POTSDAM,),
        organisations=("UNESCO",),
    )
    with pytest.raises(Refused, match="was not announced"):
        told.tell(attended)
    told.tell(TOULOUSE)
    assert told.tell(attended)
    assert told.tell(attended) == []
    told.tell(attended.model_copy(update={"members": (POTSDAM, TWIN)}))
    assert [m.name for m in conference(told).members] == ["Potsdam", "Potsdam (Havel)"]
    assert conference(told).organisations == ("UNESCO",)


def test_nobody_attends_what_lies_ahead_and_a_conference_has_one_coalition(
    told: Folded[State],
) -> None:
    ahead = TOULOUSE.model_copy(update={"begins": "2027", "ends": None})
    told.tell(ahead)
    with pytest.raises(Refused, match="future"):
        told.tell(ConferenceAttended(conference=ahead.conference, coalition="europe"))
    told.tell(CoalitionFounded(coalition="africa", name="African Coalition"))
    with pytest.raises(Refused, match="one of the coalition 'europe'"):
        told.tell(TOULOUSE.model_copy(update={"coalition": "africa"}))


# --- numbers ------------------------------


def test_the_public_count_nearest_in_time_stands_beside_what_the_record_knows(
    told: Folded[State],
) -> None:
    told.tell(MembershipCounted(coalition="europe", as_of="2020", members=150, countries=26))
    told.tell(MembershipCounted(coalition="europe", as_of="2010-01-18", members=97, countries=20))
    sign(told)
    numbers = statistics(coalition(told), [member(told)], "2010-01-31")
    assert (numbers.members, numbers.countries) == (1, 1)
    assert numbers.public_count
    assert (numbers.public_count.members, numbers.public_count.countries) == (97, 20)
    assert numbers.public_count.as_of == "2010-01-18"
    later = statistics(coalition(told), [member(told)], "2019-01-31").public_count
    assert later
    assert later.members == 150


def test_numbers_are_of_the_day_and_leave_out_who_is_no_member(told: Folded[State]) -> None:
    sign(told)
    told.tell(CityDecided(coalition="europe", member=TWIN, decided="2006"))
    told.tell(MemberWithdrawn(**WHO, withdrawn="2015"))
    both = [member(told), member(told, TWIN)]
    by_day = {day: statistics(coalition(told), both, day) for day in ("2005-01-01", "2010-01-01")}
    assert [(n.members, n.by_state) for n in by_day.values()] == [
        (0, {}),
        (1, {"member": 1, "decided": 1}),
    ]
    assert statistics(coalition(told), both, "2016-01-01").by_state == {
        "withdrawn": 1,
        "decided": 1,
    }


def test_the_coalition_above_counts_all_below_it() -> None:
    links = {"international": None, "europe": "international", "balkans": "europe", "other": None}
    held = [Coalition(id=id_, name=id_, parent=parent) for id_, parent in links.items()]
    assert below(held, "international") == {"international", "europe", "balkans"}
