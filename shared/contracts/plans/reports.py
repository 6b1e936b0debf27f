"""The published language of reports: when they are due, and what becomes of them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.base import (
    Day,
    EdtfDate,
    Event,
    Link,
    LongText,
    MemberRef,
    Remark,
    Slug,
    Text,
)
from shared.contracts.numbers import WHOLE
from shared.contracts.plans.chasing import Chased, ChaseDays, RemindDays
from shared.contracts.plans.contents import PointTexts, ReportContents
from shared.contracts.plans.plan import Version
from shared.contracts.text import Follows

Verdict = Literal["accepted", "revise"]


class ReportingRuleSet(Event):
    """When the members of a coalition report.

    A report is due `first_after_months` after a member joined, and then every `every_months`.
    Reminders go out `remind_days` before; a report is overdue when `overdue_after_days` have
    passed, and is asked for again `chase_days` after that. Nothing falls due for dates before
    `since`, which is today where not given.
    """

    type: ClassVar[str] = "coalition.plans.ReportingRuleSet.v1"
    coalition: Slug
    every_months: Annotated[int, Field(ge=1, le=120), WHOLE]
    first_after_months: Annotated[int, Field(ge=1, le=120), WHOLE]
    remind_days: RemindDays
    overdue_after_days: Annotated[int, Field(ge=0, le=365), WHOLE]
    chase_days: ChaseDays = ()
    since: Day | None = None

    @property
    def subject(self) -> str:
        """The coalition's id."""
        return self.coalition


class ReportEvent(Event):
    """Something about the report that a member owes on a date."""

    coalition: Slug
    member: MemberRef
    due: Day

    @property
    def subject(self) -> str:
        """The member's id."""
        return self.member.key


class ReportsFollowed(Event):
    """A member's reports are those of the coalition that it is in now.

    Plans says this to itself when a member is in another coalition than before.
    """

    type: ClassVar[str] = "coalition.plans.ReportsFollowed.v1"
    coalition: Slug
    member: MemberRef

    @property
    def subject(self) -> str:
        """The member's id."""
        return self.member.key


class ReportAnswered(ReportEvent):
    """Something after which a report is perhaps overdue no more.

    `still_overdue` is filled in by plans: when the reports were due that are overdue nevertheless.
    A member that was suspended for an overdue report is reinstated where there is none.
    """

    still_overdue: Annotated[tuple[Day, ...], Field(max_length=1000)] = ()


class ReportTakenOver(ReportAnswered):
    """A member takes over a report that a duplicate, merged into it, had handed in.

    Plans says this to itself, and fills in all but `merged` and `due`. What stands in the report,
    and what the reviewers say of single commitments, is with the duplicate, `merged`. `awaited` is
    whether there was anything of the member's own about this report before.
    """

    type: ClassVar[str] = "coalition.plans.ReportTakenOver.v1"
    merged: MemberRef
    awaited: bool = False
    submitted: EdtfDate | None = None
    title: Text | None = None
    document: Link | None = None
    note: LongText | None = None
    reviewed: EdtfDate | None = None
    reviewer: Text | None = None
    verdict: Verdict | None = None
    feedback: LongText | None = None
    accepted: EdtfDate | None = None


class ReportGivenBack(ReportEvent):
    """A report that was taken over from a duplicate is gone, since the two are two after all.

    Plans says this to itself. The duplicate has its own, which it never lost.
    """

    type: ClassVar[str] = "coalition.plans.ReportGivenBack.v1"
    merged: MemberRef


class ReportReminded(ReportEvent):
    """A report will be due in some days; `by` is its deadline, with any extension."""

    type: ClassVar[str] = "coalition.plans.ReportReminded.v1"
    days: Annotated[int, Field(ge=1, le=365), WHOLE]
    by: Day | None = None


class ReportFellDue(ReportEvent):
    """The day on which a report is due has come."""

    type: ClassVar[str] = "coalition.plans.ReportFellDue.v1"


class ReportExtensionRequested(ReportEvent):
    """A member asks for more time."""

    type: ClassVar[str] = "coalition.plans.ReportExtensionRequested.v1"
    until: Day
    requested: EdtfDate
    reason: Remark | None = None


class ReportExtended(ReportAnswered):
    """The secretariat gives more time."""

    type: ClassVar[str] = "coalition.plans.ReportExtended.v1"
    until: Day
    reason: Remark | None = None


class ReportFellOverdue(ReportEvent):
    """The deadline `by` has passed, and the days of grace, and no report came."""

    type: ClassVar[str] = "coalition.plans.ReportFellOverdue.v1"
    by: Day | None = None


class ReportChased(ReportEvent):
    """A report has been overdue `since` a day, and whoever it turns `to` is asked to see to it."""

    type: ClassVar[str] = "coalition.plans.ReportChased.v1"
    to: Chased
    chased: Day
    since: Day


class ReportWaived(ReportAnswered):
    """A report is not asked for.

    The clock says so of a date that the rule does not have any more, since the member's joining or
    the rule itself was corrected. The secretariat may say so of a report that is not there.
    """

    type: ClassVar[str] = "coalition.plans.ReportWaived.v1"
    waived: EdtfDate
    reason: Text | None = None


class EarlierReportsWaived(ReportEvent):
    """Of several periods that had passed unasked, only the last, `due`, is asked for.

    Reports that were due before are not asked for; they may still be recorded.
    """

    type: ClassVar[str] = "coalition.plans.EarlierReportsWaived.v1"


class ReportDrafted(ReportEvent):
    """A member works on a report, in full; again with a later `drafted`, it replaces.

    For a commitment without a text, the report will say what is recorded. `plan_version`, whose
    commitments they are, is filled in by plans. A draft is published as all events are.
    """

    type: ClassVar[str] = "coalition.plans.ReportDrafted.v1"
    drafted: EdtfDate
    note: LongText | None = None
    texts: PointTexts = ()
    plan_version: Version | None = None


class ReportSubmitted(ReportAnswered):
    """A member submitted a report: a document elsewhere, or what it writes of its commitments.

    Without `note` or `texts` those of the draft are taken, or else of the submission before.
    `contents` is filled in by plans, and has the texts: how each commitment stood on that day. It
    never changes afterwards.
    """

    type: ClassVar[str] = "coalition.plans.ReportSubmitted.v1"
    submitted: EdtfDate
    title: Text | None = None
    document: Link | None = None
    note: LongText | None = None
    texts: PointTexts = ()
    contents: ReportContents | None = None


class ReportReviewed(ReportEvent):
    """Reviewers, an office and never a person, gave feedback; a revision may have a deadline.

    `feedback` is on the whole, `comments` are on single commitments.
    """

    type: ClassVar[str] = "coalition.plans.ReportReviewed.v1"
    reviewed: EdtfDate
    reviewer: Remark
    verdict: Verdict
    feedback: LongText | None = None
    comments: PointTexts = ()
    until: Day | None = None


class ReportAccepted(ReportAnswered):
    """A submitted report was accepted, or a revision is not awaited any more.

    Where it was accepted by a review, plans says that it `follows` from `ReportReviewed`.
    """

    type: ClassVar[str] = "coalition.plans.ReportAccepted.v1"
    accepted: EdtfDate
    follows: Follows | None = None
