"""Cities whose names are transliterated alike stay two; one that is spelt in two ways stays one."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from services.membership.exchange import TABLES
from services.plans.domain import DECIDER as PLANS
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CitySigned,
    ConferenceAnnounced,
    ConferenceAttended,
    LeadCityDesignated,
    MemberDescribed,
    MemberRenamed,
    MembersMerged,
)
from shared.contracts.plans import CommitmentsChosen, PracticeShared, ReportSubmitted
from shared.domain.decider import Refused
from tests.unit.exchanged import checked, events
from tests.unit.fold import Folded
from tests.unit.membership_facts import coalition, founded, member

if TYPE_CHECKING:
    from services.membership.domain import State
    from services.plans.domain import State as PlansState

MEMBERS = TABLES[0]
TWO_BY_NAME = [
    ("JP", "富士市", "釜石市"),
    ("CN", "苏州", "宿州"),
    ("CN", "伊春市", "宜春市"),
    ("KR", "光州", "廣州"),
]
"""Two of one transliteration, in scripts whose ids tell them apart."""
TWO_BY_QUALIFIER = [
    ("DE", ("Münster", "DE-NW"), ("Munster", "DE-NI")),
    ("US", ("Springfield", "US-IL"), ("Springfield", "US-MO")),
    ("RU", ("Кирово", "Q4222920"), ("Кірово", "Q4222921")),
    ("JP", ("府中市", "JP-13"), ("府中市", "JP-34")),
    ("GR", ("Χίος", "geonames:259973"), ("Χιός", "geonames:259974")),
]
"""Two whose ids only a qualifier tells apart."""
ONE = [
    ("St. John's", "St. John’s"),
    ("Hawaiʻi", "Hawai'i"),
    ("L'Aquila", "L´Aquila"),
    ("Zürich", unicodedata.normalize("NFD", "Zürich")),
    ("São Paulo", "São\u00a0Paulo"),
    ("São Paulo", "  são   paulo "),
    ("Saint-Denis", "Saint Denis"),
    ("Villeneuve-d'Ascq", "Villeneuve\u2011d\u2019Ascq"),
    ("ATHENS", "Athens"),
    ("ΑΘΗΝΑΣ", "Αθηνας"),
    ("İzmir", "izmir"),
    ("Straßburg", "STRASSBURG"),
    ("Ｂｏｎｎ", "Bonn"),
]


def ref(name: str, country: str = "DE", qualifier: str | None = None) -> MemberRef:
    return MemberRef(name=name, country=country, kind="city", qualifier=qualifier)


def signed(who: MemberRef, date: str = "2016") -> CitySigned:
    return CitySigned(coalition="europe", member=who, signed=date)


def members(folded: Folded[State]) -> list[str]:
    return sorted(stream for stream in folded.states if stream.startswith("members/"))


@pytest.mark.parametrize(("country", "one", "other"), TWO_BY_NAME)
def test_two_names_in_chinese_characters_have_two_ids(country: str, one: str, other: str) -> None:
    assert ref(one, country).key != ref(other, country).key
    assert ref(one, country).key.rpartition("-")[0] == ref(other, country).key.rpartition("-")[0]


@pytest.mark.parametrize("is_reversed", [False, True])
@pytest.mark.parametrize(("country", "one", "other"), TWO_BY_QUALIFIER)
def test_the_second_of_two_is_refused_until_a_qualifier_tells_them_apart(
    country: str, one: tuple[str, str], other: tuple[str, str], *, is_reversed: bool
) -> None:
    first, second = (other, one) if is_reversed else (one, other)
    folded = founded()
    folded.tell(signed(ref(first[0], country)))
    if first[0] != second[0]:
        with pytest.raises(Refused, match="qualifier") as refused:
            folded.tell(signed(ref(second[0], country), "2017"))
        assert first[0] in str(refused.value)
        assert second[0] in str(refused.value)
    folded.tell(signed(ref(second[0], country, second[1]), "2017"))
    assert len(members(folded)) == 2
    assert member(folded, ref(first[0], country)).steps[0].date == "2016"


@pytest.mark.parametrize("is_reversed", [False, True])
@pytest.mark.parametrize(("one", "other"), ONE)
def test_one_city_stays_one_however_it_is_spelt(one: str, other: str, *, is_reversed: bool) -> None:
    first, second = (other, one) if is_reversed else (one, other)
    folded = founded()
    folded.tell(signed(ref(first)))
    folded.tell(signed(ref(second), "2016-05"))
    assert len(members(folded)) == 1
    assert member(folded, ref(first)).steps[0].date == "2016-05"


def test_with_and_without_its_own_name_a_city_is_one() -> None:
    folded = founded()
    folded.tell(signed(ref("Nürnberg")))
    in_english = MemberRef(name="Nuremberg", local_name="Nürnberg", country="DE", kind="city")
    assert folded.tell(signed(in_english)) == []


def test_whoever_claims_an_id_first_has_it_and_is_reached_by_it() -> None:
    folded = founded()
    claimed = MemberRef(id="springfield-illinois", name="Springfield", country="US", kind="city")
    folded.tell(signed(claimed))
    assert folded.tell(signed(MemberRef(id="springfield-illinois"))) == []
    folded.tell(signed(ref("Springfield", "US"), "2017"))
    assert members(folded) == ["members/springfield-illinois", "members/us-city-springfield"]


def test_an_id_that_is_claimed_by_another_is_not_taken_by_a_name() -> None:
    folded = founded()
    folded.tell(signed(MemberRef(id="de-city-bonn", name="Potsdam", country="DE", kind="city")))
    with pytest.raises(Refused, match=r"'Bonn'.*'Potsdam'"):
        folded.tell(signed(ref("Bonn")))


def test_a_former_name_still_means_the_member() -> None:
    folded = founded()
    folded.tell(signed(ref("Bonn")))
    about: dict[str, Any] = {"coalition": "europe", "member": MemberRef(id="de-city-bonn")}
    folded.tell(MemberRenamed(**about, renamed="2020", name="Bundesstadt"))
    assert folded.tell(signed(ref("Bonn"))) == []


def test_a_qualifier_that_contradicts_the_recorded_one_is_refused() -> None:
    folded = founded()
    folded.tell(signed(ref("Springfield", "US", "US-IL")))
    wrong = MemberRef(id="us-city-springfield-us-il", qualifier="US-MO")
    with pytest.raises(Refused, match="US-IL here, not US-MO"):
        folded.tell(signed(wrong))


def test_a_qualifier_is_added_later_and_the_id_stays() -> None:
    folded = founded()
    folded.tell(signed(ref("Munster")))
    about: dict[str, Any] = {"coalition": "europe", "member": MemberRef(id="de-city-munster")}
    folded.tell(MemberDescribed(**about, qualifier="DE-NI"))
    assert member(folded, ref("Munster")).qualifier == "DE-NI"
    with pytest.raises(Refused, match="no subdivision of DE"):
        folded.tell(MemberDescribed(**about, qualifier="US-IL"))


@pytest.mark.parametrize("qualifier", ["NW", "de-nw", "Q", "2867543", "geonames:x", "DE-XX"])
def test_a_qualifier_is_a_subdivision_or_an_entry(qualifier: str) -> None:
    with pytest.raises(ValidationError, match="ISO 3166-2"):
        ref("Bonn", "DE", qualifier)
    with pytest.raises(ValidationError, match="no subdivision of FR"):
        ref("Bonn", "FR", "DE-NW")


# --- wherever else an event names a member ------------------------------


def test_no_lead_city_host_participant_or_duplicate_is_taken_for_another() -> None:
    folded, munster = founded(), ref("Munster")
    folded.tell(signed(ref("Münster")))
    folded.tell(signed(ref("Bonn")))
    conference: dict[str, Any] = {"coalition": "europe", "conference": "c"}
    announced = {**conference, "title": "T", "begins": "2020"}
    for event in (
        LeadCityDesignated(coalition="europe", city=munster, since="2020"),
        ConferenceAnnounced(**announced, host=munster),
        MembersMerged(coalition="europe", member=ref("Bonn"), merged=munster, reason="r"),
    ):
        with pytest.raises(Refused, match="qualifier"):
            folded.tell(event)
    folded.tell(ConferenceAnnounced(**announced))
    with pytest.raises(Refused, match="qualifier"):
        folded.tell(ConferenceAttended(**conference, members=(munster,)))


def test_two_that_are_no_members_are_not_mixed_up_either() -> None:
    folded, one, other = founded(), ref("Münster"), ref("Munster")
    folded.tell(LeadCityDesignated(coalition="europe", city=one, since="2010"))
    with pytest.raises(Refused, match="qualifier"):
        folded.tell(LeadCityDesignated(coalition="europe", city=other, since="2010"))
    assert len(coalition(folded).lead_cities) == 1
    conference: dict[str, Any] = {"coalition": "europe", "conference": "c"}
    folded.tell(ConferenceAnnounced(**conference, title="T", begins="2020"))
    with pytest.raises(Refused, match="qualifier"):
        folded.tell(ConferenceAttended(**conference, members=(one, other)))


def test_plans_takes_nobody_for_another_either_but_knows_former_names() -> None:
    folded: Folded[PlansState] = Folded(PLANS)
    joined = signed(ref("Münster")).model_copy(update={"state": "member"})
    folded.tell(joined)
    munster: dict[str, Any] = {"member": ref("Munster"), "coalition": "europe"}
    for event in (
        CommitmentsChosen(**munster, points=(1,), as_of="2020"),
        ReportSubmitted(**munster, due="2020-01-01", submitted="2020", title="T"),
        PracticeShared(**munster, practice="p", shared="2020", title="T", summary="S"),
    ):
        with pytest.raises(Refused, match="qualifier"):
            folded.tell(event)
    renamed = MemberRenamed(
        coalition="europe",
        member=MemberRef(id="de-city-munster", name="Neu", country="DE", kind="city"),
        renamed="2021",
        name="Neu",
    )
    folded.tell(renamed)
    again = PracticeShared(
        coalition="europe",
        member=ref("Münster"),
        practice="p",
        shared="2020",
        title="T",
        summary="S",
    )
    assert folded.tell(again)


# --- in a sheet ------------------------------


async def test_two_rows_of_one_transliteration_are_told_apart_by_their_qualifier() -> None:
    header = "coalition,name,country,kind,signed,qualifier"
    rows = "europe,Münster,DE,city,2016,\neurope,Munster,DE,city,2017,"
    mixed = await checked(MEMBERS, founded(), f"{header}\n{rows}")
    assert [error.row for error in mixed.errors] == [3]
    assert "qualifier" in mixed.errors[0].reason
    apart = await checked(MEMBERS, founded(), f"{header}\n{rows}DE-NI")
    assert apart.errors == []
    assert {e.subject for e in events(apart.outgoing)} == {
        "de-city-munster",
        "de-city-munster-de-ni",
    }


async def test_a_row_does_not_change_another_city_in_silence() -> None:
    folded = founded()
    folded.tell(signed(ref("Münster")))
    row = "coalition,name,country,kind,signed\neurope,Munster,DE,city,2016-05-17"
    found = await checked(MEMBERS, folded, row)
    assert (found.outgoing, found.bad) == ([], 1)
    assert "'Münster'" in found.errors[0].reason
