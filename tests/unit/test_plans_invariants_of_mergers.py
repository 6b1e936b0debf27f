"""Whatever else is said, members are merged and are two again, and the same things hold."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from services.plans.domain import MemberCommitments
from services.plans.domain.reports.state import find_report
from shared.contracts.base import MemberRef
from shared.contracts.membership import CitySigned, MemberAbsorbed, MemberCorrected
from shared.contracts.plans import ReportGivenBack, ReportSubmitted, ReportTakenOver
from shared.domain.stream import Stream
from tests.unit.anything_of_plans import Anything
from tests.unit.plans_events import days, members


class Mergers(Anything):
    """Says what plans says to itself when a duplicate that has reported is merged."""

    @rule(stays=members, duplicate=members, due=days, is_undone=st.booleans())
    def a_duplicate_that_reported_is_merged(
        self, stays: MemberRef, duplicate: MemberRef, due: str, *, is_undone: bool
    ) -> None:
        for one in (stays, duplicate):
            self.tell(CitySigned(coalition="latin", member=one, signed="2005", state="member"))
        about = {"coalition": "latin", "member": stays, "due": due, "merged": duplicate}
        given = ReportSubmitted(coalition="latin", member=duplicate, due=due, submitted="2015")
        self.tell(given)
        merger = {"coalition": "latin", "member": duplicate, "reason": "x"}
        self.tell(MemberAbsorbed(**merger, into=stays, state="merged"))
        self.twice(ReportTakenOver.model_validate(about))
        if is_undone:
            undone = {"fact": "merged into", "recorded": stays.key, "state": "member"}
            self.tell(MemberCorrected.model_validate({**merger, **undone}))
            self.twice(ReportGivenBack.model_validate(about))
            assert self.are_one(stays, duplicate) or not self.is_taken_over(stays, duplicate, due)

    def are_one(self, stays: MemberRef, duplicate: MemberRef) -> bool:
        holder = self.decided.states.get(Stream("commitments", duplicate.key))
        return isinstance(holder, MemberCommitments) and holder.into == stays.key

    def is_taken_over(self, stays: MemberRef, duplicate: MemberRef, due: str) -> bool:
        report = find_report(self.reports(stays), due)
        taken = report.taken_over if report else None
        return taken is not None and taken.merged == duplicate.key


TestMergers = Mergers.TestCase
TestMergers.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
