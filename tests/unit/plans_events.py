"""Whatever can be sent to plans, as Hypothesis draws it."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st

from shared.contracts import membership, plans
from shared.contracts.base import Event, MemberRef

CITIES = tuple(MemberRef(name=name, country="UY", kind="city") for name in ("Melo", "Rivera"))
TITLES = tuple(f"Commitment {n}" for n in range(1, 11))
STATUSES = ["not started", "planned", "in progress", "substantially done", "completed", "stalled"]
REPORT_STEPS = get_args(plans.ReportStep)
LOCAL_PLAN_STEPS = get_args(plans.LocalPlanStepName)

dates = st.sampled_from(["2005", "2010", "2010-03", "2010-03-15", "2015-07", "2019-12-31", "2030"])
days = st.sampled_from(["2012-03-31", "2020-03-15", "2020-12-31", "2022-03-15", "2024-12-31"])
members = st.sampled_from(CITIES)
points = st.integers(1, 10)
few = st.sampled_from([1, 2, 3])
X, NEW, MEMBER = st.just("x"), st.just("New"), st.just("member")
links = st.just(("https://example.org/x",)) | st.just(())


def about(kind: type[Event], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Event]:
    return st.builds(kind, member=members, **fields)


local_plan_ids = st.sampled_from(["own", "own", "other"])
coalitions = st.sampled_from(["latin", "latin", "latin", "europe"])
titles = st.permutations(TITLES).map(tuple) | st.just(TITLES)
mappings = st.none() | st.lists(
    st.builds(plans.PointMove, before=points, now=points), max_size=12
).map(tuple)
texts = {"coalition": coalitions, "version": few, "commitments": titles, "mapping": mappings}
step = {"coalition": coalitions}
events_of_membership = st.one_of(
    about(membership.CitySigned, **step, signed=dates, state=st.just("member")),
    about(membership.MemberAdmitted, **step, admitted=dates, state=st.just("member")),
    about(membership.CityDecided, **step, decided=dates, state=st.sampled_from(["decided", None])),
    about(
        membership.MemberSuspended,
        **step,
        suspended=dates,
        reason=st.just("x"),
        state=st.just("suspended"),
    ),
    about(membership.MemberPutOnHold, **step, on_hold=dates, state=st.just("on hold")),
    about(membership.MemberWithdrawn, **step, withdrawn=dates, state=st.just("withdrawn")),
    about(membership.MemberMoved, **step, moved=dates, state=MEMBER),
    about(
        membership.MemberCorrected,
        **step,
        fact=st.sampled_from(["moved", "renamed"]),
        recorded=dates,
        correct=st.none() | dates,
        reason=X,
        state=MEMBER,
    ),
    about(
        membership.MemberCorrected,
        **step,
        fact=st.sampled_from(["merged", "merged into"]),
        recorded=members.map(lambda ref: ref.key),
        reason=X,
        state=MEMBER,
    ),
    about(
        membership.MemberRenamed,
        **step,
        renamed=dates,
        name=st.just("New"),
        state=st.just("member"),
    ),
    about(
        membership.MemberAbsorbed,
        **step,
        into=members,
        reason=st.just("x"),
        state=st.just("merged"),
    ),
)
chased = {"to": st.sampled_from(plans.CHASED), "chased": days, "since": days}
of_plans = st.one_of(
    st.builds(plans.PlanDrafted, **texts),
    st.builds(plans.PlanPublished, **texts, adopted=st.none() | dates),
    st.builds(
        plans.ReportingRuleSet,
        coalition=coalitions,
        every_months=st.sampled_from([12, 24]),
        first_after_months=st.sampled_from([1, 24]),
        remind_days=st.sampled_from([(), (90, 14)]),
        overdue_after_days=st.sampled_from([0, 30]),
        chase_days=st.sampled_from([(), (1, 20, 300)]),
        since=st.none() | days,
    ),
)
of_local_plans = st.one_of(
    st.builds(
        plans.LocalPlanRuleSet,
        coalition=coalitions,
        within_months=st.sampled_from([12, 24]),
        remind_days=st.sampled_from([(), (90, 14)]),
        overdue_after_days=st.sampled_from([0, 30]),
        chase_days=st.sampled_from([(), (1, 20, 300)]),
        since=st.none() | days,
    ),
    st.builds(
        plans.LocalPlanAdopted,
        plan=local_plan_ids,
        coalition=coalitions,
        holders=st.lists(members, min_size=1, unique=True).map(tuple),
        title=st.sampled_from(["A plan", "Another"]),
        adopted=st.sampled_from(["2005", "2010", "2010-03", "2012"]),
        ends=st.none() | st.sampled_from(["2015", "2020-06", "2030"]),
        plan_version=st.none() | few,
    ),
    st.builds(
        plans.LocalPlanRenewed,
        plan=local_plan_ids,
        renewed=dates,
        ends=st.none() | st.sampled_from(["2030", "2031"]),
    ),
    st.builds(plans.LocalPlanSubmitted, plan=local_plan_ids, submitted=dates),
    st.builds(
        plans.LocalPlanReviewed,
        plan=local_plan_ids,
        reviewed=dates,
        reviewer=st.just("Secretariat"),
        verdict=st.sampled_from(["accepted", "revise"]),
        until=st.none() | days,
    ),
    st.builds(plans.LocalPlanAccepted, plan=local_plan_ids, accepted=dates),
    st.builds(plans.LocalPlanEnded, plan=local_plan_ids, ended=dates),
    about(plans.LocalPlanNoted, plan=local_plan_ids),
    about(plans.LocalPlanFollowed, plan=local_plan_ids, into=st.none() | members),
    about(plans.PracticeFollowed, practice=st.just("p"), into=st.none() | members),
    about(plans.LocalPlanReminded, coalition=coalitions, due=days, days=st.sampled_from([14, 90])),
    about(plans.LocalPlanFellDue, coalition=coalitions, due=days),
    about(plans.LocalPlanFellOverdue, coalition=coalitions, due=days),
    about(plans.LocalPlanChased, coalition=coalitions, due=days, **chased),
    about(plans.LocalPlanExtended, coalition=coalitions, due=days, until=days),
    st.builds(
        plans.LocalPlanCorrected,
        plan=local_plan_ids,
        step=st.sampled_from(LOCAL_PLAN_STEPS),
        recorded=dates,
        correct=st.none() | dates,
        reason=st.just("x"),
    ),
)
of_commitments = st.one_of(
    about(plans.CommitmentsFellDue, **step),
    about(plans.CommitmentsTakenOver, **step, merged=members),
    about(plans.ReportsFollowed, **step),
    about(
        plans.CommitmentsFellIdle,
        **step,
        points=st.just((1, 2)),
        noted=days,
        since=days,
    ),
    about(
        plans.CommitmentsChosen,
        points=st.lists(points, min_size=1, max_size=4, unique=True),
        as_of=dates,
    ),
    about(
        plans.CommitmentUpdated,
        point=few,
        status=st.sampled_from(STATUSES),
        as_of=dates,
        evidence=links,
        basis=st.sampled_from([None, "reported", "derived"]),
    ),
    about(plans.ProgressBasisChosen, point=few, basis=st.sampled_from(["reported", "derived"])),
    about(plans.CommitmentsMoved, **step, plan_version=few, moved=dates),
    about(
        plans.ActionRecorded,
        action=st.sampled_from(["a", "b", "c"]),
        point=few,
        title=st.just("An action"),
        status=st.sampled_from(["planned", "in progress", "completed", "stalled", "abandoned"]),
        as_of=dates,
        indicator=st.none() | st.just(plans.Indicator(name="People")),
    ),
    about(
        plans.IndicatorRead,
        action=st.sampled_from(["a", "b"]),
        value=st.integers(0, 3),
        as_of=dates,
    ),
)
fix = {"recorded": dates, "correct": st.none() | dates, "reason": st.just("x")}
of_corrections = st.one_of(
    st.builds(plans.PlanDateCorrected, coalition=coalitions, version=few, **fix),
    st.builds(
        plans.PlanPointCorrected,
        coalition=coalitions,
        version=few,
        point=few,
        recorded=st.sampled_from(TITLES),
        correct=st.sampled_from(["Another text", *TITLES[:2]]),
        reason=st.just("x"),
    ),
    st.builds(
        plans.PlanMappingCorrected,
        coalition=coalitions,
        version=few,
        mapping=mappings.filter(bool),
        reason=st.just("x"),
    ),
    about(plans.CommitmentRetitled, **step, plan_version=few, point=few),
    about(
        plans.CommitmentCorrected, point=few, status=st.none() | st.sampled_from(STATUSES), **fix
    ),
    about(plans.ChoiceCorrected, **fix),
    about(plans.CommitmentsMoveCorrected, **step, plan_version=few, **fix),
    about(plans.ActionCorrected, action=st.sampled_from(["a", "b"]), **fix),
    about(plans.ReadingCorrected, action=st.sampled_from(["a", "b"]), **fix),
    about(
        plans.ReportCorrected,
        coalition=coalitions,
        due=days,
        step=st.sampled_from(REPORT_STEPS),
        recorded=dates | days,
        correct=st.none() | dates | days,
        reason=st.just("x"),
    ),
    st.builds(plans.PracticeCorrected, practice=st.just("p"), **fix),
    about(plans.PracticeAdoptionCorrected, practice=st.just("p"), **fix),
    st.builds(plans.PublicationCorrected, publication=st.just("n"), **fix),
)
a_report = {"coalition": coalitions, "due": days}
passages = st.lists(
    st.builds(plans.PointText, point=few, text=st.sampled_from(["One", "Two"])),
    max_size=2,
    unique_by=lambda one: one.point,
).map(tuple)
of_reports = st.one_of(
    about(plans.ReportReminded, **a_report, days=st.sampled_from([14, 90])),
    about(plans.ReportFellDue, **a_report),
    about(plans.ReportFellOverdue, **a_report),
    about(plans.ReportChased, **a_report, **chased),
    about(plans.ReportExtensionRequested, **a_report, until=days, requested=dates),
    about(plans.ReportExtended, **a_report, until=days),
    about(plans.ReportDrafted, **a_report, drafted=dates, texts=passages),
    about(plans.ReportSubmitted, **a_report, submitted=dates, texts=passages),
    about(
        plans.ReportReviewed,
        **a_report,
        reviewed=dates,
        reviewer=st.just("Secretariat"),
        verdict=st.sampled_from(["accepted", "revise"]),
        comments=passages,
        until=st.none() | days,
    ),
    about(plans.ReportAccepted, **a_report, accepted=dates),
    about(plans.ReportWaived, **a_report, waived=dates, reason=st.just("x")),
    about(plans.EarlierReportsWaived, **a_report),
    about(plans.ReportTakenOver, **a_report, merged=members),
    about(plans.ReportGivenBack, **a_report, merged=members),
)
of_practices = st.one_of(
    about(
        plans.PracticeShared,
        practice=st.just("p"),
        coalition=coalitions,
        shared=dates,
        title=st.just("A practice"),
        summary=st.sampled_from(["One", "Two"]),
    ),
    about(
        plans.PracticeShared,
        practice=st.just("p"),
        coalition=coalitions,
        shared=dates,
        title=st.just("A practice"),
        report_due=days,
        points=few.map(lambda point: (point,)),
        summary=st.none() | st.just("One"),
    ),
    about(plans.PracticeAdopted, practice=st.just("p"), adopted=dates),
    st.builds(
        plans.PublicationAnnounced,
        publication=st.just("n"),
        kind=st.just("news"),
        announced=dates,
        title=st.just("News"),
    ),
)
