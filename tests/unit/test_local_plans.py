"""A city's own plan: adopted, renewed, reviewed, ended; by one city or by several together."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.plans.domain import DECIDER, LocalPlanThen, State
from shared.contracts.base import MemberRef
from shared.contracts.membership import CitySigned
from shared.contracts.plans import (
    LocalPlanAccepted,
    LocalPlanAdopted,
    LocalPlanEnded,
    LocalPlanRenewed,
    LocalPlanSubmitted,
    PlanPublished,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.local_plan_facts import ADOPTED, OWN, about_plan, mended, on, plan, reviewed
from tests.unit.plans_facts import MONTEVIDEO, PLAN, QUITO, TITLES, names, opened


@pytest.fixture
def folded() -> Folded[State]:
    folded = opened()
    folded.tell(ADOPTED)
    return folded


# --- adopted ------------------------------


def test_a_city_says_who_decided_for_how_long_and_what_it_takes_from_which_commitment(
    folded: Folded[State],
) -> None:
    own = plan(folded)
    assert (own.body, own.starts, own.ends) == ("council", "2008-07", "2012")
    assert [(m.point, m.title) for m in own.measures] == [(3, OWN["measures"][0].title)]
    assert own.plan_version == 1
    assert folded.tell(ADOPTED) == []


def test_it_may_precede_the_citys_admission_and_even_all_that_is_known_of_the_city() -> None:
    folded = Folded[State](DECIDER)
    (published,) = folded.tell(ADOPTED)
    assert isinstance(published, LocalPlanAdopted)
    assert published.plan_version is None
    folded.tell(PLAN)
    folded.tell(CitySigned(coalition="latin", member=MONTEVIDEO, signed="2010", state="member"))
    assert folded.tell(ADOPTED) == []


def test_who_is_not_known_is_named_in_full() -> None:
    by_id = {**OWN, "holders": (MemberRef(id="uy-city-montevideo"),)}
    with pytest.raises(Refused, match="give its name, kind and country"):
        Folded[State](DECIDER).tell(LocalPlanAdopted.model_validate(by_id))


def test_several_cities_have_one_plan_together_and_who_is_no_holder_any_more_is_named(
    folded: Folded[State],
) -> None:
    both = ADOPTED.model_copy(update={"holders": (MONTEVIDEO, QUITO)})
    folded.tell(both)
    assert [holder.key for holder in plan(folded).holders] == [MONTEVIDEO.key, QUITO.key]
    (published,) = folded.tell(ADOPTED)
    assert isinstance(published, LocalPlanAdopted)
    assert [h.key for h in published.former_holders or ()] == [QUITO.key]
    with pytest.raises(ValidationError, match="uy-city-montevideo is named twice"):
        LocalPlanAdopted.model_validate({**OWN, "holders": (MONTEVIDEO, MONTEVIDEO)})


def test_a_holder_is_of_the_plans_coalition(folded: Folded[State]) -> None:
    elsewhere = {**OWN, "plan": "another", "coalition": "europe"}
    with pytest.raises(Refused, match="belongs to the coalition 'latin'"):
        folded.tell(LocalPlanAdopted.model_validate(elsewhere))
    with pytest.raises(Refused, match="is a local plan in the coalition 'latin'"):
        folded.tell(LocalPlanAdopted.model_validate({**OWN, "coalition": "e", "holders": (QUITO,)}))


def test_it_takes_from_a_version_of_the_coalitions_plan_that_there_is(
    folded: Folded[State],
) -> None:
    with pytest.raises(Refused, match="has no version 2"):
        folded.tell(ADOPTED.model_copy(update={"plan_version": 2}))
    folded.tell(PlanPublished(coalition="latin", version=2, commitments=TITLES))
    folded.tell(ADOPTED.model_copy(update={"note": "as it was"}))
    assert plan(folded).plan_version == 1, "a later version does not change it"


def test_sent_again_with_its_date_it_replaces_what_was_said_and_a_finer_date_is_news(
    folded: Folded[State],
) -> None:
    folded.tell(ADOPTED.model_copy(update={"adopted": "2008-05-12", "title": "Another title"}))
    assert (plan(folded).adopted, plan(folded).title) == ("2008-05-12", "Another title")
    folded.tell(ADOPTED)
    assert (plan(folded).adopted, plan(folded).title) == ("2008-05-12", ADOPTED.title)
    with pytest.raises(Refused, match="was adopted 2008-05-12 already: LocalPlanCorrected"):
        folded.tell(ADOPTED.model_copy(update={"adopted": "2009"}))


def test_a_period_ends_after_it_begins() -> None:
    with pytest.raises(ValidationError, match="it would end in 2007, before it begins in 2008"):
        LocalPlanAdopted.model_validate({**OWN, "ends": "2007"})
    with pytest.raises(ValidationError, match="it would end in 2007"):
        about_plan(LocalPlanRenewed, renewed="2012", ends="2007")


def test_nothing_of_it_lies_in_the_future(folded: Folded[State]) -> None:
    for event in (
        about_plan(LocalPlanRenewed, renewed="2031"),
        about_plan(LocalPlanSubmitted, submitted="2031"),
        about_plan(LocalPlanEnded, ended="2031"),
        reviewed("2031"),
        about_plan(LocalPlanAccepted, accepted="2031"),
        mended("adopted", "2008-05", "2031"),
    ):
        with pytest.raises(Refused, match="2031 lies in the future"):
            folded.tell(event)


# --- renewed, ended ------------------------------


def test_it_expires_with_its_period_unless_it_is_renewed(folded: Folded[State]) -> None:
    assert (on(folded, "2012-12-31"), on(folded, "2013-01-01")) == ("adopted", "expired")
    folded.tell(about_plan(LocalPlanRenewed, renewed="2013-06-30", ends="2017"))
    assert on(folded, "2013-06-29") == "expired"
    assert (on(folded, "2013-06-30"), on(folded, "2018-01-01")) == ("adopted", "expired")
    folded.tell(about_plan(LocalPlanRenewed, renewed="2016"))
    assert on(folded, "2025-01-01") == "adopted"


def test_a_renewal_again_says_it_anew(folded: Folded[State]) -> None:
    renewed = about_plan(LocalPlanRenewed, renewed="2013", ends="2017")
    folded.tell(renewed)
    assert folded.tell(renewed) == []
    folded.tell(about_plan(LocalPlanRenewed, renewed="2013-06", ends="2018"))
    assert [(r.renewed, r.ends) for r in plan(folded).renewals] == [("2013-06", "2018")]
    with pytest.raises(Refused, match="lies before the plan was adopted"):
        folded.tell(about_plan(LocalPlanRenewed, renewed="2007"))


def test_one_that_ended_early_is_over(folded: Folded[State]) -> None:
    ended = about_plan(LocalPlanEnded, ended="2010-03", reason="a new majority")
    folded.tell(ended)
    assert folded.tell(ended) == []
    assert (on(folded, "2010-03-30"), on(folded, "2010-03-31")) == ("adopted", "ended")
    assert on(folded, "2014-01-01") == "ended"
    for event in (
        about_plan(LocalPlanRenewed, renewed="2011"),
        about_plan(LocalPlanSubmitted, submitted="2011"),
    ):
        with pytest.raises(Refused, match="the plan ended 2010-03: adopt another"):
            folded.tell(event)
    with pytest.raises(Refused, match="2011 contradicts"):
        folded.tell(about_plan(LocalPlanEnded, ended="2011"))


# --- reviewed like a report ------------------------------


def test_it_is_submitted_returned_submitted_anew_and_accepted(folded: Folded[State]) -> None:
    with pytest.raises(Refused, match="is not submitted"):
        folded.tell(reviewed("2009-02"))
    folded.tell(about_plan(LocalPlanSubmitted, submitted="2009-01-10"))
    folded.tell(reviewed("2009-02", "revise", until="2009-05-31", feedback="By when?"))
    assert plan(folded).revision_until == "2009-05-31"
    folded.tell(about_plan(LocalPlanSubmitted, submitted="2009-04"))
    published = folded.tell(reviewed("2009-06"))
    assert names(published) == ["LocalPlanReviewed", "LocalPlanAccepted"]
    assert [(s.state, s.since) for s in plan(folded).standings] == [
        ("adopted", "2008-05-31"),
        ("submitted", "2009-04-30"),
        ("accepted", "2009-06-30"),
        ("expired", "2013-01-01"),
    ]


def test_of_an_accepted_one_nothing_is_submitted_before_it_is_renewed(
    folded: Folded[State],
) -> None:
    folded.tell(about_plan(LocalPlanSubmitted, submitted="2009-01"))
    folded.tell(about_plan(LocalPlanAccepted, accepted="2009-02"))
    again = about_plan(LocalPlanSubmitted, submitted="2012-06")
    with pytest.raises(Refused, match="accepted already, as of 2009-02"):
        folded.tell(again)
    with pytest.raises(Refused, match="accepted already"):
        folded.tell(reviewed("2012-07", "revise"))
    folded.tell(about_plan(LocalPlanRenewed, renewed="2012-05", ends="2016"))
    assert on(folded, "2012-06-01") == "adopted"
    folded.tell(again)
    assert on(folded, "2012-07-01") == "submitted"


def test_what_was_submitted_is_said_anew_without_a_new_review(folded: Folded[State]) -> None:
    folded.tell(about_plan(LocalPlanSubmitted, submitted="2009-01"))
    folded.tell(reviewed("2009-06"))
    folded.tell(about_plan(LocalPlanRenewed, renewed="2012", ends="2016"))
    folded.tell(about_plan(LocalPlanSubmitted, submitted="2009-01-10", note="with a letter"))
    assert (plan(folded).submitted, plan(folded).submission_note) == ("2009-01-10", "with a letter")
    assert plan(folded).accepted == "2009-06"
    with pytest.raises(Refused, match="accepted already"):
        folded.tell(about_plan(LocalPlanSubmitted, submitted="2010"))


def test_a_review_lies_not_before_what_it_reviews(folded: Folded[State]) -> None:
    folded.tell(about_plan(LocalPlanSubmitted, submitted="2009-06"))
    for event in (reviewed("2009-05"), about_plan(LocalPlanAccepted, accepted="2009-05")):
        with pytest.raises(Refused, match="2009-05 lies before the plan was submitted"):
            folded.tell(event)
    with pytest.raises(Refused, match="this is older"):
        folded.tell(about_plan(LocalPlanSubmitted, submitted="2009-01"))


def test_what_became_of_it_names_whose_plan_it_is(folded: Folded[State]) -> None:
    (published,) = folded.tell(about_plan(LocalPlanSubmitted, submitted="2009-01"))
    assert isinstance(published, LocalPlanSubmitted)
    assert (published.coalition, published.title) == ("latin", ADOPTED.title)
    assert [holder.name for holder in published.holders or ()] == ["Montevideo"]
    with pytest.raises(Refused, match="is a local plan in the coalition 'latin'"):
        folded.tell(about_plan(LocalPlanEnded, ended="2010", coalition="europe"))
    with pytest.raises(Refused, match="no local plan 'nothing' is known: send LocalPlanAdopted"):
        folded.tell(LocalPlanEnded(plan="nothing", ended="2010"))


# --- as of a day ------------------------------


def test_as_of_a_day_nothing_is_told_that_came_later(folded: Folded[State]) -> None:
    folded.tell(about_plan(LocalPlanSubmitted, submitted="2009-01", note="for review"))
    folded.tell(reviewed("2009-06", feedback="Good"))
    folded.tell(about_plan(LocalPlanRenewed, renewed="2012", ends="2016"))
    folded.tell(about_plan(LocalPlanEnded, ended="2014", reason="merged"))
    assert LocalPlanThen.of(plan(folded), "2008-05-30") is None
    then = LocalPlanThen.of(plan(folded), "2009-02-01")
    assert then
    assert (then.day, then.state, then.submission_note) == ("2009-02-01", "submitted", "for review")
    assert (then.feedback, then.accepted, then.renewals, then.ended) == (None, None, (), None)
    now = LocalPlanThen.of(plan(folded), "2026-01-01")
    assert now
    assert (now.state, now.feedback, now.end_reason) == ("ended", "Good", "merged")
