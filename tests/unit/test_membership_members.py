"""What is said of a member besides its steps, and two members found to be one."""

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
from tests.unit.membership_words import (
    POTSDAM,
    TWIN,
    WHO,
    founded,
    member,
    sign,
)


@pytest.fixture
def told() -> Folded[State]:
    return founded()


# --- members: names and facts ------------------------------


def test_a_renamed_member_keeps_its_id_and_its_old_name(told: Folded[State]) -> None:
    sign(told)
    renamed = MemberRenamed(**WHO, renamed="2012", name="Greater Potsdam", kind="municipality")
    (published,) = told.tell(renamed)
    assert published.subject == POTSDAM.key
    assert isinstance(published, MemberRenamed)
    assert (published.member.name, published.member.kind) == ("Greater Potsdam", "municipality")
    assert told.tell(renamed) == []
    then = member(told).as_of("2012-12-30")
    assert then
    assert (then.name, then.kind) == ("Potsdam", "city")


def test_a_member_without_a_country_stays_an_association(told: Folded[State]) -> None:
    uclg = MemberRef(name="UCLG", kind="association")
    sign(told, uclg)
    with pytest.raises(Refused, match="without a country"):
        told.tell(
            MemberRenamed(coalition="europe", member=uclg, renamed="2012", name="UCLG", kind="city")
        )


def test_facts_without_a_date_are_completed_and_the_last_word_stands(told: Folded[State]) -> None:
    sign(told)
    arabic = MemberDescribed(**WHO, names={"ar": "بوتسدام"}, latitude=52.4, longitude=13.06)
    assert told.tell(arabic)
    assert told.tell(arabic) == []
    told.tell(MemberDescribed(**WHO, names={"fr": "Potsdam"}, website="https://example.org"))
    held = member(told)
    assert held.names == {"ar": "بوتسدام", "fr": "Potsdam"}
    assert (held.latitude, held.longitude, held.website) == (52.4, 13.06, "https://example.org")


def test_a_point_has_both_co_ordinates() -> None:
    with pytest.raises(ValidationError, match="given together"):
        MemberDescribed(**WHO, latitude=52.4)


def test_nothing_is_told_of_a_member_that_is_not_known(told: Folded[State]) -> None:
    for event in (
        MemberDescribed(**WHO, website="https://example.org"),
        MemberRenamed(**WHO, renamed="2012", name="Greater Potsdam"),
        PartnerJoined(**WHO, organisation="Opferperspektive", joined="2010"),
    ):
        with pytest.raises(Refused, match="is not known"):
            told.tell(event)


# --- two members found to be one ------------------------------

MERGED = MembersMerged(**WHO, merged=TWIN, reason="one city")
ABSORBED = MemberAbsorbed(coalition="europe", member=TWIN, into=POTSDAM, reason="one city")


def test_the_one_that_stays_takes_over_the_steps(told: Folded[State]) -> None:
    sign(told)
    told.tell(CityDecided(coalition="europe", member=TWIN, decided="2006-04-05"))
    told.tell(CitySigned(coalition="europe", member=TWIN, signed="2007"))
    assert told.tell(MERGED)
    assert [(s.step, s.date) for s in member(told).steps] == [
        ("decided", "2006-04-05"),
        ("signed", "2006-09"),
    ]
    assert told.tell(MERGED) == []


def test_the_duplicate_is_merged_and_names_the_one_that_stayed(told: Folded[State]) -> None:
    sign(told)
    sign(told, TWIN)
    with pytest.raises(Refused, match="tell MembersMerged first"):
        told.tell(ABSORBED)
    told.tell(MERGED)
    (published,) = told.tell(ABSORBED)
    assert isinstance(published, MemberAbsorbed)
    assert published.state == "merged"
    assert (member(told, TWIN).standings, member(told, TWIN).as_of("2020-01-01")) == ((), None)
    assert told.tell(ABSORBED) == []
    with pytest.raises(Refused, match="is one with 'de-city-potsdam'"):
        sign(told, TWIN)


def test_what_the_duplicate_was_told_meanwhile_is_not_lost(told: Folded[State]) -> None:
    sign(told)
    sign(told, TWIN)
    told.tell(MERGED)
    told.tell(MemberAdmitted(coalition="europe", member=TWIN, admitted="2008"))
    told.tell(ABSORBED)
    assert told.tell(MERGED)
    assert [s.step for s in member(told).steps] == ["signed", "admitted"]


def test_a_step_is_taken_over_that_only_fits_with_a_later_one(told: Folded[State]) -> None:
    told.tell(MemberApplied(**WHO, applied="2010"))
    twin: dict[str, Any] = {"coalition": "europe", "member": TWIN}
    told.tell(MemberAdmitted(**twin, admitted="2006"))
    told.tell(MemberApplied(**twin, applied="2006-09"))
    told.tell(MemberWithdrawn(**twin, withdrawn="2009"))
    told.tell(MERGED)
    steps = sorted((s.date, s.step) for s in member(told).steps)
    assert steps == [
        ("2006", "admitted"),
        ("2006-09", "applied"),
        ("2009", "withdrawn"),
        ("2010", "applied"),
    ]


def test_who_is_not_known_or_merged_elsewhere_is_not_merged(told: Folded[State]) -> None:
    sign(told)
    with pytest.raises(Refused, match="'de-city-potsdam-havel' is not known"):
        told.tell(MERGED)
    sign(told, TWIN)
    told.tell(MERGED)
    told.tell(ABSORBED)
    third = MemberRef(name="Third", country="DE", kind="city")
    sign(told, third)
    with pytest.raises(Refused, match="is one with 'de-city-potsdam' already"):
        told.tell(MembersMerged(coalition="europe", member=third, merged=TWIN, reason="one"))
    with pytest.raises(ValidationError, match="not merged with itself"):
        MembersMerged(**WHO, merged=POTSDAM, reason="one")


# --- partners ------------------------------


def test_partners_join_leave_and_come_back(told: Folded[State]) -> None:
    sign(told)
    joined = PartnerJoined(**WHO, organisation="Opferperspektive", role="advice", joined="2010")
    left = PartnerLeft(**WHO, organisation="opferperspektive", left="2015")
    for event in (joined, left, joined.model_copy(update={"joined": "2017"})):
        assert told.tell(event)
        assert told.tell(event) == []
    assert [(p.joined, p.left) for p in member(told).partners] == [("2010", "2015"), ("2017", None)]


def test_a_partner_is_one_once_and_leaves_after_it_joined(told: Folded[State]) -> None:
    sign(told)
    joined = PartnerJoined(**WHO, organisation="Opferperspektive", joined="2010")
    with pytest.raises(Refused, match="is no partner"):
        told.tell(PartnerLeft(**WHO, organisation="Opferperspektive", left="2015"))
    told.tell(joined)
    with pytest.raises(Refused, match="partner since 2010"):
        told.tell(joined.model_copy(update={"joined": "2012"}))
    with pytest.raises(Refused, match="lies before"):
        told.tell(PartnerLeft(**WHO, organisation="Opferperspektive", left="2009"))
