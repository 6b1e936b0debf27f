"""Says anything to plans, in whatever order and however often, and watches what always holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services import manifests
from services.plans.domain import (
    DECIDER,
    Duty,
    LocalPlan,
    LocalPlanAsked,
    LocalPlanDuty,
    MemberCommitments,
    MemberReports,
    Plan,
    State,
    by_clock,
    duty_stream,
    next_day,
    report_stream,
)
from services.plans.domain.commitments.progress import derived
from services.plans.domain.local_plan_duties import schedule as local_plans
from services.plans.domain.local_plan_duties.rule import LocalPlanRule
from services.plans.domain.reports.state import DONE
from services.plans.domain.trend import LENGTH, ByDay, changes
from shared.contracts import plans
from shared.contracts.base import Event, MemberRef, earliest, latest
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.domains import refusing
from tests.unit.fold import Folded
from tests.unit.plans_events import (
    TITLES,
    events_of_membership,
    members,
    of_commitments,
    of_corrections,
    of_local_plans,
    of_plans,
    of_practices,
    of_reports,
)

STRICT = refusing(DECIDER)


class Anything(RuleBasedStateMachine):
    """Says anything to plans, and watches what must not happen."""

    def __init__(self) -> None:
        super().__init__()
        self.decided: Folded[State] = Folded(DECIDER)
        self.decided.now = datetime(2018, 1, 1, tzinfo=UTC)
        self.folded: dict[str, State] = {}
        self.tell(plans.PlanPublished(coalition="latin", version=1, commitments=TITLES))

    def tell(self, event: Event) -> list[Event]:
        """Decide; publish over the wire as a reader sees it; fold that where no rule allows it."""
        stream = self.decided.decider.route(event, ("", "")).stream
        before = self.decided.states.get(stream)
        try:
            published = self.decided.tell(event)
        except Refused:
            assert self.decided.states.get(stream) == before
            return []
        for one in published:
            seen = manifests.EVENTS[one.type].model_validate_json(
                one.model_dump_json(exclude_none=True)
            )
            state = STRICT.evolve(self.folded.get(stream), seen)
            assert state is not None
            self.folded[stream] = state
        if not any("Corrected" in one.type for one in published):
            self.never_goes_back(before, self.decided.states.get(stream), published)
        return list(published)

    def never_goes_back(self, before: State | None, after: State | None, published: Any) -> None:
        if not isinstance(before, MemberCommitments) or not isinstance(after, MemberCommitments):
            return
        where = (before.coalition, before.plan_version)
        if where != (after.coalition, after.plan_version):
            return  # these are other commitments
        for old, new in zip(before.commitments, after.commitments, strict=True):
            if old.as_of:
                assert new.as_of
                assert latest(new.as_of) >= earliest(old.as_of)
            if (old.status, old.as_of) != (new.status, new.as_of):
                updates = [e for e in published if isinstance(e, plans.CommitmentUpdated)]
                assert (new.point, new.status) in {(e.point, e.status) for e in updates}

    @rule(event=of_plans)
    def about_plans(self, event: Event) -> None:
        self.twice(event)

    @rule(event=events_of_membership)
    def from_membership(self, event: Event) -> None:
        self.twice(event)

    @rule(event=of_commitments)
    def about_commitments(self, event: Event) -> None:
        self.twice(event)

    @rule(event=of_reports)
    def about_reports(self, event: Event) -> None:
        self.twice(event)

    @rule(event=of_local_plans)
    def about_local_plans(self, event: Event) -> None:
        self.twice(event)

    @rule(event=of_corrections)
    def about_corrections(self, event: Event) -> None:
        self.twice(event)

    @rule(event=of_practices)
    def about_practices(self, event: Event) -> None:
        self.twice(event)

    def twice(self, event: Event) -> None:
        self.tell(event)
        # Said again at once, it is no news; at most it is refused.
        assert self.tell(event) == []

    @rule(months=st.sampled_from([1, 7, 24]), member=members)
    def time_passes(self, months: int, member: MemberRef) -> None:
        """What the clock says is accepted, and then it has no more to say of it."""
        self.decided.now += timedelta(days=30 * months)
        current = self.decided.states.get(Stream("commitments", member.key))
        if not isinstance(current, MemberCommitments):
            return
        plan = self.decided.states.get(Stream("plans", current.coalition))
        duty = Duty(current, plan.reporting if isinstance(plan, Plan) else None)
        today = self.decided.now.date()
        for _ in range(2):  # what is found overdue late is asked for again with the next look
            for one in list(by_clock(duty, self.reports(member), today)):
                assert self.tell(one)
        assert list(by_clock(duty, self.reports(member), today)) == []
        self.nothing_is_due_before_the_next_day(duty, today)
        rule = plan.local_plans if isinstance(plan, Plan) else None
        for _ in range(2):
            for said in list(local_plans.by_clock(self.asked(current, rule), today)):
                assert self.tell(said)
        self.no_local_plan_is_due_before_the_next_day(self.asked(current, rule), today)

    def asked(self, holder: MemberCommitments, rule: LocalPlanRule | None) -> LocalPlanAsked:
        record = self.decided.states.get(duty_stream(holder.id))
        return LocalPlanAsked(holder, rule, record if isinstance(record, LocalPlanDuty) else None)

    def no_local_plan_is_due_before_the_next_day(self, asked: LocalPlanAsked, today: date) -> None:
        assert list(local_plans.by_clock(asked, today)) == []
        end = local_plans.next_day(asked, today) or today + timedelta(days=5000)
        quiet = (end - today).days - 1
        for days in {quiet, quiet // 2, 1} & {*range(1, quiet + 1)}:
            assert list(local_plans.by_clock(asked, today + timedelta(days=days))) == []

    def nothing_is_due_before_the_next_day(self, duty: Duty, today: date) -> None:
        reports = self.reports(duty.holder.member)
        end = next_day(duty, reports, today) or today + timedelta(days=5000)
        assert end > today
        quiet = (end - today).days - 1
        for days in {quiet, quiet // 2, 1} & {*range(1, quiet + 1)}:
            assert list(by_clock(duty, reports, today + timedelta(days=days))) == []

    def reports(self, member: MemberRef) -> MemberReports | None:
        current = self.decided.states.get(report_stream(member.key))
        return current if isinstance(current, MemberReports) else None

    @invariant()
    def what_is_published_is_all_there_is(self) -> None:
        assert self.folded == self.decided.states

    @invariant()
    def holders_hold_ten_commitments_or_wait(self) -> None:
        for state in self.decided.states.values():
            if isinstance(state, MemberCommitments):
                assert [c.point for c in state.commitments] == (
                    list(range(1, 11)) if state.state == "open" else []
                )
                actions = [a.action for c in state.commitments for a in c.actions]
                assert len(actions) == len(set(actions))

    @invariant()
    def derived_progress_follows_from_the_actions(self) -> None:
        for state in self.decided.states.values():
            if isinstance(state, MemberCommitments):
                for current in state.commitments:
                    if current.basis == "derived" and current.actions:
                        assert current.status == derived(a.status for a in current.actions)

    @invariant()
    def one_version_is_in_force_the_newest(self) -> None:
        for state in self.decided.states.values():
            if isinstance(state, Plan):
                published = [v for v in state.versions if v.state != "draft"]
                in_force = [v.number for v in published if v.state == "published"]
                newest = [max(v.number for v in published)] if published else []
                assert in_force == newest

    @invariant()
    def a_report_is_one_for_each_due_date_and_what_is_done_awaits_nothing(self) -> None:
        for state in self.decided.states.values():
            if isinstance(state, MemberReports):
                dues = [report.due for report in state.reports]
                assert dues == sorted(set(dues))
                for report in state.reports:
                    assert (report.accepted is not None) == (report.state == "accepted")
                    assert (report.waived is not None) == (report.state == "waived")
                    assert report.submitted or report.state not in {"submitted", "accepted"}
                    assert report.state not in DONE or report.deadline is None
                    assert report.submitted or report.taken_over is None

    @invariant()
    def a_local_plan_is_one_thing_at_a_time(self) -> None:
        for state in self.decided.states.values():
            for one in [state] if isinstance(state, LocalPlan) else []:
                standings = one.standings
                assert bool(standings) != one.withdrawn
                assert [s.until for s in standings[:-1]] == [s.since for s in standings[1:]]
                assert all(a.since < b.since for a, b in pairwise(standings))
                assert all(a.state != b.state for a, b in pairwise(standings))
                for standing in standings:
                    then = one.as_of(standing.since)
                    assert then
                    assert then.state_on(standing.since) == standing.state
                assert len({holder.key for holder in one.holders}) == len(one.holders)

    @invariant()
    def a_commitment_stands_as_the_end_of_its_course(self) -> None:
        for state in self.decided.states.values():
            for one in state.commitments if isinstance(state, MemberCommitments) else ():
                last = one.course[-1] if one.course else None
                ends = (last.status, last.as_of) if last else (one.status, None)
                assert (one.status, one.as_of) == ends

    def teardown(self) -> None:
        """However it went, a trend is the sum of what has changed, month by month."""
        for state in self.decided.states.values():
            if isinstance(state, MemberCommitments):
                by_day, ends = ByDay(state), month_ends(self.decided.now.date())
                total = dict[str, tuple[int, ...]]()
                ahead = list(changes(state, ends[-1]))[::-1]
                for day in ends:
                    while ahead and ahead[-1].month <= day[:7]:
                        one = ahead.pop()
                        before = total.get(one.coalition, (0,) * LENGTH)
                        total[one.coalition] = added(before, one.numbers)
                    here, numbers = by_day.on(day)
                    assert {c: n for c, n in total.items() if any(n)} == (
                        {here: numbers} if any(numbers) else {}
                    )
                assert not ahead


def month_ends(today: date) -> list[str]:
    """The ends of all months from before anything happened, and today."""
    months = [
        f"{year}-{month:02}" for year in range(2000, today.year + 1) for month in range(1, 13)
    ]
    ends = [latest(month).isoformat() for month in months]
    return [*(end for end in ends if end < today.isoformat()), today.isoformat()]


def added(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))
