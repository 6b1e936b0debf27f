"""A city that is recorded twice, and the reports of both, as the tests of mergers tell them."""

from __future__ import annotations

from typing import Any, Final

from services.plans.domain import Duty, MemberCommitments, MemberReports, Plan, by_clock
from services.plans.domain.reports.state import Report, find_report
from shared.contracts.base import MemberRef
from shared.contracts.membership import CitySigned, MembersMerged
from shared.contracts.plans import (
    PlanPublished,
    ReportGivenBack,
    ReportingRuleSet,
    ReportSubmitted,
    ReportTakenOver,
)
from shared.domain.stream import Stream
from tests.unit.membership_facts import FOUNDED, SIGNED, TWIN, WHO
from tests.unit.mending import ID
from tests.unit.plans_facts import at
from tests.unit.reacting import Reacting, membership_and_plans

DUE: Final = "2022-09-30"
NEXT: Final = "2024-09-30"
OVERDUE: Final = "2022-11-15"
TWIN_ID: Final = MemberRef(id=TWIN.key)
MERGED: Final = MembersMerged(**WHO, merged=TWIN, reason="one city")
Both = tuple[Reacting, Reacting]


def recorded_twice() -> Both:
    """Potsdam is recorded twice; each is to report every two years, and has not yet."""
    first, plans = membership_and_plans()
    first.tell(FOUNDED)
    titles = tuple(f"Point {number}" for number in range(1, 11))
    plans.tell(PlanPublished(coalition="europe", version=1, commitments=titles))
    rule = {"coalition": "europe", "every_months": 24, "first_after_months": 24}
    rule |= {"remind_days": [], "overdue_after_days": 30, "chase_days": [7]}
    plans.tell(ReportingRuleSet.model_validate({**rule, "since": "2021-01-01"}))
    first.tell(SIGNED)
    first.tell(CitySigned(coalition="europe", member=TWIN, signed="2006-09"))
    return first, plans


def of(kind: type[Any], member: MemberRef = ID, due: str = DUE, **more: object) -> Any:
    return kind.model_validate({"coalition": "europe", "member": member, "due": due, **more})


HANDED_IN: Final[ReportSubmitted] = of(
    ReportSubmitted, TWIN_ID, submitted="2022-09-20", title="Second", document="https://a.example/r"
)
TAKE: Final[ReportTakenOver] = of(ReportTakenOver, merged=TWIN)
GIVE_BACK: Final[ReportGivenBack] = of(ReportGivenBack, merged=TWIN)


def parts(plans: Reacting, member: MemberRef) -> tuple[Duty, MemberReports | None, Plan]:
    holder = plans.states[Stream("commitments", member.key)]
    plan = plans.states[Stream("plans", "europe")]
    reports = plans.states.get(Stream("reports", member.key))
    assert isinstance(holder, MemberCommitments)
    assert isinstance(plan, Plan)
    assert isinstance(reports, MemberReports | None)
    return Duty(holder, plan.reporting), reports, plan


def report(plans: Reacting, member: MemberRef = ID, due: str = DUE) -> Report | None:
    return find_report(parts(plans, member)[1], due)


def state(plans: Reacting, member: MemberRef = ID) -> str | None:
    found = report(plans, member)
    return found.state if found else None


def tick(plans: Reacting, day: str, member: MemberRef = ID) -> list[Any]:
    """What the clock says of a member's reports on a day, until it says no more."""
    at(plans, day)
    published: list[Any] = []
    while True:
        duty, reports, _ = parts(plans, member)
        said = [
            one for event in by_clock(duty, reports, plans.now.date()) for one in plans.tell(event)
        ]
        if not said:
            return published
        published += said
