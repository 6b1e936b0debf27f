"""Of two events about one occurrence, people get the e-mail that says more, and no second one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from services.notifications.domain import (
    ALL_SUBSCRIPTIONS,
    DECIDER,
    NOTIFIED,
    Interest,
    details,
    headline,
)
from services.notifications.domain.rules import Rule
from shared.contracts import membership, plans
from shared.contracts.base import Event, MemberRef
from shared.contracts.membership import CitySigned, CoalitionFounded, MemberCorrected
from shared.contracts.notifications import NotificationQueued
from shared.domain.decider import Context
from tests.unit.fold import NOW
from tests.unit.membership_facts import FOUNDED, POTSDAM, SIGNED
from tests.unit.plans_facts import DUE, action, opened, report, reviewed, submitted
from tests.unit.reacting import membership_and_plans
from tests.wishes import all_of, wants

if TYPE_CHECKING:
    from collections.abc import Iterable

TEXTS: Final = tuple(f"Point {number}" for number in range(1, 11))


def mails(events: Iterable[Event], *kinds: str, coalitions: tuple[str, ...] = ()) -> list[str]:
    """Of which of some events a person is notified who wants these kinds."""
    one = all_of(wants("a", *kinds, coalitions=coalitions))
    told = []
    for event in events:
        context = Context({ALL_SUBSCRIPTIONS: one}, NOW, ("urn:test", "1"))
        if type(event) in NOTIFIED and DECIDER.decide(None, event, context):
            told.append(type(event).__name__)
    return told


def signature(*, is_planned: bool = True) -> list[Event]:
    """All that is published because a city signs."""
    first, second = membership_and_plans()
    first.tell(FOUNDED)
    if is_planned:
        second.tell(plans.PlanPublished(coalition="europe", version=1, commitments=TEXTS))
    return [*first.tell(SIGNED), *second.heard]


def test_what_plans_makes_of_a_signature_names_the_coalition_by_its_name() -> None:
    awaited = signature(is_planned=False)[-1]
    assert headline(awaited) == "Potsdam: waits for the plan of European Coalition"
    opened_ones = signature()[-1]
    assert isinstance(opened_ones, plans.CommitmentsOpened)
    assert "European Coalition" in [one.text for one in details(opened_ones)]


def acceptance() -> list[Event]:
    folded = opened()
    folded.tell(submitted())
    return list(folded.tell(reviewed("accepted")))


def test_one_signature_is_one_e_mail_for_whoever_wants_everything() -> None:
    assert mails(signature()) == ["CitySigned"]


def test_one_acceptance_is_one_e_mail_with_what_the_reviewers_say() -> None:
    assert mails(acceptance()) == ["ReportReviewed"]


def test_who_wants_only_the_consequence_gets_it() -> None:
    assert mails(signature(), "CommitmentsOpened") == ["CommitmentsOpened"]
    assert mails(acceptance(), "ReportAccepted") == ["ReportAccepted"]


def test_an_acceptance_without_a_review_is_told_of() -> None:
    folded = opened()
    folded.tell(submitted())
    accepted = report(plans.ReportAccepted, DUE, accepted="2020-11", follows="ReportReviewed")
    assert mails(folded.tell(accepted)) == ["ReportAccepted"]


def test_an_action_that_changes_a_percentage_only_is_one_e_mail() -> None:
    folded = opened()
    folded.tell(action("completed", id_="one"))
    for id_ in ("two", "three"):
        folded.tell(action("in progress", id_=id_))
    folded.tell(plans.ProgressBasisChosen(member=opened_member(), point=3, basis="derived"))
    published = folded.tell(action("in progress", id_="four"))
    assert [type(one).__name__ for one in published] == ["ActionRecorded", "CommitmentUpdated"]
    assert mails(published) == ["ActionRecorded"]
    assert mails(published, "CommitmentUpdated") == ["CommitmentUpdated"]


def opened_member() -> MemberRef:
    """The member of `plans_facts`."""
    event = action()
    assert isinstance(event, plans.ActionRecorded)
    return event.member


def test_a_merger_that_is_undone_is_one_e_mail() -> None:
    twin = MemberRef(name="Potsdam (Havel)", country="DE", kind="city")
    first, _ = membership_and_plans()
    for event in (FOUNDED, SIGNED, CitySigned(coalition="europe", member=twin, signed="2006-09")):
        first.tell(event)
    about: dict[str, Any] = {"coalition": "europe", "member": POTSDAM}
    first.tell(membership.MembersMerged(**about, merged=twin, reason="one city"))
    why = {"fact": "merged", "recorded": twin.key, "reason": "two cities"}
    published = first.tell(MemberCorrected.model_validate({**about, **why}))
    assert len(published) > 1
    assert mails(published) == ["MemberCorrected"]


@pytest.mark.parametrize("coalition", ["europe", "africa"])
def test_staff_of_both_coalitions_hear_of_a_member_that_moves(coalition: str) -> None:
    first, _ = membership_and_plans()
    for event in (FOUNDED, CoalitionFounded(coalition="africa", name="African Coalition"), SIGNED):
        first.tell(event)
    ref = MemberRef(id=POTSDAM.key)
    moved = membership.MemberMoved(coalition="africa", member=ref, moved="2015")
    assert mails(first.tell(moved), coalitions=(coalition,)) == ["MemberMoved"]


def test_a_reading_names_its_action_by_its_title() -> None:
    folded = opened()
    folded.tell(action(indicator={"name": "People"}))
    fields = {"member": opened_member(), "action": "centre", "value": 3, "as_of": "2021"}
    (read,) = folded.tell(plans.IndicatorRead.model_validate(fields))
    assert ("Action", "A centre") in [(one.label, one.text) for one in details(read)]


def test_a_consequence_that_somebody_wants_sooner_is_told_of_beside_what_says_more() -> None:
    soon, late = Rule(kinds=("CommitmentsOpened",), how="at once"), Rule(how="weekly")
    found = []
    for event in signature():
        people = all_of(Interest(id="a", rules=(soon, late)))
        context = Context({ALL_SUBSCRIPTIONS: people}, NOW, ("urn:test", "1"))
        for queued in DECIDER.decide(None, event, context) if type(event) in NOTIFIED else ():
            assert isinstance(queued, NotificationQueued)
            found.append(queued.kind)
    assert found == ["CitySigned", "CommitmentsOpened"]
