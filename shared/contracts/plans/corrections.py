"""The published language of corrections: what is recorded wrongly, and what is right.

What was recorded stays in the history. What follows from it (state, derived progress, reports, who
is suspended for one) follows again.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.base import EdtfDate, Event, Slug, Text
from shared.contracts.plans.commitments import CarriedCommitment, HolderEvent, Percent, Status
from shared.contracts.plans.local_plans import LocalPlanStep
from shared.contracts.plans.plan import Point, PointMove, Version
from shared.contracts.plans.reports import ReportAnswered

ReportStep = Literal[
    "extension requested", "extended", "submitted", "reviewed", "accepted", "waived"
]
"""A dated fact of a report; an extension is dated by the day until which there is more time."""
LocalPlanStepName = Literal["adopted", "renewed", "submitted", "reviewed", "accepted", "ended"]
"""A dated fact of a local plan."""


class Correction(Event):
    """A fact is recorded with a wrong date, or never happened (`correct` left out).

    `recorded` is the date as it is recorded. `correct` equal to `recorded` takes a correction
    back: a date is again as it was recorded, and what never happened may be recorded again.
    """

    recorded: EdtfDate
    correct: EdtfDate | None = None
    reason: Text


# --- plans ------------------------------


class PlanDateCorrected(Correction):
    """The date of a version's adoption is recorded wrongly, or not known (`correct` left out).

    Send `PlanPublished` with the date once it is known.
    """

    type: ClassVar[str] = "coalition.plans.PlanDateCorrected.v1"
    coalition: Slug
    version: Version

    @property
    def subject(self) -> str:
        """The coalition's id."""
        return self.coalition


class PlanPointCorrected(Event):
    """The text of a point of a published version is recorded wrongly.

    The commitments of the members under that version, now or before, follow. What a coalition
    decides to word anew is a new version.
    """

    type: ClassVar[str] = "coalition.plans.PlanPointCorrected.v1"
    coalition: Slug
    version: Version
    point: Point
    recorded: Text
    correct: Text
    reason: Text

    @property
    def subject(self) -> str:
        """The coalition's id."""
        return self.coalition


class PlanMappingCorrected(Event):
    """Which points of the version before live on in a version is recorded wrongly.

    It counts for who moves to the version from now on. Who has moved by the wrong mapping takes the
    move back (`CommitmentsMoveCorrected`) and moves again.
    """

    type: ClassVar[str] = "coalition.plans.PlanMappingCorrected.v1"
    coalition: Slug
    version: Version
    mapping: Annotated[tuple[PointMove, ...], Field(max_length=100)]
    reason: Text

    @property
    def subject(self) -> str:
        """The coalition's id."""
        return self.coalition


# --- commitments ------------------------------


class HolderCorrection(Correction, HolderEvent):
    """A fact of a member's commitments is recorded wrongly."""


class CommitmentCorrected(HolderCorrection):
    """A report of a commitment's progress has a wrong date or status, or was never made.

    With `status`, that is the right one; `correct` equal to `recorded` then leaves the date as
    it is. Plans fills in `title`, `coalition`, and how far the commitment has come in the end
    (`status_now`, `as_of_now`).
    """

    type: ClassVar[str] = "coalition.plans.CommitmentCorrected.v1"
    point: Point
    status: Status | None = None
    percent: Percent | None = None
    title: Text | None = None
    coalition: Slug | None = None
    status_now: Status | None = None
    as_of_now: EdtfDate | None = None


class ChoiceCorrected(HolderCorrection):
    """With which commitments a member starts was chosen on another date, or never.

    `coalition` is filled in by plans.
    """

    type: ClassVar[str] = "coalition.plans.ChoiceCorrected.v1"
    coalition: Slug | None = None


class CommitmentsMoveCorrected(HolderCorrection):
    """A member moved to a version of its plan on another date, or never.

    If never, its commitments are again those of the version before, with what was reported since
    then. These `commitments` are filled in by plans.
    """

    type: ClassVar[str] = "coalition.plans.CommitmentsMoveCorrected.v1"
    coalition: Slug
    plan_version: Version
    commitments: (
        Annotated[tuple[CarriedCommitment, ...], Field(min_length=10, max_length=10)] | None
    ) = None


class ActionCorrected(HolderCorrection):
    """An action stood as recorded on another date, or there never was one; progress follows.

    All else of an action is corrected by `ActionRecorded` as of the same date. `coalition` and
    `title` are filled in by plans.
    """

    type: ClassVar[str] = "coalition.plans.ActionCorrected.v1"
    action: Slug
    title: Text | None = None
    coalition: Slug | None = None


class ReadingCorrected(HolderCorrection):
    """The indicator of an action was read on another date, or never.

    Its value is corrected by `IndicatorRead` as of the same date. `title`, that of the action, and
    `coalition` are filled in by plans.
    """

    type: ClassVar[str] = "coalition.plans.ReadingCorrected.v1"
    action: Slug
    title: Text | None = None
    coalition: Slug | None = None


# --- reports, practices and publications ------------------------------


class ReportCorrected(Correction, ReportAnswered):
    """A step of a report has another date, or never happened: then it is awaited again.

    Without a review that accepted it, a report is not accepted either.
    """

    type: ClassVar[str] = "coalition.plans.ReportCorrected.v1"
    step: ReportStep


class LocalPlanCorrected(Correction, LocalPlanStep):
    """A step of a local plan has another date, or never happened.

    One that was never adopted is no plan. The period, the holders and all else are corrected by
    `LocalPlanAdopted`, or `LocalPlanRenewed`, of the same date.
    """

    type: ClassVar[str] = "coalition.plans.LocalPlanCorrected.v1"
    step: LocalPlanStepName


class PracticeCorrected(Correction):
    """A practice was shared on another date, or by mistake: then it is withdrawn.

    `title` and `coalition` are filled in by plans.
    """

    type: ClassVar[str] = "coalition.plans.PracticeCorrected.v1"
    practice: Slug
    title: Text | None = None
    coalition: Slug | None = None

    @property
    def subject(self) -> str:
        """The practice's id."""
        return self.practice


class PracticeAdoptionCorrected(Correction, HolderEvent):
    """A member took a practice over on another date, or never.

    `title` and `coalition`, the adopting member's, are filled in by plans.
    """

    type: ClassVar[str] = "coalition.plans.PracticeAdoptionCorrected.v1"
    practice: Slug
    title: Text | None = None
    coalition: Slug | None = None

    @property
    def subject(self) -> str:
        """The practice's id."""
        return self.practice


class PublicationCorrected(Correction):
    """A paper or news was announced on another date, or by mistake: then it is withdrawn.

    `title` and `coalition` are filled in by plans.
    """

    type: ClassVar[str] = "coalition.plans.PublicationCorrected.v1"
    publication: Slug
    title: Text | None = None
    coalition: Slug | None = None

    @property
    def subject(self) -> str:
        """The publication's id."""
        return self.publication
