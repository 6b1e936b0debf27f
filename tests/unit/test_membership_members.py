"""Names, facts and partners of a member, and two members found to be one."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.membership.domain import (
    State,
)
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CityDecided,
    CitySigned,
    MemberAbsorbed,
    MemberAdmitted,
    MemberApplied,
    MemberDescribed,
    MemberRenamed,
    MembersMerged,
    MemberWithdrawn,
    PartnerJoined,
    PartnerLeft,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.membership_facts import (
    POTSDAM,
    TWIN,
    WHO,
    founded,
    member,
    sign,
)


@pytest.fixture
def folded() -> Folded[State]:
    return founded()


# --- members: names and facts ------------------------------


def test_a_renamed_member_keeps_its_id_and_its_old_name(folded: Folded[State]) -> None:
    sign(folded)
    renamed = MemberRenamed(**WHO, renamed="2012", name="Greater Potsdam", kind="municipality")
    (published,) = folded.tell(renamed)
    assert published.subject == POTSDAM.key
    assert isinstance(published, MemberRenamed)
    assert (published.member.name, published.member.kind) == ("Greater Potsdam", "municipality")
    assert folded.tell(renamed) == []
    then = member(folded).as_of("2012-12-30")
    assert then
    assert (then.name, then.kind) == ("Potsdam", "city")


def test_a_member_without_a_country_stays_an_association(folded: Folded[State]) -> None:
    uclg = MemberRef(name="UCLG", kind="association")
    sign(folded, uclg)
    with pytest.raises(Refused, match="without a country"):
        folded.tell(
            MemberRenamed(coalition="europe", member=uclg, renamed="2012", name="UCLG", kind="city")
        )


def test_facts_without_a_date_are_completed_and_the_last_word_stands(folded: Folded[State]) -> None:
    sign(folded)
    arabic = MemberDescribed(**WHO, names={"ar": "بوتسدام"}, latitude=52.4, longitude=13.06)
    assert folded.tell(arabic)
    assert folded.tell(arabic) == []
    folded.tell(MemberDescribed(**WHO, names={"fr": "Potsdam"}, website="https://example.org"))
    current = member(folded)
    assert current.names == {"ar": "بوتسدام", "fr": "Potsdam"}
    assert (current.latitude, current.longitude, current.website) == (
        52.4,
        13.06,
        "https://example.org",
    )


def test_a_point_has_both_co_ordinates() -> None:
    with pytest.raises(ValidationError, match="given together"):
        MemberDescribed(**WHO, latitude=52.4)


def test_nothing_is_taken_of_a_member_that_is_not_known(folded: Folded[State]) -> None:
    for event in (
        MemberDescribed(**WHO, website="https://example.org"),
        MemberRenamed(**WHO, renamed="2012", name="Greater Potsdam"),
        PartnerJoined(**WHO, organisation="Opferperspektive", joined="2010"),
    ):
        with pytest.raises(Refused, match="is not known"):
            folded.tell(event)


# --- two members found to be one ------------------------------

MERGED = MembersMerged(**WHO, merged=TWIN, reason="one city")
ABSORBED = MemberAbsorbed(coalition="europe", member=TWIN, into=POTSDAM, reason="one city")


def test_the_one_that_stays_takes_over_the_steps(folded: Folded[State]) -> None:
    sign(folded)
    folded.tell(CityDecided(coalition="europe", member=TWIN, decided="2006-04-05"))
    folded.tell(CitySigned(coalition="europe", member=TWIN, signed="2007"))
    assert folded.tell(MERGED)
    assert [(s.step, s.date) for s in member(folded).steps] == [
        ("decided", "2006-04-05"),
        ("signed", "2006-09"),
    ]
    assert folded.tell(MERGED) == []


def test_the_duplicate_is_merged_and_names_the_one_that_stayed(folded: Folded[State]) -> None:
    sign(folded)
    sign(folded, TWIN)
    with pytest.raises(Refused, match="send MembersMerged first"):
        folded.tell(ABSORBED)
    folded.tell(MERGED)
    (published,) = folded.tell(ABSORBED)
    assert isinstance(published, MemberAbsorbed)
    assert published.state == "merged"
    assert (member(folded, TWIN).standings, member(folded, TWIN).as_of("2020-01-01")) == ((), None)
    assert folded.tell(ABSORBED) == []
    with pytest.raises(Refused, match="is one with 'de-city-potsdam'"):
        sign(folded, TWIN)


def test_what_the_duplicate_took_meanwhile_is_not_lost(folded: Folded[State]) -> None:
    sign(folded)
    sign(folded, TWIN)
    folded.tell(MERGED)
    folded.tell(MemberAdmitted(coalition="europe", member=TWIN, admitted="2008"))
    folded.tell(ABSORBED)
    assert folded.tell(MERGED)
    assert [s.step for s in member(folded).steps] == ["signed", "admitted"]


def test_a_step_is_taken_over_that_only_fits_with_a_later_one(folded: Folded[State]) -> None:
    folded.tell(MemberApplied(**WHO, applied="2010"))
    twin: dict[str, Any] = {"coalition": "europe", "member": TWIN}
    folded.tell(MemberAdmitted(**twin, admitted="2006"))
    folded.tell(MemberApplied(**twin, applied="2006-09"))
    folded.tell(MemberWithdrawn(**twin, withdrawn="2009"))
    folded.tell(MERGED)
    steps = sorted((s.date, s.step) for s in member(folded).steps)
    assert steps == [
        ("2006", "admitted"),
        ("2006-09", "applied"),
        ("2009", "withdrawn"),
        ("2010", "applied"),
    ]


def test_who_is_not_known_or_merged_elsewhere_is_not_merged(folded: Folded[State]) -> None:
    sign(folded)
    with pytest.raises(Refused, match="'de-city-potsdam-havel' is not known"):
        folded.tell(MERGED)
    sign(folded, TWIN)
    folded.tell(MERGED)
    folded.tell(ABSORBED)
    third = MemberRef(name="Third", country="DE", kind="city")
    sign(folded, third)
    with pytest.raises(Refused, match="is one with 'de-city-potsdam' already"):
        folded.tell(MembersMerged(coalition="europe", member=third, merged=TWIN, reason="one"))
    with pytest.raises(ValidationError, match="not merged with itself"):
        MembersMerged(**WHO, merged=POTSDAM, reason="one")


# --- partners ------------------------------


def test_partners_join_leave_and_come_back(folded: Folded[State]) -> None:
    sign(folded)
    joined = PartnerJoined(**WHO, organisation="Opferperspektive", role="advice", joined="2010")
    left = PartnerLeft(**WHO, organisation="opferperspektive", left="2015")
    for event in (joined, left, joined.model_copy(update={"joined": "2017"})):
        assert folded.tell(event)
        assert folded.tell(event) == []
    assert [(p.joined, p.left) for p in member(folded).partners] == [
        ("2010", "2015"),
        ("2017", None),
    ]


def test_a_partner_is_one_once_and_leaves_after_it_joined(folded: Folded[State]) -> None:
    sign(folded)
    joined = PartnerJoined(**WHO, organisation="Opferperspektive", joined="2010")
    with pytest.raises(Refused, match="is no partner"):
        folded.tell(PartnerLeft(**WHO, organisation="Opferperspektive", left="2015"))
    folded.tell(joined)
    with pytest.raises(Refused, match="partner since 2010"):
        folded.tell(joined.model_copy(update={"joined": "2012"}))
    with pytest.raises(Refused, match="lies before"):
        folded.tell(PartnerLeft(**WHO, organisation="Opferperspektive", left="2009"))
